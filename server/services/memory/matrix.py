"""Class × stage matrix: the classes' shares of a run's replay memory, and the missing items (MEM-2, MEM-4)."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.models import MemoryItem, MemorySnapshot, Stage
from server.db.shared_stages import is_of_run
from server.schemas import memory as schemas
from server.services.experiments.classes import classes_of_run
from server.services.runs import runs


def memory_matrix(session: Session, run_id: str) -> schemas.MemoryMatrix:
    """Return all snapshots of a run, without their items; raises NotFoundError."""
    runs.require(session, run_id)
    cells = _cells(session, run_id)
    statement = (
        select(MemorySnapshot, Stage.index)
        .join(Stage, Stage.id == MemorySnapshot.stage_id)
        .where(is_of_run(MemorySnapshot.stage_id, run_id))
        .order_by(Stage.index)
    )
    snapshots = [_snapshot(row, index, cells[row.stage_id]) for row, index in session.execute(statement)]
    shown = {cell.class_id for snapshot in snapshots for cell in snapshot.cells}
    shown.update(class_id for snapshot in snapshots for class_id in snapshot.seen_classes)
    known = classes_of_run(session, run_id)
    return schemas.MemoryMatrix(classes=[known.label(class_id) for class_id in sorted(shown)], snapshots=snapshots)


def _cells(session: Session, run_id: str) -> dict[str, list[schemas.MemoryCell]]:
    statement = (
        select(MemoryItem.stage_id, MemoryItem.class_id, func.count(), func.sum(MemoryItem.bytes))
        .where(is_of_run(MemoryItem.stage_id, run_id))
        .group_by(MemoryItem.stage_id, MemoryItem.class_id)
        .order_by(MemoryItem.class_id)
    )
    cells: dict[str, list[schemas.MemoryCell]] = defaultdict(list)
    for stage_id, class_id, items, size in session.execute(statement):
        cells[stage_id].append(schemas.MemoryCell(class_id=class_id, items=items, bytes=int(size)))
    return cells


def _snapshot(row: MemorySnapshot, stage_index: int, cells: list[schemas.MemoryCell]) -> schemas.MemorySnapshot:
    stored = {cell.class_id for cell in cells}
    return schemas.MemorySnapshot(
        stage_id=row.stage_id,
        stage_index=stage_index,
        budget=row.budget,
        budget_per_class=row.budget / len(row.seen_classes) if row.seen_classes else None,
        items=sum(cell.items for cell in cells),
        bytes=sum(cell.bytes for cell in cells),
        cells=cells,
        seen_classes=row.seen_classes,
        missing_classes=[class_id for class_id in sorted(row.seen_classes) if class_id not in stored],
        warnings=row.warnings,
    )
