"""Contexts of a stage over pictures in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from core.data.opening import OpenedDataset
from core.data.samples import DenseDataset
from core.data.specs import FolderDatasetSpec
from core.methods.catalog import config_class
from core.stage.context import StageContext
from core.stage.events import EventWriter
from core.stage.folder import EVENTS_FILE, INPUT_DIR, StageFolderSpec
from core.stage.interrupt import StopFlag
from core.stage.spec import StageKind, StageSpec
from core.streams.base import MAIN
from core.streams.class_incremental import ClassIncrementalStream
from tests.support.instances import dataset_of, label_with_box

Opened = OpenedDataset[DenseDataset]
SMALL: Mapping[str, Any] = {"model": {"name": "tiny"}, "data": {"crop_px": 32}}


def pictures_of(classes: Sequence[int]) -> DenseDataset:
    """Return one picture of 32 px a class, with a block of 100 pixels."""
    return dataset_of([label_with_box(class_id, (4, 4, 14, 14), (32, 32)) for class_id in classes])


def opened(train: DenseDataset, evaluation: DenseDataset, folder: Path, adapter: str = "folder") -> Opened:
    """Return pictures in memory as if they were opened; their folder is empty."""
    spec = FolderDatasetSpec.model_validate({"adapter": adapter, "root": str(folder)})
    return OpenedDataset(spec, train.classes, {"train": train, "eval": evaluation})


def context_of(folder: Path, index: int = 0, method: str = "finetune", **sections: Any) -> StageContext[Any]:
    """Return the context of a stage that learns class 5, or then class 2; the first step's model is `inputs/model`."""
    config = config_class(method).model_validate({**SMALL, **sections})
    stream = ClassIncrementalStream(steps=((5,), (2,)))
    spec = StageFolderSpec(
        run_id="run",
        stage_id=f"run/{index}",
        method=method,
        config=config.model_dump(mode="json"),
        stage=StageSpec(index=index, name="train", kind=StageKind.TRAIN, step=index, noun="step"),
        num_stages=2,
        datasets={},
        stream=stream.model_dump(mode="json"),
        seed=7,
        data_home=str(folder),
    )
    return StageContext(
        spec=spec,
        folder=folder,
        config=config,
        stream=stream,
        datasets={MAIN: opened(pictures_of([5, 2, 5, 5, 2]), pictures_of([2, 5, 9]), folder)},
        events=EventWriter(folder / EVENTS_FILE),
        stop=StopFlag(),
        device=torch.device("cpu"),
        inputs={"model": folder / INPUT_DIR / "model"},
    )
