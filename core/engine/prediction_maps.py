"""Predictions of whole splits as files named after the images."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.colour_map import palette_of
from core.data.exchange.names import safe_names
from core.data.exchange.pictures import colour_png
from core.data.label_ids import IdTable
from core.data.samples import DenseDataset
from core.files import index_png, write_atomically

MapKind = Literal["ids", "colours"]


class MapWriter:
    """Writes predictions by image name: raw ids to `ids/NAME.png`, class colours to `colours/NAME.png`."""

    def __init__(self, folder: Path, kinds: Collection[MapKind], dataset: DenseDataset, raw_of: IdTable) -> None:
        """Make a folder for each kind.

        Args:
            folder: parent of the kinds' folders.
            kinds: kinds of maps to write; none = write nothing.
            dataset: the split; gives names and colours.
            raw_of: (C,) channel -> raw id.
        """
        self._folders = {kind: folder / kind for kind in kinds}
        for each in self._folders.values():
            each.mkdir(parents=True, exist_ok=True)
        names = safe_names(dataset.ids) if self._folders else {}
        self._names = [names.get(image, "") for image in dataset.ids]
        self._palette, self._raw_of = palette_of(dataset.classes), raw_of

    def write(self, items: npt.NDArray[np.int64], best: Tensor) -> None:
        """Write predicted channels (B, H, W); `items` are the images' positions in the dataset."""
        if not self._folders:
            return
        for index, channels in zip(items, best.to(torch.uint8).cpu().numpy(), strict=True):
            labels, name = self._raw_of[channels], f"{self._names[index]}.png"
            if "ids" in self._folders:
                write_atomically(self._folders["ids"] / name, index_png(labels))
            if "colours" in self._folders:
                write_atomically(self._folders["colours"] / name, colour_png(labels, self._palette))
