"""Store a stage's prediction panels: their pictures, and one row per image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from core.stage.events import Predictions
from server.db.models import Attempt, Prediction
from server.storage import Storage

StoredPredictions = tuple[dict[str, Any], ...]
"""Columns of the panels with stored pictures, in the panels' order."""


def store_predictions(storage: Storage, folder: Path, event: Predictions) -> StoredPredictions:
    """Store the picture, ground truth and prediction of every image of one domain.

    Raises:
        StorageError: when a file is missing.
    """
    return tuple(
        {
            "step": event.step,
            "iteration": event.iteration,
            "domain": event.domain,
            "kind": event.kind,
            "rank": rank,
            "source": item.source,
            "width": item.width,
            "height": item.height,
            "background_id": event.background_id,
            "ignore_id": event.ignore_id,
            "classes": item.classes,
            "pixel_accuracy": item.pixel_accuracy,
            "iou": {str(class_id): value for class_id, value in item.iou.items()},
            "image_sha256": storage.put_file(folder / item.image),
            "labels_sha256": storage.put_file(folder / item.labels),
            "prediction_sha256": storage.put_file(folder / item.prediction),
        }
        for rank, item in enumerate(event.items)
    )


def write_predictions(
    session: Session, run_id: str, attempt: Attempt, domain: str | None, panels: Sequence[dict[str, Any]]
) -> None:
    """Write the rows of one domain's panels of the attempt's stage; panels of other domains stay."""
    is_replaced = (Prediction.stage_id == attempt.stage_id, Prediction.domain.is_not_distinct_from(domain))
    session.execute(delete(Prediction).where(*is_replaced))
    place = {"run_id": run_id, "stage_id": attempt.stage_id, "attempt_number": attempt.number}
    rows = [place | panel for panel in panels]
    if rows:
        session.execute(insert(Prediction), rows)
