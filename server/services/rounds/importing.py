"""Import answers: check and store each label file of an archive like a person's mask (IO-2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
from sqlalchemy.orm import Session

from core.data.classes import ClassTable
from core.data.exchange.faults import NOT_A_LABEL, ArchiveFault, ExchangeFault
from core.data.exchange.found import KEPT_OF_A_KIND, Found, FoundLabel, Loss, ReadingTerms
from core.data.exchange.manifest import stored_names
from core.data.exchange.names import ImageNames
from core.data.exchange.reading import find_labels
from core.data.exchange.zip_reading import opened_archive
from core.data.samples import LabelMap
from core.first_faults import first_of_each_kind, left_out
from server.db import annotations as db
from server.db.lifecycle import Cause
from server.db.models import Query, QueryBatch, Stage
from server.db.session import Database
from server.db.states import UNANSWERED_QUERY_STATES
from server.errors import DomainError, InvalidRequestError
from server.schemas import exchange as schemas
from server.schemas.exchange import FileStatus, ImportedFile, UnlistedFiles
from server.schemas.queries import QueryCounts
from server.services.rounds import queries
from server.services.rounds.answer_masks import check_answer
from server.services.rounds.exchange_progress import Progress, Tell, in_silence
from server.services.rounds.label_stage import LabelStage, find_label_stage
from server.services.rounds.queries import Effort
from server.services.rounds.query_problems import as_problems
from server.services.rounds.query_views import closing_time
from server.storage import Storage

NAMED_FILES = 5
"""Maximum number of files that one message names."""


@dataclass(frozen=True)
class ImportOrder:
    """Terms of an import, its sender, and the receiver of its progress."""

    terms: schemas.ImportTerms
    cause: Cause
    tell: Tell = in_silence


@dataclass(frozen=True)
class _ImportContext:
    """Context shared by all files of one import: where to store answers, and the terms."""

    database: Database
    storage: Storage
    terms: schemas.ImportTerms
    cause: Cause


@dataclass
class _FileResult:
    """A label file of the archive, its query, and whether it was accepted."""

    label: FoundLabel
    query: Query | None
    status: FileStatus = FileStatus.REFUSED
    code: str | None = None
    message: str | None = None
    class_pixels: dict[int, int] = field(default_factory=dict)
    losses: Mapping[Loss, int] = field(default_factory=dict)
    has_closed: bool = False

    @property
    def is_awaited(self) -> bool:
        """Whether the round waits for an answer to its query."""
        return self.query is not None and self.query.state in UNANSWERED_QUERY_STATES

    def refuse(self, code: str, message: str, status: FileStatus = FileStatus.REFUSED) -> None:
        """Record why the file is not accepted."""
        self.status, self.code, self.message = status, code, message

    def shown(self) -> ImportedFile:
        """Return the file's row of the report."""
        return ImportedFile(
            file=_printable(self.label.file),
            query_id=self.query.id if self.query is not None else None,
            image=self.query.image if self.query is not None else None,
            status=self.status,
            code=self.code,
            message=_printable(self.message) if self.message is not None else None,
            class_pixels={str(raw_id): count for raw_id, count in self.class_pixels.items()},
        )


def import_answers(
    database: Database, storage: Storage, stage_id: str, file: BinaryIO, order: ImportOrder
) -> schemas.ImportReport:
    """Answer a round's queries with the labels of an archive; one bad file does not stop the others.

    Raises:
        NotFoundError: if the stage has no queries.
        InvalidRequestError: if the archive as a whole cannot be read, or holds nothing in the format.
    """
    with database.read() as session:
        label_stage = find_label_stage(session, stage_id)
    classes = ClassTable(
        {one.id: one.name for one in label_stage.classes},
        ignore_id=label_stage.batch.ignore_id,
        background_id=None,
        colours={one.id: one.rgb for one in label_stage.classes},
    )
    terms = order.terms
    context = _ImportContext(database, storage, terms, order.cause)
    try:
        with opened_archive(file) as archive:
            found = find_labels(archive, terms.format, ReadingTerms(classes, terms.overlap))
            if not found.labels and not found.faults:
                raise ArchiveFault(f"the archive holds nothing in the format {terms.format}")
            images = ImageNames((query.image for query in label_stage.queries), stored_names(archive))
            results = _matched(found, images, label_stage)
            # Store the answer that closes the round last: later answers would not count.
            progress = Progress(len(results), order.tell)
            for one in sorted(results, key=lambda one: one.is_awaited):
                _import_file(one, context)
                progress.step()
    except ArchiveFault as fault:
        raise InvalidRequestError.of_body(_printable(str(fault)), "bad_archive") from fault
    return _report(context, label_stage, found, results)


def _matched(found: Found, images: ImageNames, label_stage: LabelStage) -> list[_FileResult]:
    """Match each label with its query. Two labels of one image contradict each other, so both are refused."""
    of_image = {query.image: query for query in label_stage.queries}
    results = [_FileResult(label, of_image.get(images.image_of(label.stem) or "")) for label in found.labels]
    files: dict[str, list[str]] = {}
    for one in results:
        if one.query is not None:
            files.setdefault(one.query.id, []).append(one.label.file)
    for one in results:
        if one.query is None:
            message = f"{one.label.file}: no query of the round is about an image of this name"
            one.refuse("no_query", message, FileStatus.UNKNOWN)
        elif len(same := files[one.query.id]) > 1:
            # Name only a few: an archive may hold thousands of files with one name.
            others = ", ".join(file for file in same[:NAMED_FILES] if file != one.label.file)
            message = f"{one.query.image!r} has labels twice, see {others[:500] or 'another entry of this name'}"
            one.refuse("image_twice", f"{one.label.file}: {message}")
    return results


def _import_file(one: _FileResult, context: _ImportContext) -> None:
    """Check the labels of one file. Unless this is a dry run, store them as an answer."""
    if one.query is None or one.code is not None:
        return
    terms = context.terms
    try:
        with context.database.read() as session:
            target = queries.read_target(session, context.storage, one.query.id)
            # Read the version before storing: an answer that arrives in between is then not replaced.
            replaces = target.query.version if terms.replace_others else None
            _require_free(session, target.query, terms.author, replaces)
        read = one.label.read(target.queried.size)
        labels = read.labels
        one.losses = read.losses
        one.class_pixels = _counted(labels, target.queried.ignore_id)
        warnings = check_answer(labels, target.queried, allow_unsure=terms.allow_unsure)
        if not terms.dry_run:
            effort = Effort(terms.author, seconds=0.0, clicks=None, source="import", replaces=replaces)
            answer = queries.store_answer(context.storage, target, labels, effort)
            submission = queries.submit(context.database, context.storage, answer, warnings, context.cause)
            one.has_closed = submission.is_round_closed
    except ExchangeFault as fault:
        one.refuse(fault.code, fault.message)
    except DomainError as error:
        one.refuse(*_code_and_message(one.label.file, error))
    else:
        one.status = FileStatus.WOULD_ACCEPT if terms.dry_run else FileStatus.ACCEPTED
        one.message = "; ".join([*read.notes(), *warnings]) or None


def _require_free(session: Session, query: Query, author: str, replaces: int | None) -> None:
    """Raise the errors of submitting, before anything is stored.

    Raises:
        LeaseLostError, AlreadyAnsweredError, RoundClosedError.
    """
    with as_problems():
        stage, batch = session.get_one(Stage, query.stage_id), session.get_one(QueryBatch, query.stage_id)
        db.require_answerable(session, stage, batch, query, db.Terms(author, replaces))


def _counted(labels: LabelMap, ignore_id: int) -> dict[int, int]:
    counts = np.bincount(labels.ravel(), minlength=256)
    counts[ignore_id] = 0
    return {raw_id: int(counts[raw_id]) for raw_id in np.flatnonzero(counts).tolist()}


def _code_and_message(file: str, error: DomainError) -> tuple[str, str]:
    """Return code and message of an error of one mask."""
    if error.errors:
        return error.errors[0].code, f"{file}: {error.errors[0].message}"
    return error.slug.replace("-", "_"), f"{file}: {error.detail}"


def _report(
    context: _ImportContext, label_stage: LabelStage, found: Found, results: list[_FileResult]
) -> schemas.ImportReport:
    pixels: Counter[int] = Counter()
    losses: Counter[Loss] = Counter()
    for one in results:
        if one.status in {FileStatus.ACCEPTED, FileStatus.WOULD_ACCEPT}:
            pixels.update(one.class_pixels)
            losses.update(one.losses)
    files = [one.shown() for one in results] + [_no_label(file, fault) for file, fault in found.faults]
    counts = Counter(file.status for file in files)
    for code, number in found.unlisted.items():
        counts[_status_of(code)] += number
    listed, unlisted = _listed(sorted(files, key=lambda file: file.file), found.unlisted)
    with context.database.read() as session:
        tally = db.tally(session, label_stage.batch.stage_id)
        closes_at = closing_time(session, label_stage.batch.stage_id, tally)
    return schemas.ImportReport(
        format=context.terms.format,
        dry_run=context.terms.dry_run,
        counts=schemas.ImportCounts(**{status.value: counts[status] for status in FileStatus}),
        class_pixels=[
            schemas.ClassPixels(id=one.id, name=one.name, pixels=pixels[one.id]) for one in label_stage.classes
        ],
        losses=schemas.ImportLosses(**{loss.value: losses[loss] for loss in Loss}),
        files=listed,
        unlisted=unlisted,
        queries=QueryCounts(**tally),
        closes_at=closes_at,
        is_round_closed=any(one.has_closed for one in results),
    )


def _listed(files: list[ImportedFile], more: Mapping[str, int]) -> tuple[list[ImportedFile], list[UnlistedFiles]]:
    """Return the files that a report lists, the first of each reason, and the number of the others."""
    listed, counts = first_of_each_kind(files, lambda file: file.code, KEPT_OF_A_KIND)
    others = Counter(more) + Counter(left_out(counts, KEPT_OF_A_KIND))
    return listed, [UnlistedFiles(code=code, files=number) for code, number in sorted(others.items())]


def _status_of(code: str) -> FileStatus:
    return FileStatus.UNKNOWN if code == NOT_A_LABEL else FileStatus.REFUSED


def _no_label(file: str, fault: ExchangeFault) -> ImportedFile:
    return ImportedFile(
        file=_printable(file),
        query_id=None,
        image=None,
        status=_status_of(fault.code),
        code=fault.code,
        message=_printable(fault.message),
        class_pixels={},
    )


def _printable(text: str) -> str:
    # Half a surrogate pair is legal in a JSON document, but not in a response.
    return text.encode("utf-8", "replace").decode()
