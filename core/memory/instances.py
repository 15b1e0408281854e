"""Which instances of a step's images the memory keeps: filter, candidates, selection (EIR 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from core.data.classes import IGNORE_INDEX
from core.data.samples import DenseDataset, LabelMap
from core.memory.entry import InstanceEntry, cut_instance
from core.memory.geometry import measure_classes, without_specks
from core.memory.selection import Pick, draw_round_robin

LabelView = Callable[[LabelMap, int], LabelMap]
"""(label map, index in the dataset) -> the view of it that the filter judges, such as a seeded crop."""


class LearnedStep(Protocol):
    """The step that has just been learnt: its index, and raw ids in learning order."""

    @property
    def index(self) -> int: ...
    @property
    def new_classes(self) -> tuple[int, ...]: ...
    @property
    def seen_classes(self) -> tuple[int, ...]:
        """Those of earlier steps, then the new ones."""


@dataclass(frozen=True)
class MemoryRules:
    """What may enter a memory, and how much.

    Attributes:
        budget: most entries; 0 keeps none.
        min_area: fewest pixels of each class of an image; 0 is off.
        border_px: least distance of each object's pixels from the border; 0 is off.
        view: what the filter looks at; None is the whole un-augmented label.
        unit: whether one class that fails rejects its whole image (published), or only itself.
        speck_px: components of fewer pixels neither count nor are stored; 0 is off (published).
    """

    budget: int
    min_area: int = 0
    border_px: int = 0
    view: LabelView | None = None
    unit: Literal["image", "class"] = "image"
    speck_px: int = 0


@dataclass(frozen=True)
class Selection:
    """A chosen memory, in the order of the picks, and what should be told about it."""

    entries: tuple[InstanceEntry, ...]
    warnings: tuple[str, ...]


def instance_classes(labels: LabelMap, classes: Sequence[int], rules: MemoryRules) -> tuple[int, ...] | None:
    """Judge one image by the instance filter.

    Args:
        labels: (H, W) raw class ids.
        classes: ids that count; all others are background.
        rules: the optional criteria.

    Returns:
        The classes that may be kept, ascending (perhaps none), or None when the image is rejected. A class fails when
        it has more than one 4-connected component, is too small or too near the border. Rules for images reject the
        image then; rules for classes leave out the class.
    """
    cleaned = without_specks(labels, classes, rules.speck_px, IGNORE_INDEX)
    geometry = measure_classes(cleaned, classes)
    present = geometry.areas > 0
    fails = (geometry.components > 1) | (present & (geometry.areas < rules.min_area))
    if rules.border_px:
        fails |= geometry.near_border(cleaned, rules.border_px)
    if rules.unit == "image" and fails.any():
        return None
    return tuple(sorted(class_id for class_id, is_kept in zip(classes, present & ~fails, strict=True) if is_kept))


def select_instances(
    previous: Sequence[InstanceEntry],
    dataset: DenseDataset,
    indices: Sequence[int],
    step: LearnedStep,
    rules: MemoryRules,
    rng: np.random.Generator,
) -> Selection:
    """Choose the memory with which the step after `step` is trained.

    Candidates are the previous entries, then the images that pass the filter, each with the classes of
    `step.new_classes` that its label shows; the picks are a class-balanced round robin over all classes seen up to
    `step`. Only picked images are decoded.

    Args:
        previous: entries of the memory before `step`.
        dataset: where the images of `step` are.
        indices: positions of the step's training images in it.
        step: the step that has just been learnt.
        rules: budget and criteria.
        rng: for the two shuffles.

    Returns:
        The entries, and a warning for each shortfall: fewer entries than the budget, and classes without any.
    """
    if rules.budget == 0:
        return Selection((), ())
    accepted = _accepted_images(dataset, indices, step.new_classes, rules)
    candidates = [entry.classes for entry in previous] + [classes for _, classes in accepted]
    picks = draw_round_robin(candidates, step.seen_classes, rules.budget, rng)
    entries = []
    for pick in picks:
        if pick.candidate < len(previous):
            entries.append(replace(previous[pick.candidate], drawn_class=pick.drawn_class))
            continue
        index, classes = accepted[pick.candidate - len(previous)]
        entry = cut_instance(
            dataset,
            index,
            classes,
            drawn_class=pick.drawn_class,
            step_added=step.index,
            speck_px=rules.speck_px,
        )
        entries.append(entry)
    return Selection(tuple(entries), _shortfalls(picks, len(candidates), step, rules, dataset.classes.names))


def _accepted_images(
    dataset: DenseDataset, indices: Sequence[int], classes: Sequence[int], rules: MemoryRules
) -> list[tuple[int, tuple[int, ...]]]:
    accepted = []
    for index in indices:
        labels = dataset.label(index)
        shown = instance_classes(rules.view(labels, index) if rules.view else labels, classes, rules)
        if shown:
            accepted.append((index, shown))
    return accepted


def _shortfalls(
    picks: Sequence[Pick], num_candidates: int, step: LearnedStep, rules: MemoryRules, names: Mapping[int, str]
) -> tuple[str, ...]:
    warnings = []
    if len(picks) < rules.budget:
        warnings.append(
            f"memory holds {len(picks)} of the {rules.budget} instances asked for: there were {num_candidates} "
            f"candidates (earlier entries, and {_ADMITTED[rules.unit]}); {_advice(rules)}"
        )
    drawn = {pick.drawn_class for pick in picks}
    missing = [f"{class_id} ({names.get(class_id, '?')})" for class_id in step.seen_classes if class_id not in drawn]
    if missing:
        warnings.append(f"no instance in memory was drawn for class {', '.join(missing)}: nothing is pasted for it")
    return tuple(warnings)


_ADMITTED = {
    "image": "images in which each class is one connected blob",
    "class": "images in which at least one class is one connected blob",
}


def _advice(rules: MemoryRules) -> str:
    """Return what would let more instances in, of what these rules leave."""
    ways = []
    if rules.unit == "image":
        ways.append("set memory.filter: class, which judges each class of an image by itself")
    if rules.speck_px == 0:
        ways.append("set memory.speck_px, such as 50, so that specks do not count as further blobs")
    strict = [name for name, value in (("min_area", rules.min_area), ("border_px", rules.border_px)) if value]
    if strict:
        ways.append(f"lower {' and '.join(f'memory.{name}' for name in strict)}")
    return ", or ".join([*ways, "lower memory.size"])
