"""The annotator's assistant: which model a round has, its files for a query, and masks from clicks (ANN-12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.data.exchange.masks import encode_rle
from core.errors import StorageError
from core.models.sam.embedding_order import ModelFacts
from core.models.sam.exported import ExportedDecoder, read_features
from core.models.sam.image_fit import ImageFit, fit_image
from core.models.sam.questions import Candidate, Click, Question
from core.streams.assistant import AssistantModel
from server.db import annotations as db
from server.db.assistants import AssistantState
from server.db.lifecycle import Cause
from server.db.models import AssistantDecoder, AssistantEmbedding, AssistantJob, Experiment, Query, QueryBatch, Run
from server.db.states import RunState
from server.errors import AssistantNotReadyError, ContentMissingError, InvalidRequestError, NotFoundError
from server.schemas import assistant as schemas
from server.services.datasets.roots import path_faults
from server.services.rounds.queries import find
from server.services.rounds.query_problems import as_problems
from server.services.rounds.query_views import API
from server.services.runs import stages
from server.services.runs.artifacts import StoredFile, stored_file
from server.storage import Storage

OPEN_DECODERS = 4
"""Decoders that are kept in memory; one of ViT-B takes about 60 MB."""
BACKBONES = {"vit_b": "ViT-B", "vit_l": "ViT-L", "vit_h": "ViT-H", "tiny": "tiny"}


def show_round(session: Session, stage_id: str) -> schemas.RoundAssistant:
    """Return the assistant of a round; raises NotFoundError."""
    stages.require(session, stage_id)
    if session.get(QueryBatch, stage_id) is None:
        raise NotFoundError("round of labelling at stage", stage_id)
    job = session.get(AssistantJob, stage_id)
    choice = AssistantModel() if job is None else AssistantModel.model_validate(job.choice)
    pictures = select(func.count(func.distinct(Query.picture_sha256))).where(Query.stage_id == stage_id)
    done = pictures.join(AssistantEmbedding, AssistantEmbedding.image_sha256 == Query.picture_sha256)
    digest = None if job is None else job.model_digest
    return schemas.RoundAssistant(
        stage_id=stage_id,
        choice=choice,
        state=_state(job),
        title=_title(session, choice),
        message=None if job is None else job.message,
        images=session.scalar(pictures) or 0,
        embedded=0 if digest is None else session.scalar(done.where(AssistantEmbedding.model_digest == digest)) or 0,
        finished_at=None if job is None else job.finished_at,
    )


def choose(
    session: Session, stage_id: str, choice: AssistantModel, cause: Cause, *, data_roots: Sequence[Path]
) -> schemas.RoundAssistant:
    """Let a model answer clicks in a round that waits for people.

    Raises:
        NotFoundError, RoundClosedError, and InvalidRequestError for a file outside the data roots, or a run that is
        unknown or has not succeeded.
    """
    faults = path_faults(choice, "/choice", data_roots)
    if faults:
        raise InvalidRequestError.of_faults(faults)
    if choice.run is not None:
        run = session.get(Run, choice.run)
        if run is None or run.deleted_at is not None or run.state != RunState.SUCCEEDED:
            found = "does not exist" if run is None or run.deleted_at is not None else f"is {run.state}"
            message = f"run {choice.run} {found}; choose one that has succeeded"
            raise InvalidRequestError.of_body(message, "run_not_finished", "/choice/run")
    with as_problems():
        remark = f"the assistant is {_title(session, choice) or 'off'}"
        db.choose_assistant(session, stage_id, choice, remark=remark, cause=cause)
    return show_round(session, stage_id)


def show_query(session: Session, query_id: str) -> schemas.QueryAssistant:
    """Return what the assistant can do for a query; raises NotFoundError."""
    query = find(session, query_id)
    job = session.get(AssistantJob, query.stage_id)
    found = _embedded(session, query)
    choice = AssistantModel() if job is None else AssistantModel.model_validate(job.choice)
    state, message = _state(job), None if job is None else job.message
    if found is not None:
        state, message = AssistantState.READY, None
    elif state is AssistantState.READY:
        state, message = AssistantState.FAILED, message or "the image is not embedded"
    return schemas.QueryAssistant(
        query_id=query_id,
        state=state,
        title=_title(session, choice),
        adapter=None if found is None else found.embedding.adapter or None,
        message=message,
        files=None if found is None else _files(query, found),
    )


@dataclass(frozen=True)
class Embedded:
    """What is stored of a query's image, by the model of its round."""

    facts: ModelFacts
    embedding: AssistantEmbedding
    decoder: AssistantDecoder

    def fit(self, query: Query) -> ImageFit:
        """Return where the image lies in the model's view."""
        return fit_image(query.height, query.width, self.facts.image_px, self.facts.placing)


def find_embedded(session: Session, query_id: str) -> tuple[Query, Embedded]:
    """Return a query and what is stored of its image; raises NotFoundError and AssistantNotReadyError."""
    query = find(session, query_id)
    found = _embedded(session, query)
    if found is None:
        problem = f"the image of query {query_id} is not embedded"
        raise AssistantNotReadyError(f"{problem}; choose a model for the round, or wait for a worker to embed it")
    return query, found


def decoder_file(storage: Storage, query: Query, found: Embedded) -> StoredFile:
    """Return the decoder that answers for a query; raises ContentMissingError."""
    row = found.decoder
    name = f"{query.id}-decoder.onnx"
    return stored_file(storage, row.sha256, size=row.bytes, name=name, media_type="application/octet-stream")


def features_file(storage: Storage, query: Query, found: Embedded) -> StoredFile:
    """Return the features of a query's image; raises ContentMissingError."""
    row = found.embedding
    name = f"{query.id}.safetensors"
    return stored_file(storage, row.sha256, size=row.bytes, name=name, media_type="application/octet-stream")


def answer(storage: Storage, query: Query, found: Embedded, asked: schemas.MaskQuestion) -> list[Candidate]:
    """Return the masks of a question.

    Raises:
        InvalidRequestError: without a click or a box, or for one outside the image.
        ContentMissingError: when a file is missing or damaged.
    """
    clicks = [Click(click.x, click.y, click.is_positive) for click in asked.clicks]
    try:
        features = read_features(features_file(storage, query, found).path.read_bytes(), f"features of {query.id}")
        decoder = _decoder(decoder_file(storage, query, found).path)
        return decoder.answer(features, found.fit(query), Question(clicks, asked.box), asked.candidates)
    except ValueError as error:
        raise InvalidRequestError.of_body(str(error), "bad_question") from error
    except StorageError as error:
        raise ContentMissingError(str(error)) from error


def in_words(found: Embedded, candidates: Sequence[Candidate]) -> schemas.MaskAnswer:
    """Return masks as run lengths."""
    return schemas.MaskAnswer(
        adapter=found.embedding.adapter or None,
        candidates=[schemas.MaskCandidate(score=round(one.score, 4), rle=encode_rle(one.mask)) for one in candidates],
    )


@lru_cache(maxsize=OPEN_DECODERS)
def _decoder(path: Path) -> ExportedDecoder:
    return ExportedDecoder(path)


def _embedded(session: Session, query: Query) -> Embedded | None:
    job = session.get(AssistantJob, query.stage_id)
    if job is None or job.model is None:
        return None
    embedding = session.get(AssistantEmbedding, (job.model_digest, query.picture_sha256))
    decoder = None if embedding is None else session.get(AssistantDecoder, (job.model_digest, embedding.adapter))
    if embedding is None or decoder is None:
        return None
    return Embedded(ModelFacts.model_validate(job.model), embedding, decoder)


def _files(query: Query, found: Embedded) -> schemas.AssistantFiles:
    address, fit = f"{API}/queries/{query.id}/assistant", found.fit(query)
    return schemas.AssistantFiles(
        # The digests make addresses of what never changes: another model has others.
        decoder_url=f"{address}/decoder?sha256={found.decoder.sha256}",
        decoder_bytes=found.decoder.bytes,
        features_url=f"{address}/features?sha256={found.embedding.sha256}",
        features_bytes=found.embedding.bytes,
        has_head=found.facts.has_head,
        image_px=fit.side,
        rows=fit.rows,
        columns=fit.columns,
    )


def _state(job: AssistantJob | None) -> AssistantState:
    return AssistantState.OFF if job is None else AssistantState(job.state)


def _title(session: Session, choice: AssistantModel) -> str | None:
    if choice.run is not None:
        named = select(Experiment.name, Run.seed).join(Run, Run.experiment_id == Experiment.id)
        row = session.execute(named.where(Run.id == choice.run)).one_or_none()
        return f"run {choice.run}" if row is None else f"run {row[0]}, seed {row[1]}"
    if choice.checkpoint is not None:
        return f"SAM {BACKBONES[choice.backbone]} of {Path(choice.checkpoint).name}"
    return "the tiny SAM of Palimpsest" if choice.is_on else None
