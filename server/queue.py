"""The queue: a message only says that a queue has a stage to run.

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
from sqlalchemy import Select, and_, select, tuple_, update

from server import embedded_broker
from server.db.clock import DatabaseTime
from server.db.models import Dispatch, Stage
from server.db.session import Database
from server.db.states import StageState
from server.settings import EMBEDDED_BROKER, Settings

TASK_NAME = "palimpsest.run_stage"
QUEUES = ("default", "cpu", "gpu")
VISIBILITY_TIMEOUT_S = 7 * 24 * 3600
"""Time after which Redis redelivers an unacknowledged message: never in practice, since the reaper is quicker."""
CONNECT_TIMEOUT_S = 2

PUBLISH_ERRORS = (KombuError, RedisError, OSError)

logger = logging.getLogger(__name__)


def make_celery(settings: Settings) -> Celery:
    """Return a Celery application for the settings' broker; it connects on first use."""
    app = Celery("palimpsest", set_as_current=False)
    app.conf.update(
        broker_url=f"{EMBEDDED_BROKER}localhost//" if _is_embedded(settings) else settings.broker_url,
        broker_transport_options=_transport_options(settings),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=CONNECT_TIMEOUT_S,
        # A worker acknowledges at the end, so that it never withholds a second stage from an idle worker.
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
    """Send the message of a queued stage; returns False, without raising, when the broker cannot take it."""
    content = {"stage_id": stage_id, "dispatch_no": dispatch_no}
    return _send(celery, TASK_NAME, content, queue, stage_task_id(stage_id, dispatch_no))


def stage_task_id(stage_id: str, dispatch_no: int) -> str:
    """Return the id that every message of one dispatch of a stage carries."""
    return f"stage-{stage_id}-{dispatch_no}"


def count_waiting(celery: Celery, queue: str) -> int:
    """Return the number of messages in a queue that no worker has taken.

    Raises:
        KombuError, RedisError, OSError: when the broker does not answer.
    """
    with celery.connection_or_acquire() as connection:
        return int(connection.default_channel.queue_declare(queue=queue).message_count)


def send_queued(database: Database, celery: Celery, queued: Sequence[tuple[str, int, str]]) -> int:
    """Publish (stage id, dispatch number, queue) triples, mark the sent ones, and return how many."""
    sent: list[tuple[str, int]] = []
    for stage_id, number, queue in queued:
        if not publish(celery, stage_id, number, queue):
            # The broker is unreachable; each further try would only make the caller wait again.
            break
        sent.append((stage_id, number))
    if sent:
        with database.write() as session:
            statement = update(Dispatch).where(tuple_(Dispatch.stage_id, Dispatch.dispatch_no).in_(sent))
            values = {"sent_at": DatabaseTime(), "times_sent": Dispatch.times_sent + 1}
            session.execute(statement.values(**values).execution_options(synchronize_session=False))
    return len(sent)


def drop_void(database: Database, settings: Settings) -> int:
    """Delete the embedded broker's void and duplicate messages; returns how many.

    A message is void if its stage was cancelled, deleted, or taken after another message. A worker that meets a
    void message calls this, because hundreds of them would delay the next stage. Redis delivers messages so quickly
    that they need no deleting.
    """
    # List the files before reading the database: messages sent from now on are not among them.
    waiting = embedded_broker.waiting_messages(settings)
    ours = {task: files for task, files in waiting.items() if task.startswith("stage-")}
    if not ours:
        return 0
    with database.read() as session:
        stages = session.execute(open_dispatches(Dispatch.stage_id, Dispatch.dispatch_no))
        open_tasks = {stage_task_id(stage_id, number) for stage_id, number in stages}
    void = [file for task, files in ours.items() for file in (files[1:] if task in open_tasks else files)]
    for file in void:
        file.unlink(missing_ok=True)
    if void:
        logger.info("%d void messages deleted", len(void))
    return len(void)


def open_dispatches(*columns: Any) -> Select[Any]:
    """Select columns of the messages that have an effect: those of a queued stage's current dispatch."""
    is_present = and_(Stage.id == Dispatch.stage_id, Stage.dispatch_no == Dispatch.dispatch_no)
    return select(*columns).select_from(Dispatch).join(Stage, is_present).where(Stage.state == StageState.QUEUED)


def dispatch_after_commit(database: Database, celery: Celery) -> None:
    """Make every later commit on `database` that queues stages publish their messages at once (REC-1)."""
    database.on_queued = partial(send_queued, database, celery)


def ping(celery: Celery) -> None:
    """Connect to the broker; raises one of PUBLISH_ERRORS when it does not answer."""
    with celery.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=CONNECT_TIMEOUT_S)


def _send(celery: Celery, task: str, content: dict[str, Any], queue: str, task_id: str) -> bool:
    try:
        celery.send_task(task, kwargs=content, queue=queue, task_id=task_id, retry=False, ignore_result=True)
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
        # For publishing, which must not delay a request; a worker tries to connect for ever.
        "max_retries": 1,
        "interval_start": 0,
    }


def _is_embedded(settings: Settings) -> bool:
    return settings.broker_url == EMBEDDED_BROKER


def _queues(settings: Settings) -> list[str]:
    return list(dict.fromkeys([*QUEUES, *settings.worker_queues]))
