"""The all-in-one service: migrated database, API, scheduler and one worker, started and ended in order (OPS-2)."""

from __future__ import annotations

import shutil
import threading
import time
from types import TracebackType
from typing import IO, Self

from palimpsest.client.errors import PalimpsestError
from palimpsest.service.api_server import ApiServer, listen
from palimpsest.service.worker_child import WorkerChild
from server.app import create_app
from server.db.migrate import upgrade
from server.db.session import get_database
from server.queue import make_celery
from server.scheduler import SchedulerLoop
from server.settings import Settings

_LOOK_S = 0.5


class AllInOne:
    """The running service; a context manager that starts it and ends it in order.

    To end, the API stops accepting requests, the worker checkpoints its stage and gives it back, and the scheduler
    finishes its pass.

    Attributes:
        address: address of the API.
    """

    def __init__(self, settings: Settings, *, worker_output: IO[str] | None = None) -> None:
        self._settings = settings
        # Bind the port first: a second service on the same port must not touch the database.
        self._listener = listen(settings.host, settings.port)
        self._stop_scheduler = threading.Event()
        self._worker = WorkerChild(output=worker_output)
        self._api: ApiServer | None = None
        self._scheduler: threading.Thread | None = None
        self.address = ""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start everything; returns once the API answers. Raises PalimpsestError in one sentence when that fails."""
        _require_space(self._settings)
        upgrade(self._settings.database_url)
        database = get_database()
        self._api = ApiServer(create_app(), self._listener)
        self._api.start()
        self.address = self._api.address
        loop = SchedulerLoop(database, make_celery(self._settings), self._settings, self._stop_scheduler)
        self._scheduler = threading.Thread(target=loop.run, name="scheduler")
        self._scheduler.start()
        self._worker.start()

    def stop(self) -> None:
        """End everything in order; safe to call twice."""
        if self._api is not None:
            self._api.stop()
        self._listener.close()
        self._worker.stop()
        self._stop_scheduler.set()
        if self._scheduler is not None:
            self._scheduler.join()

    def kill(self) -> None:
        """End the worker without waiting for a checkpoint; the stage resumes from its last one."""
        self._worker.kill()

    def watch(self) -> None:
        """Wait for ever; raises PalimpsestError when a part of the service ends and is not restarted."""
        while True:
            if self._api is None or not self._api.is_alive:
                raise PalimpsestError("The API ended unexpectedly; the log says why.")
            if self._scheduler is None or not self._scheduler.is_alive():
                raise PalimpsestError("The scheduler ended unexpectedly; the log says why.")
            time.sleep(_LOOK_S)


def _require_space(settings: Settings) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    if free < settings.min_free_bytes:
        raise PalimpsestError(
            f"The disk of {settings.home} is full: {free / 2**20:.0f} MiB are free, and at least "
            f"{settings.min_free_bytes / 2**20:.0f} MiB are needed; free some, or set PALIMPSEST_HOME to another disk."
        )
