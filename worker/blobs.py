"""Find and delete unreferenced blobs."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy import String, and_, cast, exists, or_, select
from sqlalchemy.orm import Session

from server.db.models import (
    Annotation,
    Artifact,
    Checkpoint,
    EvaluationRecord,
    MemoryItem,
    MemoryPaste,
    Prediction,
    Query,
    Stage,
)
from server.db.session import Database
from server.storage import Storage

log = logging.getLogger(__name__)


def is_referenced(session: Session, sha256: str) -> bool:
    """Whether any row refers to this blob; equal bytes share one blob."""
    conditions = (
        Artifact.sha256 == sha256,
        cast(Checkpoint.files, String).contains(sha256),
        cast(Stage.outputs, String).contains(sha256),
        # A test of another run's model names its files here.
        cast(Stage.spec, String).contains(sha256),
        or_(
            MemoryItem.crop_sha256 == sha256,
            MemoryItem.label_sha256 == sha256,
            MemoryItem.thumbnail_sha256 == sha256,
            MemoryItem.source_sha256 == sha256,
        ),
        MemoryPaste.picture_sha256 == sha256,
        or_(
            Prediction.image_sha256 == sha256,
            Prediction.labels_sha256 == sha256,
            Prediction.prediction_sha256 == sha256,
        ),
        or_(
            Query.picture_sha256 == sha256,
            Query.mask_sha256 == sha256,
            Query.proposal_sha256 == sha256,
            Query.uncertainty_sha256 == sha256,
            Query.superpixels_fine_sha256 == sha256,
            Query.superpixels_medium_sha256 == sha256,
            Query.superpixels_coarse_sha256 == sha256,
        ),
        or_(
            Annotation.mask_sha256 == sha256,
            Annotation.merged_sha256 == sha256,
            Annotation.sources_sha256 == sha256,
        ),
        and_(EvaluationRecord.sha256 == sha256, EvaluationRecord.content.is_(None)),
    )
    return any(session.scalar(select(exists().where(condition))) for condition in conditions)


def discard(database: Database, storage: Storage, digests: Iterable[str]) -> None:
    """Delete those of the given blobs that no row refers to.

    A blob is deleted right after the check for references. Code that stores the same bytes and commits at that moment
    must check for them after its commit and store them again, like `worker.ingest`.
    """
    for sha256 in sorted(set(digests)):
        with database.read() as session:
            if is_referenced(session, sha256):
                continue
        storage.delete(sha256)
        log.debug("blob %s deleted: nothing refers to it", sha256)
