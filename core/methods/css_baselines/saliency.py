"""Saliency maps of an operator, and training labels that mark salient background as unknown (SSUL; EIR 8.6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data.classes import IGNORE_INDEX, ClassTable
from core.data.decoding import read_label
from core.data.faults import DataFaultError, FaultKind
from core.data.samples import DenseDataset, Image, LabelMap
from core.errors import ConfigError

_POINTER = "/config/ssul/saliency_root"


@dataclass(frozen=True)
class SaliencyMaps:
    """A folder with one grey PNG per image, `<id>.png`; over 0 is salient."""

    root: Path

    def require(self, ids: Iterable[str]) -> None:
        """Check that there is a map of each image.

        Raises:
            ConfigError: if the folder does not exist.
            DataFaultError: if maps are missing; names the first and their number.
        """
        if not self.root.is_dir():
            raise ConfigError(
                f"ssul.saliency_root: {self.root} is no folder of this machine; correct it, or set ssul.unknown: false",
                _POINTER,
            )
        missing = [path for path in map(self.path_of, ids) if not path.is_file()]
        if missing:
            problem = f"no such saliency map, and {len(missing)} are missing; each training image needs one"
            raise DataFaultError(FaultKind.MISSING_FILE, missing[0], problem)

    def path_of(self, image_id: str) -> Path:
        """Return the file of an image's map."""
        return self.root / f"{image_id}.png"

    def marked(self, image_id: str, labels: LabelMap, hidden: npt.NDArray[np.bool_], mark: int) -> LabelMap:
        """Return labels in which salient pixels of the background have another id.

        Args:
            image_id: id of the image.
            labels: (H, W) raw ids.
            hidden: (256,) which raw ids are background for the step.
            mark: id that the pixels get.

        Raises:
            DataFaultError: if the map cannot be read or has another size than the labels.
        """
        path = self.path_of(image_id)
        saliency = read_label(path)
        if saliency.shape != labels.shape:
            found, wanted = ("x".join(map(str, shape[::-1])) for shape in (saliency.shape, labels.shape))
            problem = f"the saliency map has {found} pixels and its image {wanted}; make it of the image's size"
            raise DataFaultError(FaultKind.SIZE_MISMATCH, path, problem)
        return np.where(hidden[labels] & (saliency > 0), np.uint8(mark), labels)


@dataclass(frozen=True)
class MarkedImages:
    """A `DenseDataset` whose labels mark salient background.

    Attributes:
        dataset: images and labels.
        maps: has a map of every image that is read.
        hidden: (256,) which raw ids are background for the step.
        mark: raw id of what is marked.
    """

    dataset: DenseDataset
    maps: SaliencyMaps
    hidden: npt.NDArray[np.bool_]
    mark: int

    @property
    def ids(self) -> Sequence[str]:
        """Name of each item."""
        return self.dataset.ids

    @property
    def classes(self) -> ClassTable:
        """Meaning of the raw label values, without the mark."""
        return self.dataset.classes

    def __len__(self) -> int:
        return len(self.dataset)

    def image(self, index: int) -> Image:
        """Return the (H, W, 3) image; raises as the dataset does."""
        return self.dataset.image(index)

    def label(self, index: int) -> LabelMap:
        """Return the (H, W) raw ids, salient background marked; raises as `SaliencyMaps.marked` does."""
        return self.maps.marked(self.ids[index], self.dataset.label(index), self.hidden, self.mark)


def free_id(classes: ClassTable) -> int:
    """Return the largest raw id that a dataset does not use.

    Raises:
        ConfigError: if it uses all of them.
    """
    used = {*classes.names, classes.background_id, classes.ignore_id, IGNORE_INDEX}
    for raw_id in range(254, -1, -1):
        if raw_id not in used:
            return raw_id
    raise ConfigError(
        "the dataset uses all ids from 0 to 255, so none is free for the unknown; set ssul.unknown: false"
    )
