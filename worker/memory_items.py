"""Store the replay memory after a stage: its files, and one row per item (MEM-1)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from core.memory.store import MemoryIndex
from core.stage.events import MemorySnapshot
from server.db import models
from server.storage import Storage


@dataclass(frozen=True)
class StoredMemory:
    """A memory with stored files: the columns of the snapshot and of its items."""

    snapshot: dict[str, Any]
    items: tuple[dict[str, Any], ...]


def store_memory(storage: Storage, folder: Path, event: MemorySnapshot) -> StoredMemory:
    """Store the crop, label, thumbnail and source picture of every item.

    Raises:
        StorageError: when a file differs from the index.
    """
    index_path = folder / event.path
    index = MemoryIndex.model_validate_json(index_path.read_bytes())
    rows = []
    for item in index.items:
        rows.append(
            {
                "item_id": item.id,
                "class_id": item.class_id,
                "classes": item.classes,
                "source": item.source,
                "box": list(item.box),
                "image_size": list(item.size),
                "area": item.area,
                "step_added": item.step_added,
                "rank": item.rank,
                "bytes": item.bytes,
                "crop_sha256": storage.put_file(index_path.parent / item.crop, sha256=item.sha256),
                "label_sha256": storage.put_file(index_path.parent / item.label, sha256=item.label_sha256),
                "times_drawn": item.times_drawn,
                "thumbnail_sha256": storage.put_file(index_path.parent / item.thumbnail),
                "source_sha256": item.source_sha256,
            }
        )
    for picture, sha256 in sorted({(item.source_picture, item.source_sha256) for item in index.items}):
        storage.put_file(index_path.parent / picture, sha256=sha256)
    snapshot = {"budget": index.budget, "seen_classes": index.seen_classes, "warnings": index.warnings}
    return StoredMemory(snapshot, tuple(rows))


def write_memory(session: Session, run_id: str, attempt: models.Attempt, memory: StoredMemory) -> None:
    """Store the memory of the attempt's stage, replacing an earlier snapshot of the same stage."""
    for table in (models.MemorySnapshot, models.MemoryItem):
        session.execute(delete(table).where(table.stage_id == attempt.stage_id))
    place = {"run_id": run_id, "stage_id": attempt.stage_id}
    session.execute(insert(models.MemorySnapshot), [{**place, **memory.snapshot}])
    rows = [{**place, **item} for item in memory.items]
    if rows:
        session.execute(insert(models.MemoryItem), rows)
