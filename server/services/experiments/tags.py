"""Tags of experiments (EXP-12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.models import Run, Tag


def tag_rows(tags: Iterable[str]) -> list[Tag]:
    """Return tags as ordered rows: `key`, or `key=value` split at the first equals sign."""
    parts = [tag.partition("=") for tag in sorted(tags)]
    return [Tag(key=key, value=value if sign else None) for key, sign, value in parts]


def tags_of(session: Session, experiment_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return experiment id -> tags in order, without experiments that have no tags."""
    found: dict[str, list[str]] = {}
    statement = select(Tag).where(Tag.experiment_id.in_(set(experiment_ids))).order_by(Tag.key)
    for tag in session.scalars(statement):
        found.setdefault(tag.experiment_id, []).append(tag.text)
    return found


def tags_in_use(session: Session, limit: int) -> Sequence[str]:
    """Return the tags of runs that are not deleted, most used first."""
    statement = (
        select(Tag.key, Tag.value)
        .join(Run, Run.experiment_id == Tag.experiment_id)
        .where(Run.deleted_at.is_(None))
        .group_by(Tag.key, Tag.value)
        .order_by(func.count().desc(), Tag.key, Tag.value)
    )
    return [Tag(key=key, value=value).text for key, value in session.execute(statement.limit(limit))]
