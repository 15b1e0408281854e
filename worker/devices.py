"""Find this machine's devices without torch, and keep the worker's heartbeat row (REC-24)."""

from __future__ import annotations

import logging
import os
import platform
import shutil
import socket
import subprocess
import threading
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from server.db.clock import database_now
from server.db.models import Worker
from server.db.session import Database
from worker.outage import OUTAGE_ERRORS, brief

log = logging.getLogger(__name__)

NVIDIA_SMI = "nvidia-smi"
QUERY = ("--query-gpu=index,name,memory.total", "--format=csv,noheader,nounits")
QUERY_TIMEOUT_S = 10
MEBIBYTE = 1024**2
PACKAGES = ("palimpsest", "celery", "sqlalchemy")
IDLE, BUSY, DRAINING, OFFLINE = "idle", "busy", "draining", "offline"


@dataclass(frozen=True)
class Gpu:
    """One GPU, as its driver describes it."""

    index: int
    name: str
    memory_bytes: int


@dataclass(frozen=True)
class WorkerIdentity:
    """Identity of the worker; `id` is `<name>@<host>:<pid>`."""

    id: str
    host: str
    queues: tuple[str, ...]
    gpus: tuple[Gpu, ...]


def find_gpus(command: str = NVIDIA_SMI) -> tuple[Gpu, ...]:
    """Ask the driver's tool for the GPUs; return none if the tool is missing or fails."""
    if shutil.which(command) is None:
        return ()
    try:
        answer = subprocess.run([command, *QUERY], capture_output=True, text=True, timeout=QUERY_TIMEOUT_S, check=True)
        return parse_gpus(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.warning("%s does not answer, stages run on the CPU: %s", command, error)
        return ()


def parse_gpus(listing: str) -> tuple[Gpu, ...]:
    """Read lines such as `0, NVIDIA A100, 40960` (MiB); raises ValueError for anything else."""
    gpus = []
    for line in listing.strip().splitlines():
        index, name, memory = (part.strip() for part in line.split(","))
        gpus.append(Gpu(int(index), name, int(memory) * MEBIBYTE))
    return tuple(gpus)


def stage_device(setting: str, gpus: tuple[Gpu, ...]) -> str:
    """Return the device for stages: the one in the setting, or with `auto` a GPU if there is one."""
    if setting != "auto":
        return setting
    return "cuda" if gpus else "cpu"


def identify(name: str, queues: tuple[str, ...], gpus: tuple[Gpu, ...]) -> WorkerIdentity:
    """Return this process's identity as a worker."""
    host = socket.gethostname()
    return WorkerIdentity(f"{name}@{host}:{os.getpid()}", host, queues, gpus)


class WorkerBeat:
    """Updates the worker's row from a separate thread."""

    def __init__(
        self, database: Database, identity: WorkerIdentity, *, heartbeat_s: float, shutdown: threading.Event
    ) -> None:
        self._database = database
        self._identity = identity
        self._heartbeat_s = heartbeat_s
        self._shutdown = shutdown
        self._stages: list[str] = []
        self._datasets: list[str] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker-beat", daemon=True)

    def start(self) -> None:
        """Register the worker and continue in the background."""
        # Set idle explicitly: a restarted container may reuse the name of a worker that died while draining.
        self._try_to_write(IDLE)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and record that the worker has left."""
        self._stop.set()
        self._thread.join()
        self._try_to_write(OFFLINE)

    def begin(self, stage_id: str) -> None:
        """Record that the worker has taken a stage."""
        with self._lock:
            self._stages.append(stage_id)
        self._try_to_write(None)

    def end(self, stage_id: str) -> None:
        """Record that the worker is done with a stage."""
        with self._lock:
            self._stages.remove(stage_id)
        self._try_to_write(None)

    def begin_scan(self, dataset_id: str) -> None:
        """Record that the worker scans a dataset."""
        with self._lock:
            self._datasets.append(dataset_id)
        self._try_to_write(None)

    def end_scan(self, dataset_id: str) -> None:
        """Record that the worker is done with a dataset."""
        with self._lock:
            self._datasets.remove(dataset_id)
        self._try_to_write(None)

    def _run(self) -> None:
        while not self._stop.wait(self._heartbeat_s):
            self._try_to_write(None)

    def _try_to_write(self, state: str | None) -> None:
        """Write the row; it only informs people, so an outage must not stop anything."""
        try:
            self._write(state)
        except OUTAGE_ERRORS as error:
            log.warning("the worker's row could not be written: %s", brief(error))

    def _write(self, state: str | None) -> None:
        with self._lock:
            stage_id = self._stages[-1] if self._stages else None
            dataset_id = self._datasets[-1] if self._datasets else None
        with self._database.write() as session:
            now = database_now(session)
            row = session.get(Worker, self._identity.id)
            if row is None:
                row = Worker(id=self._identity.id, host=self._identity.host, state=IDLE, started_at=now)
                session.add(row)
            row.queues = list(self._identity.queues)
            row.devices = [asdict(gpu) for gpu in self._identity.gpus] or [{"name": platform.machine() or "cpu"}]
            row.versions = _versions()
            row.stage_id = stage_id
            row.dataset_id = dataset_id
            row.last_seen_at = now
            # A person or a shutdown requests draining; it lasts until the process ends.
            is_draining = row.state == DRAINING or self._shutdown.is_set()
            row.state = state or (DRAINING if is_draining else BUSY if stage_id or dataset_id else IDLE)


def _versions() -> dict[str, Any]:
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "unknown"
    return versions
