"""Replay memories and pastes as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import update

from server.db.models import MemoryDraw, MemoryItem, MemoryPaste, MemorySnapshot, Stage
from server.db.session import Database
from tests.support.results import add_memory_items


def add_items_with(database: Database, stage: Stage, columns: Mapping[str, Sequence[Any]]) -> list[int]:
    """Store as many items of class 1 as each column has values, with these values; returns their ids."""
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    ids = add_memory_items(database, stage, [1] * len(rows))
    with database.write() as session:
        for row_id, values in zip(ids, rows, strict=True):
            session.execute(update(MemoryItem).where(MemoryItem.id == row_id).values(**values))
    return ids


def add_snapshot(
    database: Database, stage: Stage, seen_classes: Sequence[int], *, budget: int, warnings: Sequence[str] = ()
) -> None:
    """Store what is known of a snapshot besides its items."""
    with database.write() as session:
        session.add(
            MemorySnapshot(
                stage_id=stage.id,
                run_id=stage.run_id,
                budget=budget,
                seen_classes=list(seen_classes),
                warnings=list(warnings),
            )
        )


def add_pastes(
    database: Database, stage: Stage, item_id: str, sources: Sequence[str], sha256: str = "0" * 64, times: int = 9
) -> list[int]:
    """Store how often a stage pasted an item, and one example for each training image; returns the examples' ids."""
    place = {"run_id": stage.run_id, "stage_id": stage.id, "item_id": item_id}
    geometry = {"box": [0, 1, 4, 6], "image_size": [32, 32], "lam": 0.75}
    with database.write() as session:
        session.add(MemoryDraw(**place, times=times))
        pastes = [MemoryPaste(**place, **geometry, source=source, picture_sha256=sha256) for source in sources]
        session.add_all(pastes)
    return [paste.id for paste in pastes]
