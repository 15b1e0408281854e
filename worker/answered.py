"""Pass people's answers to the oracle that takes over from them (AL-5)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from core.acquisition.answers import ANSWER_FILE, AnswerBatch, StoredAnswer
from core.files import write_atomically
from server.db.annotations import accepted_answers
from server.db.models import QueryBatch
from server.storage import Storage


def given_answers(session: Session, stage_id: str) -> tuple[StoredAnswer, ...]:
    """Return people's answers to the queries of a stage; an empty tuple for a stage without queries."""
    batch = session.get(QueryBatch, stage_id)
    accepted = accepted_answers(session, batch) if batch is not None else []
    return tuple(
        StoredAnswer(answer=one.answer, mask=f"{one.answer.query}.png", sha256=one.mask_sha256) for one in accepted
    )


def place_answers(storage: Storage, given: Sequence[StoredAnswer], folder: Path) -> None:
    """Write answers with their labels; raises StorageError when one is missing or damaged."""
    for one in given:
        storage.copy_to(one.sha256, folder / one.mask)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / ANSWER_FILE, AnswerBatch(answers=list(given)).model_dump_json(indent=1).encode())
