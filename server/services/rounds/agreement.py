"""Agreement of independent answers, for a query and for a round (QA-2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.acquisition.agreement import (
    PairCounts,
    class_iou,
    cohen_kappa,
    fleiss_kappa,
    mean_iou,
    pixel_agreement,
    total,
)
from core.acquisition.consensus import disagreement_map
from core.files import index_png
from server.db.models import Agreement, Annotation, Assignment, QueryBatch
from server.db.states import AssignmentState
from server.errors import NotFoundError
from server.schemas import hand_out as schemas
from server.services.experiments.classes import classes_of_run
from server.services.rounds.answer_masks import QueriedPixels, stored_map
from server.services.rounds.queries import find
from server.services.runs import stages
from server.storage import Storage


def of_query(session: Session, query_id: str) -> schemas.AgreementReport:
    """Return the agreement of the answers to one query; raises NotFoundError."""
    query = find(session, query_id)
    rows = session.scalars(select(Agreement).where(Agreement.query_id == query_id)).all()
    return _report(session, session.get_one(QueryBatch, query.stage_id), rows)


def of_round(session: Session, stage_id: str) -> schemas.AgreementReport:
    """Return the agreement of a round's answers; raises NotFoundError."""
    stages.require(session, stage_id)
    batch = session.get(QueryBatch, stage_id)
    if batch is None:
        raise NotFoundError("round of labelling at stage", stage_id)
    rows = session.scalars(select(Agreement).where(Agreement.stage_id == stage_id)).all()
    return _report(session, batch, rows)


def _report(session: Session, batch: QueryBatch, rows: Sequence[Agreement]) -> schemas.AgreementReport:
    of_people: dict[tuple[str, str], list[PairCounts]] = {}
    for row in rows:
        of_people.setdefault((row.first, row.second), []).append(_counts(row))
    counts = [one for pairs in of_people.values() for one in pairs]
    together, ignore_id = total(counts), batch.ignore_id
    iou, known = class_iou(together, ignore_id), classes_of_run(session, batch.run_id)
    return schemas.AgreementReport(
        queries=len({row.query_id for row in rows}),
        pixel_agreement=pixel_agreement(together),
        mean_iou=mean_iou(together, ignore_id),
        fleiss_kappa=fleiss_kappa(counts),
        classes=[
            schemas.ClassAgreement(id=raw_id, name=known.label(raw_id).name, iou=iou.get(raw_id))
            for raw_id in batch.class_ids
        ],
        pairs=[_pair(first, second, pairs, ignore_id) for (first, second), pairs in sorted(of_people.items())],
    )


def _pair(first: str, second: str, pairs: Sequence[PairCounts], ignore_id: int) -> schemas.PairAgreement:
    counts = total(pairs)
    return schemas.PairAgreement(
        first=first,
        second=second,
        queries=len(pairs),
        pixels=counts.pixels,
        pixel_agreement=pixel_agreement(counts),
        mean_iou=mean_iou(counts, ignore_id),
        cohen_kappa=cohen_kappa(counts),
    )


def _counts(row: Agreement) -> PairCounts:
    classes = {int(raw_id): (pixels[0], pixels[1], pixels[2]) for raw_id, pixels in row.classes.items()}
    return PairCounts(row.pixels, classes)


def disagreement_png(session: Session, storage: Storage, query_id: str) -> bytes:
    """Return an 8-bit PNG that shows where the independent answers to a query differ.

    Raises:
        NotFoundError: when there are fewer than two answers.
        ContentMissingError: when an answer is missing from storage.
    """
    query = find(session, query_id)
    given = (Assignment.query_id == query_id) & (Assignment.state == AssignmentState.ANSWERED)
    answer = (Annotation.query_id == Assignment.query_id) & (Annotation.version == Assignment.version)
    digests = session.scalars(select(Annotation.mask_sha256).join(Assignment, answer).where(given)).all()
    if len(digests) < 2:
        raise NotFoundError("second independent answer to query", query_id)
    queried = QueriedPixels.of(storage, session.get_one(QueryBatch, query.stage_id), query)
    masks = [stored_map(storage, sha256, "answer") for sha256 in digests]
    return index_png(np.ascontiguousarray(disagreement_map(masks, queried.region)))
