"""The run of the flow tests: three small steps, just slow enough to be caught in the middle; and what it comes to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from palimpsest.client import models
from server.db.models import Evaluation, MemoryItem, Run, Score, SeriesPoint, Stage
from server.db.session import Database
from tests.support.local_runs import NAMING_THE_RUN

SEED = 11
ITERATIONS = 10
CHECKPOINT_EVERY = 2
DOCUMENT: dict[str, Any] = {
    "method": "eir",
    "dataset": {"world": "objects", "classes": 3, "size_px": 32, "train_images": 240, "eval_images": 12},
    "stream": {"steps": [[1], [2], [3]]},
    "config": {
        "model": {"name": "tiny"},
        "data": {"crop_px": 32},
        "optim": {
            "lr_base": 0.01,
            "lr_step": 0.01,
            "clip_norm": 5,
            "warmup_iterations": 2,
            "batch_size": 48,
            "iterations": ITERATIONS,
        },
        "memory": {"size": 6, "min_area": 4},
        "init_new": "random",
        # A point comes from three iterations, a checkpoint after two: sums must survive in the middle of an interval.
        "execution": {"checkpoint_every": CHECKPOINT_EVERY, "log_every": 3, "threads": 1},
    },
}


def shortened(steps: int) -> dict[str, Any]:
    """Return the document with its first steps alone."""
    return DOCUMENT | {"stream": {"steps": DOCUMENT["stream"]["steps"][:steps]}}


@dataclass(frozen=True)
class Learned:
    """All that a run comes to, and that must not depend on what happened to it on the way.

    Attributes:
        outputs: of each stage, output name -> file -> SHA-256: the weights, but not the record that names their run.
        series: (key, stage, iteration) -> value, as shown.
        scores: (stage, split, step, metric, class, group) -> value.
        memory: (stage, rank) -> item.
    """

    outputs: list[dict[str, dict[str, str]]]
    series: dict[tuple[str, int, int], float | None]
    scores: dict[tuple[Any, ...], float | None]
    memory: dict[tuple[int, int], str]


@dataclass(frozen=True)
class Undisturbed:
    """A run to which nothing happened.

    Attributes:
        run, events, table, artifacts: what its client saw.
        weights: the last model, as downloaded.
        learned: what it came to.
    """

    run: models.Run
    events: list[models.FeedEvent]
    table: models.StepTable
    artifacts: list[models.Artifact]
    weights: bytes
    learned: Learned


def learned(database: Database, run_id: str) -> Learned:
    """Read what a run comes to; anything that is there twice is an error."""
    with database.read() as session:
        stages = session.get_one(Run, run_id).stages
        outputs = [_digests(stage) for stage in stages]
        points = session.scalars(
            select(SeriesPoint).where(SeriesPoint.run_id == run_id, SeriesPoint.is_hidden.is_(False))
        ).all()
        scores = session.execute(
            select(Stage.index, Evaluation.split, Evaluation.step, Score)
            .join(Evaluation, Score.evaluation_id == Evaluation.id)
            .join(Stage, Evaluation.stage_id == Stage.id)
            .where(Stage.run_id == run_id)
        ).all()
        items = session.execute(
            select(Stage.index, MemoryItem.rank, MemoryItem.item_id)
            .join(Stage, MemoryItem.stage_id == Stage.id)
            .where(Stage.run_id == run_id)
        ).all()
    return Learned(
        outputs=outputs,
        series=_once([((point.key, point.stage_index, point.iteration), point.value) for point in points]),
        scores=_once(
            [
                ((index, split, step, score.metric, score.class_id, score.group), score.value)
                for index, split, step, score in scores
            ]
        ),
        memory=_once([((index, rank), item_id) for index, rank, item_id in items]),
    )


def _digests(stage: Stage) -> dict[str, dict[str, str]]:
    outputs = stage.outputs or {}
    return {
        name: {path: file["sha256"] for path, file in files.items() if path not in NAMING_THE_RUN}
        for name, files in outputs.items()
    }


def _once(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    assert not twice, f"there more than once: {twice}"
    return dict(pairs)
