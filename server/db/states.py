"""The states of runs, stages, attempts and queries, and every legal transition, as data.

Source: docs/design/requirements.md, State machine; for queries ANN-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


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


class QueryState(StrEnum):
    """States of a query; without review an answer is accepted at once."""

    OPEN = "open"
    LEASED = "leased"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"


class AssignmentState(StrEnum):
    """What one person does with one query."""

    ASSIGNED = "assigned"
    """It waits for this person."""
    LEASED = "leased"
    ANSWERED = "answered"
    SKIPPED = "skipped"


TERMINAL_RUN_STATES = frozenset({RunState.CANCELLED, RunState.SUCCEEDED, RunState.FAILED})
LIVE_ATTEMPT_STATES = frozenset({AttemptState.LEASED, AttemptState.RUNNING})

UNANSWERED_QUERY_STATES = frozenset({QueryState.OPEN, QueryState.LEASED, QueryState.SUBMITTED, QueryState.IN_REVIEW})
"""States of queries that a round still waits for."""

_R, _S, _A, _Q = RunState, StageState, AttemptState, QueryState

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

QUERY_MOVES: Mapping[QueryState, frozenset[QueryState]] = {
    _Q.OPEN: frozenset({_Q.LEASED, _Q.SUBMITTED, _Q.SKIPPED, _Q.IN_REVIEW, _Q.WITHDRAWN}),
    _Q.LEASED: frozenset({_Q.OPEN, _Q.SUBMITTED, _Q.SKIPPED, _Q.IN_REVIEW, _Q.WITHDRAWN}),
    _Q.SUBMITTED: frozenset({_Q.IN_REVIEW, _Q.ACCEPTED, _Q.REJECTED, _Q.WITHDRAWN}),
    _Q.IN_REVIEW: frozenset({_Q.OPEN, _Q.SUBMITTED, _Q.ACCEPTED, _Q.REJECTED, _Q.SKIPPED, _Q.WITHDRAWN}),
    _Q.ACCEPTED: frozenset({_Q.SUBMITTED, _Q.REJECTED}),
    _Q.REJECTED: frozenset({_Q.OPEN}),
    _Q.SKIPPED: frozenset({_Q.OPEN, _Q.LEASED, _Q.SUBMITTED, _Q.IN_REVIEW}),
    _Q.WITHDRAWN: frozenset({_Q.OPEN}),
}


def allowed_targets(state: RunState | StageState | AttemptState | QueryState) -> frozenset[str]:
    """Return the states that may follow `state`."""
    match state:
        case RunState():
            return frozenset(RUN_MOVES[state])
        case StageState():
            return frozenset(STAGE_MOVES[state])
        case AttemptState():
            return frozenset(ATTEMPT_MOVES[state])
        case QueryState():
            return frozenset(QUERY_MOVES[state])
