"""Start and follow exports and imports in the background (IO-1).

Each task has a thread of the service that waits for the task's process. The task's row holds its progress, so that
any server process can answer. A task whose thread has died is silent, and counts as failed after a minute.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import IO

from pydantic import BaseModel
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.lifecycle import Cause
from server.db.models import ExchangeTask
from server.db.session import Database
from server.errors import DomainError, NotFoundError, TooCostlyError
from server.schemas import exchange as schemas
from server.services.rounds.exchange_process import Bench, Delivery, export_apart, import_apart
from server.services.rounds.exchange_progress import Tell
from server.services.rounds.label_stage import find_label_stage

QUEUED, RUNNING, SUCCEEDED, FAILED = "queued", "running", "succeeded", "failed"
OPEN = (QUEUED, RUNNING)
SILENCE_S = 60.0
BEAT_S = 10.0
AT_MOST = 20
"""Maximum number of open tasks in the whole service; each keeps a thread, and an import its archive."""
LISTED = 50


def begin_export(database: Database, bench: Bench, stage_id: str, order: schemas.ExportRequest) -> schemas.ExchangeTask:
    """Export in the background; raises NotFoundError and TooCostlyError."""
    task = _create(database, stage_id, "export", order.author)
    _start(database, task.id, lambda tell: export_apart(bench, stage_id, order, tell))
    return task


def begin_import(
    database: Database, bench: Bench, stage_id: str, archive: IO[bytes], order: tuple[schemas.ImportTerms, Cause]
) -> schemas.ExchangeTask:
    """Import in the background; raises NotFoundError and TooCostlyError."""
    terms, cause = order
    task = _create(database, stage_id, "import", terms.author)
    # The request closes its own file when it ends.
    kept = os.fdopen(os.dup(archive.fileno()), "rb")

    def carry_out(tell: Tell) -> BaseModel:
        with kept:
            return import_apart(bench, stage_id, Delivery(kept, terms, cause), tell)

    _start(database, task.id, carry_out)
    return task


def show(session: Session, task_id: str) -> schemas.ExchangeTask:
    """Return a task's progress or outcome; raises NotFoundError."""
    row = session.get(ExchangeTask, task_id)
    if row is None:
        raise NotFoundError("export or import", task_id)
    return _shown(row, database_now(session))


def list_recent(session: Session, stage_id: str) -> schemas.ExchangeTasks:
    """Return the last exports and imports of a round, newest first; raises NotFoundError."""
    find_label_stage(session, stage_id)
    wanted = select(ExchangeTask).where(ExchangeTask.stage_id == stage_id).order_by(ExchangeTask.id.desc())
    now = database_now(session)
    return schemas.ExchangeTasks(items=[_shown(row, now) for row in session.scalars(wanted.limit(LISTED))])


def _create(database: Database, stage_id: str, kind: str, author: str) -> schemas.ExchangeTask:
    with database.write() as session:
        find_label_stage(session, stage_id)
        now = database_now(session)
        is_open = ExchangeTask.state.in_(OPEN) & (ExchangeTask.seen_at > now - timedelta(seconds=SILENCE_S))
        if (session.scalar(select(func.count()).where(is_open)) or 0) >= AT_MOST:
            raise TooCostlyError(
                f"{AT_MOST} exports and imports are under way, and more may not be; try again when one has ended"
            )
        row = ExchangeTask(stage_id=stage_id, kind=kind, author=author, state=QUEUED, created_at=now, seen_at=now)
        session.add(row)
        session.flush()
        return _shown(row, now)


def _start(database: Database, task_id: str, carry_out: Callable[[Tell], BaseModel]) -> None:
    thread = threading.Thread(target=_carry_out, args=(database, task_id, carry_out), name=f"exchange {task_id}")
    thread.daemon = True
    thread.start()


def _carry_out(database: Database, task_id: str, carry_out: Callable[[Tell], BaseModel]) -> None:
    ended = threading.Event()
    beat = threading.Thread(target=_beat, args=(database, task_id, ended), daemon=True)
    beat.start()
    try:
        result = carry_out(lambda done, total: _write(database, task_id, state=RUNNING, done=done, total=total))
        end = {"state": SUCCEEDED, "result": result.model_dump(mode="json")}
    except DomainError as error:
        errors = [entry.model_dump(mode="json") for entry in error.errors]
        end = {"state": FAILED, "problem": {"slug": error.slug, "detail": error.detail, "errors": errors}}
    except RuntimeError as error:
        end = {"state": FAILED, "problem": {"slug": "internal", "detail": str(error), "errors": []}}
    ended.set()
    beat.join()
    _write(database, task_id, is_end=True, **end)


def _beat(database: Database, task_id: str, ended: threading.Event) -> None:
    while not ended.wait(BEAT_S):
        _write(database, task_id)


def _write(database: Database, task_id: str, *, is_end: bool = False, **columns: object) -> None:
    with database.write() as session:
        now = database_now(session)
        values = {"seen_at": now, **columns, **({"finished_at": now} if is_end else {})}
        session.execute(update(ExchangeTask).where(ExchangeTask.id == task_id).values(**values))


def _shown(row: ExchangeTask, now: datetime) -> schemas.ExchangeTask:
    state, problem = row.state, row.problem
    if state in OPEN and row.seen_at < now - timedelta(seconds=SILENCE_S):
        state = FAILED
        problem = {"slug": "internal", "detail": f"the service ended before the {row.kind} did; begin it again"}
    is_export = row.kind == "export"
    return schemas.ExchangeTask.model_validate(
        {
            **{name: getattr(row, name) for name in ("id", "stage_id", "kind", "author", "done", "total")},
            "state": state,
            "created_at": row.created_at,
            "finished_at": row.finished_at,
            "export": row.result if is_export else None,
            "report": None if is_export else row.result,
            "problem": problem,
        }
    )
