"""What a dataset adapter gives. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.data.classes import ClassTable

Image = npt.NDArray[np.uint8]
"""(H, W, 3) RGB."""
LabelMap = npt.NDArray[np.uint8]
"""(H, W) raw class ids; `ClassTable.ignore_id` where unlabelled."""


class DenseDataset(Protocol):
    """Images with one raw class id a pixel. Reading an item is a pure function of its index."""

    @property
    def ids(self) -> Sequence[str]:
        """Stable name of each item, unique in the dataset."""

    @property
    def classes(self) -> ClassTable:
        """Names, colours and special ids of the raw label values."""

    def __len__(self) -> int: ...

    def image(self, index: int) -> Image:
        """Return the image; raises DataError naming the file when it cannot be read."""

    def label(self, index: int) -> LabelMap:
        """Return the label map at the image's size; raises DataError naming the file and the fault."""
