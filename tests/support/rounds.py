"""Rounds of STAL on pictures of 32 px: in memory for single pieces, and as runs over the built-in world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.data.classes import ClassTable
from core.data.samples import Image, LabelMap
from core.experiment import resolve
from core.methods.stal.config import StalConfig
from core.methods.stal.stages import train_round
from core.runner.local import LocalRun, run_name
from core.stage.context import StageContext
from core.stage.events import EventWriter
from core.stage.folder import ARTIFACT_DIR, EVENTS_FILE, StageFolderSpec
from core.stage.interrupt import StopFlag
from core.stage.spec import StageKind, StageSpec
from core.streams.active_rounds import SOURCE, TARGET, ActiveRoundsStream
from tests.support.contexts import opened

SIDE_PX = 32
NAMES = {0: "road", 1: "pole", 2: "train", 3: "car", 4: "sky"}
"""Class 2 is in no picture."""
SEED = 3
CONFIG: Mapping[str, Mapping[str, Any]] = {
    "model": {"name": "tiny"},
    "data": {"crop_px": SIDE_PX},
    "optim": {"lr": 0.01, "head_lr_factor": 2, "batch_size": 2, "iterations": 6, "clip_norm": 5.0},
    "supervised": {"loss": "ce"},
    "contrast": {
        "start_epoch": 0, "memory": 40, "memory_first": 40, "queries": 4, "negatives": 3, "max_push": 8, "low_rank": 2,
        # Networks that have hardly learned are sure of nothing.
        "min_probability": 0.0,
    },
    "execution": {"checkpoint_every": 2, "log_every": 3, "threads": 1},
}  # fmt: skip


@dataclass(frozen=True)
class PictureSet:
    """A dense dataset in memory, whose ids are `GROUP_NUMBER`."""

    ids: Sequence[str]
    images: Sequence[Image]
    labels: Sequence[LabelMap]
    classes: ClassTable = field(default_factory=lambda: ClassTable(NAMES, background_id=None))

    def __len__(self) -> int:
        return len(self.ids)

    def image(self, index: int) -> Image:
        """Return one image."""
        return self.images[index]

    def label(self, index: int) -> LabelMap:
        """Return one label map."""
        return self.labels[index]


def pictures(count: int, first: int = 0, classes: Mapping[int, str] = NAMES) -> PictureSet:
    """Return pictures of four stripes of eight rows, classes 4, 3, 1, 0 from above, by turns of the groups a and b."""
    numbers = range(first, first + count)
    label = np.repeat(np.array([4, 3, 1, 0], np.uint8), SIDE_PX // 4)[:, None].repeat(SIDE_PX, axis=1)
    noise = (np.random.default_rng(number).integers(0, 40, (SIDE_PX, SIDE_PX, 3)) for number in numbers)
    images = [(label[..., None].astype(np.int64) * 60 + each).astype(np.uint8) for each in noise]
    return PictureSet(
        [f"{'ab'[number % 2]}_{number:02}" for number in numbers],
        images,
        [label.copy() for _ in numbers],
        ClassTable(dict(classes), background_id=None),
    )


def stal_config(**sections: Any) -> StalConfig:
    """Return the small config; sections are laid over its own."""
    return StalConfig.model_validate(laid_over(CONFIG, sections))


def laid_over(base: Mapping[str, Mapping[str, Any]], sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return sections in which those given replace single settings."""
    merged: dict[str, Any] = dict(base)
    for name, values in sections.items():
        merged[name] = {**merged.get(name, {}), **values} if isinstance(values, Mapping) else values
    return merged


def round_context(
    folder: Path,
    *,
    index: int = 0,
    kind: StageKind = StageKind.TRAIN,
    stream: Mapping[str, Any] | None = None,
    pool: int = 6,
    source: PictureSet | None = None,
    inputs: Mapping[str, Path] | None = None,
    **sections: Any,
) -> StageContext[StalConfig]:
    """Return the context of a stage over pictures in memory; two of them are labelled at the start."""
    config = stal_config(**sections)
    rounds = ActiveRoundsStream.model_validate({"initial_images": 2, "budgets": [2], **(stream or {})})
    spec = StageFolderSpec(
        run_id="run",
        stage_id=f"run/{index}",
        method="stal",
        config=config.model_dump(mode="json"),
        stage=StageSpec(index=index, name=kind.value, kind=kind, step=index // 3, noun="round"),
        num_stages=4,
        datasets={},
        stream=rounds.model_dump(mode="json"),
        seed=SEED,
        data_home=str(folder),
    )
    folder.mkdir(parents=True, exist_ok=True)
    datasets = {TARGET: opened(pictures(pool), pictures(2, first=50), folder, "cityscapes")}
    if source is not None:
        datasets[SOURCE] = opened(source, source, folder, "cityscapes")
    return StageContext(
        spec=spec,
        folder=folder,
        config=config,
        stream=rounds,
        datasets=datasets,
        events=EventWriter(folder / EVENTS_FILE),
        stop=StopFlag(),
        device=torch.device("cpu"),
        inputs=dict(inputs or {}),
    )


def select_context(
    folder: Path, model: Path, stream: Mapping[str, Any] | None = None, **sections: Any
) -> StageContext[StalConfig]:
    """Return a select stage over six pictures after a training of one iteration."""
    if not model.exists():
        trained = round_context(model, stream=stream, optim={"iterations": 1}, **sections)
        train_round(trained)
    inputs = {"model": model / ARTIFACT_DIR / "model"}
    return round_context(folder, index=1, stream=stream, inputs=inputs, **sections)


def rounds_run(folder: Path, stream: Mapping[str, Any] | None = None, pool: int = 8, **sections: Any) -> LocalRun:
    """Return a run over a tiny world of streets that has not begun: two labelled images, then two of each round."""
    size = {"world": "streets", "height_px": SIDE_PX, "width_px": 48, "eval_images": 2}
    source = {**size, "domain": "synthetic", "layout": "gta5", "train_images": 4}
    document = {
        "method": "stal",
        "dataset": {**size, "domain": "city-a", "train_images": pool},
        "stream": {
            "kind": "active_rounds", "source": source, "initial_images": 2, "budgets": [2, 2], **(stream or {}),
        },
        "config": laid_over(CONFIG, sections),
    }  # fmt: skip
    experiment = resolve(document)
    return LocalRun(
        experiment=experiment,
        seed=SEED,
        folder=folder / "runs" / run_name(experiment, SEED),
        data_home=folder / "home",
        device="cpu",
    )
