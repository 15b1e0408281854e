"""The replay memory: pages of a snapshot, single items, and their pastes."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from server.db.models import MemoryDraw, MemoryItem, MemoryPaste, Stage
from server.errors import NotFoundError
from server.schemas import memory as schemas
from server.schemas.classes import DatasetClasses
from server.services.experiments.classes import classes_of_run
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.runs import runs

SORT_COLUMNS = {
    schemas.MemorySort.RANK: MemoryItem.rank,
    schemas.MemorySort.AREA: MemoryItem.area,
    schemas.MemorySort.BYTES: MemoryItem.bytes,
    schemas.MemorySort.TIMES_DRAWN: MemoryItem.times_drawn,
}


def list_page(session: Session, stage_id: str, query: schemas.MemoryItemsQuery) -> schemas.MemoryPage:
    """Return one page of the snapshot after a stage; raises NotFoundError."""
    run_id = session.scalar(select(Stage.run_id).where(Stage.id == stage_id))
    if run_id is None:
        raise NotFoundError("stage", stage_id)
    runs.require(session, run_id)
    wanted = select(MemoryItem).where(*_conditions(stage_id, query))
    rows, last = split_page(session.scalars(_in_order(wanted, query).limit(query.limit + 1)).all(), query.limit)
    known = classes_of_run(session, run_id)
    return schemas.MemoryPage(
        items=[_entry(row, known) for row in rows],
        next_cursor=encode_cursor(_list_name(query), (getattr(last, query.sort), last.id)) if last else None,
        total=session.scalar(wanted.with_only_columns(func.count())) if query.count else None,
    )


def find(session: Session, row_id: int) -> MemoryItem:
    """Return one item; raises NotFoundError."""
    item = session.get(MemoryItem, row_id)
    if item is None:
        raise NotFoundError("memory item", row_id)
    runs.require(session, item.run_id)
    return item


def show(session: Session, row_id: int) -> schemas.MemoryEntry:
    """Return one item with its class's name and colour; raises NotFoundError."""
    item = find(session, row_id)
    return _entry(item, classes_of_run(session, item.run_id))


def list_pastes(session: Session, row_id: int, *, cursor: str | None, limit: int) -> schemas.MemoryPastes:
    """Return one page of an item's pastes in its run, by stage; raises NotFoundError."""
    item = find(session, row_id)
    after = decode_cursor("memory-pastes", cursor, (int, int))
    statement = (
        select(MemoryPaste, Stage.index)
        .join(Stage, Stage.id == MemoryPaste.stage_id)
        .where(MemoryPaste.run_id == item.run_id, MemoryPaste.item_id == item.item_id)
        .order_by(Stage.index, MemoryPaste.id)
    )
    if after is not None:
        stage_index, paste_id = int(after[0]), int(after[1])
        is_in_stage = (Stage.index == stage_index) & (MemoryPaste.id > paste_id)
        statement = statement.where((Stage.index > stage_index) | is_in_stage)
    rows, last = split_page(session.execute(statement.limit(limit + 1)).all(), limit)
    return schemas.MemoryPastes(
        items=[_paste(row, stage_index) for row, stage_index in rows],
        next_cursor=encode_cursor("memory-pastes", (last[1], last[0].id)) if last else None,
        draws=_draws(session, item),
    )


def find_paste(session: Session, paste_id: int) -> MemoryPaste:
    """Return one example of a paste; raises NotFoundError."""
    paste = session.get(MemoryPaste, paste_id)
    if paste is None:
        raise NotFoundError("memory paste", paste_id)
    runs.require(session, paste.run_id)
    return paste


def _conditions(stage_id: str, query: schemas.MemoryItemsQuery) -> list[ColumnElement[bool]]:
    conditions = [MemoryItem.stage_id == stage_id]
    if query.class_id is not None:
        conditions.append(MemoryItem.class_id == query.class_id)
    if query.step_added is not None:
        conditions.append(MemoryItem.step_added == query.step_added)
    if query.source is not None:
        conditions.append(MemoryItem.source == query.source)
    if query.source_contains is not None:
        conditions.append(MemoryItem.source.icontains(query.source_contains, autoescape=True))
    return conditions


def _in_order(statement: Select[MemoryItem], query: schemas.MemoryItemsQuery) -> Select[MemoryItem]:
    column, is_falling = SORT_COLUMNS[query.sort], query.order == "desc"
    after = decode_cursor(_list_name(query), query.cursor, (int, int))
    if after is not None:
        value, row_id = int(after[0]), int(after[1])
        is_behind = column < value if is_falling else column > value
        # Ids ascend in both sort directions.
        statement = statement.where(is_behind | ((column == value) & (MemoryItem.id > row_id)))
    return statement.order_by(column.desc() if is_falling else column, MemoryItem.id)


def _list_name(query: schemas.MemoryItemsQuery) -> str:
    return f"memory-items {query.sort} {query.order}"


def _draws(session: Session, item: MemoryItem) -> list[schemas.MemoryDraw]:
    statement = (
        select(MemoryDraw.stage_id, Stage.index, MemoryDraw.times)
        .join(Stage, Stage.id == MemoryDraw.stage_id)
        .where(MemoryDraw.run_id == item.run_id, MemoryDraw.item_id == item.item_id)
        .order_by(Stage.index)
    )
    return [
        schemas.MemoryDraw(stage_id=stage_id, stage_index=stage_index, times=times)
        for stage_id, stage_index, times in session.execute(statement)
    ]


def _paste(row: MemoryPaste, stage_index: int) -> schemas.MemoryPaste:
    return schemas.MemoryPaste(
        id=row.id,
        stage_id=row.stage_id,
        stage_index=stage_index,
        source=row.source,
        box=row.box,
        image_size=row.image_size,
        lam=row.lam,
    )


def _entry(row: MemoryItem, known: DatasetClasses) -> schemas.MemoryEntry:
    label = known.label(row.class_id)
    return schemas.MemoryEntry(
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
        times_drawn=row.times_drawn,
    )
