"""Batches of STAL: labelled images with partners to paste from, and pairs of unlabelled ones (STAL 2.3, 4.4, 4.5).

A batch is a pure function of (run seed, stage, iteration) and of the banks at the beginning of its epoch.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX, ClassTable
from core.data.label_ids import IdTable, lookup_table
from core.data.loaders import BatchPlan
from core.data.prefetch import prefetched
from core.data.samples import DenseDataset, Image, LabelMap
from core.data.transforms.rescale import draw_rescale, rescale_and_crop
from core.methods.stal.class_bank import mix_distribution
from core.methods.stal.config import StalConfig
from core.methods.stal.labelled_list import epoch_length, labelled_epoch
from core.methods.stal.state import StalState
from core.seeding import SeedComponent, numpy_generator


class Views(NamedTuple):
    """(B, 3, S, S) normalised images, and (B, S, S) int64 channels, 255 = unknown."""

    images: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> Views:
        """Return the views on a device."""
        return Views(*(part.to(device, non_blocking=True) for part in self))


class StalBatch(NamedTuple):
    """One iteration's images, B of each kind.

    Attributes:
        labelled: images of the supervised loss.
        partners: images to paste from; None = no pasting.
        first, second: unlabelled images and their partners, with people's labels. `second` is None if images are
            mixed within the batch, or not at all.
        first_ids, second_ids: (B,) int64 numbers of the unlabelled images.
        mixed_classes: (B,) the class to mix in.
        items: (B,) slots of the labelled images, for messages.
        from_source: (B,) bool, labelled images that are the source's.
    """

    labelled: Views
    partners: Views | None
    first: Views
    second: Views | None
    first_ids: Tensor
    second_ids: Tensor
    mixed_classes: npt.NDArray[np.int64]
    items: npt.NDArray[np.int64]
    from_source: Tensor


@dataclass(frozen=True)
class StalImages:
    """What a round trains on.

    Attributes:
        target: images of the target, with the labels that there are.
        labelled: positions of its labelled images, partly labelled ones too.
        unlabelled: positions of its unlabelled images; partly labelled ones are among them.
        source: labelled images of another domain; None = the target alone.
        channel_of: (256,) raw id of the target -> channel, 255 where ignored.
        config: crop and scales.
    """

    target: DenseDataset
    labelled: Sequence[int]
    unlabelled: Sequence[int]
    source: DenseDataset | None
    channel_of: IdTable
    config: StalConfig

    @property
    def counts(self) -> tuple[int, int]:
        """Number of labelled images of the target, and of images of the source."""
        return len(self.labelled), 0 if self.source is None else len(self.source)

    def labelled_view(self, slot: int, generator: np.random.Generator, scale_min: float) -> tuple[Tensor, Tensor]:
        """Return one augmented labelled image by its slot: target images first, then the source's."""
        dataset, index = self._slot(slot)
        channels = shared_channels(self.channel_of, self.target.classes, dataset.classes)[dataset.label(index)]
        pad_label = 0 if self.config.compat.pad_label_zero else IGNORE_INDEX
        return self._view(dataset.image(index), channels, generator, scale_min, pad_label)

    def unlabelled_view(self, number: int, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return one augmented unlabelled image, and its pixels' labels where people gave any."""
        index = self.unlabelled[number]
        channels = self.channel_of[self.target.label(index)]
        return self._view(self.target.image(index), channels, generator, self.config.data.scale_min, IGNORE_INDEX)

    def name_of(self, slot: int) -> str:
        """Return the id of a labelled image by its slot."""
        dataset, index = self._slot(slot)
        return dataset.ids[index]

    def _slot(self, slot: int) -> tuple[DenseDataset, int]:
        if slot < len(self.labelled):
            return self.target, self.labelled[slot]
        assert self.source is not None
        return self.source, slot - len(self.labelled)

    def _view(
        self, image: Image, channels: LabelMap, generator: np.random.Generator, scale_min: float, pad_label: int
    ) -> tuple[Tensor, Tensor]:
        data = self.config.data
        crop = (data.crop_px, data.crop_px)
        done = draw_rescale((channels.shape[0], channels.shape[1]), crop, generator, (scale_min, data.scale_max))
        return rescale_and_crop(image, channels, done, crop, pad_label)


@dataclass(frozen=True)
class BatchMaker:
    """Makes batches of a round.

    Attributes:
        images: images of the round.
        plan: batch plan of the unlabelled images; an epoch is one pass over them.
        run_seed, stage_index: seed of the run and index of the stage.
    """

    images: StalImages
    plan: BatchPlan
    run_seed: int
    stage_index: int

    def batches(self, state: StalState, done: int, total: int, workers: int = 1) -> Generator[StalBatch, None, None]:
        """Yield the batches of iterations `done` … `total` − 1. Each epoch reads the banks once, at its beginning."""
        while done < total:
            epoch = self.plan.epoch_of(done)
            end = min((epoch + 1) * self.plan.per_epoch, total)
            if done % self.plan.per_epoch == 0:
                state.begin_epoch()
            banks = (state.presence_at_epoch.cpu().numpy(), state.confidence_at_epoch.cpu().numpy())
            jobs = (partial(self._batch, iteration, *banks) for iteration in range(done, end))
            yield from prefetched(jobs, workers, ahead=workers + 1)
            done = end

    def _generator(self, component: SeedComponent, *position: int) -> np.random.Generator:
        return numpy_generator(self.run_seed, self.stage_index, component, *position)

    def _labelled_slots(self, iteration: int) -> npt.NDArray[np.int64]:
        """Return the labelled slots of an iteration. At its end the list is reshuffled and starts again."""
        size, length = self.plan.batch_size, epoch_length(*self.images.counts, len(self.images.target))
        slots: list[int] = []
        while len(slots) < size:
            epoch, offset = divmod(iteration * size + len(slots), length)
            slots += self._labelled_order(epoch)[offset : offset + size - len(slots)].tolist()
        return np.array(slots, dtype=np.int64)

    def _labelled_order(self, epoch: int) -> npt.NDArray[np.int64]:
        """Return the order of an epoch. The list is drawn once per round; later epochs reshuffle it."""
        drawn = labelled_epoch(*self.images.counts, len(self.images.target), self._generator(SeedComponent.ORDER, 1, 0))
        return drawn if epoch == 0 else self._generator(SeedComponent.ORDER, 1, epoch).permutation(drawn)

    def _batch(self, iteration: int, presence: npt.NDArray[np.uint8], confidence: npt.NDArray[np.float32]) -> StalBatch:
        config, images = self.images.config, self.images
        generator = self._generator(SeedComponent.AUGMENTATION, iteration)
        slots, first = self._labelled_slots(iteration), self.plan.items(iteration)
        if config.compat.one_pair:
            # REFERENCE: loads all of them, and takes the first or the second.
            first = first[[generator.integers(min(2, len(first)))]]
        labelled = [images.labelled_view(int(slot), generator, config.data.scale_min) for slot in slots]
        partners = self._partners(generator, slots)
        firsts = [images.unlabelled_view(int(number), generator) for number in first]
        mixed = draw_classes(confidence, len(first), config.mix.smooth, generator)
        second = np.array([draw_partner(presence[chosen], generator) for chosen in mixed])
        # The other kinds mix images within a batch.
        has_partners = config.mix.kind == "adaptive"
        seconds = [images.unlabelled_view(int(number), generator) for number in second if has_partners]
        return StalBatch(
            labelled=_stacked(labelled),
            partners=partners,
            first=_stacked(firsts),
            second=_stacked(seconds) if seconds else None,
            first_ids=_pinned(torch.from_numpy(first)),
            second_ids=_pinned(torch.from_numpy(second)),
            mixed_classes=mixed,
            items=slots,
            from_source=_pinned(torch.from_numpy(slots >= images.counts[0])),
        )

    def _partners(self, generator: np.random.Generator, slots: npt.NDArray[np.int64]) -> Views | None:
        """Draw a partner for every labelled image from the labelled list, which repeats target images."""
        options, images = self.images.config.copy_paste, self.images
        if not options.enabled or generator.random() >= options.probability:
            return None
        chosen = generator.choice(self._labelled_order(0), size=len(slots))
        return _stacked([images.labelled_view(int(slot), generator, options.scale_min) for slot in chosen])


def shared_channels(channel_of: IdTable, target: ClassTable, classes: ClassTable) -> IdTable:
    """Return (256,) raw id of another dataset -> channel of the target's class of that name; 255 if there is none.

    Args:
        channel_of: (256,) raw id of the target -> channel.
        target, classes: class tables of the target and of the other dataset.
    """
    raw_id_of = {name: raw_id for raw_id, name in target.names.items()}
    shared = {raw_id: raw_id_of[name] for raw_id, name in classes.names.items() if name in raw_id_of}
    return lookup_table({raw_id: int(channel_of[same]) for raw_id, same in shared.items()})


def draw_classes(
    confidence: npt.NDArray[np.float32], count: int, smooth: bool, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw the classes to mix in, (count,), by `mix_distribution`."""
    chances = mix_distribution(torch.from_numpy(confidence).double(), smooth).numpy()
    return generator.choice(len(confidence), size=count, p=chances).astype(np.int64)


def draw_partner(shows: npt.NDArray[np.uint8], generator: np.random.Generator) -> int:
    """Draw an image whose latest view showed the class; any image if there is none."""
    candidates = np.flatnonzero(shows)
    return int(generator.choice(candidates) if len(candidates) else generator.integers(len(shows)))


def _stacked(items: Sequence[tuple[Tensor, Tensor]]) -> Views:
    images, labels = zip(*items, strict=True)
    return Views(_pinned(torch.stack(images)), _pinned(torch.stack(labels).long()))


def _pinned(tensor: Tensor) -> Tensor:
    """Return a tensor that can be copied to a GPU asynchronously."""
    return tensor.pin_memory() if torch.cuda.is_available() else tensor
