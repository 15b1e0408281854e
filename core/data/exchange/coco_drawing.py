"""Drawing the annotations of one image into a label map. Free of torch."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from core.data.exchange.faults import ExchangeFault
from core.data.exchange.found import Loss, Overlap, ReadingTerms, ReadLabel, Size
from core.data.exchange.masks import BoolMap, decode_segmentation

MAX_ANNOTATIONS = 10_000
"""Maximum number of annotations of one image."""
_NOBODY = -1


class AnnotationDrawing:
    """A label map into which annotations are drawn one after the other.

    Args:
        size: width and height of the image.
        terms: the classes, and the rule for pixels that two classes cover.
    """

    def __init__(self, size: Size, terms: ReadingTerms) -> None:
        self._size, self._terms = size, terms
        self._labels = np.full((size[1], size[0]), terms.classes.ignore_id, np.uint8)
        self._owners = np.full(self._labels.shape, _NOBODY, np.int32)
        self._areas: list[int] = []
        self._names: list[str] = []
        self._disputed: BoolMap = np.zeros(self._labels.shape, np.bool_)
        self._losses: Counter[Loss] = Counter()

    def add(self, class_id: int, segmentation: object, name: str) -> None:
        """Draw one annotation.

        Args:
            class_id: raw id of its class.
            segmentation: segmentation from the document.
            name: id of the annotation, for messages.

        Raises:
            ExchangeFault: when it cannot be read, or overlaps another class although `terms` refuse overlap.
        """
        try:
            segment = decode_segmentation(segmentation, self._size)
        except ExchangeFault as fault:
            raise ExchangeFault(fault.code, f"annotation {name}: {fault.message}") from fault
        self._losses[Loss.PIECES] += segment.dropped
        self._losses[Loss.CLIPPED] += int(segment.is_clipped)
        self._losses[Loss.EMPTY] += int(segment.mask is None)
        if segment.mask is not None:
            self._lay(segment.mask, class_id, name)

    def result(self) -> ReadLabel:
        """Return the labels, and the counts of what was left out."""
        labels = np.where(self._disputed, self._terms.classes.ignore_id, self._labels).astype(np.uint8)
        return ReadLabel(labels, self._losses)

    def _lay(self, mask: BoolMap, class_id: int, name: str) -> None:
        # Where annotations overlap, those of one class agree; those of different classes contradict each other.
        contradicted = mask & (self._owners != _NOBODY) & (self._labels != class_id)
        number, area = len(self._names), int(mask.sum())
        self._names.append(name)
        self._areas.append(area)
        if contradicted.any():
            mask = self._settle(mask, contradicted, area, name)
        self._labels[mask], self._owners[mask] = class_id, number

    def _settle(self, mask: BoolMap, contradicted: BoolMap, area: int, name: str) -> BoolMap:
        """Return the mask in which an annotation overrides the earlier ones."""
        overlap = self._terms.overlap
        if overlap is Overlap.REFUSE:
            row, column = np.argwhere(contradicted)[0]
            other = self._names[self._owners[row, column]]
            pixels = f"{np.count_nonzero(contradicted)} pixels, first at x {column}, y {row}"
            message = f"the annotations {other} and {name} overlap and differ in class ({pixels})"
            way_out = "each pixel has one class: say which wins by overlap=last, smallest or ignore"
            raise ExchangeFault("overlap", f"{message}; {way_out}")
        self._losses[Loss.OVERLAPPING] += int(np.count_nonzero(contradicted))
        if overlap is Overlap.IGNORE:
            self._disputed |= contradicted
        if overlap is Overlap.SMALLEST:
            owners: npt.NDArray[np.int32] = self._owners[contradicted]
            loses = contradicted.copy()
            loses[contradicted] = np.array(self._areas)[owners] < area
            return mask & ~loses
        return mask
