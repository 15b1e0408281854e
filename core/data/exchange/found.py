"""The labels and faults found in an archive. Free of torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.data.classes import ClassTable
from core.data.exchange.faults import ExchangeFault
from core.data.samples import LabelMap

Size = tuple[int, int]
"""Width and height."""
KEPT_OF_A_KIND = 50
"""Maximum number of faults of one code that are listed; the rest are only counted."""


class Overlap(StrEnum):
    """What becomes of a pixel that annotations of two classes cover."""

    REFUSE = "refuse"
    LAST = "last"
    SMALLEST = "smallest"
    IGNORE = "ignore"


@dataclass(frozen=True)
class ReadingTerms:
    """How to interpret labels.

    Attributes:
        classes: classes of the round.
        overlap: rule for annotations of different classes that overlap.
    """

    classes: ClassTable
    overlap: Overlap = Overlap.REFUSE


class Loss(StrEnum):
    """What was left out or changed so that annotations could be read; each is counted."""

    PIECES = "pieces"
    """Pieces of fewer than three vertices."""
    EMPTY = "empty"
    """Annotations that enclose no pixel."""
    CLIPPED = "clipped"
    """Annotations cut at the border of the image."""
    OVERLAPPING = "overlapping"
    """Pixels of two classes, settled by the rule for overlap."""


_WORDS = {
    Loss.PIECES: "{} pieces of fewer than three vertices left out",
    Loss.EMPTY: "{} annotations that enclose no pixel left out",
    Loss.CLIPPED: "{} annotations cut at the border of the image",
    Loss.OVERLAPPING: "{} pixels of two classes settled by the rule for overlap",
}


@dataclass(frozen=True)
class ReadLabel:
    """The decoded labels of one image.

    Attributes:
        labels: (H, W) uint8 raw ids.
        losses: what was left out or changed, with its count.
    """

    labels: LabelMap
    losses: Mapping[Loss, int] = field(default_factory=dict)

    def notes(self) -> list[str]:
        """Return the losses in words."""
        return [words.format(self.losses[loss]) for loss, words in _WORDS.items() if self.losses.get(loss)]


@dataclass(frozen=True)
class FoundLabel:
    """The labels of one image, not yet decoded.

    Attributes:
        file: name of the labels in reports.
        stem: name of the image: a path without suffix.
        read: image size -> labels; raises ExchangeFault.
    """

    file: str
    stem: str
    read: Callable[[Size], ReadLabel]


@dataclass
class Found:
    """The labels and faults of an archive.

    Attributes:
        labels: labels in the order of the archive.
        faults: files and entries that are no labels, with the reason; the first `KEPT_OF_A_KIND` of each code.
        unlisted: code -> number of further faults.
    """

    labels: list[FoundLabel] = field(default_factory=list)
    faults: list[tuple[str, ExchangeFault]] = field(default_factory=list)
    unlisted: Counter[str] = field(default_factory=Counter)
    _counts: Counter[str] = field(default_factory=Counter)

    def refuse(self, file: str, code: str, message: str) -> None:
        """Record a file or an entry that is refused."""
        self.add_fault(file, ExchangeFault(code, message))

    def add_fault(self, file: str, fault: ExchangeFault) -> None:
        """Record why a file or an entry is refused."""
        self._counts[fault.code] += 1
        if self._counts[fault.code] <= KEPT_OF_A_KIND:
            self.faults.append((file, fault))
        else:
            self.unlisted[fault.code] += 1
