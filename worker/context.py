"""The context of a worker, shared by all its stages."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from server.db.lifecycle import RetryPolicy
from server.db.session import Database
from server.settings import Settings
from server.storage import Storage
from worker.devices import WorkerBeat, WorkerIdentity, stage_device
from worker.process import CommandBuilder, stage_command
from worker.supervise import Pace
from worker.workspace import Machine


@dataclass(frozen=True)
class WorkerContext:
    """One worker process.

    Attributes:
        settings: its settings.
        database, storage: receive its results.
        identity: name, host and process id of the worker.
        beat: renews the worker's row.
        shutdown: set once the worker must end; stages are then asked for a checkpoint and given back.
        command: builds the command that starts a stage.
    """

    settings: Settings
    database: Database
    storage: Storage
    identity: WorkerIdentity
    beat: WorkerBeat
    shutdown: threading.Event
    command: CommandBuilder = stage_command

    @property
    def machine(self) -> Machine:
        """The folders, device and threads that stages use on this machine."""
        return Machine(
            runs_folder=self.settings.runs_folder,
            data_home=self.settings.cache_folder,
            device=stage_device(self.settings.worker_device, self.identity.gpus),
            threads=self.settings.threads,
        )

    @property
    def silence_s(self) -> float:
        """Seconds of the worker's silence after which a child ends itself, before the last renewed lease expires."""
        return max(self.settings.lease_ttl_s - self.settings.heartbeat_s, self.settings.lease_ttl_s / 2)

    @property
    def pace(self) -> Pace:
        """Intervals and time limits for following stages."""
        return Pace(self.settings.ingest_s, self.settings.cancel_grace_s)

    @property
    def retry_policy(self) -> RetryPolicy:
        """Retry policy for failed stages."""
        return RetryPolicy.of(self.settings)
