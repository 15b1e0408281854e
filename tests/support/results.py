"""Rows that a stage leaves behind, for tests of what shows them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.samples import SampleKind
from core.metrics.iou import class_groups
from core.metrics.records import CONFUSION, Confusion
from core.metrics.score_rows import class_rows, group_rows
from core.stage import events
from core.stage.events import BACKGROUND_ID
from server.db.base import utc_now
from server.db.models import (
    Artifact,
    Evaluation,
    EvaluationRecord,
    LogLine,
    MemoryItem,
    Prediction,
    Score,
    SeriesPoint,
    SeriesSummary,
    Stage,
    Worker,
)
from server.db.run_scores import keep_scores
from server.db.session import Database
from server.storage import LocalStorage


def add_points(
    database: Database,
    run_id: str,
    values: Sequence[float | str],
    *,
    key: str = "loss",
    attempt: int = 1,
    hidden_after: int | None = None,
) -> None:
    """Store a curve of stage 0 with iterations 0, 1, …; a string is a value that is not finite."""
    with database.write() as session:
        for iteration, value in enumerate(values):
            session.add(
                SeriesPoint(
                    run_id=run_id,
                    key=key,
                    stage_index=0,
                    iteration=iteration,
                    attempt_number=attempt,
                    value=None if isinstance(value, str) else value,
                    special=value if isinstance(value, str) else None,
                    is_hidden=hidden_after is not None and iteration > hidden_after,
                )
            )


def add_summary(database: Database, run_id: str, key: str, last: float | None, best: float | None) -> None:
    """Store the summary of a curve with two points, the best of which is the first."""
    with database.write() as session:
        session.add(_summary(run_id, key, last, best))


def add_summaries(database: Database, run_id: str, keys: Sequence[str]) -> None:
    """Store the summaries of many curves at once."""
    with database.write() as session:
        session.add_all(_summary(run_id, key, 1.0, 0.5) for key in keys)


def _summary(run_id: str, key: str, last: float | None, best: float | None) -> SeriesSummary:
    return SeriesSummary(
        run_id=run_id,
        key=key,
        direction="min",
        count=2,
        last_value=last,
        last_stage_index=0,
        last_iteration=1,
        best_value=best,
        best_stage_index=None if best is None else 0,
        best_iteration=None if best is None else 0,
    )


DERIVED = math.nan
"""In place of an overall mIoU: what follows from the matrix."""


def add_evaluation(
    database: Database,
    stage: Stage,
    confusion: Sequence[Sequence[int]],
    *,
    channels: Sequence[int],
    miou_all: float | None = DERIVED,
    **of: Any,
) -> str:
    """Store the evaluation of a stage's step, with its matrix and the scores that follow from it; returns its id.

    With a background the other channels are one class a step; without one, every class is known from the beginning.

    Args:
        database: where.
        stage: whose step is tested.
        confusion: the matrix.
        channels: its raw class ids.
        miou_all: the overall mIoU, of present classes too, where it is to be another.
        of: `split` ("test"), `domain` (None), and `has_background` (True).
    """
    step = stage.spec["step"]
    rows = scores_of(np.asarray(confusion), channels, has_background=of.pop("has_background", True))
    content = Confusion(channels=list(channels), matrix=[list(row) for row in confusion]).model_dump_json().encode()
    record = EvaluationRecord(
        kind=CONFUSION,
        name="confusion.json",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        channels=list(channels),
        content=content,
    )
    with database.write() as session:
        place = {"run_id": stage.run_id, "stage_id": stage.id, "step": step, "iteration": 10}
        evaluation = Evaluation(**place, **{"split": "test", **of}, attempt_number=1, records=[record])
        session.add(evaluation)
        session.flush()
        for row in rows:
            is_given = row.group == "all" and row.metric.startswith("miou") and miou_all is not DERIVED
            values = row.model_dump() | ({"value": miou_all} if is_given else {})
            session.add(Score(evaluation_id=evaluation.id, run_id=stage.run_id, step=step, **values))
        session.flush()
        keep_scores(session, stage.run_id)
    return evaluation.id


def scores_of(matrix: npt.NDArray[np.int64], channels: Sequence[int], *, has_background: bool) -> list[events.Score]:
    """Return the rows of scores that an evaluation of these channels has."""
    steps = [1] * (len(channels) - 1) if channels[0] == BACKGROUND_ID else []
    every: Mapping[str, Sequence[int]] = {"all": range(len(channels))}
    groups = class_groups(steps, has_background) if steps else every
    means = [row for group, members in groups.items() for row in group_rows(matrix, group, members)]
    return [*means, *class_rows(matrix, channels, range(0 if has_background else 1, len(channels)))]


def add_log(database: Database, attempt_id: str, lines: int) -> None:
    """Store lines `line 1`, `line 2`, … of an attempt."""
    add_log_lines(database, attempt_id, [("info", f"line {number}") for number in range(1, lines + 1)])


def add_log_lines(database: Database, attempt_id: str, lines: Sequence[tuple[str, str]]) -> None:
    """Store (level, text) as the lines of an attempt."""
    with database.write() as session:
        for number, (level, text) in enumerate(lines, start=1):
            session.add(LogLine(attempt_id=attempt_id, number=number, level=level, text=text))


def store(storage: LocalStorage, folder: Path, content: bytes) -> str:
    """Put bytes into storage and return their SHA-256."""
    path = folder / hashlib.sha256(content).hexdigest()
    path.write_bytes(content)
    return storage.put_file(path)


def add_artifact(database: Database, stage: Stage, sha256: str, size: int, name: str = "report/scores.json") -> str:
    """Store the row of an artifact and return its id."""
    with database.write() as session:
        artifact = Artifact(
            run_id=stage.run_id,
            stage_id=stage.id,
            attempt_number=1,
            name=name,
            kind="report",
            media_type="application/json",
            sha256=sha256,
            bytes=size,
        )
        session.add(artifact)
    return artifact.id


def add_memory_items(
    database: Database, stage: Stage, classes: Sequence[int], sha256: str = "0" * 64, size: int = 100
) -> list[int]:
    """Store one memory item for each class, ranked in this order; returns their ids."""
    with database.write() as session:
        items = [
            MemoryItem(
                run_id=stage.run_id,
                stage_id=stage.id,
                item_id=f"{rank:016x}",
                class_id=class_id,
                classes=[class_id],
                source=f"image-{rank}",
                box=[1, 2, 5, 8],
                image_size=[32, 24],
                area=20,
                step_added=0,
                rank=rank,
                bytes=size,
                times_drawn=0,
                crop_sha256=sha256,
                label_sha256=sha256,
                thumbnail_sha256=sha256,
                source_sha256=sha256,
            )
            for rank, class_id in enumerate(classes)
        ]
        session.add_all(items)
    return [item.id for item in items]


def add_predictions(
    database: Database,
    stage: Stage,
    sources: Sequence[str],
    sha256: str = "0" * 64,
    domain: str | None = None,
    kind: SampleKind = SampleKind.DENSE,
) -> list[int]:
    """Store a stage's panel of each of these images, which show class 2 in half of their pixels; returns their ids."""
    with database.write() as session:
        panels = [
            Prediction(
                run_id=stage.run_id,
                stage_id=stage.id,
                attempt_number=1,
                step=stage.index,
                iteration=10,
                domain=domain,
                kind=kind,
                rank=rank,
                source=source,
                width=4,
                height=2,
                background_id=0,
                ignore_id=255,
                classes=[2],
                pixel_accuracy=0.5,
                iou={"2": 0.25},
                image_sha256=sha256,
                labels_sha256=sha256,
                prediction_sha256=sha256,
            )
            for rank, source in enumerate(sources)
        ]
        session.add_all(panels)
    return [panel.id for panel in panels]


def add_worker(database: Database, worker_id: str, *, silent_s: float = 0.0, state: str = "idle") -> None:
    """Store a worker that was last heard some seconds ago."""
    seen: dict[str, Any] = {"last_seen_at": utc_now() - timedelta(seconds=silent_s)}
    with database.write() as session:
        session.add(
            Worker(
                id=worker_id,
                host="host",
                state=state,
                queues=["default"],
                devices=[],
                versions={"palimpsest": "0.1.0"},
                stage_id=None,
                **seen,
            )
        )
