"""Rows for tests: an experiment, a run of it, and a stage that a worker holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session, selectinload

from server.db import lifecycle
from server.db.models import Attempt, Experiment, Run, Stage
from server.db.session import Database

USER = lifecycle.Cause("user:test")
WORKER_ID = "test@host:1"
LEASE_TTL_S = 60.0

DATASET: dict[str, Any] = {"world": "objects"}
STREAM: dict[str, Any] = {"kind": "class_incremental", "setting": "overlap", "steps": [[1, 2], [3, 4], [5, 6]]}


def make_plan(num_stages: int = 3, queue: str = "default") -> list[dict[str, Any]]:
    """Return stages as `core.stage.spec.StageSpec` writes them, each with the model before it as its input."""
    return [
        {
            "index": index,
            "name": f"step-{index}",
            "kind": "train",
            "step": index,
            "noun": "step",
            "inputs": {"model": f"{index - 1}/model"} if index else {},
            "queue": queue,
            "total_iterations": 10,
            "images": 8,
        }
        for index in range(num_stages)
    ]


def make_experiment(
    session: Session,
    *,
    num_stages: int = 3,
    name: str = "test",
    method: str = "eir",
    stream: dict[str, Any] = STREAM,
    **columns: Any,
) -> Experiment:
    """Add an experiment whose document is small, but of the stored form; `columns` replace its values."""
    values: dict[str, Any] = {
        "name": name,
        "method": method,
        "dataset": "objects",
        "stream": "6 classes, 2-2-2",
        "document": {"schema_version": 1, "method": method},
        "resolved": {"schema_version": 1, "method": method, "dataset": DATASET, "stream": stream, "config": {}},
        "digest": "0" * 64,
        "deviations": [],
        "plan": make_plan(num_stages),
    }
    experiment = Experiment(**values | columns)
    session.add(experiment)
    session.flush()
    return experiment


def make_run(database: Database, *, num_stages: int = 3, seed: int = 0, stream: dict[str, Any] = STREAM) -> Run:
    """Commit a queued run of a new experiment; its stages are loaded."""
    with database.write() as session:
        experiment = make_experiment(session, num_stages=num_stages, stream=stream)
        run = lifecycle.create_run(session, experiment, seed, cause=USER)
        assert len(run.stages) == num_stages
    return run


def make_claim(
    database: Database, stage: Stage, *, worker_id: str = WORKER_ID, lease_ttl_s: float = LEASE_TTL_S
) -> lifecycle.Claim:
    """Commit a claim of a queued stage, under the dispatch number that the database holds now."""
    with database.write() as session:
        number = session.get_one(Stage, stage.id).dispatch_no
        claimed = lifecycle.claim(session, stage.id, number, worker_id=worker_id, lease_ttl_s=lease_ttl_s)
    assert claimed is not None, f"stage {stage.id} could not be claimed"
    return claimed


def make_running_stage(database: Database, *, num_stages: int = 3) -> tuple[Run, Stage, lifecycle.Claim]:
    """Commit a run whose first stage is claimed and marked as running."""
    run = make_run(database, num_stages=num_stages)
    claimed = make_claim(database, run.stages[0])
    with database.write() as session:
        lifecycle.mark_running(session, claimed.lease)
    return load_run(database, run.id), load_run(database, run.id).stages[0], claimed


def make_stage(database: Database) -> Stage:
    """Commit a run of one stage, which is queued, and return that stage."""
    return make_run(database, num_stages=1).stages[0]


def load_run(database: Database, run_id: str) -> Run:
    """Read a run afresh, with its stages, their outputs and their attempts."""
    with database.read() as session:
        run = session.get_one(Run, run_id, options=[selectinload(Run.stages).undefer(Stage.outputs)])
        for stage in run.stages:
            assert isinstance(stage.attempts, list)
    return run


def load_attempt(database: Database, claimed: lifecycle.Claim) -> Attempt:
    """Read the attempt of a claim afresh."""
    with database.read() as session:
        return session.get_one(Attempt, claimed.lease.attempt_id)
