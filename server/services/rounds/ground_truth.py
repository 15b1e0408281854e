"""Uses of the target's own labels: the start, and queries that people have not answered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.dataset_spec import DatasetSpec
from core.data.opening import folder_of, open_dataset
from core.data.specs import WorldDatasetSpec
from core.errors import DataError
from core.streams.catalog import read_stream
from core.streams.first_images import shortened
from server import errors
from server.db.models import Query, QueryBatch, Run, Stage
from server.db.states import QueryState, StageState

_SPEC: TypeAdapter[DatasetSpec] = TypeAdapter(DatasetSpec)


def require_ground_truth(session: Session, stage_id: str, *, data_home: Path) -> None:
    """Check that every queried image has a label file, so that the oracle can answer; worlds have all labels.

    Raises:
        GroundTruthMissingError: with the number of queries that the oracle cannot answer.
        DataError: when the target folder is missing.
    """
    batch, stage = session.get(QueryBatch, stage_id), session.get(Stage, stage_id)
    if batch is None or stage is None or stage.state != StageState.WAITING_ANNOTATION:
        # The caller reports this case when it hands the round over.
        return
    resolved: dict[str, Any] = session.get_one(Run, batch.run_id).experiment.resolved
    spec = _SPEC.validate_python(resolved["dataset"])
    if isinstance(spec, WorldDatasetSpec):
        return
    left = select(Query.image).where(Query.stage_id == stage_id, Query.state != QueryState.ACCEPTED)
    images = session.scalars(left).all()
    try:
        missing = open_dataset(spec, data_home, splits=["train"], labelled=()).train.without_label(images)
    except (DataError, OSError) as error:
        raise errors.DataError(f"the target of the run cannot be opened: {error}") from error
    if missing:
        raise errors.GroundTruthMissingError(
            f"the images of {len(missing)} of {len(images)} unanswered queries have no label file: "
            f"{shortened(missing)}; go on answering them, or close the round"
        )


def labelled_at_start(resolved: Mapping[str, Any], data_home: Path) -> int:
    """Return how many images of a stream of rounds were labelled at the start; 0 if their list is missing."""
    return read_stream(resolved["stream"]).labelled_at_start(
        folder_of(_SPEC.validate_python(resolved["dataset"]), data_home)
    )
