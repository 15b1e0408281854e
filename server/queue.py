"""The queue: it only says "look at this stage", or at this dataset.

The database is the truth, so any message may be lost or repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from celery import Celery
from kombu.exceptions import KombuError
from redis.exceptions import RedisError
from sqlalchemy import tuple_, update

from server import embedded_broker
from server.db import dataset_scans
from server.db.clock import DatabaseTime
from server.db.models import Dispatch
from server.db.session import Database
from server.settings import EMBEDDED_BROKER, Settings

TASK_NAME = "palimpsest.run_stage"
SCAN_TASK_NAME = "palimpsest.check_dataset"
QUEUES = ("default", "cpu", "gpu")
SCAN_QUEUE = "cpu"
"""Scans need no accelerator: a worker that serves this queue alone keeps them from waiting for a long stage."""
SCANS_AT_ONCE = 500
VISIBILITY_TIMEOUT_S = 7 * 24 * 3600
"""Redis gives an unacknowledged message to another worker after this: never, in practice. The reaper is quicker."""
CONNECT_TIMEOUT_S = 2

PUBLISH_ERRORS = (KombuError, RedisError, OSError)

logger = logging.getLogger(__name__)


def make_celery(settings: Settings) -> Celery:
    """Return a Celery application for the settings' broker; it connects when it is first used."""
    app = Celery("palimpsest", set_as_current=False)
    app.conf.update(
        broker_url=f"{EMBEDDED_BROKER}localhost//" if _is_embedded(settings) else settings.broker_url,
        broker_transport_options=_transport_options(settings),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=CONNECT_TIMEOUT_S,
        # A worker acknowledges at the end: it then never holds a second stage back from an idle worker.
        task_acks_late=True,
        task_reject_on_worker_lost=False,
        worker_prefetch_multiplier=1,
        task_ignore_result=True,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        accept_content=["json"],
        task_serializer="json",
        task_default_queue=QUEUES[0],
        task_queues={name: {"routing_key": name} for name in _queues(settings)},
    )
    return app


def publish(celery: Celery, stage_id: str, dispatch_no: int, queue: str) -> bool:
    """Send the message of a queued stage; returns False when the broker cannot take it, and never raises for that."""
    return _send(celery, TASK_NAME, {"stage_id": stage_id, "dispatch_no": dispatch_no}, queue)


def send_queued(database: Database, celery: Celery, queued: Sequence[tuple[str, int, str]]) -> int:
    """Publish (stage id, dispatch number, queue) triples, mark those that were sent, and return how many."""
    sent: list[tuple[str, int]] = []
    for stage_id, number, queue in queued:
        if not publish(celery, stage_id, number, queue):
            # The broker is away; trying the others would only make the caller wait as often.
            break
        sent.append((stage_id, number))
    if sent:
        with database.write() as session:
            statement = update(Dispatch).where(tuple_(Dispatch.stage_id, Dispatch.dispatch_no).in_(sent))
            values = {"sent_at": DatabaseTime(), "times_sent": Dispatch.times_sent + 1}
            session.execute(statement.values(**values).execution_options(synchronize_session=False))
    return len(sent)


def send_scans(database: Database, celery: Celery, requeue_after_s: float) -> int:
    """Publish the scans that nobody holds and that were not sent, or sent long ago; returns how many.

    The scheduler alone sends them, again and again, so that a lost message or a killed worker only delays a scan.
    """
    with database.read() as session:
        waiting = dataset_scans.unsent_scans(session, requeue_after_s=requeue_after_s, limit=SCANS_AT_ONCE)
    sent: list[tuple[str, int]] = []
    for dataset_id, scan_no in waiting:
        if not _send(celery, SCAN_TASK_NAME, {"dataset_id": dataset_id, "scan_no": scan_no}, SCAN_QUEUE):
            break
        sent.append((dataset_id, scan_no))
    if sent:
        with database.write() as session:
            dataset_scans.mark_sent(session, sent)
    return len(sent)


def dispatch_after_commit(database: Database, celery: Celery) -> None:
    """From now on, let every commit on `database` that queues stages publish their messages at once (REC-1)."""
    database.on_queued = partial(send_queued, database, celery)


def ping(celery: Celery) -> None:
    """Connect to the broker; raises one of PUBLISH_ERRORS when it does not answer."""
    with celery.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=CONNECT_TIMEOUT_S)


def _send(celery: Celery, task: str, content: dict[str, Any], queue: str) -> bool:
    try:
        celery.send_task(task, kwargs=content, queue=queue, retry=False, ignore_result=True)
    except PUBLISH_ERRORS as error:
        logger.warning("%s %s could not be sent and will be later: %s", task, content, error)
        return False
    return True


def _transport_options(settings: Settings) -> dict[str, Any]:
    if _is_embedded(settings):
        embedded_broker.register()
        return embedded_broker.transport_options(settings)
    return {
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "global_keyprefix": settings.queue_prefix,
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        # For publishing, which must not keep a request waiting; a worker tries to connect for ever.
        "max_retries": 1,
        "interval_start": 0,
    }


def _is_embedded(settings: Settings) -> bool:
    return settings.broker_url == EMBEDDED_BROKER


def _queues(settings: Settings) -> list[str]:
    return list(dict.fromkeys([*QUEUES, *settings.worker_queues]))
