"""What a run cost: time, replay memory, and labels (MET-9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.metrics.over_seeds import Value
from server.db.models import Annotation, Attempt, MemoryItem, MemorySnapshot, Query, Run, Stage
from server.db.shared_stages import OWNER
from server.db.states import QueryState
from server.schemas.results import Measure, Unit

_TITLES: Mapping[str, tuple[str, str, Unit]] = {
    "wall_s": ("Wall time", "From the start of the first stage to the end of the run, waiting included.", "s"),
    "compute_s": (
        "Compute time",
        "Sum over all attempts at its own stages, failed ones included; without shared stages.",
        "s",
    ),
    "replay_bytes": ("Replay memory", "Crops and labels in the replay memory after the last stage.", "bytes"),
    "labelled_images": ("Labelled images", "Images with at least one label that a round asked for.", "images"),
    "labelled_pixels": ("Labelled pixels", "Pixels labelled in the rounds.", "pixels"),
    "label_clicks": ("Clicks", "Clicks of the accepted answers.", "clicks"),
    "label_s": ("Labelling time", "Active time of the people who labelled.", "s"),
}
"""Key -> title, meaning and unit, in the order of display."""

RESOURCES: Mapping[str, Measure] = {
    key: Measure(key=key, title=title, meaning=meaning, unit=unit, direction="min", is_main=key == "compute_s")
    for key, (title, meaning, unit) in _TITLES.items()
}

Costs = Mapping[str, Mapping[str, Value]]
"""Run id -> key -> value; what was not recorded is missing."""


def costs_of(session: Session, runs: Sequence[Run]) -> Costs:
    """Return what each run cost, as far as it was recorded."""
    ids = [run.id for run in runs]
    found: dict[str, dict[str, Value]] = {run.id: {} for run in runs}
    for run in runs:
        if run.started_at is not None and run.finished_at is not None:
            found[run.id]["wall_s"] = _seconds(run.started_at, run.finished_at)
    for run_id, seconds in _compute_seconds(session, ids).items():
        found[run_id]["compute_s"] = seconds
    for run_id, size in _replay_bytes(session, ids).items():
        found[run_id]["replay_bytes"] = size
    for run_id, labels in _labels(session, ids).items():
        found[run_id] |= labels
    return found


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def _compute_seconds(session: Session, ids: Sequence[str]) -> Mapping[str, float]:
    statement = (
        select(Stage.run_id, Attempt.started_at, Attempt.finished_at)
        .join(Attempt, Attempt.stage_id == Stage.id)
        .where(Stage.run_id.in_(ids), Attempt.finished_at.is_not(None))
    )
    sums: dict[str, float] = defaultdict(float)
    for run_id, started, finished in session.execute(statement):
        sums[run_id] += _seconds(started, finished) if finished is not None else 0.0
    return sums


def _replay_bytes(session: Session, ids: Sequence[str]) -> Mapping[str, int]:
    statement = (
        select(Stage.run_id, Stage.index, func.coalesce(func.sum(MemoryItem.bytes), 0))
        .join(MemorySnapshot, MemorySnapshot.stage_id == OWNER)
        .outerjoin(MemoryItem, MemoryItem.stage_id == MemorySnapshot.stage_id)
        .where(Stage.run_id.in_(ids))
        .group_by(Stage.run_id, Stage.index)
        .order_by(Stage.index)
    )
    return {run_id: int(size) for run_id, _, size in session.execute(statement)}


def _labels(session: Session, ids: Sequence[str]) -> Mapping[str, Mapping[str, Value]]:
    statement = (
        select(
            Stage.run_id,
            func.count(func.distinct(Query.image)),
            func.sum(Annotation.pixels),
            func.sum(Annotation.clicks),
            func.sum(Annotation.seconds),
        )
        .join(Query, Query.stage_id == OWNER)
        .join(Annotation, (Annotation.query_id == Query.id) & (Annotation.version == Query.version))
        .where(Stage.run_id.in_(ids), Query.state == QueryState.ACCEPTED)
        .group_by(Stage.run_id)
    )
    keys = ("labelled_images", "labelled_pixels", "label_clicks", "label_s")
    return {
        run_id: {key: float(value) for key, value in zip(keys, values, strict=True)}
        for run_id, *values in session.execute(statement)
    }
