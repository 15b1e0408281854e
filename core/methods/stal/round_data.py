"""What a round of STAL trains on: the target with its labels, and the source (STAL 2)."""

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
        ConfigError: when nothing is labelled, or the first images cannot be had.
        DataError, StorageError: when a file cannot be read.
    """
    return open_round(context, context.config.data.cache_mib).with_source(_source_of(context))


def at_target_size(target: DenseDataset, data: ViewOptions) -> DenseDataset:
    """Return images of the target, with what is known of their labels, at the size that they are trained at."""
    return target if data.target_size is None else ResizedDataset(target, data.target_size, data.target_resize)


def _source_of(context: StageContext[StalConfig]) -> DenseDataset | None:
    """Return the source at the size that it is trained at; what is kept in memory is resized already."""
    if SOURCE not in context.datasets:
        return None
    source, data = context.datasets[SOURCE].train, context.config.data
    if data.source_size is not None:
        source = ResizedDataset(source, data.source_size, data.source_resize)
    return CachedDataset(source, data.cache_mib)
