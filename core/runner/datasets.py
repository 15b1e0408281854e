"""The datasets of a stage: their entries in `spec.json`, and opening them. Free of torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import TypeAdapter

from core.data.catalog import ADAPTERS, DoubtingAdapter
from core.data.dataset_spec import DatasetSpec
from core.data.opening import OpenedDataset, open_dataset
from core.data.pairing import PairedFiles
from core.data.specs import SplitRole, WorldDatasetSpec
from core.stage.folder import StageDataset
from core.streams.base import TaskStream

_SPEC: TypeAdapter[DatasetSpec] = TypeAdapter(DatasetSpec)


def stage_datasets(
    stream: TaskStream, main: DatasetSpec, class_names: Mapping[int, str] | None = None
) -> dict[str, StageDataset]:
    """Return the dataset entries of a stage's `spec.json`.

    Args:
        stream: task stream of the experiment.
        main: the experiment's own dataset.
        class_names: raw id -> name of the main dataset's classes when the experiment was made; None if not stored.
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
    """Open the datasets of a `spec.json`. A synthetic world is first written to disk if it is missing.

    Raises:
        DataFaultError: as in `open_dataset`, and if labels are in another naming than the dataset says.
        ValidationError: if a spec is not valid.
    """
    found = {}
    for name, dataset in datasets.items():
        spec = _SPEC.validate_python(dataset.spec)
        found[name] = open_dataset(spec, data_home, splits=dataset.splits, labelled=dataset.labelled)
        # This package writes worlds, so their labels need no check.
        if not isinstance(spec, WorldDatasetSpec):
            _require_no_doubt(found[name], dataset.labelled)
    return found


def _require_no_doubt(opened: OpenedDataset[PairedFiles], labelled: Collection[SplitRole]) -> None:
    """Check a sample of the labels; raise if they are in another naming, because training on them would be useless."""
    adapter = ADAPTERS[opened.folder.adapter].load()
    for split in labelled:
        fault = adapter.doubt(opened.splits[split].pairs) if isinstance(adapter, DoubtingAdapter) else None
        if fault is not None:
            raise fault
