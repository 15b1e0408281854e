"""Store evaluations: rows of scores, and further records (MET-6)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.methods.scoring import Headline
from core.stage import events
from server.db.models import Evaluation, EvaluationRecord, Score
from server.db.run_scores import keep_scores
from server.storage import DamagedFile, Storage

INLINE_BYTES = 64 * 1024
"""Maximum size of a record in its row; larger records go into storage."""


@dataclass(frozen=True)
class Evaluated:
    """The stage and the attempt whose model was tested."""

    run_id: str
    stage_id: str
    attempt_number: int


@dataclass(frozen=True)
class StoredRecord:
    """A record of an event, with its content if that is kept in the row."""

    record: events.EvaluationRecord
    content: bytes | None


@dataclass(frozen=True)
class WrittenEvaluation:
    """The outcome of storing an evaluation.

    Attributes:
        id: id of the row.
        dropped: digests whose row was deleted.
        run_score: the run's headline score after its last tested step; None if it is undefined.
    """

    id: str
    dropped: set[str]
    run_score: float | None


def store_records(storage: Storage, folder: Path, event: events.Scores) -> tuple[StoredRecord, ...]:
    """Read the small records of an evaluation, and store the large ones.

    Raises:
        OSError: when a file is missing.
        DamagedFile: when a file does not match its digest.
    """
    return tuple(StoredRecord(record, _content(storage, folder / record.path, record)) for record in event.records)


def _content(storage: Storage, path: Path, record: events.EvaluationRecord) -> bytes | None:
    if record.bytes > INLINE_BYTES:
        storage.put_file(path, sha256=record.sha256)
        return None
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != record.sha256:
        raise DamagedFile(str(path), expected=record.sha256, found=found)
    return content


def write_evaluation(
    session: Session, source: Evaluated, event: events.Scores, records: Sequence[StoredRecord] = ()
) -> WrittenEvaluation:
    """Store one evaluation, replacing one with the same stage, step, domain and split."""
    evaluation = _row(session, source, event)
    evaluation.attempt_number = source.attempt_number
    evaluation.iteration = event.iteration
    evaluation.at = event.time
    dropped = {record.sha256 for record in evaluation.records}
    evaluation.records.clear()
    session.flush()
    evaluation.records = [_record(stored) for stored in records]
    session.execute(delete(Score).where(Score.evaluation_id == evaluation.id))
    rows = [
        {
            "evaluation_id": evaluation.id,
            "run_id": source.run_id,
            "step": event.step,
            "metric": score.metric,
            "class_id": score.class_id,
            "group": score.group,
            "value": score.value,
        }
        for score in event.scores
    ]
    if rows:
        session.execute(insert(Score), rows)
    return WrittenEvaluation(evaluation.id, dropped, keep_scores(session, source.run_id))


def _row(session: Session, source: Evaluated, event: events.Scores) -> Evaluation:
    """Return the row of an evaluation's key, or a new row."""
    found = session.scalar(
        select(Evaluation).where(
            Evaluation.stage_id == source.stage_id,
            Evaluation.step == event.step,
            Evaluation.domain.is_not_distinct_from(event.domain),
            Evaluation.split == event.split,
        )
    )
    if found is not None:
        return found
    key = {"split": event.split, "domain": event.domain, "step": event.step}
    evaluation = Evaluation(run_id=source.run_id, stage_id=source.stage_id, **key)
    session.add(evaluation)
    return evaluation


def _record(stored: StoredRecord) -> EvaluationRecord:
    record = stored.record
    return EvaluationRecord(
        kind=record.kind,
        name=PurePosixPath(record.path).name,
        sha256=record.sha256,
        bytes=record.bytes,
        channels=record.channels,
        content=stored.content,
    )


def headline_score(event: events.Scores, headline: Headline) -> float | None:
    """Return the headline score of an evaluation; None if it has none, or an undefined one."""
    wanted = (headline.metric, headline.group, None)
    return next((one.value for one in event.scores if (one.metric, one.group, one.class_id) == wanted), None)
