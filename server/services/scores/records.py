"""Records of evaluations, read from their rows or, if large, from storage."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.metrics.records import CONFUSION, Confusion
from server.db.models import Evaluation, EvaluationRecord
from server.errors import NotFoundError
from server.services.runs import runs
from server.services.runs.artifacts import stored_file
from server.storage.base import Storage

UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class RecordContent:
    """The bytes of a record, and their media type."""

    data: bytes
    sha256: str
    name: str
    media_type: str


def content(session: Session, storage: Storage, evaluation_id: str, kind: str) -> RecordContent:
    """Return the bytes of a record.

    Raises:
        NotFoundError: when there is no such evaluation, or it has no record of that kind.
        ContentMissingError: when the record is missing from storage.
    """
    evaluation = session.get(Evaluation, evaluation_id)
    if evaluation is None:
        raise NotFoundError("evaluation", evaluation_id)
    runs.require(session, evaluation.run_id)
    record = next((record for record in evaluation.records if record.kind == kind), None)
    if record is None:
        known = ", ".join(record.kind for record in evaluation.records) or "none"
        raise NotFoundError("record", kind, f"; the records of the evaluation are: {known}")
    media_type = mimetypes.guess_type(record.name)[0] or UNKNOWN_TYPE
    return RecordContent(_bytes_of(storage, record), record.sha256, record.name, media_type)


def confusion_of(storage: Storage, evaluation: Evaluation) -> Confusion | None:
    """Return the confusion matrix of an evaluation, or None; raises ContentMissingError."""
    record = next((record for record in evaluation.records if record.kind == CONFUSION), None)
    return None if record is None else Confusion.model_validate_json(_bytes_of(storage, record))


def _bytes_of(storage: Storage, record: EvaluationRecord) -> bytes:
    if record.content is not None:
        return record.content
    file = stored_file(storage, record.sha256, size=record.bytes, name=record.name, media_type=UNKNOWN_TYPE)
    return file.path.read_bytes()
