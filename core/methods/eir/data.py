"""Training data of an EIR step: the step's images, and stored instances on empty canvases (EIR 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.data.loaders import Item
from core.memory.entry import InstanceEntry
from core.memory.instances import MemoryRules
from core.methods.class_incremental.step_data import StepImages
from core.methods.eir.config import EirConfig
from core.methods.eir.replay import crop_view, replay_item
from core.seeding import SeedComponent, numpy_generator
from core.stage.context import StageContext
from core.streams.step import Step


@dataclass(frozen=True)
class StepWithReplay:
    """Images of a step, followed by the memory's entries.

    Attributes:
        images: training images of the step.
        entries: entries of the memory.
        channel_of: raw class id -> network channel.
    """

    images: StepImages
    entries: tuple[InstanceEntry, ...]
    channel_of: Mapping[int, int]

    def __len__(self) -> int:
        return len(self.images) + len(self.entries)

    def item(self, position: int, generator: np.random.Generator) -> Item:
        """Return one augmented item and its label as channels."""
        first_replayed = len(self.images)
        if position < first_replayed:
            return self.images.item(position, generator)
        return replay_item(self.entries[position - first_replayed], self.channel_of, generator, self.images.config)

    def name_of(self, position: int) -> str:
        """Return the id of an image, or `memory/` and the id of an entry."""
        first_replayed = len(self.images)
        if position < first_replayed:
            return self.images.name_of(position)
        return f"memory/{self.entries[position - first_replayed].id}"


def channels_of(step: Step) -> dict[int, int]:
    """Return raw id -> network channel for the seen classes."""
    return {class_id: channel for channel, class_id in enumerate(step.seen_classes, start=1)}


def memory_rules(context: StageContext[EirConfig]) -> MemoryRules:
    """Return the rules for entering the memory after this stage."""
    options, seed, stage = context.config.memory, context.spec.seed, context.spec.stage.index

    def crop_draws(index: int) -> np.random.Generator:
        return numpy_generator(seed, stage, SeedComponent.SELECTION, 1, index)

    view = crop_view(context.config.data, crop_draws) if options.filter_view == "crop" else None
    return MemoryRules(
        budget=options.size,
        min_area=options.min_area,
        border_px=options.border_px,
        view=view,
        unit=options.filter,
        speck_px=options.speck_px,
    )
