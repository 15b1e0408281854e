"""Experiments with runs of several seeds, and the matrices that they were tested with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from server.db import lifecycle
from server.db.base import utc_now
from server.db.models import Experiment, Run
from server.db.session import Database
from tests.support.results import add_evaluation
from tests.support.rows import STREAM, USER, load_run, make_experiment

Matrix = Sequence[Sequence[int]]

ONE_BY_ONE: Mapping[str, Any] = {**STREAM, "steps": [[4], [2]]}
"""A stream of two steps with one class each."""
CHANNELS = (-1, 4, 2)


def matrices(seed: int, steps: int = 2) -> list[list[list[int]]]:
    """Return a confusion matrix for each step of the stream: background and one class more a step."""
    generator = np.random.default_rng(seed)
    drawn = [generator.integers(1, 30, (size, size)) + 40 * np.eye(size, dtype=int) for size in range(2, steps + 2)]
    return [matrix.tolist() for matrix in drawn]


def make_definition(database: Database, name: str = "test", **of: Any) -> Experiment:
    """Commit a definition with two stages, or `num_stages`; equal `resolved` values give equal digests."""
    method = of.pop("method", "eir")
    resolved = {
        "schema_version": 1,
        "method": method,
        "dataset": {"world": "objects"},
        "stream": dict(of.pop("stream", ONE_BY_ONE)),
        "config": of.pop("config", {}),
        **of.pop("resolved", {}),
    }
    digest = hashlib.sha256(repr(resolved).encode()).hexdigest()
    with database.write() as session:
        values = {"num_stages": 2, "name": name, "method": method, "resolved": resolved, "digest": digest, **of}
        return make_experiment(session, **values)


def make_seed(
    database: Database, experiment: Experiment, seed: int, tested: Sequence[Matrix] | None = None, *, state: str = ""
) -> Run:
    """Commit a run of a definition, tested with one matrix a step; it has succeeded if every step was tested."""
    with database.write() as session:
        run = lifecycle.create_run(session, session.get_one(Experiment, experiment.id), seed, cause=USER)
    shown = matrices(seed) if tested is None else tested
    for stage, matrix in zip(load_run(database, run.id).stages, shown, strict=False):
        add_evaluation(database, stage, matrix, channels=CHANNELS[: len(matrix)])
    with database.write() as session:
        row = session.get_one(Run, run.id)
        row.state = state or ("succeeded" if len(shown) == len(row.stages) else "running")
        row.started_at = row.finished_at = utc_now()
    return load_run(database, run.id)


def iou(matrix: Matrix | npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the textbook IoU of each channel, straight from the counts."""
    counts = np.asarray(matrix, dtype=np.float64)
    hits = np.diagonal(counts)
    return np.asarray(hits / (counts.sum(0) + counts.sum(1) - hits))
