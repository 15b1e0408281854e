"""The order of a queue (REC-6): priority, then begun runs, then the oldest; a message only says that work waits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from server.db.lifecycle.claims import Claim, claim
from server.db.models import Dispatch, Run, Stage
from server.db.session import Database, note_queued
from server.db.states import TERMINAL_RUN_STATES, StageState

CLAIM_TRIES = 10
"""Number of stages that other workers may take first before a message is dropped; a lost message is sent again."""


def in_queue_order(*columns: Any) -> Select[Any]:
    """Select columns of the queued stages with their run and open dispatch, the next one to claim first.

    A higher priority goes first. Among equals, a run that has begun goes before one that has not, so that four runs do
    not each wait with two thirds done. The rest is in order of arrival. A retry and a resumed run keep their place,
    because the times of a run's begin and creation do not change. A stage of a run that has ended is never next: no
    worker may claim it, and it would hold up all others.
    """
    is_open = and_(Dispatch.stage_id == Stage.id, Dispatch.dispatch_no == Stage.dispatch_no)
    return (
        select(*columns)
        .select_from(Stage)
        .join(Run, Run.id == Stage.run_id)
        .join(Dispatch, is_open)
        .where(Stage.state == StageState.QUEUED, Run.state.not_in(TERMINAL_RUN_STATES))
        .order_by(
            Run.priority.desc(), Run.started_at.is_(None), func.coalesce(Run.started_at, Run.created_at), Stage.id
        )
    )


def claim_next(
    database: Database, stage_id: str, dispatch_no: int, *, worker_id: str, lease_ttl_s: float
) -> Claim | None:
    """Claim the stage that is next in the queue of a message; None when the message is void (REC-3).

    Where the message names another stage, that stage is published again after the commit: its message is used up.
    """
    for _ in range(CLAIM_TRIES):
        with database.write() as session:
            queue = _queue_of(session, stage_id, dispatch_no)
            statement = in_queue_order(Stage.id, Stage.dispatch_no).where(Dispatch.queue == queue)
            following = session.execute(statement.limit(1)).one_or_none()
            if queue is None or following is None:
                return None
            claimed = claim(session, *following, worker_id=worker_id, lease_ttl_s=lease_ttl_s)
            if claimed is not None:
                if following.id != stage_id:
                    note_queued(session, stage_id, dispatch_no, queue)
                return claimed
    return None


def _queue_of(session: Session, stage_id: str, dispatch_no: int) -> str | None:
    open_message = in_queue_order(Dispatch.queue).where(Stage.id == stage_id, Stage.dispatch_no == dispatch_no)
    queue: str | None = session.scalar(open_message.order_by(None))
    return queue
