"""Test images that the tested model was trained on. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import TypeAdapter

from core.data.dataset_spec import DatasetSpec
from core.data.opening import open_dataset, world_folder
from core.data.specs import SplitRole, WorldDatasetSpec
from core.errors import ConfigError, DataError
from core.stage.card import ModelCard
from core.streams.base import KnownDataset
from core.streams.first_images import shortened

LEARNED: tuple[SplitRole, ...] = ("train",)
_SPEC: TypeAdapter[DatasetSpec] = TypeAdapter(DatasetSpec)


def require_other_images(card: ModelCard, known: Mapping[str, KnownDataset], data_home: Path) -> Iterator[str]:
    """Refuse test images that the model was trained on, unless their dataset allows it.

    Args:
        card: how the model was trained.
        known: facts about each test set, by name.
        data_home: folder of the drawn worlds.

    Yields:
        Names of training datasets that cannot be looked at here.

    Raises:
        ConfigError: names the test set, the training dataset and the first of the images.
    """
    for learned, dataset in card.datasets.items():
        if "train" not in dataset.splits:
            continue
        spec = _SPEC.validate_python(dataset.spec)
        images = _training_images(spec, data_home)
        if images is None:
            yield learned
            continue
        for name, one in known.items():
            if one.eval is None or one.folder is None or one.folder.may_test_on_training:
                continue
            ids = zip(one.eval.ids, one.eval.images, strict=True)
            shared = [image_id for image_id, path in ids if path.resolve() in images]
            if shared:
                raise ConfigError(
                    f"{len(shared)} of the {len(one.eval)} images of the test set {name} are images that the model "
                    f"was trained on, as its dataset {learned}: {shortened(shared)}. Name another eval_split, or set "
                    "may_test_on_training: true in that dataset",
                    "/stream",
                )


def _training_images(spec: DatasetSpec, data_home: Path) -> frozenset[Path] | None:
    """Return the files of a training split; None if they are not on this machine."""
    if isinstance(spec, WorldDatasetSpec) and not Path(world_folder(spec, data_home).root).is_dir():
        return None
    try:
        opened = open_dataset(spec, data_home, splits=LEARNED, labelled=())
    except (DataError, OSError):
        return None
    return frozenset(path.resolve() for path in opened.train.images)
