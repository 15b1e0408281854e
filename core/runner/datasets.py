"""The datasets of a stage: as `spec.json` names them, and opened. Free of torch."""

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
        DataFaultError: as `open_dataset`, and where labels are not what they are called.
        ValidationError: when a spec is none.
    """
    found = {}
    for name, dataset in datasets.items():
        spec = _SPEC.validate_python(dataset.spec)
        found[name] = open_dataset(spec, data_home, splits=dataset.splits, labelled=dataset.labelled)
        # A world is written by this package.
        if not isinstance(spec, WorldDatasetSpec):
            _require_no_doubt(found[name], dataset.labelled)
    return found


def _require_no_doubt(opened: OpenedDataset[PairedFiles], labelled: Collection[SplitRole]) -> None:
    """Refuse labels that a look at some of them shows to be in another naming: training on them would teach nothing."""
    adapter = ADAPTERS[opened.folder.adapter].load()
    for split in labelled:
        fault = adapter.doubt(opened.splits[split].pairs) if isinstance(adapter, DoubtingAdapter) else None
        if fault is not None:
            raise fault
