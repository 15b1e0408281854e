"""The replay memory after a stage: pages of items, and how it is shared among the classes."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.data.classes import ClassTable
from server.db.models import MemoryItem, Stage
from server.errors import NotFoundError
from server.schemas.classes import class_label
from server.schemas.memory import MemoryClass, MemoryEntry, MemoryPage
from server.services import scores
from server.services.paging import decode_cursor, encode_cursor, split_page


def list_page(session: Session, stage_id: str, *, class_id: int | None, cursor: str | None, limit: int) -> MemoryPage:
    """Return one page of the snapshot after a stage, in the order of selection; raises NotFoundError."""
    run_id = session.scalar(select(Stage.run_id).where(Stage.id == stage_id))
    if run_id is None:
        raise NotFoundError("stage", stage_id)
    after = decode_cursor("memory-items", cursor, (int, int))
    statement = select(MemoryItem).where(MemoryItem.stage_id == stage_id).order_by(MemoryItem.rank, MemoryItem.id)
    if class_id is not None:
        statement = statement.where(MemoryItem.class_id == class_id)
    if after is not None:
        rank, row_id = int(after[0]), int(after[1])
        is_later = (MemoryItem.rank > rank) | ((MemoryItem.rank == rank) & (MemoryItem.id > row_id))
        statement = statement.where(is_later)
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    table = scores.class_table(session, run_id)
    classes = _classes(session, stage_id, table)
    return MemoryPage(
        items=[_entry(row, table) for row in rows],
        next_cursor=encode_cursor("memory-items", (last.rank, last.id)) if last else None,
        total_items=sum(entry.items for entry in classes),
        total_bytes=sum(entry.bytes for entry in classes),
        classes=classes,
    )


def find(session: Session, row_id: int) -> MemoryItem:
    """Return one item; raises NotFoundError."""
    item = session.get(MemoryItem, row_id)
    if item is None:
        raise NotFoundError("memory item", row_id)
    return item


def show(session: Session, row_id: int) -> MemoryEntry:
    """Return one item with name and colour of its class; raises NotFoundError."""
    item = find(session, row_id)
    return _entry(item, scores.class_table(session, item.run_id))


def _classes(session: Session, stage_id: str, table: ClassTable | None) -> list[MemoryClass]:
    statement = (
        select(MemoryItem.class_id, func.count(), func.sum(MemoryItem.bytes))
        .where(MemoryItem.stage_id == stage_id)
        .group_by(MemoryItem.class_id)
        .order_by(MemoryItem.class_id)
    )
    return [
        MemoryClass(**class_label(table, class_id).model_dump(), items=items, bytes=int(size))
        for class_id, items, size in session.execute(statement)
    ]


def _entry(row: MemoryItem, table: ClassTable | None) -> MemoryEntry:
    label = class_label(table, row.class_id)
    return MemoryEntry(
        id=row.id,
        run_id=row.run_id,
        stage_id=row.stage_id,
        item_id=row.item_id,
        class_id=row.class_id,
        class_name=label.name,
        colour=label.colour,
        classes=row.classes,
        source=row.source,
        box=row.box,
        image_size=row.image_size,
        area=row.area,
        step_added=row.step_added,
        rank=row.rank,
        bytes=row.bytes,
    )
