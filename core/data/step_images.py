"""How many training images each step of a stream has, or its pool: what a plan can know of a dataset. Free of torch."""

from __future__ import annotations

from core.data.presence import ClassPresence, require_images, step_counts
from core.streams.catalog import TaskStream
from core.streams.class_incremental import ClassIncrementalStream


def images_of_stream(stream: TaskStream, pool_size: int, presence: ClassPresence | None) -> tuple[int, ...] | None:
    """Return the training images of each step, or the size of the pool as the only entry.

    Args:
        stream: of the experiment.
        pool_size: training images of the dataset.
        presence: what they show; None where they were not scanned yet.

    Returns:
        None where a scan is needed first.

    Raises:
        ConfigError: for a step without images, or a budget that the pool cannot meet.
    """
    if not isinstance(stream, ClassIncrementalStream):
        stream.check_pool(pool_size)
        return (pool_size,)
    if presence is None:
        return None
    require_images(stream, presence)
    return step_counts(stream, presence)
