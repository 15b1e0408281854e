"""Which instances of a step's images the memory keeps: filter, candidates, selection (EIR 4.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from core.data.classes import IGNORE_INDEX
from core.data.samples import DenseDataset, LabelMap
from core.memory.entry import InstanceEntry, cut_instance
from core.memory.geometry import measure_classes, without_specks
from core.memory.selection import Pick, draw_round_robin

LabelView = Callable[[LabelMap, int], LabelMap]
"""(label map, index in the dataset) -> the part of it that the filter judges, such as a seeded crop."""

Criterion = Literal["blobs", "area", "border"]
"""Criteria of the filter for a class of an image: it is one blob, is large enough, stays off the border."""


class LearnedStep(Protocol):
    """The step that has just been learned: its index, and raw ids in learning order."""

    @property
    def index(self) -> int: ...
    @property
    def new_classes(self) -> tuple[int, ...]: ...
    @property
    def seen_classes(self) -> tuple[int, ...]:
        """Raw ids of the classes of earlier steps, then of the new ones."""


@dataclass(frozen=True)
class MemoryRules:
    """Which instances may enter a memory, and how many.

    Attributes:
        budget: maximum number of entries; 0 keeps none.
        min_area: minimum number of pixels of each class of an image; 0 is off.
        border_px: minimum distance of each object's pixels from the border; 0 is off.
        view: the part of the label that the filter judges; None is the whole un-augmented label.
        unit: whether a class that fails rejects its whole image (published), or only itself.
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
    """The chosen entries in the order of the picks, and warnings about them."""

    entries: tuple[InstanceEntry, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """The instance filter's result for one image.

    Attributes:
        kept: the classes that may be kept, ascending (perhaps none); None when the image is rejected.
        failed: criterion -> number of the image's classes that failed it; criteria that none failed are left out.
    """

    kept: tuple[int, ...] | None
    failed: Counter[Criterion]


def judge(labels: LabelMap, classes: Sequence[int], rules: MemoryRules) -> Judgement:
    """Judge one image by the instance filter.

    Args:
        labels: (H, W) raw class ids.
        classes: ids to judge; all others are background.
        rules: the optional criteria.

    A class fails if it has more than one 4-connected component, is too small, or is too near the border. Then unit
    `image` rejects the image; unit `class` leaves out the class.
    """
    cleaned = without_specks(labels, classes, rules.speck_px, IGNORE_INDEX)
    geometry = measure_classes(cleaned, classes)
    present = geometry.areas > 0
    by_criterion: dict[Criterion, npt.NDArray[np.bool_]] = {
        "blobs": geometry.components > 1,
        "area": present & (geometry.areas < rules.min_area),
        "border": geometry.near_border(cleaned, rules.border_px) if rules.border_px else np.zeros_like(present),
    }
    failed = Counter({name: int(fails.sum()) for name, fails in by_criterion.items() if fails.any()})
    if rules.unit == "image" and failed:
        return Judgement(None, failed)
    passes = present & ~np.logical_or.reduce(list(by_criterion.values()))
    kept = tuple(sorted(class_id for class_id, is_kept in zip(classes, passes, strict=True) if is_kept))
    return Judgement(kept, failed)


def select_instances(
    previous: Sequence[InstanceEntry],
    dataset: DenseDataset,
    indices: Sequence[int],
    step: LearnedStep,
    rules: MemoryRules,
    rng: np.random.Generator,
) -> Selection:
    """Choose the memory for the training of the next step.

    Candidates are the previous entries, then the images that pass the filter, each with the classes of
    `step.new_classes` that its label shows; a class-balanced round robin over all classes seen up to
    `step` makes the picks. Only picked images are decoded.

    Args:
        previous: entries of the memory before `step`.
        dataset: dataset with the images of `step`.
        indices: positions of the step's training images in it.
        step: the step that has just been learned.
        rules: budget and criteria.
        rng: generator for the two shuffles.

    Returns:
        The entries, and a warning for each shortfall: fewer entries than the budget, and classes without any.
    """
    if rules.budget == 0:
        return Selection((), ())
    accepted, rejected = _accepted_images(dataset, indices, step.new_classes, rules)
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
    looked_at = LookedAt(len(previous), len(indices), len(accepted), rejected)
    return Selection(tuple(entries), _shortfalls(picks, looked_at, step, rules, dataset.classes.names))


@dataclass(frozen=True)
class LookedAt:
    """Where the candidates of a memory come from, and how many the filter rejected.

    Attributes:
        previous: number of entries of the memory before.
        images: number of training images of the step.
        accepted: how many of them may enter.
        rejected: criterion -> number of images that it rejected; with unit `class`, of classes of images.
    """

    previous: int
    images: int
    accepted: int
    rejected: Counter[Criterion]


def _accepted_images(
    dataset: DenseDataset, indices: Sequence[int], classes: Sequence[int], rules: MemoryRules
) -> tuple[list[tuple[int, tuple[int, ...]]], Counter[Criterion]]:
    """Return the images that may enter, with their classes, and the number of rejections by each criterion."""
    accepted, rejected = [], Counter[Criterion]()
    for index in indices:
        labels = dataset.label(index)
        judgement = judge(rules.view(labels, index) if rules.view else labels, classes, rules)
        # With unit "image" an image counts once for each criterion, however many of its classes failed it.
        rejected.update(judgement.failed if rules.unit == "class" else list(judgement.failed))
        if judgement.kept:
            accepted.append((index, judgement.kept))
    return accepted, rejected


def _shortfalls(
    picks: Sequence[Pick], looked_at: LookedAt, step: LearnedStep, rules: MemoryRules, names: Mapping[int, str]
) -> tuple[str, ...]:
    warnings = []
    if len(picks) < rules.budget:
        warnings.append(
            f"memory holds {len(picks)} of the {rules.budget} instances asked for: there were "
            f"{looked_at.previous + looked_at.accepted} candidates ({looked_at.previous} kept before, and "
            f"{looked_at.accepted} of the {looked_at.images} images of step {step.index}); "
            f"{_rejections(rules, looked_at.rejected)}{_advice(rules, looked_at.rejected)}"
        )
    drawn = {pick.drawn_class for pick in picks}
    missing = [f"{class_id} ({names.get(class_id, '?')})" for class_id in step.seen_classes if class_id not in drawn]
    if missing:
        warnings.append(f"no instance in memory was drawn for class {', '.join(missing)}: nothing is pasted for it")
    return tuple(warnings)


def _rejections(rules: MemoryRules, rejected: Counter[Criterion]) -> str:
    """Return a sentence on how much each criterion rejected; empty if all passed."""
    if not rejected:
        return ""
    reasons: dict[Criterion, str] = {
        "blobs": "more than one connected blob",
        "area": f"fewer than {rules.min_area} pixels",
        "border": f"pixels within {rules.border_px} px of the border",
    }
    what = "images in which a class has" if rules.unit == "image" else "classes of single images that have"
    counts = ", ".join(f"{rejected[name]} for {reason}" for name, reason in reasons.items() if rejected[name])
    return f"the filter leaves out {what}: {counts}; "


def _advice(rules: MemoryRules, rejected: Counter[Criterion]) -> str:
    """Return advice on how to let more instances in; it names only criteria that rejected something."""
    ways = []
    if rejected and rules.unit == "image":
        ways.append("set memory.filter: class, which judges each class of an image by itself")
    if rejected["blobs"]:
        ways.append(
            "raise memory.speck_px, so that small parts do not count as further blobs"
            if rules.speck_px
            else "set memory.speck_px, such as 50, so that specks do not count as further blobs"
        )
    if rejected["area"]:
        ways.append("lower memory.min_area")
    if rejected["border"]:
        ways.append("lower memory.border_px")
    return ", or ".join([*ways, "lower memory.size"])
