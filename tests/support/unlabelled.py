"""A target as people find it: a small tree of Cityscapes with labels for the first images alone, its truth aside."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.opening import open_dataset, world_folder
from core.data.pairing import PairedFiles
from core.data.specs import FolderDatasetSpec
from core.data.worlds.streets_world import StreetsDatasetSpec
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.first_images import first_images
from tests.support.datasets import pairs_of

STREETS = {"world": "streets", "height_px": 32, "width_px": 48, "eval_images": 2}
SOURCE = STREETS | {"domain": "synthetic", "layout": "gta5", "train_images": 4}
ROUNDS: Mapping[str, Any] = {
    "kind": "active_rounds",
    "source": SOURCE,
    "initial_images": 2,
    "budgets": [2],
    "oracle": "none",
    "completion": {"grace_s": 0},
}


@dataclass(frozen=True)
class UnlabelledTarget:
    """The tree, and the same pictures with all their labels.

    Attributes:
        spec: of the tree.
        truth: what people would answer.
        labelled: ids of the images that have a label file.
    """

    spec: FolderDatasetSpec
    truth: PairedFiles
    labelled: list[str]

    def remove_label(self, name: str) -> None:
        """Take away one more label file."""
        [pair] = [pair for pair in pairs_of(self.spec) if pair.id == name]
        pair.label.unlink()


def write_unlabelled_target(
    folder: Path, stream: Mapping[str, Any] = ROUNDS, images: int = 8, keep: list[str] | None = None
) -> UnlabelledTarget:
    """Write the tree to `folder / "target"`; by default the images that are labelled at the start keep their labels."""
    world = StreetsDatasetSpec.model_validate({**STREETS, "domain": "city-a", "train_images": images})
    truth = open_dataset(world, folder / "truth").train
    root = shutil.copytree(world_folder(world, folder / "truth").root, folder / "target")
    spec = FolderDatasetSpec.model_validate({"adapter": "cityscapes", "root": str(root)})
    labelled = first_images(spec, ActiveRoundsStream.model_validate(stream).first, truth.ids) if keep is None else keep
    target = UnlabelledTarget(spec, truth, labelled)
    for name in truth.ids:
        if name not in labelled:
            target.remove_label(name)
    return target
