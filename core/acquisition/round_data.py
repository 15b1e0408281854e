"""Data of a round: the target with its labels so far, and the pool of what can still be queried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.acquisition.manifest import LabelManifest, read_manifest
from core.acquisition.pool import Pool, PoolImage
from core.acquisition.round_plan import LABELS
from core.data.groups import groups_of
from core.data.image_cache import CachedDataset
from core.data.overlay import LabelOverlay
from core.data.samples import DenseDataset
from core.errors import ConfigError
from core.stage.context import StageContext
from core.streams.active_rounds import TARGET, ActiveRoundsStream
from core.streams.first_images import first_images


@dataclass(frozen=True)
class RoundData:
    """The data of one round.

    Attributes:
        target: training images of the target, with all labels so far.
        groups: group of each image, such as its city.
        whole: positions of the fully labelled images.
        partly: positions of the partly labelled images.
        manifest: labels of people or the oracle; empty before the first labelling.
        source: labelled images of another domain to train on as well; None = the target only.
    """

    target: LabelOverlay
    groups: Sequence[str]
    whole: Sequence[int]
    partly: Sequence[int]
    manifest: LabelManifest
    source: DenseDataset | None = None

    @property
    def unlabelled(self) -> list[int]:
        """Positions of the images that are not fully labelled. If all images are, return all positions."""
        done = set(self.whole)
        left = [position for position in range(len(self.target)) if position not in done]
        return left or list(range(len(self.target)))

    def with_source(self, source: DenseDataset | None) -> RoundData:
        """Return the data with this source; raise ConfigError if nothing is labelled."""
        if source is None and not self.whole and not self.partly:
            raise ConfigError(
                "nothing is labelled: name a source, or label images at the start", "/stream/initial_images"
            )
        return replace(self, source=source)

    def pool(self) -> Pool:
        """Return the pool of images that may still be queried."""
        done = set(self.whole)
        is_labelled = [position in done for position in range(len(self.target))]
        return Pool(self.target.ids, self.groups, is_labelled, self._open_image, frozenset(self.manifest.set_aside))

    def _open_image(self, position: int) -> PoolImage:
        image, known = self.target.image(position), self.target.known(position)
        is_open = np.ones(image.shape[:2], bool) if known is None else known == self.target.classes.ignore_id
        return PoolImage(self.target.ids[position], image, is_open)


def rounds_of(context: StageContext[Any]) -> ActiveRoundsStream:
    """Return the stage's stream of rounds; raise ConfigError if the stream is of another kind."""
    if not isinstance(context.stream, ActiveRoundsStream):
        raise ConfigError(
            f"method {context.spec.method!r} needs a stream of kind active_rounds, not {context.stream.kind}", "/stream"
        )
    return context.stream


def open_round(context: StageContext[Any], cache_mib: int) -> RoundData:
    """Open the target with all labels so far.

    Args:
        context: context of a stage of rounds.
        cache_mib: memory for decoded images.

    Raises:
        ConfigError: if the initial images cannot be chosen.
        DataError, StorageError: if a file cannot be read.
    """
    stream, labels = rounds_of(context), context.inputs.get(LABELS)
    manifest = read_manifest(labels) if labels is not None else LabelManifest()
    opened = context.datasets[TARGET]
    names = opened.train.ids
    first = first_images(opened.folder, stream.first, names)
    stream.check_pool(len(names), len(first))
    masks = {} if labels is None else {item.image: labels / item.mask for item in manifest.images}
    base = CachedDataset(opened.train, cache_mib)
    target = LabelOverlay(base, masks, first)
    position = {name: index for index, name in enumerate(names)}
    whole = {*first, *(item.image for item in manifest.images if item.is_whole)}
    return RoundData(
        target=target,
        groups=groups_of(opened.folder, names),
        whole=sorted(position[name] for name in whole),
        partly=sorted(position[name] for name in masks.keys() - whole),
        manifest=manifest,
    )
