"""Ingest the events of a stage folder as rows: one handler per event type, one transaction per batch.

The folder is the spool: unwritten events and lines stay in `events.jsonl` and `out.log`, and are read again from the
stored offset. A batch is guarded by the attempt's lease and skips events that are already stored, so that writing it
twice changes nothing (REC-10, REC-15).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from core.memory.pastes import PasteIndex
from core.stage import events
from core.stage.events import Event, read_events
from core.stage.folder import EVENTS_FILE, LOG_FILE
from server.db import lifecycle
from server.db.run_scores import headline_of
from server.db.session import Database
from server.storage import Storage
from worker.artifacts import StoredFile, artifact_name, write_artifact
from worker.batch import Batch
from worker.blobs import discard
from worker.checkpoints import StoredCheckpoint, record_checkpoint, store_checkpoint
from worker.evaluations import Evaluated, StoredRecord, headline_score, store_records, write_evaluation
from worker.logs import Line
from worker.memory_items import StoredMemory, store_memory, write_memory
from worker.memory_pastes import store_pastes, write_pastes
from worker.outage import OUTAGE_ERRORS, brief, through_outage
from worker.predictions import StoredPredictions, store_predictions, write_predictions
from worker.printed import Printed, read_printed
from worker.queries import store_answers, store_queries, write_answers, write_queries
from worker.series import Point, hide_superseded

log = logging.getLogger(__name__)

BATCH_EVENTS = 1000


def _started(batch: Batch, event: events.Started) -> None:
    attempt = batch.attempt
    lifecycle.mark_running(batch.session, batch.lease)
    attempt.device = event.device
    attempt.code_version = event.code_version
    attempt.parameters = event.parameters or attempt.parameters
    attempt.deviations = list(event.deviations) or attempt.deviations
    # The first `started` precedes the reading of checkpoints; the one with the model's size knows the iteration.
    if event.resumed_iteration is not None or event.parameters is not None:
        attempt.resumed_iteration = event.resumed_iteration or 0
        hide_superseded(batch.session, batch.curve, attempt.resumed_iteration)


def _progress(batch: Batch, event: events.Progress) -> None:
    attempt = batch.attempt
    attempt.phase = event.phase
    attempt.iteration = event.iteration
    attempt.total_iterations = event.total
    attempt.images_per_second = event.images_per_second
    attempt.seconds_left = event.seconds_left
    if batch.stage.total_iterations is None:
        batch.stage.total_iterations = event.total
    batch.progress = event


def _metric(batch: Batch, event: events.Metric) -> None:
    batch.points += [Point(key, event.iteration, value, event.time) for key, value in event.values.items()]


def _scores(batch: Batch, event: events.Scores) -> None:
    source = Evaluated(batch.lease.run_id, batch.stage.id, batch.attempt.number)
    records: Sequence[StoredRecord] = batch.stored[event.seq]
    written = write_evaluation(batch.session, source, event, records)
    batch.dropped |= written.dropped
    headline = headline_of(batch.session, batch.lease.run_id)
    place = {"stage_id": batch.stage.id, "index": batch.stage.index, "step": event.step}
    tested = {"split": event.split, "domain": event.domain, "evaluation_id": written.id}
    score = {"score": headline_score(event, headline), "score_name": headline.title, "run_score": written.run_score}
    batch.feed.append(("score", place | tested | score))


def _predictions(batch: Batch, event: events.Predictions) -> None:
    # No message for the feed: the step's scores follow, and their readers then load the panels.
    panels: StoredPredictions = batch.stored[event.seq]
    write_predictions(batch.session, batch.lease.run_id, batch.attempt, event.domain, panels)


def _memory(batch: Batch, event: events.MemorySnapshot) -> None:
    memory: StoredMemory = batch.stored[event.seq]
    write_memory(batch.session, batch.lease.run_id, batch.attempt, memory)
    batch.feed.append(("memory", {"stage_id": batch.stage.id, "items": event.items, "bytes": event.bytes}))


def _pastes(batch: Batch, event: events.MemoryPastes) -> None:
    # No message for the feed: the memory after the stage follows.
    pastes: PasteIndex = batch.stored[event.seq]
    batch.dropped |= write_pastes(batch.session, batch.lease.run_id, batch.attempt, pastes)


def _queries(batch: Batch, event: events.Queries) -> None:
    write_queries(batch.session, batch.stage, batch.stored[event.seq])


def _annotations(batch: Batch, event: events.Annotations) -> None:
    write_answers(batch.session, batch.attempt, batch.stored[event.seq])


def _artifact(batch: Batch, event: events.ArtifactWritten) -> None:
    file: StoredFile = batch.stored[event.seq]
    batch.feed.append(("artifact", write_artifact(batch.session, batch.lease.run_id, batch.attempt, file)))


def _checkpoint(batch: Batch, event: events.CheckpointWritten) -> None:
    stored: StoredCheckpoint = batch.stored[event.seq]
    if not stored.is_whole:
        batch.dropped |= set(stored.files.values())
        return
    batch.dropped |= record_checkpoint(batch.session, batch.attempt, event, stored.files)
    batch.feed.append(("checkpoint", {"stage_id": batch.stage.id, "iteration": event.iteration}))


def _log(batch: Batch, event: events.Log) -> None:
    batch.lines.append(Line(event.level, event.text, event.time))


def _interrupted(batch: Batch, event: events.Interrupted) -> None:
    batch.lines.append(Line("info", f"interrupted on request after iteration {event.iteration}", event.time))


def _failed(batch: Batch, event: events.Failed) -> None:
    batch.lines.append(Line("error", event.error, event.time))


HANDLERS: dict[type[Event], Callable[[Batch, Any], None]] = {
    events.Started: _started,
    events.Progress: _progress,
    events.Metric: _metric,
    events.Scores: _scores,
    events.Predictions: _predictions,
    events.MemorySnapshot: _memory,
    events.MemoryPastes: _pastes,
    events.Queries: _queries,
    events.Annotations: _annotations,
    events.ArtifactWritten: _artifact,
    events.CheckpointWritten: _checkpoint,
    events.Log: _log,
    events.Interrupted: _interrupted,
    events.Failed: _failed,
}
"""Event type -> handler that writes its rows, inside the transaction."""


def _store_artifact(storage: Storage, folder: Path, event: events.ArtifactWritten) -> StoredFile:
    storage.put_file(folder / event.path, sha256=event.sha256)
    return StoredFile(artifact_name(event.path), event.kind, event.bytes, event.sha256)


STORED_FIRST: dict[type[Event], Callable[[Storage, Path, Any], Any]] = {
    events.Scores: store_records,
    events.Predictions: store_predictions,
    events.MemorySnapshot: store_memory,
    events.MemoryPastes: store_pastes,
    events.Queries: store_queries,
    events.Annotations: store_answers,
    events.ArtifactWritten: _store_artifact,
    events.CheckpointWritten: store_checkpoint,
}
"""Event type -> function that stores its files before the transaction: no row may name a missing blob."""


class Ingestor:
    """Ingests one attempt's events and printed lines into the database.

    Attributes:
        failure: the process's reason for its end, once it is read.
    """

    def __init__(self, database: Database, storage: Storage, lease: lifecycle.Lease, folder: Path) -> None:
        self.failure: events.Failed | None = None
        self._database = database
        self._storage = storage
        self._lease = lease
        self._folder = folder
        self._event_offset = 0
        self._log_offset = 0
        self._is_away = False

    def poll(self) -> None:
        """Ingest new events and lines in at most one transaction; while the database is away they stay in the folder.

        Raises:
            StaleLease: when the attempt was replaced.
        """
        try:
            self._take_in(to_end=False)
        except OUTAGE_ERRORS as error:
            if not self._is_away:
                log.warning("attempt %s: events wait in %s: %s", self._lease.attempt_id, self._folder, brief(error))
            self._is_away = True
        else:
            self._is_away = False

    def drain(self) -> None:
        """Ingest all remaining events and lines after the process has ended; wait while the database is away.

        Raises:
            StaleLease: when the attempt was replaced.
        """
        while through_outage(lambda: self._take_in(to_end=True)):
            pass

    def _take_in(self, *, to_end: bool) -> bool:
        """Write one batch; returns whether there was anything."""
        new = list(islice(read_events(self._folder / EVENTS_FILE, self._event_offset), BATCH_EVENTS))
        printed = read_printed(self._folder / LOG_FILE, self._log_offset, to_end=to_end)
        if not new and printed.offset == self._log_offset:
            return False
        read: list[Event] = [event for event, _ in new]
        stored = self._store(read)
        with self._database.write() as session:
            batch = Batch(session, self._lease, lifecycle.guard(session, self._lease), stored)
            self._handle(batch, read, printed)
            batch.attempt.event_offset = new[-1][1] if new else self._event_offset
            batch.flush()
        self._event_offset, self._log_offset = batch.attempt.event_offset, batch.attempt.log_offset
        self.failure = next((event for event in reversed(read) if isinstance(event, events.Failed)), self.failure)
        self._settle_storage(read, batch)
        return True

    def _store(self, read: Sequence[Event]) -> Mapping[int, Any]:
        return {
            event.seq: STORED_FIRST[type(event)](self._storage, self._folder, event)
            for event in read
            if type(event) in STORED_FIRST
        }

    def _handle(self, batch: Batch, read: Sequence[Event], printed: Printed) -> None:
        attempt = batch.attempt
        for event in read:
            if event.seq > attempt.last_seq:
                HANDLERS[type(event)](batch, event)
                attempt.last_seq = event.seq
        # If the offsets differ, a transaction whose answer was lost has stored the lines.
        if attempt.log_offset == self._log_offset:
            batch.lines += printed.lines
            attempt.log_offset = printed.offset

    def _settle_storage(self, read: Sequence[Event], batch: Batch) -> None:
        """After the commit, delete unreferenced blobs, and store blobs again that somebody deleted meanwhile."""
        discard(self._database, self._storage, batch.dropped)
        for checkpoint in (event for event in read if isinstance(event, events.CheckpointWritten)):
            stored: StoredCheckpoint = batch.stored[checkpoint.seq]
            if stored.is_whole and not all(map(self._storage.exists, stored.files.values())):
                store_checkpoint(self._storage, self._folder, checkpoint)
