"""What the target's own labels are used for: the start, and for what people have not answered."""

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
    """Refuse to let the oracle answer a round about images that have no label file; a world has all of them.

    Raises:
        GroundTruthMissingError: with the number of the queries that it could not answer.
        DataError: when the target is not where it was.
    """
    batch, stage = session.get(QueryBatch, stage_id), session.get(Stage, stage_id)
    if batch is None or stage is None or stage.state != StageState.WAITING_ANNOTATION:
        # What is to be said then is said by whoever hands the round over.
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
    """Return how many images of a stream of rounds were labelled at the start; 0 where their list is gone."""
    return read_stream(resolved["stream"]).labelled_at_start(
        folder_of(_SPEC.validate_python(resolved["dataset"]), data_home)
    )
