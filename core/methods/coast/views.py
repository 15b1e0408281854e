"""Training images of one domain: their order, and weak views of them (CoaST 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.image_cache import CachedDataset
from core.data.label_ids import IdTable, remap
from core.data.resized import ResizedDataset
from core.data.samples import DenseDataset, Image
from core.data.transforms.presets import to_tensor
from core.data.transforms.weak_view import Size, WeakView, draw_weak_view, to_unit, weak_image, weak_label
from core.methods.coast.options import ViewOptions
from core.seeding import SeedComponent, numpy_generator


@dataclass(frozen=True)
class DomainOrder:
    """Assignment of a domain's images to batches: consecutive shuffled passes.

    Attributes:
        num_items: images of the domain; if fewer than a batch, a batch repeats them.
        batch_size: B.
        run_seed, stage_index: seed of the run and index of the stage.
        domain: 0 for the source, 1 + i for target i.
    """

    num_items: int
    batch_size: int
    run_seed: int
    stage_index: int
    domain: int

    def items(self, iteration: int) -> npt.NDArray[np.int64]:
        """Return the (B,) images of an iteration."""
        places = iteration * self.batch_size + np.arange(self.batch_size)
        orders = {epoch: self._order(epoch) for epoch in dict.fromkeys((places // self.num_items).tolist())}
        return np.array([orders[place // self.num_items][place % self.num_items] for place in places.tolist()])

    def augmentation(self, iteration: int, place: int) -> np.random.Generator:
        """Return the augmentation's generator for a position of a batch."""
        return self._generator(SeedComponent.AUGMENTATION, iteration, place)

    def _order(self, epoch: int) -> npt.NDArray[np.int64]:
        return self._generator(SeedComponent.ORDER, epoch).permutation(self.num_items)

    def _generator(self, component: SeedComponent, *position: int) -> np.random.Generator:
        return numpy_generator(self.run_seed, self.stage_index, component, self.domain, *position)


class DomainViews:
    """Weak views of a domain's training images.

    Args:
        dataset: the images at their own sizes.
        channel_of: (256,) raw id -> channel.
        options: sizes and chances.
        cache_mib: memory for the images, cached at the size of `options`.
    """

    def __init__(self, dataset: DenseDataset, channel_of: IdTable, options: ViewOptions, cache_mib: int) -> None:
        self.ids = dataset.ids
        self.size: Size = (options.image_size[1], options.image_size[0])
        self.crop: Size = (options.crop_size[1], options.crop_size[0])
        self._images = CachedDataset(ResizedDataset(dataset, options.image_size), cache_mib)
        self._channel_of, self._options = channel_of, options

    def __len__(self) -> int:
        return len(self.ids)

    def draw(self, generator: np.random.Generator) -> WeakView:
        """Draw a view."""
        return draw_weak_view(self.size, self._options.scale_width_px, self.crop, generator, self._options.flip)

    def labelled(self, index: int, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return a view of an image (3, h, w) in [0, 1], and its channels (h, w) uint8; 255 = ignored."""
        view = self.draw(generator)
        channels = remap(self._images.label(index), self._channel_of)
        return to_unit(self.weak(index, view)), to_tensor(weak_label(channels, view, self.crop))

    def unlabelled(self, index: int, generator: np.random.Generator) -> Tensor:
        """Return a view of an image (3, h, w) in [0, 1]."""
        return to_unit(self.weak(index, self.draw(generator)))

    def weak(self, index: int, view: WeakView) -> Image:
        """Return a view of an image, (h, w, 3)."""
        return weak_image(self._images.image(index), view, self.crop)


class LabelledViews(Protocol):
    """Labelled images that give views."""

    def labelled(self, index: int, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return a view of an image, and its channels; see `DomainViews`."""


class JoinedViews:
    """The labelled images of several domains, concatenated."""

    def __init__(self, parts: Sequence[DomainViews]) -> None:
        self.ids = [name for part in parts for name in part.ids]
        self._items = [(part, index) for part in parts for index in range(len(part))]

    def __len__(self) -> int:
        return len(self._items)

    def labelled(self, index: int, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return a view of an image, and its channels; see `DomainViews`."""
        part, own = self._items[index]
        return part.labelled(own, generator)


def stacked(tensors: list[Tensor]) -> Tensor:
    """Return tensors as a batch that can be copied to a GPU asynchronously."""
    batch = torch.stack(tensors)
    return batch.pin_memory() if torch.cuda.is_available() else batch
