"""Run imports and exports in separate processes with limited memory and time (SEC-5, SEC-6).

An archive comes from a stranger: reading it must not exhaust the service. Each process is a fork of one that has
loaded only this module, so that no request waits for imports. The process sends its result, or the problem to report,
as JSON instead of pickled objects, because a malicious archive may have taken it over.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import IO, Any

from pydantic import BaseModel

from server.db.lifecycle import Cause
from server.db.session import Database
from server.errors import DomainError, TooCostlyError
from server.schemas.exchange import ExportRequest, ExportResult, ImportReport, ImportTerms
from server.schemas.problem import FaultEntry
from server.services.rounds.exchange_progress import Tell, in_silence
from server.services.rounds.exporting import export_answers
from server.services.rounds.importing import ImportOrder, import_answers
from server.settings import Settings
from server.storage import LocalStorage

MIB = 1024 * 1024
LIMIT_S = 900.0
AT_ONCE = 2
"""Maximum number of processes at a time; further requests wait."""
OUT_OF_MEMORY = 3
"""Exit status of a process that exceeded its memory limit."""
_PROGRESS = b"progress "
"""First byte of a progress message; an answer begins with a brace."""
OWN_MEMORY = Path("/proc/self/statm")
_FREE = BoundedSemaphore(AT_ONCE)
_BEGINS_OR_ENDS = Lock()
"""Held while a process starts or is reaped: multiprocessing then checks all processes, which is not thread-safe."""
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Bench:
    """Context of the process: the service's settings and the address of its database."""

    settings: Settings
    database_url: str

    def task(self, action: str, stage_id: str, terms: BaseModel, **more: Any) -> dict[str, Any]:
        """Return a task for the process."""
        return {
            "action": action,
            "stage_id": stage_id,
            "terms": terms.model_dump(mode="json"),
            "database_url": self.database_url,
            "synchronous": self.settings.sqlite_synchronous,
            "storage": str(self.settings.storage_folder),
            "memory_mib": self.settings.exchange_memory_mib,
            **more,
        }


@dataclass(frozen=True)
class _HandedFile:
    """An open file that is passed to the process, opened for reading."""

    number: int

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object]]:
        return _opened, (DupFd(self.number),)


def _opened(handed: Any) -> IO[bytes]:
    return os.fdopen(handed.detach(), "rb")


class RelayedError(DomainError):
    """A problem that the process found."""

    def __init__(self, slug: str, detail: str, errors: list[FaultEntry]) -> None:
        super().__init__(detail, errors)
        self.slug = slug


def export_apart(bench: Bench, stage_id: str, order: ExportRequest, tell: Tell = in_silence) -> ExportResult:
    """Call `export_answers` in a separate process; raises its errors and TooCostlyError."""
    return ExportResult.model_validate(_run(bench.task("export", stage_id, order), tell))


@dataclass(frozen=True)
class Delivery:
    """An archive to import, its sender, and the import terms."""

    archive: IO[bytes]
    terms: ImportTerms
    cause: Cause


def import_apart(bench: Bench, stage_id: str, delivery: Delivery, tell: Tell = in_silence) -> ImportReport:
    """Call `import_answers` in a separate process; raises its errors and TooCostlyError."""
    delivery.archive.seek(0)
    handed = _HandedFile(delivery.archive.fileno())
    task = bench.task("import", stage_id, delivery.terms, cause=asdict(delivery.cause), archive=handed)
    return ImportReport.model_validate(_run(task, tell))


def _run(task: Mapping[str, Any], tell: Tell) -> Any:
    """Carry out a task and return its result; pass its progress on to `tell`.

    Raises:
        RelayedError: the problem that the process found.
        TooCostlyError: when the process needed too much memory or time.
        RuntimeError: when the process ended without an answer.
    """
    with _FREE:
        answer, status = _answer(task, tell)
    if status == OUT_OF_MEMORY:
        raise TooCostlyError(
            f"the {task['action']} needs more than {task['memory_mib']} MiB of memory; do it in parts, or raise "
            "PALIMPSEST_EXCHANGE_MEMORY_MIB"
        )
    if answer is None:
        raise RuntimeError(f"the process of the {task['action']} ended with status {status}; the log says why")
    content = json.loads(answer)
    if "problem" in content:
        errors = [FaultEntry.model_validate(entry) for entry in content["errors"]]
        raise RelayedError(content["problem"], content["detail"], errors)
    return content["result"]


def _answer(task: Mapping[str, Any], tell: Tell) -> tuple[bytes | None, int | None]:
    """Carry out a task in a process; return its answer, or None, and its exit status.

    Raises:
        TooCostlyError: when the process needed too much time.
    """
    receiver, sender = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=_work, args=(task, sender), daemon=True)
    with receiver:
        with sender, _BEGINS_OR_ENDS:
            process.start()
        answer = None
        try:
            with suppress(EOFError):  # the process has ended: its exit status says why
                answer = _last_message(receiver, task["action"], tell)
        finally:
            status = _ended(process)
    return answer, status


def _last_message(receiver: Connection, action: str, tell: Tell) -> bytes:
    """Return the answer of a process; pass the progress messages before it on to `tell`.

    Raises:
        EOFError: when the process ends without an answer.
        TooCostlyError: when the process takes too much time.
    """
    until = time.monotonic() + LIMIT_S
    while receiver.poll(max(0.0, until - time.monotonic())):
        message = receiver.recv_bytes()
        if not message.startswith(_PROGRESS):
            return message
        done, total = json.loads(message.removeprefix(_PROGRESS))
        tell(int(done), int(total))
    raise TooCostlyError(f"the {action} took longer than {LIMIT_S:.0f} s; do it in parts")


def _ended(process: BaseProcess) -> int | None:
    """End a process if it still runs, and return its exit status."""
    with _BEGINS_OR_ENDS:
        if process.is_alive():
            process.kill()
        process.join()
        status = process.exitcode
        process.close()
    return status


def carry_out(task: Mapping[str, Any], tell: Tell = in_silence) -> dict[str, Any]:
    """Do a task in this process; return its result, or the problem to report."""
    database = Database(task["database_url"], sqlite_synchronous=task["synchronous"])
    try:
        return {"result": _ACTIONS[task["action"]](database, task, tell).model_dump(mode="json")}
    except DomainError as error:
        return {"problem": error.slug, "detail": error.detail, "errors": [one.model_dump() for one in error.errors]}
    finally:
        database.dispose()


def _export(database: Database, task: Mapping[str, Any], tell: Tell) -> BaseModel:
    order = ExportRequest.model_validate(task["terms"])
    return export_answers(database, LocalStorage(Path(task["storage"])), task["stage_id"], order, tell)


def _import(database: Database, task: Mapping[str, Any], tell: Tell) -> BaseModel:
    terms, storage = ImportTerms.model_validate(task["terms"]), LocalStorage(Path(task["storage"]))
    with task["archive"] as archive:
        cause = Cause(**task["cause"])
        return import_answers(database, storage, task["stage_id"], archive, ImportOrder(terms, cause, tell))


_ACTIONS: Mapping[str, Callable[[Database, Mapping[str, Any], Tell], BaseModel]] = {
    "export": _export,
    "import": _import,
}


def limit_memory(more_bytes: int) -> None:
    """Allow this process `more_bytes` beyond its current memory; any more raises MemoryError."""
    pages = int(OWN_MEMORY.read_text().split()[5]) if OWN_MEMORY.exists() else 0
    limit = pages * resource.getpagesize() + more_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _work(task: Mapping[str, Any], sender: Connection) -> None:
    """Do a task, send the answer, and end this process."""
    limit_memory(task["memory_mib"] * MIB)
    try:
        answer = carry_out(task, lambda done, total: sender.send_bytes(_PROGRESS + json.dumps([done, total]).encode()))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    sender.send_bytes(json.dumps(answer).encode())
