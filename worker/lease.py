"""Renew the lease of an attempt from a separate thread, independent of training and ingestion (REC-7)."""

from __future__ import annotations

import logging
import threading
from types import TracebackType

from server.db import lifecycle
from server.db.session import Database
from worker.outage import OUTAGE_ERRORS, brief

log = logging.getLogger(__name__)

OUTAGE_RETRY_S = 1.0


class LeaseKeeper:
    """Renews a lease every `heartbeat_s`, and keeps the database's answers.

    Attributes:
        lease: the lease to renew.
        is_lost: another attempt has taken the stage; nothing may be written any more.
        wants_cancel: the run is being cancelled.
        wants_pause: the run is to pause; the stage saves itself and is given back.
        wants_yield: the database asks for the stage to be given back.
    """

    def __init__(self, database: Database, lease: lifecycle.Lease, *, heartbeat_s: float, lease_ttl_s: float) -> None:
        self.lease = lease
        self.is_lost = False
        self.wants_cancel = False
        self.wants_pause = False
        self.wants_yield = False
        self._database = database
        self._heartbeat_s = heartbeat_s
        self._lease_ttl_s = lease_ttl_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"lease-{lease.attempt_id}", daemon=True)

    def __enter__(self) -> LeaseKeeper:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def beat(self) -> None:
        """Renew the lease once.

        Raises:
            OperationalError, InterfaceError, TimeoutError: when the database is away.
        """
        try:
            with self._database.write() as session:
                answer = lifecycle.renew(session, self.lease, lease_ttl_s=self._lease_ttl_s)
        except lifecycle.StaleLease:
            self.is_lost = True
            return
        self.wants_cancel = self.wants_cancel or answer.cancel
        self.wants_pause = answer.pause  # it may be taken back
        self.wants_yield = self.wants_yield or answer.yield_

    def _run(self) -> None:
        wait_s = self._heartbeat_s
        while not self._done.wait(wait_s) and not self.is_lost:
            wait_s = self._beat_or_wait()

    def _beat_or_wait(self) -> float:
        """Renew the lease, and return the seconds until the next renewal; an outage does not lose the lease."""
        try:
            self.beat()
        except OUTAGE_ERRORS as error:
            log.warning("attempt %s: its lease could not be renewed: %s", self.lease.attempt_id, brief(error))
            return min(self._heartbeat_s, OUTAGE_RETRY_S)
        return self._heartbeat_s
