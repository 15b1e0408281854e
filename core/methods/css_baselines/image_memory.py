"""A memory of whole images, class-balanced, and the training set that it joins (EIR 8.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from core.data.classes import IGNORE_INDEX
from core.data.loaders import BatchPlan, Item
from core.data.samples import LabelMap
from core.data.transforms.presets import eir_train, to_normalised
from core.engine.precision import autocast
from core.memory.entry import InstanceEntry
from core.memory.images import labelled_image
from core.memory.selection import draw_round_robin
from core.memory.store import InstanceMemory, load_memory
from core.methods.class_incremental.pseudo_labels import pseudo_label
from core.methods.class_incremental.step_data import StepImages
from core.methods.css_baselines.dkd_config import ImageMemoryOptions
from core.methods.css_baselines.learner import Learner
from core.methods.css_baselines.saliency import MarkedImages
from core.seeding import SeedComponent, numpy_generator
from core.stage.context import StageContext
from core.stage.events import MemorySnapshot
from core.stage.folder import ARTIFACT_DIR
from core.stage.interrupt import StageInterrupted
from core.streams.step import Step

MEMORY = "memory"


@dataclass(frozen=True)
class ImagesWithReplay:
    """Images of a step, followed by the kept images.

    Attributes:
        images: training images of the step.
        entries: kept images of earlier steps.
        step: gives the channels of their classes.
        marks: marks unknown objects in kept images too; they get the channel after those of all classes.
    """

    images: StepImages
    entries: Sequence[InstanceEntry]
    step: Step
    marks: MarkedImages | None = None

    def __len__(self) -> int:
        return len(self.images) + len(self.entries)

    def item(self, position: int, generator: np.random.Generator) -> Item:
        """Return one augmented item and its label as channels; of a kept image, only its entry's classes."""
        if position < len(self.images):
            return self.images.item(position, generator)
        entry = self.entries[position - len(self.images)]
        table = torch.zeros(256, dtype=torch.int64)
        for channel, class_id in enumerate(self.step.seen_classes, start=1):
            table[class_id] = channel if class_id in entry.classes else 0
        labels = entry.canvas_label()
        if self.marks is not None:
            labels = self.marks.maps.marked(entry.source, labels, (table == 0).numpy(), self.marks.mark)
            table[self.marks.mark] = 1 + len(self.step.seen_classes)
        view = eir_train(entry.canvas_image(), labels, generator, self.images.config)
        return view.image, table[view.label.long()]

    def name_of(self, position: int) -> str:
        """Return the id of an image, or `memory/` and the id of an entry."""
        if position < len(self.images):
            return self.images.name_of(position)
        return f"memory/{self.entries[position - len(self.images)].id}"


@dataclass(frozen=True)
class HalfReplay(BatchPlan):
    """Batches of a step's images, half of whose positions a random choice of kept images replaces (SSUL-M; EIR 8.6).

    An epoch is still as long as the images. Items from `num_items` on are kept images.

    Attributes:
        num_kept: images in the memory.
    """

    num_kept: int = 0

    def items(self, iteration: int) -> npt.NDArray[np.int64]:
        """Return the (batch_size,) items of an iteration."""
        chosen = super().items(iteration).copy()
        count = self.batch_size // 2
        if self.num_kept and count:
            draws = numpy_generator(self.run_seed, self.stage_index, SeedComponent.REPLAY, iteration)
            places = draws.permutation(self.batch_size)[:count]
            chosen[places] = self.num_items + draws.choice(self.num_kept, count, replace=count > self.num_kept)
        return chosen

    def augmentation(self, iteration: int, item: int) -> np.random.Generator:
        """Return the generator of one item's augmentation; a kept image may come several times in an epoch."""
        if item < self.num_items:
            return super().augmentation(iteration, item)
        return numpy_generator(self.run_seed, self.stage_index, SeedComponent.AUGMENTATION, iteration, item)


def previous_memory(context: StageContext[Any]) -> InstanceMemory:
    """Return the memory of the previous step; empty at the base step."""
    path = context.inputs.get(MEMORY)
    return InstanceMemory() if path is None else load_memory(path)


def renew_memory(learner: Learner[Any], memory: InstanceMemory, images: StepImages, options: ImageMemoryOptions) -> str:
    """Choose the images to keep for the next step, store them, and return their path relative to the stage folder.

    Candidates are the entries so far, then the step's images with the classes that their labels show. From the second
    step on, an image also shows the old classes that the model finds in its background. A class-balanced round robin
    over all classes seen makes the picks.

    Raises:
        StageInterrupted: if the stage was asked to stop.
    """
    context, step = learner.context, learner.step
    kept: tuple[InstanceEntry, ...] = ()
    if options.size:
        shown = [_classes_in(labels, step) for labels in _visible_labels(learner, images, options.threshold)]
        candidates = [entry.classes for entry in memory.entries] + shown
        draws = numpy_generator(context.spec.seed, context.spec.stage.index, SeedComponent.SELECTION)
        picks = draw_round_robin(candidates, step.seen_classes, options.size, draws)
        kept = tuple(
            replace(memory.entries[pick.candidate], drawn_class=pick.drawn_class)
            if pick.candidate < len(memory.entries)
            else _entry(learner, images, pick.candidate - len(memory.entries), pick.drawn_class, options)
            for pick in picks
        )
    warnings = _shortfall(len(kept), options.size)
    for warning in warnings:
        context.events.log("warning", warning)
    chosen = InstanceMemory(kept, options.size, warnings, step.seen_classes)
    path = chosen.save(context.folder / ARTIFACT_DIR / MEMORY).relative_to(context.folder).as_posix()
    context.events.emit(MemorySnapshot(path=path, items=len(kept), bytes=chosen.size_bytes))
    return f"{ARTIFACT_DIR}/{MEMORY}"


def _entry(
    learner: Learner[Any], images: StepImages, position: int, drawn_class: int, options: ImageMemoryOptions
) -> InstanceEntry:
    labels = _visible_label(learner, images, position, options.threshold)
    index = images.indices[position]
    return labelled_image(
        images.dataset.image(index),
        labels,
        _classes_in(labels, learner.step),
        drawn_class=drawn_class,
        source=images.dataset.ids[index],
        step=learner.step.index,
    )


def _visible_labels(learner: Learner[Any], images: StepImages, threshold: float) -> Iterator[LabelMap]:
    for position in range(len(images)):
        if learner.context.stop.requested:
            raise StageInterrupted(0)
        yield _visible_label(learner, images, position, threshold)


@torch.no_grad()
def _visible_label(learner: Learner[Any], images: StepImages, position: int, threshold: float) -> LabelMap:
    """Return what the step may know of an image: its label, and old classes that the model finds.

    Returns:
        (H, W) raw ids of classes; 255 everywhere else.
    """
    index = images.indices[position]
    channels = torch.from_numpy(images.table[images.dataset.label(index)])[None].long()
    if learner.step.index:
        device = learner.context.device
        learner.model.eval()
        with autocast(device, learner.dtype):
            logits = learner.model(to_normalised(images.dataset.image(index))[None].to(device))
        old = logits[:, : learner.num_old]
        channels = pseudo_label(channels.to(device), old, threshold, foreground_only=True).cpu()
    raw_of = np.full(256, IGNORE_INDEX, np.uint8)
    raw_of[1 : 1 + len(learner.step.seen_classes)] = learner.step.seen_classes
    ids: LabelMap = raw_of[channels[0].numpy()]
    return ids


def _classes_in(labels: LabelMap, step: Step) -> tuple[int, ...]:
    present = set(np.unique(labels).tolist())
    return tuple(sorted(class_id for class_id in step.seen_classes if class_id in present))


def _shortfall(kept: int, size: int) -> tuple[str, ...]:
    if kept >= size:
        return ()
    return (f"memory holds {kept} of the {size} images asked for: the steps so far have no more; lower memory.size",)
