"""Find and send due messages: the scheduler's side of the queue (REC-1, REC-2).

A message is sent again only if the last one was taken or lost. A queue that holds as many messages as the database
waits for has lost none; its workers are busy, or there are none.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from celery import Celery
from sqlalchemy import ColumnElement, and_, func, or_

from server.db.clock import database_now
from server.db.models import Dispatch
from server.db.session import Database
from server.queue import PUBLISH_ERRORS, count_waiting, open_dispatches, send_queued
from server.settings import Settings

BATCH = 500
"""Maximum number of messages of one kind per pass; the next pass sends the rest."""

logger = logging.getLogger(__name__)


def send_stages(database: Database, celery: Celery, settings: Settings) -> int:
    """Publish queued stages that were not sent, or whose message was taken without a claim; returns how many.

    An unclaimed stage is sent again after `requeue_after_s`, then every `requeue_every_s`. So runs survive the loss of
    the broker's messages. A second message of the same stage is harmless.
    """
    with database.read() as session:
        overdue = _overdue_stages(database_now(session), settings)
        late = session.scalars(open_dispatches(Dispatch.queue).where(overdue).distinct()).all()
    emptied = [queue for queue in late if _has_lost_messages(database, celery, queue)]
    due = or_(Dispatch.sent_at.is_(None), and_(overdue, Dispatch.queue.in_(emptied)))
    with database.read() as session:
        statement = open_dispatches(Dispatch.stage_id, Dispatch.dispatch_no, Dispatch.queue).where(due)
        rows = session.execute(statement.order_by(Dispatch.created_at).limit(BATCH))
        queued = [(stage_id, number, queue) for stage_id, number, queue in rows]
    return send_queued(database, celery, queued)


def _has_lost_messages(database: Database, celery: Celery, queue: str) -> bool:
    """Whether a queue holds fewer messages than were sent to it and are still needed."""
    with database.read() as session:
        sent = and_(Dispatch.queue == queue, Dispatch.sent_at.is_not(None))
        expected: int = session.scalar(open_dispatches(func.count()).where(sent))
    try:
        return count_waiting(celery, queue) < expected
    except PUBLISH_ERRORS as error:
        logger.warning("queue %s cannot be counted, so nothing is sent to it again yet: %s", queue, error)
        return False


def _overdue_stages(now: datetime, settings: Settings) -> ColumnElement[bool]:
    once = and_(Dispatch.times_sent <= 1, Dispatch.sent_at < now - timedelta(seconds=settings.requeue_after_s))
    return or_(once, Dispatch.sent_at < now - timedelta(seconds=settings.requeue_every_s))
