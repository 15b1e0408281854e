"""Prediction panels: each image of a domain with every step's prediction."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.data.samples import SampleKind
from server.db.models import Prediction
from server.db.shared_stages import is_of_run
from server.errors import NotFoundError
from server.schemas.predictions import PredictedImage, PredictionClass, PredictionPage, StepPrediction
from server.services.experiments.classes import classes_of_run
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.runs import runs
from server.services.scores.learning import learning_of

Picture = Literal["image", "labels", "prediction"]


def list_page(session: Session, run_id: str, *, domain: str | None, cursor: str | None, limit: int) -> PredictionPage:
    """Return one page of a run's panel images of one domain, with the predictions of all finished steps.

    Args:
        session: a reading session.
        run_id: the run.
        domain: domain of the images. None takes images without a domain; if there are none, the first domain's.
        cursor: cursor from the previous page.
        limit: maximum number of images.

    Raises:
        NotFoundError: for an unknown run.
    """
    runs.require(session, run_id)
    after = decode_cursor("predictions", cursor, (int,))
    domains = _domains(session, run_id)
    shown = domain if domain is not None or None in domains else next(iter(domains), None)
    is_shown = (is_of_run(Prediction.stage_id, run_id), Prediction.domain.is_not_distinct_from(shown))
    ranks = select(Prediction.rank).where(*is_shown).distinct().order_by(Prediction.rank)
    if after is not None:
        ranks = ranks.where(Prediction.rank > int(after[0]))
    page, last = split_page(session.scalars(ranks.limit(limit + 1)).all(), limit)
    rows = session.scalars(
        select(Prediction).where(*is_shown, Prediction.rank.in_(page)).order_by(Prediction.rank, Prediction.step)
    )
    return PredictionPage(
        items=[_image(list(steps)) for _, steps in groupby(rows, key=lambda row: row.rank)],
        next_cursor=None if last is None else encode_cursor("predictions", (last,)),
        domain=shown,
        domains=[name for name in domains if name is not None],
        classes=_classes(session, run_id),
    )


def find(session: Session, prediction_id: int) -> Prediction:
    """Return one prediction; raises NotFoundError."""
    row = session.get(Prediction, prediction_id)
    if row is None:
        raise NotFoundError("prediction", prediction_id)
    runs.require(session, row.run_id)
    return row


def digest_of(row: Prediction, picture: Picture) -> str:
    """Return the SHA-256 of one of a prediction's pictures."""
    return {"image": row.image_sha256, "labels": row.labels_sha256, "prediction": row.prediction_sha256}[picture]


def is_list(row: Prediction, picture: Picture) -> bool:
    """Return whether the stored content is a list of objects, not a picture."""
    return row.kind == SampleKind.INSTANCES and picture != "image"


def _domains(session: Session, run_id: str) -> list[str | None]:
    """Return the domains of a run's panels in the order of their first predictions; None for images without one."""
    first = (func.min(Prediction.step), func.min(Prediction.id))
    of_run = select(Prediction.domain).where(is_of_run(Prediction.stage_id, run_id))
    return list(session.scalars(of_run.group_by(Prediction.domain).order_by(*first)))


def _image(steps: Sequence[Prediction]) -> PredictedImage:
    first = steps[0]
    return PredictedImage(
        kind=SampleKind(first.kind),
        rank=first.rank,
        source=first.source,
        width=first.width,
        height=first.height,
        classes=first.classes,
        background_id=first.background_id,
        ignore_id=first.ignore_id,
        picture=address_of(first, "image"),
        labels=address_of(first, "labels"),
        steps=[
            StepPrediction(
                step=row.step,
                stage_id=row.stage_id,
                prediction=address_of(row, "prediction"),
                pixel_accuracy=row.pixel_accuracy,
                iou=row.iou,
            )
            for row in steps
        ],
    )


def address_of(row: Prediction, picture: Picture) -> str:
    """Return the address of one of the pictures of a prediction."""
    return f"/api/v1/predictions/{row.id}/{picture}"


def _classes(session: Session, run_id: str) -> list[PredictionClass]:
    known, learning = classes_of_run(session, run_id), learning_of(session, run_id)
    ids = sorted({*learning.taught, *(label.id for label in known.labels)}, key=learning.order_of)
    return [
        PredictionClass(**known.label(class_id).model_dump(), step_learned=learning.step_of(class_id))
        for class_id in ids
    ]
