"""Log lines of an attempt: the last ones, or those after a number."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.models import LogLine
from server.schemas.logs import LogEntry, LogPage
from server.services import stages


def page(session: Session, stage_id: str, *, attempt: int | None, after: int | None, limit: int) -> LogPage:
    """Return lines of an attempt, the latest by default, in order; raises NotFoundError.

    Args:
        session: a reading session.
        stage_id: the stage.
        attempt: number of the attempt.
        after: the first lines above this number; None gives the last lines.
        limit: most lines.
    """
    row = stages.find_attempt(session, stage_id, attempt)
    if row is None:
        return LogPage(stage_id=stage_id, attempt=None, items=[], next_after=0, total=0)
    lines = select(LogLine).where(LogLine.attempt_id == row.id)
    if after is None:
        newest_first = session.scalars(lines.order_by(LogLine.number.desc()).limit(limit)).all()
        found = list(reversed(newest_first))
    else:
        found = list(session.scalars(lines.where(LogLine.number > after).order_by(LogLine.number).limit(limit)))
    total = session.scalar(select(func.count()).select_from(LogLine).where(LogLine.attempt_id == row.id)) or 0
    return LogPage(
        stage_id=stage_id,
        attempt=row.number,
        items=[LogEntry.model_validate(line) for line in found],
        next_after=found[-1].number if found else (after or 0),
        total=total,
    )
