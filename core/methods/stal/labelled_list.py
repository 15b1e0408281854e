"""The labelled list of a round: repeated target images, and each source image once (STAL 2.3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def labelled_epoch(
    num_target: int, num_source: int, pool_size: int, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return the shuffled slots of one pass over the labelled images. A round draws them once.

    The target's list is repeated ⌈(N − n)/n⌉ times, and N − n of its entries are drawn without replacement. All source
    images are appended.

    Args:
        num_target: n, labelled target images; 0 = only the source (unsupervised adaptation).
        num_source: source images.
        pool_size: N, all training images of the target.
        generator: the round's generator.

    Returns:
        (slots,) numbers: target images below n, source images from n on.

    Raises:
        ValueError: if there are more labelled images than the pool has, or nothing is labelled.
    """
    if not 0 <= num_target <= pool_size:
        raise ValueError(f"{num_target} labelled target images do not fit into a pool of {pool_size}")
    if num_target + num_source == 0:
        raise ValueError("nothing is labelled: give source images, or a first labelled target set")
    slots = np.arange(num_target, num_target + num_source)
    if num_target:
        wanted = epoch_length(num_target, 0, pool_size)
        repeated = np.tile(np.arange(num_target), -(-wanted // num_target))
        slots = np.concatenate([generator.choice(repeated, wanted, replace=False), slots])
    return generator.permutation(slots).astype(np.int64)


def epoch_length(num_target: int, num_source: int, pool_size: int) -> int:
    """Return the number of slots of `labelled_epoch`."""
    # With the whole pool labelled, N − n is 0; use one pass over the pool.
    return num_source + (max(pool_size - num_target, num_target) if num_target else 0)
