"""What an archive turned out to hold. Free of torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from core.data.classes import ClassTable
from core.data.exchange.faults import ExchangeFault
from core.data.samples import LabelMap

Size = tuple[int, int]
"""Width and height."""
KEPT_OF_A_KIND = 50
"""Faults of one code that are told each by itself; of the others the number alone."""


class Overlap(StrEnum):
    """What becomes of a pixel that annotations of two classes cover."""

    REFUSE = "refuse"
    LAST = "last"
    SMALLEST = "smallest"
    IGNORE = "ignore"


@dataclass(frozen=True)
class ReadingTerms:
    """How labels are meant.

    Attributes:
        classes: of the round.
        overlap: of annotations that differ in class.
    """

    classes: ClassTable
    overlap: Overlap = Overlap.REFUSE


@dataclass(frozen=True)
class ReadLabel:
    """Labels as they were read.

    Attributes:
        labels: (H, W) uint8 raw ids.
        notes: what was left out or changed on the way, for people.
    """

    labels: LabelMap
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoundLabel:
    """The labels of one image, not yet decoded.

    Attributes:
        file: how reports call them.
        stem: what their image is called: a path without suffix.
        read: gives the labels for the size of the image; raises ExchangeFault.
    """

    file: str
    stem: str
    read: Callable[[Size], ReadLabel]


@dataclass
class Found:
    """Labels of an archive, and what else it holds.

    Attributes:
        labels: in the order of the archive.
        faults: files and entries that are no labels, with why; the first of each code.
        unlisted: how many more there are of each code.
    """

    labels: list[FoundLabel] = field(default_factory=list)
    faults: list[tuple[str, ExchangeFault]] = field(default_factory=list)
    unlisted: Counter[str] = field(default_factory=Counter)
    _counts: Counter[str] = field(default_factory=Counter)

    def refuse(self, file: str, code: str, message: str) -> None:
        """Note a file or an entry that cannot be taken."""
        self.add_fault(file, ExchangeFault(code, message))

    def add_fault(self, file: str, fault: ExchangeFault) -> None:
        """Note why a file or an entry cannot be taken."""
        self._counts[fault.code] += 1
        if self._counts[fault.code] <= KEPT_OF_A_KIND:
            self.faults.append((file, fault))
        else:
            self.unlisted[fault.code] += 1
