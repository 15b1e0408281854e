"""The Celery application of a worker: `python -m worker`, or `celery -A worker.app worker -P threads`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from celery import signals

from server.db.session import get_database
from server.queue import TASK_NAME, dispatch_after_commit, make_celery
from server.settings import get_settings
from server.storage import get_storage
from worker import tasks
from worker.assistant import embed_next
from worker.context import WorkerContext
from worker.devices import WorkerBeat, find_gpus, identify
from worker.scan import scan_next
from worker.small_jobs import SMALL_JOBS_QUEUE, SmallJobs

log = logging.getLogger(__name__)

NAME = "worker"

celery_app = make_celery(get_settings())


@celery_app.task(name=TASK_NAME)  # type: ignore[untyped-decorator]
def run_stage(stage_id: str, dispatch_no: int) -> None:
    """Run a stage; the Celery task around `tasks.run_stage`."""
    tasks.run_stage(worker_context(), stage_id, dispatch_no)


@lru_cache(maxsize=1)
def worker_context() -> WorkerContext:
    """Return the context of this process."""
    settings, database = get_settings(), get_database()
    dispatch_after_commit(database, celery_app)
    identity = identify(NAME, tuple(settings.worker_queues), find_gpus())
    shutdown = threading.Event()
    beat = WorkerBeat(database, identity, heartbeat_s=settings.heartbeat_s, shutdown=shutdown)
    return WorkerContext(settings, database, get_storage(), identity, beat, shutdown)


@lru_cache(maxsize=1)
def small_jobs() -> SmallJobs:
    """Return this process's slot for small jobs; a worker that does not serve their queue has none to do."""
    settings = get_settings()
    jobs = [scan_next] if SMALL_JOBS_QUEUE in settings.worker_queues else []
    return SmallJobs(worker_context(), jobs, look_s=settings.dispatch_s)


@lru_cache(maxsize=1)
def embeddings() -> SmallJobs:
    """Return this process's slot for embeddings: a large model takes minutes, and no scan waits for it."""
    settings = get_settings()
    jobs = [embed_next] if SMALL_JOBS_QUEUE in settings.worker_queues else []
    return SmallJobs(worker_context(), jobs, look_s=settings.dispatch_s)


def _begin(**_: Any) -> None:
    worker_context().beat.start()
    small_jobs().start()
    embeddings().start()
    log.info("worker %s serves %s", worker_context().identity.id, ", ".join(get_settings().worker_queues))


def _leave(**_: Any) -> None:
    """Ask every running stage for a checkpoint; each stage is given back when its process has ended."""
    worker_context().shutdown.set()


def _end(**_: Any) -> None:
    small_jobs().join()
    embeddings().join()
    worker_context().beat.stop()


signals.worker_ready.connect(_begin)
signals.worker_shutting_down.connect(_leave)
signals.worker_shutdown.connect(_end)


def worker_arguments() -> Sequence[str]:
    """Return Celery's arguments for a worker with our settings."""
    settings = get_settings()
    return (
        "worker",
        "--pool=threads",
        f"--concurrency={settings.worker_slots}",
        f"--queues={','.join(settings.worker_queues)}",
        f"--hostname={NAME}@%h",
        f"--loglevel={settings.log_level}",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    )


def main() -> None:
    """Serve stages until SIGTERM or Ctrl-C; running stages are then given back with a checkpoint."""
    logging.basicConfig(level=get_settings().log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    celery_app.worker_main(list(worker_arguments()))
