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
"""(label map, index in the dataset) -> the view of it that the filter judges, such as a seeded crop."""

Criterion = Literal["blobs", "area", "border"]
"""What a class of an image can fail: to be one blob, to be large enough, to keep off the border."""


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


@dataclass(frozen=True)
class Judgement:
    """What the instance filter says of one image.

    Attributes:
        kept: the classes that may be kept, ascending (perhaps none); None when the image is rejected.
        failed: for each criterion how many classes of the image it failed; those that none failed are left out.
    """

    kept: tuple[int, ...] | None
    failed: Counter[Criterion]


def judge(labels: LabelMap, classes: Sequence[int], rules: MemoryRules) -> Judgement:
    """Judge one image by the instance filter.

    Args:
        labels: (H, W) raw class ids.
        classes: ids that count; all others are background.
        rules: the optional criteria.

    A class fails when it has more than one 4-connected component, is too small or too near the border. Rules for
    images reject the image then; rules for classes leave out the class.
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
    """Where the candidates of a memory come from, and what the filter took away.

    Attributes:
        previous: entries of the memory before.
        images: training images of the step.
        accepted: those of them that may enter.
        rejected: for each criterion the images that it rejected, or the classes of images where rules judge classes.
    """

    previous: int
    images: int
    accepted: int
    rejected: Counter[Criterion]


def _accepted_images(
    dataset: DenseDataset, indices: Sequence[int], classes: Sequence[int], rules: MemoryRules
) -> tuple[list[tuple[int, tuple[int, ...]]], Counter[Criterion]]:
    """Return the images that may enter with their classes, and what each criterion rejected."""
    accepted, rejected = [], Counter[Criterion]()
    for index in indices:
        labels = dataset.label(index)
        judgement = judge(rules.view(labels, index) if rules.view else labels, classes, rules)
        # An image counts once for each criterion, however many of its classes failed it.
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
    """Return how much each criterion took away; empty where all passed."""
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
    """Return what would let more instances in: only criteria that took something away are worth a change."""
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
