"""The rows that one ingestion transaction gathers before it writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from core.stage import events
from server.db.feed import append_events
from server.db.lifecycle import Lease
from server.db.models import Attempt, Stage
from server.db.series_summaries import special_name
from worker.logs import Line, write_lines
from worker.series import Curve, Point, write_points


@dataclass
class Batch:
    """An open, guarded transaction, and the rows to write at its end.

    Attributes:
        session: the writing transaction.
        lease: lease of the attempt.
        attempt: the live, locked attempt.
        stored: event number -> files that were stored for the event before the transaction.
        points, lines: values and log lines of the batch.
        progress: the last report of the batch; earlier ones are not needed.
        feed: messages for the run's feed.
        dropped: digests whose row was deleted; their blobs may be unreferenced.
    """

    session: Session
    lease: Lease
    attempt: Attempt
    stored: Mapping[int, Any]
    points: list[Point] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    progress: events.Progress | None = None
    feed: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)

    @property
    def stage(self) -> Stage:
        """The attempt's stage."""
        return self.attempt.stage

    @property
    def curve(self) -> Curve:
        """The curve that the points of this batch belong to."""
        return Curve(self.lease.run_id, self.stage.index, self.attempt.number)

    def flush(self) -> None:
        """Write the gathered points, summaries and log lines, and one message of each kind for the feed."""
        write_points(self.session, self.curve, self.points)
        lines = write_lines(self.session, self.attempt, self.lines)
        if self.progress is not None:
            self.feed.append(("progress", self._progress_message(self.progress)))
        if self.points:
            self.feed.append(("metric", self._metric_message()))
        if lines:
            self.feed.append(("log", {"stage_id": self.stage.id, "attempt": self.attempt.number, "lines": lines}))
        append_events(self.session, self.lease.run_id, self.feed)

    def _progress_message(self, report: events.Progress) -> dict[str, Any]:
        fields = report.model_dump(include={"phase", "iteration", "total", "images_per_second", "seconds_left"})
        return {"stage_id": self.stage.id, "index": self.stage.index} | fields

    def _metric_message(self) -> dict[str, Any]:
        points = [
            {"key": point.key, "iteration": point.iteration, "value": special_name(point.value) or point.value}
            for point in self.points
        ]
        return {
            "stage_id": self.stage.id,
            "index": self.stage.index,
            "attempt": self.attempt.number,
            "points": points,
        }
