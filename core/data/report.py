"""What the check of a dataset root found, for a terminal and as JSON. Free of torch."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from core.data.classes import ClassTable
from core.data.faults import DataFaultError, FaultKind
from core.first_faults import first_of_each_kind

MOST_SIZES = 10
"""Sizes that a split's report lists, the most frequent first."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(_Frozen):
    """One thing that is wrong; `message` names the file, what was found and what was expected."""

    kind: FaultKind
    path: str
    message: str

    @classmethod
    def of(cls, error: DataFaultError) -> Fault:
        """Return the entry for an error."""
        return cls(kind=error.kind, path=str(error.path), message=str(error))


class SizeCount(_Frozen):
    """How many images of a split have one size."""

    width: int
    height: int
    images: int


class UnknownId(_Frozen):
    """A label value that is no class, with the first file that has it."""

    id: int
    labels: int
    pixels: int
    first: str


class SplitReport(_Frozen):
    """What one split holds.

    Attributes:
        name: of the split.
        listed: items that its list names.
        sound: items without a fault; `images` and `pixels` are of these.
        images: raw id -> images that show it.
        pixels: raw id -> pixels.
        sizes: the most frequent sizes of readable images.
        num_sizes: how many different sizes there are.
        modes: Pillow's mode of the image files -> images; "RGB", "L", …
        unknown: label values outside the class list.
    """

    name: str
    listed: int
    sound: int
    images: dict[int, int] = {}
    pixels: dict[int, int] = {}
    sizes: tuple[SizeCount, ...] = ()
    num_sizes: int = 0
    modes: dict[str, int] = {}
    unknown: tuple[UnknownId, ...] = ()


class DataReport(_Frozen):
    """Result of a check; without `faults` the dataset can be used.

    Attributes:
        notices: what deserves a look, but keeps no run from starting.
        fault_counts, notice_counts: of each kind, also of those that `shortened` left out.
        digest: SHA-256 over class table and manifest (split, path, size and SHA-256 of every file); None where no split
            could be listed.
    """

    root: str
    adapter: str
    classes: ClassTable | None
    splits: tuple[SplitReport, ...]
    faults: tuple[Fault, ...]
    notices: tuple[Fault, ...] = ()
    fault_counts: dict[FaultKind, int] = {}
    notice_counts: dict[FaultKind, int] = {}
    digest: str | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def shortened(self, of_a_kind: int) -> DataReport:
        """Return the report with at most so many faults and notices of each kind; the counts stay."""
        faults, _ = first_of_each_kind(self.faults, lambda fault: fault.kind, of_a_kind)
        notices, _ = first_of_each_kind(self.notices, lambda notice: notice.kind, of_a_kind)
        return self.model_copy(update={"faults": tuple(faults), "notices": tuple(notices)})

    def to_text(self, of_a_kind: int = 20) -> str:
        """Return the report for a terminal, with at most so many lines for each kind of fault."""
        lines = [f"{self.root} ({self.adapter}): {_plural(len(self.faults), 'fault')}"]
        for split in self.splits:
            lines += ["", f"split {split.name}: {_plural(split.listed, 'image')}, {split.sound} without fault"]
            lines += _size_lines(split)
            lines += _class_lines(split, self.classes) if self.classes is not None else []
        by_kind: dict[FaultKind, list[Fault]] = defaultdict(list)
        for fault in (*self.faults, *self.notices):
            by_kind[fault.kind].append(fault)
        for kind, faults in by_kind.items():
            lines += ["", f"{kind.value}: {len(faults)}"]
            lines += [f"  {fault.message}" for fault in faults[:of_a_kind]]
            lines += [f"  … and {len(faults) - of_a_kind} more"] if len(faults) > of_a_kind else []
        return "\n".join(lines)


def count_kinds(faults: Sequence[Fault]) -> dict[FaultKind, int]:
    """Return how many faults of each kind there are."""
    return dict(Counter(fault.kind for fault in faults))


def _size_lines(split: SplitReport) -> list[str]:
    sizes = ", ".join(f"{size.width}x{size.height} ({size.images})" for size in split.sizes)
    more = split.num_sizes - len(split.sizes)
    modes = ", ".join(f"{mode} ({images})" for mode, images in split.modes.items())
    return [f"  sizes {sizes}{f' and {more} more' if more else ''}; modes {modes}"] if sizes else []


def _class_lines(split: SplitReport, classes: ClassTable) -> list[str]:
    special = {classes.ignore_id: "(ignored)"}
    if classes.background_id is not None:
        special[classes.background_id] = "(background)"
    lines = [f"  {'id':>3}  {'class':<20} {'images':>8} {'pixels':>13}"]
    for raw_id, name in sorted((special | classes.names).items()):
        lines.append(f"  {raw_id:>3}  {name:<20} {split.images.get(raw_id, 0):>8} {split.pixels.get(raw_id, 0):>13}")
    return lines


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
