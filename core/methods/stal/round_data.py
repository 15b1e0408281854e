"""What a round has: the target with its labels so far, the source, and what is left to ask about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.acquisition.manifest import LabelManifest, read_manifest
from core.acquisition.pool import Pool, PoolImage
from core.data.classes import ClassTable
from core.data.image_cache import CachedDataset
from core.data.label_ids import IdTable, lookup_table
from core.data.opening import group_of
from core.data.overlay import LabelOverlay
from core.data.resized import ResizedDataset
from core.data.samples import DenseDataset
from core.data.stream_target import first_images, folder_of
from core.errors import ConfigError
from core.methods.stal.config import StalConfig
from core.methods.stal.label_space import LabelSpace, learned_ids
from core.stage.context import StageContext
from core.streams.active_rounds import ActiveRoundsStream

LABELS = "labels"


@dataclass(frozen=True)
class RoundData:
    """The data of one round.

    Attributes:
        target: training images of the target, with every label known so far.
        groups: group of each, such as its city.
        source: labelled images of the source.
        whole: positions of the images labelled as a whole.
        partly: positions of the images of which some pixels are labelled.
        manifest: what people or the oracle labelled; empty before the first labelling.
    """

    target: LabelOverlay
    groups: Sequence[str]
    source: DenseDataset | None
    whole: Sequence[int]
    partly: Sequence[int]
    manifest: LabelManifest

    @property
    def unlabelled(self) -> list[int]:
        """Positions of the images that are not labelled as a whole; all of them when every one is."""
        done = set(self.whole)
        left = [position for position in range(len(self.target)) if position not in done]
        return left or list(range(len(self.target)))

    def pool(self) -> Pool:
        """Return what may still be asked about."""
        done = set(self.whole)
        is_labelled = [position in done for position in range(len(self.target))]
        return Pool(self.target.ids, self.groups, is_labelled, self._open_image, frozenset(self.manifest.set_aside))

    def _open_image(self, position: int) -> PoolImage:
        image, known = self.target.image(position), self.target.known(position)
        is_open = np.ones(image.shape[:2], bool) if known is None else known == self.target.classes.ignore_id
        return PoolImage(self.target.ids[position], image, is_open)


def open_round(context: StageContext[StalConfig], stream: ActiveRoundsStream, *, with_source: bool) -> RoundData:
    """Open the target with its labels, and the source where it is trained on.

    Raises:
        ConfigError: when nothing is labelled, or the first images cannot be had.
        DataError, StorageError: when a file cannot be read.
    """
    labels = context.inputs.get(LABELS)
    manifest = read_manifest(labels) if labels is not None else LabelManifest()
    names = context.train_set.ids
    folder = folder_of(context.spec.dataset, Path(context.spec.data_home))
    first = first_images(folder, stream, names)
    stream.check_pool(len(names), len(first))
    masks = {} if labels is None else {item.image: labels / item.mask for item in manifest.images}
    base = CachedDataset(context.train_set, context.config.data.cache_mib)
    target = LabelOverlay(base, masks, first)
    position = {name: index for index, name in enumerate(names)}
    whole = {*first, *(item.image for item in manifest.images if item.is_whole)}
    source = _source_of(context) if with_source else None
    if with_source and source is None and not whole and not masks:
        raise ConfigError("nothing is labelled: name a source, or label images at the start", "/stream/initial_images")
    return RoundData(
        target=target,
        groups=[group_of(context.spec.dataset, name) for name in names],
        source=source,
        whole=sorted(position[name] for name in whole),
        partly=sorted(position[name] for name in masks.keys() - whole),
        manifest=manifest,
    )


def _source_of(context: StageContext[StalConfig]) -> DenseDataset | None:
    """Return the source at the size that it is trained at; what is kept in memory is resized already."""
    source, data = context.source_set, context.config.data
    if source is None:
        return None
    if data.source_size is not None:
        source = ResizedDataset(source, data.source_size, data.source_resize)
    return CachedDataset(source, data.cache_mib)


def channel_tables(classes: ClassTable, label_space: LabelSpace = "all") -> tuple[IdTable, IdTable]:
    """Return (256,) raw id -> channel, 255 where nothing is learned, and (C,) channel -> raw id; see `learned_ids`."""
    raw_ids = learned_ids(classes, label_space)
    channel_of = lookup_table({raw_id: channel for channel, raw_id in enumerate(raw_ids)})
    return channel_of, np.array(raw_ids, dtype=np.uint8)
