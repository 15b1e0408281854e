"""Training data of a STAL round: the target with its labels, and the source (STAL 2)."""

from __future__ import annotations

from core.acquisition.round_data import RoundData, open_round
from core.data.image_cache import CachedDataset
from core.data.resized import ResizedDataset
from core.data.samples import DenseDataset
from core.methods.stal.config import StalConfig, ViewOptions
from core.stage.context import StageContext
from core.streams.active_rounds import SOURCE


def open_training(context: StageContext[StalConfig]) -> RoundData:
    """Open the target with its labels, and the source.

    Raises:
        ConfigError: if nothing is labelled, or the initial images cannot be chosen.
        DataError, StorageError: if a file cannot be read.
    """
    return open_round(context, context.config.data.cache_mib).with_source(_source_of(context))


def at_target_size(target: DenseDataset, data: ViewOptions) -> DenseDataset:
    """Return the target's images and known labels at the training size."""
    return target if data.target_size is None else ResizedDataset(target, data.target_size, data.target_resize)


def _source_of(context: StageContext[StalConfig]) -> DenseDataset | None:
    """Return the source at its training size; the cache holds resized images."""
    if SOURCE not in context.datasets:
        return None
    source, data = context.datasets[SOURCE].train, context.config.data
    if data.source_size is not None:
        source = ResizedDataset(source, data.source_size, data.source_resize)
    return CachedDataset(source, data.cache_mib)
