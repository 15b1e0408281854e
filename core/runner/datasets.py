"""The datasets of a stage: as `spec.json` names them, and opened. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

from core.data.dataset_spec import DatasetSpec
from core.data.opening import OpenedDataset, open_dataset
from core.data.pairing import PairedFiles
from core.stage.folder import StageDataset
from core.streams.base import TaskStream

_SPEC: TypeAdapter[DatasetSpec] = TypeAdapter(DatasetSpec)


def stage_datasets(
    stream: TaskStream, main: DatasetSpec, class_names: Mapping[int, str] | None = None
) -> dict[str, StageDataset]:
    """Return what a stage's `spec.json` says of the datasets of a stream.

    Args:
        stream: of the experiment.
        main: the experiment's own dataset.
        class_names: raw id -> name of its classes when the experiment was made, where they were kept.
    """
    return {
        name: StageDataset(
            spec=use.spec.model_dump(mode="json"),
            splits=list(use.splits),
            labelled=list(use.labelled_splits),
            class_names=dict(class_names or {}) if use.is_main else {},
        )
        for name, use in stream.datasets(main).items()
    }


def open_datasets(datasets: Mapping[str, StageDataset], data_home: Path) -> dict[str, OpenedDataset[PairedFiles]]:
    """Open the datasets of a `spec.json`; a world is first written to disk where it is not there yet.

    Raises:
        DataFaultError: as `open_dataset`.
        ValidationError: when a spec is none.
    """
    return {
        name: open_dataset(
            _SPEC.validate_python(dataset.spec), data_home, splits=dataset.splits, labelled=dataset.labelled
        )
        for name, dataset in datasets.items()
    }
