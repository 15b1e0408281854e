"""Imports and exports in a process of their own, whose memory and time are limited (SEC-5, SEC-6).

An archive is made by whoever sends it: what reading it costs must not be taken from the service. The process gets its
task as JSON on its standard input and answers with JSON: the result, or the problem to be told.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any

from pydantic import BaseModel

from server.db.lifecycle import Cause
from server.db.session import Database
from server.errors import DomainError, TooCostlyError
from server.schemas.exchange import ExportRequest, ExportResult, ImportReport, ImportTerms
from server.schemas.problem import FaultEntry
from server.services.rounds.exporting import export_answers
from server.services.rounds.importing import import_answers
from server.settings import Settings
from server.storage import LocalStorage

MIB = 1024 * 1024
LIMIT_S = 900.0
AT_ONCE = 2
"""Processes that run at a time; further requests wait."""
OUT_OF_MEMORY = 3
"""Exit status of a process that asked for more memory than it may have."""
OWN_MEMORY = Path("/proc/self/statm")
_FREE = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Bench:
    """What the process works on: the service's settings, and where its database is."""

    settings: Settings
    database_url: str

    def task(self, action: str, stage_id: str, terms: BaseModel, **more: Any) -> dict[str, Any]:
        """Return a task as plain JSON data."""
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


class RelayedError(DomainError):
    """A problem that the process found."""

    def __init__(self, slug: str, detail: str, errors: list[FaultEntry]) -> None:
        super().__init__(detail, errors)
        self.slug = slug


def export_apart(bench: Bench, stage_id: str, order: ExportRequest) -> ExportResult:
    """Export as `export_answers` does, in a process of its own; raises its errors, and TooCostlyError."""
    return ExportResult.model_validate(_run(bench.task("export", stage_id, order)))


def import_apart(bench: Bench, stage_id: str, archive: IO[bytes], terms: ImportTerms, cause: Cause) -> ImportReport:
    """Import as `import_answers` does, in a process of its own; raises its errors, and TooCostlyError."""
    archive.seek(0)
    task = bench.task("import", stage_id, terms, cause=asdict(cause), archive=archive.fileno())
    return ImportReport.model_validate(_run(task, archive.fileno()))


def _run(task: Mapping[str, Any], *inherited: int) -> Any:
    """Carry out a task and return its result.

    Raises:
        RelayedError: the problem that the process found.
        TooCostlyError: when it needed too much memory or time.
        RuntimeError: when it ended without an answer.
    """
    command = [sys.executable, "-m", __name__]
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    with _FREE:
        try:
            done = subprocess.run(
                command,
                input=json.dumps(task).encode(),
                capture_output=True,
                pass_fds=inherited,
                timeout=LIMIT_S,
                env=env,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TooCostlyError(f"the {task['action']} took longer than {LIMIT_S:.0f} s; do it in parts") from None
    if done.returncode == OUT_OF_MEMORY:
        raise TooCostlyError(
            f"the {task['action']} needs more than {task['memory_mib']} MiB of memory; do it in parts, or raise "
            "PALIMPSEST_EXCHANGE_MEMORY_MIB"
        )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace")[-2000:]
        raise RuntimeError(f"the process of the {task['action']} ended with status {done.returncode}: {said}")
    answer = json.loads(done.stdout)
    if "problem" in answer:
        errors = [FaultEntry.model_validate(entry) for entry in answer["errors"]]
        raise RelayedError(answer["problem"], answer["detail"], errors)
    return answer["result"]


def carry_out(task: Mapping[str, Any]) -> dict[str, Any]:
    """Do a task in this process; return its result, or the problem to be told."""
    database = Database(task["database_url"], sqlite_synchronous=task["synchronous"])
    try:
        return {"result": _ACTIONS[task["action"]](database, task).model_dump(mode="json")}
    except DomainError as error:
        return {"problem": error.slug, "detail": error.detail, "errors": [one.model_dump() for one in error.errors]}
    finally:
        database.dispose()


def _export(database: Database, task: Mapping[str, Any]) -> BaseModel:
    order = ExportRequest.model_validate(task["terms"])
    return export_answers(database, LocalStorage(Path(task["storage"])), task["stage_id"], order)


def _import(database: Database, task: Mapping[str, Any]) -> BaseModel:
    terms, storage = ImportTerms.model_validate(task["terms"]), LocalStorage(Path(task["storage"]))
    with os.fdopen(task["archive"], "rb") as archive:
        return import_answers(database, storage, task["stage_id"], archive, terms, Cause(**task["cause"]))


_ACTIONS: Mapping[str, Callable[[Database, Mapping[str, Any]], BaseModel]] = {"export": _export, "import": _import}


def limit_memory(more_bytes: int) -> None:
    """Let this process have so much more memory than it has now; beyond it, MemoryError is raised."""
    pages = int(OWN_MEMORY.read_text().split()[5]) if OWN_MEMORY.exists() else 0
    limit = pages * resource.getpagesize() + more_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def main() -> int:
    """Do the task on the standard input; return the exit status."""
    task = json.load(sys.stdin)
    limit_memory(task["memory_mib"] * MIB)
    try:
        answer = carry_out(task)
    except MemoryError:
        return OUT_OF_MEMORY
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
