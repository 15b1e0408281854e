"""Seeds are a documented function of the place, and of nothing else."""

from __future__ import annotations

import hashlib

import numpy as np
import torch

from core.seeding import SeedComponent, derive_seed, numpy_generator, torch_generator


def test_a_seed_is_the_documented_hash_without_its_lowest_bit():
    digest = hashlib.blake2b(b"palimpsest/7/2/augmentation/3/11", digest_size=8).digest()

    assert derive_seed(7, 2, SeedComponent.AUGMENTATION, 3, 11) == int.from_bytes(digest, "big") >> 1


def test_every_part_of_the_place_changes_the_seed():
    places = [
        (7, 2, SeedComponent.ORDER, 1),
        (8, 2, SeedComponent.ORDER, 1),
        (7, 3, SeedComponent.ORDER, 1),
        (7, 2, SeedComponent.PASTE, 1),
        (7, 2, SeedComponent.ORDER, 2),
        (7, 2, SeedComponent.ORDER),
    ]

    assert len({derive_seed(*place) for place in places}) == len(places)


def test_seeds_fit_a_signed_64_bit_integer():
    assert all(0 <= derive_seed(seed, 0, SeedComponent.INIT) < 2**63 for seed in range(200))


def test_generators_of_one_place_draw_the_same_whatever_was_drawn_elsewhere():
    first = numpy_generator(1, 0, SeedComponent.SELECTION, 5).random(4)
    numpy_generator(1, 0, SeedComponent.SELECTION, 4).random(100)
    torch.manual_seed(99)

    again = numpy_generator(1, 0, SeedComponent.SELECTION, 5).random(4)

    assert np.array_equal(first, again)
    assert torch.equal(
        torch.rand(3, generator=torch_generator(1, 0, SeedComponent.INIT)),
        torch.rand(3, generator=torch_generator(1, 0, SeedComponent.INIT)),
    )
