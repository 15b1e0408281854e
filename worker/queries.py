"""Store a select stage's queries and the oracle's answers: first files, then rows (AL-1, AL-5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from core.acquisition.answers import answered_queries
from core.acquisition.manifest import mask_name
from core.acquisition.oracle import AUTHOR
from core.acquisition.queries import QueryBatch, read_queries
from core.data.decoding import read_label
from core.stage.events import Annotations, Queries
from server.db.annotations import NewAnswer, publish_queries, record_oracle_answers, store_labels
from server.db.lifecycle.leases import cause_of
from server.db.models import Attempt, Stage
from server.storage import Storage


@dataclass(frozen=True)
class StoredQueries:
    """A batch with stored files: path below its folder -> SHA-256."""

    batch: QueryBatch
    blobs: Mapping[str, str]


def store_queries(storage: Storage, folder: Path, event: Queries) -> StoredQueries:
    """Store the picture, mask, proposal, uncertainty and superpixels of every query.

    Raises:
        StorageError: when the batch or one of its files is missing.
    """
    base = (folder / event.path).parent
    batch = read_queries(base)
    paths = {path for query in batch.queries for path in query.files}
    return StoredQueries(batch, {path: storage.put_file(base / path) for path in sorted(paths)})


def write_queries(session: Session, select_stage: Stage, stored: StoredQueries) -> None:
    """Store the queries of the following label stage; if people have begun to answer, its old queries stay."""
    publish_queries(session, select_stage, stored.batch, stored.blobs.__getitem__)


def store_answers(storage: Storage, folder: Path, event: Annotations) -> tuple[NewAnswer, ...]:
    """Store the labels of all the oracle's answers.

    Raises:
        StorageError, DataFaultError: when a file is missing or damaged.
    """
    folder_of_queries = folder / event.queries
    batch = read_queries(folder_of_queries)
    queries = {query.id: query for query in batch.queries}
    answers = []
    for one in answered_queries((folder / event.path).parent):
        earlier = folder / event.earlier / mask_name(one.answer.image) if event.earlier is not None else None
        facts = store_labels(
            storage,
            one.labels,
            ignore_id=batch.ignore_id,
            proposal=read_label(folder_of_queries / queries[one.answer.query].proposal),
            earlier=read_label(earlier) if earlier is not None and earlier.exists() else None,
        )
        answer = one.answer
        answers.append(NewAnswer(answer.query, AUTHOR, "oracle", facts, answer.clicks, answer.seconds))
    return tuple(answers)


def write_answers(session: Session, attempt: Attempt, answers: tuple[NewAnswer, ...]) -> None:
    """Record the accepted answers of the attempt's stage, by the same path as people's answers."""
    record_oracle_answers(session, attempt.stage_id, answers, cause=cause_of(attempt))
