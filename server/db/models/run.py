"""Runs, their stages, and the attempts at them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db.base import Base, BigId, new_id, utc_now
from server.db.models.experiment import Experiment
from server.db.states import AttemptState, RunState, StageState


class Run(Base):
    """One execution of an experiment with one seed."""

    __tablename__ = "run"
    # One index for each order of the list (EXP-15), with the id to break ties.
    __table_args__ = (
        Index("ix_run_created_at_id", "created_at", "id"),
        Index("ix_run_state_id", "state", "id"),
        Index("ix_run_seed_id", "seed", "id"),
        Index("ix_run_last_score_id", "last_score", "id"),
        Index("ix_run_best_score_id", "best_score", "id"),
        Index("ix_run_finished_at_id", "finished_at", "id"),
        Index("ix_run_experiment_id_id", "experiment_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiment.id", ondelete="CASCADE"))
    seed: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(default=RunState.DRAFT.value)
    reason: Mapped[str | None]
    """Reason code of the last failure or cancellation."""
    message: Mapped[str | None]
    """One sentence for people about the current state."""
    event_seq: Mapped[int] = mapped_column(BigId, default=0)
    """Sequence number of the run's last event; raised in the transaction that writes the event."""
    last_score: Mapped[float | None]
    """Headline score after the last tested step, kept by `server.db.run_scores` (MET-4)."""
    best_score: Mapped[float | None]
    """Best headline score of all steps."""
    is_archived: Mapped[bool] = mapped_column(default=False)
    """Archived runs are left out of lists by default (EXP-21)."""
    deleted_at: Mapped[datetime | None]
    """Set for a deleted run: it is found nowhere, but can be restored (EXP-20)."""
    priority: Mapped[int] = mapped_column(default=0, server_default="0")
    """Place in the queue: a higher one goes first; see `server.db.lifecycle.queue_order`."""
    imported_from: Mapped[str | None] = mapped_column(index=True)
    """Id that the run had on the service that it was exported from (IO-6)."""
    is_pausing: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A running run that was asked to pause: it does so at the next checkpoint or at the end of its stage."""
    branched_from: Mapped[str | None] = mapped_column(index=True)
    """The run whose first stages this run shares (EXP-19). No foreign key: a table cannot refer to itself before it
    exists, and runs are never removed."""
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    """Last change of anything that lists show, by the database's clock."""

    experiment: Mapped[Experiment] = relationship(lazy="joined")
    stages: Mapped[list[Stage]] = relationship(
        back_populates="run", order_by="Stage.index", cascade="all, delete-orphan"
    )


class Stage(Base):
    """One unit of dispatch of a run."""

    __tablename__ = "stage"
    __table_args__ = (UniqueConstraint("run_id", "index"), Index("ix_stage_state_queued_at", "state", "queued_at"))

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    index: Mapped[int]
    name: Mapped[str]
    kind: Mapped[str]
    shared_stage_id: Mapped[str | None] = mapped_column(index=True)
    """The stage of another run that this skipped stage stands for: it owns the outputs, scores and curves. Never a
    skipped stage itself; see `server.db.shared_stages`."""
    spec: Mapped[dict[str, Any]]
    """`core.methods.base.StageSpec`."""
    total_iterations: Mapped[int | None] = mapped_column(BigId)
    """Planned or else reported number; None for a stage that does not train, or before its data is read."""
    state: Mapped[str] = mapped_column(default=StageState.PENDING.value)
    reason: Mapped[str | None]
    message: Mapped[str | None]
    dispatch_no: Mapped[int] = mapped_column(default=0)
    """Raised each time the stage is queued; a message with another number is void."""
    fencing_token: Mapped[int] = mapped_column(default=0)
    """Raised by each claim; a write with another token is refused (REC-10)."""
    series: Mapped[int] = mapped_column(default=1)
    """Series of attempts; a resume by a person opens the next one (SM-5)."""
    queued_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    """When a stage in `retry_wait` is queued again."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    outputs: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    """Output name -> its entries: file path below the output -> {sha256, bytes}; see `server.storage.outputs`.

    Load this column only on request: rows from before packs existed list thousands of files.
    """
    revision: Mapped[int] = mapped_column(default=1)

    run: Mapped[Run] = relationship(back_populates="stages")
    attempts: Mapped[list[Attempt]] = relationship(
        back_populates="stage", order_by="Attempt.number", cascade="all, delete-orphan"
    )


class Attempt(Base):
    """One worker's attempt at a stage."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("stage_id", "number"),
        Index(
            "uq_attempt_live",
            "stage_id",
            unique=True,
            sqlite_where=text("state IN ('leased', 'running')"),
            postgresql_where=text("state IN ('leased', 'running')"),
        ),
        Index("ix_attempt_state_lease_until", "state", "lease_until"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    number: Mapped[int]
    """Number within the stage, from 1; part of the folder's name."""
    series: Mapped[int]
    fencing_token: Mapped[int]
    worker_id: Mapped[str]
    state: Mapped[str] = mapped_column(default=AttemptState.LEASED.value)
    reason: Mapped[str | None]
    message: Mapped[str | None]
    trace: Mapped[str | None]
    lease_until: Mapped[datetime]
    last_seq: Mapped[int] = mapped_column(BigId, default=0)
    """Sequence number of the folder's last event in the database."""
    event_offset: Mapped[int] = mapped_column(BigId, default=0)
    """Number of bytes of `events.jsonl` read into the database."""
    log_offset: Mapped[int] = mapped_column(BigId, default=0)
    log_lines: Mapped[int] = mapped_column(BigId, default=0)
    resumed_iteration: Mapped[int | None] = mapped_column(BigId)
    """Iteration of the checkpoint that the attempt resumed from; None or 0 = from the start."""
    device: Mapped[str | None]
    code_version: Mapped[str | None]
    parameters: Mapped[int | None] = mapped_column(BigId)
    phase: Mapped[str | None]
    iteration: Mapped[int | None] = mapped_column(BigId)
    total_iterations: Mapped[int | None] = mapped_column(BigId)
    images_per_second: Mapped[float | None]
    seconds_left: Mapped[float | None]
    deviations: Mapped[list[Any]] = mapped_column(default=list)
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[datetime | None]

    stage: Mapped[Stage] = relationship(back_populates="attempts")
