"""Store a stage's pastes from its memory: the pictures, one row per item and one per example (MEM-2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.memory.pastes import PasteExample, PasteIndex
from core.stage.events import MemoryPastes
from server.db.models import Attempt, MemoryDraw, MemoryPaste
from server.storage import Storage


def store_pastes(storage: Storage, folder: Path, event: MemoryPastes) -> PasteIndex:
    """Store the pictures of all examples; return the index with the data for their rows.

    Raises:
        StorageError: when a file differs from the index.
    """
    path = folder / event.path
    index = PasteIndex.model_validate_json(path.read_bytes())
    for picture, sha256 in sorted({(example.picture, example.sha256) for example in index.examples}):
        storage.put_file(path.parent / picture, sha256=sha256)
    return index


def write_pastes(session: Session, run_id: str, attempt: Attempt, pastes: PasteIndex) -> set[str]:
    """Replace the pastes of the attempt's stage.

    Examples from an earlier attempt stay: that attempt had trained to the end, and the attempt that resumed from its
    last checkpoint saw fewer.

    Returns:
        Digests of pictures that no row refers to.
    """
    place = {"run_id": run_id, "stage_id": attempt.stage_id}
    session.execute(delete(MemoryDraw).where(MemoryDraw.stage_id == attempt.stage_id))
    draws = [{**place, "item_id": item_id, "times": times} for item_id, times in pastes.times.items()]
    if draws:
        session.execute(insert(MemoryDraw), draws)
    has_examples = session.scalar(select(MemoryPaste.id).where(MemoryPaste.stage_id == attempt.stage_id).limit(1))
    if has_examples is not None:
        return {example.sha256 for example in pastes.examples}
    examples = [place | _columns(example) for example in pastes.examples]
    if examples:
        session.execute(insert(MemoryPaste), examples)
    return set()


def _columns(example: PasteExample) -> dict[str, Any]:
    return {
        "item_id": example.item,
        "source": example.source,
        "box": list(example.box),
        "image_size": list(example.size),
        "lam": example.lam,
        "picture_sha256": example.sha256,
    }
