"""The jobs that embed a round's queries for the annotator's assistant: requested, claimed, finished (ANN-12).

```
preparing -> ready      every image that can be read is embedded
          -> failed     the model cannot be opened, or three workers died of it
any       -> preparing  a person chooses a model
```

A job needs no message: workers look for it. `claims` and `choice_no` are the fencing tokens: only the last claimant of
the present choice may write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, or_, select, update
from sqlalchemy.orm import Session

from core.models.sam.embedding_order import ModelFacts
from core.streams.assistant import AssistantModel
from server.db.clock import DatabaseTime, database_now
from server.db.models import AssistantDecoder, AssistantEmbedding, AssistantJob, Query, Stage
from server.db.states import StageState


class AssistantState(StrEnum):
    """How far the assistant of a round is."""

    OFF = "off"
    """No model is chosen; there is no job."""
    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class AssistantClaim:
    """A job that now belongs to a worker.

    Attributes:
        stage_id: the `label` stage.
        choice_no, number: number of the choice, and of the claim on it, from 1.
        choice: the chosen model.
    """

    stage_id: str
    choice_no: int
    number: int
    choice: AssistantModel


@dataclass(frozen=True)
class EmbeddedFile:
    """Files of an image in storage.

    Attributes:
        image_sha256: digest of the image.
        adapter: that answers for it.
        features, decoder: SHA-256 and bytes.
    """

    image_sha256: str
    adapter: str
    features: tuple[str, int]
    decoder: tuple[str, int]


def request_assistant(session: Session, stage_id: str, choice: AssistantModel) -> None:
    """Have a round's queries embedded by a model; without a model the job is dropped."""
    job = session.get(AssistantJob, stage_id, with_for_update=True)
    if not choice.is_on:
        if job is not None:
            session.delete(job)
        return
    if job is None:
        job = AssistantJob(stage_id=stage_id, choice_no=0)
        session.add(job)
    job.choice, job.choice_no = choice.model_dump(mode="json"), job.choice_no + 1
    job.state, job.claims = AssistantState.PREPARING.value, 0
    job.worker_id = job.lease_until = job.message = job.model_digest = job.model = job.finished_at = None
    job.created_at = database_now(session)
    session.flush()


def waiting_assistants(session: Session) -> Sequence[str]:
    """Return the stages of unclaimed jobs, the oldest job first; rounds that nobody answers any more wait for ever."""
    is_due = and_(AssistantJob.state == AssistantState.PREPARING, _is_free(database_now(session)))
    is_open = Stage.state == StageState.WAITING_ANNOTATION
    statement = select(AssistantJob.stage_id).join(Stage, Stage.id == AssistantJob.stage_id).where(is_due, is_open)
    return session.scalars(statement.order_by(AssistantJob.created_at, AssistantJob.stage_id)).all()


def claim_assistant(
    session: Session, stage_id: str, *, worker_id: str, lease_ttl_s: float, max_claims: int
) -> AssistantClaim | None:
    """Claim a job; None when it is held, over or dropped.

    A job whose workers died `max_claims` times ends as `failed`, because it would kill the next worker too.
    """
    now = database_now(session)
    is_due = and_(AssistantJob.state == AssistantState.PREPARING, _is_free(now))
    statement = select(AssistantJob).where(AssistantJob.stage_id == stage_id, is_due)
    job = session.scalars(statement.with_for_update()).one_or_none()
    if job is None:
        return None
    if job.claims >= max_claims:
        job.state, job.finished_at = AssistantState.FAILED.value, now
        job.message = f"{job.claims} workers ended while they embedded images; their log, and the memory, say why"
        return None
    job.claims += 1
    job.worker_id, job.lease_until = worker_id, now + timedelta(seconds=lease_ttl_s)
    return AssistantClaim(stage_id, job.choice_no, job.claims, AssistantModel.model_validate(job.choice))


def renew_assistant(session: Session, claim: AssistantClaim, *, lease_ttl_s: float) -> bool:
    """Renew a claim; False when it was lost, or another model was chosen."""
    return _change(session, claim, lease_until=database_now(session) + timedelta(seconds=lease_ttl_s))


def release_assistant(session: Session, claim: AssistantClaim) -> bool:
    """Release a job, so that another worker can take it at once; this does not count as a failure."""
    return _change(session, claim, worker_id=None, lease_until=None, claims=claim.number - 1)


def finish_assistant(session: Session, claim: AssistantClaim, state: AssistantState, message: str | None) -> bool:
    """End a job as `ready` or `failed`; False when the claim was lost."""
    return _change(session, claim, state=state.value, message=message, lease_until=None, finished_at=DatabaseTime())


def record_model(session: Session, claim: AssistantClaim, facts: ModelFacts) -> bool:
    """Store what the opened model is; False when the claim was lost."""
    return _change(session, claim, model_digest=facts.digest, model=facts.model_dump(mode="json"))


def record_embedding(session: Session, claim: AssistantClaim, digest: str, file: EmbeddedFile) -> bool:
    """Store the files of an image; False when the claim was lost. Repeating it changes nothing."""
    if not _change(session, claim, model_digest=digest):
        return False
    if session.get(AssistantDecoder, (digest, file.adapter)) is None:
        sha256, size = file.decoder
        session.add(AssistantDecoder(model_digest=digest, adapter=file.adapter, sha256=sha256, bytes=size))
    if session.get(AssistantEmbedding, (digest, file.image_sha256)) is None:
        sha256, size = file.features
        session.add(
            AssistantEmbedding(
                model_digest=digest, image_sha256=file.image_sha256, adapter=file.adapter, sha256=sha256, bytes=size
            )
        )
    session.flush()
    return True


def pictures_of(session: Session, stage_id: str) -> Mapping[str, tuple[str, ...]]:
    """Return the pictures of a round's queries, the most wanted first, and the models that have embedded each."""
    pictures = session.scalars(
        select(Query.picture_sha256).where(Query.stage_id == stage_id).order_by(Query.rank, Query.id)
    )
    found: dict[str, tuple[str, ...]] = dict.fromkeys(pictures, ())
    known = select(AssistantEmbedding.image_sha256, AssistantEmbedding.model_digest).join(
        Query, Query.picture_sha256 == AssistantEmbedding.image_sha256
    )
    for image, digest in session.execute(known.where(Query.stage_id == stage_id).distinct()):
        found[image] = (*found[image], digest)
    return found


def forget_embeddings(session: Session, limit: int) -> list[str]:
    """Delete embeddings that no round with this model waits for, and decoders without embeddings.

    Returns:
        Digests of files that no other embedding or decoder names.
    """
    waiting = (
        select(Query.id)
        .join(Stage, Stage.id == Query.stage_id)
        .join(AssistantJob, AssistantJob.stage_id == Query.stage_id)
        .where(
            Stage.state == StageState.WAITING_ANNOTATION,
            AssistantJob.model_digest == AssistantEmbedding.model_digest,
            Query.picture_sha256 == AssistantEmbedding.image_sha256,
        )
    )
    old = session.scalars(select(AssistantEmbedding).where(~waiting.exists()).limit(limit)).all()
    gone = [row.sha256 for row in old]
    for row in old:
        session.delete(row)
    session.flush()
    is_used = select(AssistantEmbedding.sha256).where(
        AssistantEmbedding.model_digest == AssistantDecoder.model_digest,
        AssistantEmbedding.adapter == AssistantDecoder.adapter,
    )
    # A decoder is written with its first embedding, in one transaction.
    decoders = session.scalars(select(AssistantDecoder).where(~is_used.exists()).limit(limit)).all()
    gone += [row.sha256 for row in decoders]
    for decoder in decoders:
        session.delete(decoder)
    session.flush()
    tables: tuple[Any, ...] = (AssistantEmbedding, AssistantDecoder)
    kept = {
        sha256 for table in tables for sha256 in session.scalars(select(table.sha256).where(table.sha256.in_(gone)))
    }
    return sorted(set(gone) - kept)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(AssistantJob.lease_until.is_(None), AssistantJob.lease_until < now)


def _change(session: Session, claim: AssistantClaim, **values: Any) -> bool:
    is_ours = and_(
        AssistantJob.stage_id == claim.stage_id,
        AssistantJob.choice_no == claim.choice_no,
        AssistantJob.claims == claim.number,
        AssistantJob.state == AssistantState.PREPARING,
    )
    statement = update(AssistantJob).where(is_ours).values(**values).execution_options(synchronize_session=False)
    return cast(CursorResult[Any], session.execute(statement)).rowcount == 1
