"""The states of runs, stages and attempts: the only writer of a state column (requirements, State machine).

Each function works in the caller's writing transaction and first locks the run's row. So changes to one run happen one
after the other, and no two transactions wait for each other's rows. `server.db.states` holds the allowed transitions.
"""

from server.db.lifecycle.advance import advance_run, queue_stage
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.claims import Claim, claim
from server.db.lifecycle.creation import Branch, create_run
from server.db.lifecycle.expiry import end_overdue_cancellation, expire_lease, queue_retry
from server.db.lifecycle.importing import EndedRun, EndedStage, import_run
from server.db.lifecycle.leases import Lease, LeaseAnswer, StaleLease, fence, guard, mark_running, renew
from server.db.lifecycle.moves import IllegalTransition, move_attempt, move_run, move_stage
from server.db.lifecycle.pausing import request_pause
from server.db.lifecycle.queue_order import claim_next, in_queue_order
from server.db.lifecycle.requests import UnknownRun, request_cancel, resume_run
from server.db.lifecycle.retries import RetryPolicy
from server.db.lifecycle.settling import settle_cancelled, settle_failed, settle_lost, settle_succeeded, settle_yielded

__all__ = [
    "Branch",
    "Cause",
    "Claim",
    "EndedRun",
    "EndedStage",
    "IllegalTransition",
    "Lease",
    "LeaseAnswer",
    "RetryPolicy",
    "StaleLease",
    "UnknownRun",
    "advance_run",
    "claim",
    "claim_next",
    "create_run",
    "end_overdue_cancellation",
    "expire_lease",
    "fence",
    "guard",
    "import_run",
    "in_queue_order",
    "mark_running",
    "move_attempt",
    "move_run",
    "move_stage",
    "queue_retry",
    "queue_stage",
    "renew",
    "request_cancel",
    "request_pause",
    "resume_run",
    "settle_cancelled",
    "settle_failed",
    "settle_lost",
    "settle_succeeded",
    "settle_yielded",
]
