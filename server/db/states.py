"""The states of runs, stages and attempts, and every legal transition (platform.md section 3), as data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class RunState(StrEnum):
    """States of a run."""

    DRAFT = "draft"
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class StageState(StrEnum):
    """States of a stage."""

    PENDING = "pending"
    SKIPPED = "skipped"
    QUEUED = "queued"
    RUNNING = "running"
    RETRY_WAIT = "retry_wait"
    WAITING_ANNOTATION = "waiting_annotation"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AttemptState(StrEnum):
    """States of an attempt."""

    LEASED = "leased"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    YIELDED = "yielded"
    LOST = "lost"
    FENCED = "fenced"


TERMINAL_RUN_STATES = frozenset({RunState.CANCELLED, RunState.SUCCEEDED, RunState.FAILED})
LIVE_ATTEMPT_STATES = frozenset({AttemptState.LEASED, AttemptState.RUNNING})

_R, _S, _A = RunState, StageState, AttemptState

RUN_MOVES: Mapping[RunState, frozenset[RunState]] = {
    _R.DRAFT: frozenset({_R.QUEUED, _R.CANCELLED}),
    _R.QUEUED: frozenset({_R.RUNNING, _R.WAITING, _R.PAUSED, _R.CANCELLED, _R.FAILED}),
    _R.RUNNING: frozenset({_R.QUEUED, _R.WAITING, _R.PAUSED, _R.CANCELLING, _R.FAILED, _R.SUCCEEDED}),
    _R.WAITING: frozenset({_R.QUEUED, _R.SUCCEEDED, _R.PAUSED, _R.CANCELLED}),
    _R.PAUSED: frozenset({_R.QUEUED, _R.WAITING, _R.CANCELLED}),
    _R.CANCELLING: frozenset({_R.CANCELLED}),
    _R.CANCELLED: frozenset({_R.QUEUED}),
    _R.SUCCEEDED: frozenset(),
    _R.FAILED: frozenset({_R.QUEUED}),
}

STAGE_MOVES: Mapping[StageState, frozenset[StageState]] = {
    _S.PENDING: frozenset({_S.QUEUED, _S.WAITING_ANNOTATION, _S.CANCELLED}),
    _S.SKIPPED: frozenset(),
    _S.QUEUED: frozenset({_S.RUNNING, _S.PENDING, _S.CANCELLED}),
    _S.RUNNING: frozenset({_S.SUCCEEDED, _S.RETRY_WAIT, _S.QUEUED, _S.FAILED, _S.CANCELLED, _S.PENDING}),
    _S.RETRY_WAIT: frozenset({_S.QUEUED, _S.PENDING, _S.FAILED, _S.CANCELLED}),
    _S.WAITING_ANNOTATION: frozenset({_S.QUEUED, _S.SUCCEEDED, _S.CANCELLED}),
    _S.SUCCEEDED: frozenset({_S.WAITING_ANNOTATION}),
    _S.FAILED: frozenset({_S.QUEUED, _S.PENDING}),
    _S.CANCELLED: frozenset({_S.QUEUED, _S.PENDING}),
}

ATTEMPT_MOVES: Mapping[AttemptState, frozenset[AttemptState]] = {
    _A.LEASED: frozenset({_A.RUNNING, _A.SUCCEEDED, _A.FAILED, _A.CANCELLED, _A.YIELDED, _A.LOST}),
    _A.RUNNING: frozenset({_A.SUCCEEDED, _A.FAILED, _A.CANCELLED, _A.YIELDED, _A.LOST}),
    _A.SUCCEEDED: frozenset(),
    _A.FAILED: frozenset(),
    _A.CANCELLED: frozenset(),
    _A.YIELDED: frozenset(),
    _A.LOST: frozenset({_A.FENCED}),
    _A.FENCED: frozenset(),
}

State = TypeVar("State", RunState, StageState, AttemptState)


def allowed_targets(state: RunState | StageState | AttemptState) -> frozenset[str]:
    """Return the states that may follow `state`."""
    if isinstance(state, RunState):
        return frozenset(RUN_MOVES[state])
    if isinstance(state, StageState):
        return frozenset(STAGE_MOVES[state])
    return frozenset(ATTEMPT_MOVES[state])
