"""Every random draw of a run, as a function of where it happens and never of a generator's history.

A seed is `blake2b(run seed / stage / component / position…)`, so an item drawn in epoch 3 is the same item whether the
stage ran through or was killed and resumed, and whichever worker drew it. Torch is imported only by the function that
returns a torch generator: the server shows seeds too, and never loads torch.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


class SeedComponent(StrEnum):
    """The separate streams of random numbers of one stage."""

    ORDER = "order"
    AUGMENTATION = "augmentation"
    INIT = "init"
    SELECTION = "selection"
    DROPOUT = "dropout"
    PASTE = "paste"
    POINTS = "points"
    REPLAY = "replay"


def derive_seed(run_seed: int, stage_index: int, component: SeedComponent, *position: int) -> int:
    """Return the 63-bit seed of one draw.

    Args:
        run_seed: the seed the run was started with.
        stage_index: position of the stage in the plan.
        component: which stream of random numbers.
        position: where in the stream, such as (epoch, item).
    """
    path = "/".join(map(str, ("palimpsest", run_seed, stage_index, component.value, *position)))
    return int.from_bytes(hashlib.blake2b(path.encode(), digest_size=8).digest(), "big") >> 1


def numpy_generator(run_seed: int, stage_index: int, component: SeedComponent, *position: int) -> np.random.Generator:
    """Return a numpy generator for one draw; see `derive_seed`."""
    return np.random.Generator(np.random.PCG64(derive_seed(run_seed, stage_index, component, *position)))


def torch_generator(run_seed: int, stage_index: int, component: SeedComponent, *position: int) -> torch.Generator:
    """Return a CPU torch generator for one draw; see `derive_seed`."""
    import torch

    return torch.Generator().manual_seed(derive_seed(run_seed, stage_index, component, *position))
