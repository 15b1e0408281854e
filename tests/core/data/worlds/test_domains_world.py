"""The world of binary-mask domains on disk."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from core.data.adapters.sam_domain import list_pairs, split_names
from core.data.opening import on_disk, open_dataset
from core.data.verify import verify_dataset
from core.data.worlds.domains import RECIPES, DomainKind, DomainsWorld
from core.data.worlds.domains_world import (
    FIRST_EVAL_INDEX,
    LAYOUT,
    DomainsDatasetSpec,
    benchmark_specs,
    write_domains,
)


def spec(domain: DomainKind) -> DomainsDatasetSpec:
    return DomainsDatasetSpec(world="domains", domain=domain, size_px=32, train_images=3, eval_images=2)


def test_every_domain_has_a_recipe_and_a_place() -> None:
    assert set(RECIPES) == set(LAYOUT) == set(get_args(DomainKind))


@pytest.mark.parametrize("domain", RECIPES)
def test_pictures_are_functions_of_their_number_with_some_foreground(domain: DomainKind) -> None:
    world = DomainsWorld(domain, 48, seed=3)
    scenes = [world.scene(index) for index in range(8)]
    again = DomainsWorld(domain, 48, seed=3).scene(5)

    np.testing.assert_array_equal(scenes[5].image, again.image)
    np.testing.assert_array_equal(scenes[5].mask, again.mask)
    assert all(0.003 < scene.mask.mean() < 0.6 for scene in scenes)
    assert not np.array_equal(scenes[0].mask, scenes[1].mask)


def test_a_domain_is_read_back_as_it_was_drawn(tmp_path: Path) -> None:
    opened = open_dataset(spec("camouflage"), tmp_path)
    world = DomainsWorld("camouflage", 32)

    np.testing.assert_array_equal(opened.train.mask(1), world.scene(1).mask)
    np.testing.assert_array_equal(opened.eval.mask(0), world.scene(FIRST_EVAL_INDEX).mask)
    assert verify_dataset(on_disk(spec("camouflage"), tmp_path)).faults == ()


def test_masks_that_are_jpegs_keep_their_foreground(tmp_path: Path) -> None:
    opened = open_dataset(spec("polyps"), tmp_path)

    assert (opened.train.mask(0) == DomainsWorld("polyps", 32).scene(0).mask).mean() > 0.99


def test_the_benchmark_has_its_folders_and_one_manifest(tmp_path: Path) -> None:
    write_domains(benchmark_specs(train_images=2, eval_images=1, size_px=24), tmp_path)

    assert len(split_names(tmp_path)) == 8 * 2 + 1
    for folder in ("BSData/my_train", "group2/new_test", "CAMO/Images/Train", "CAMO/GT", "Polyp/train/masks", "coco"):
        assert list((tmp_path / folder).iterdir())
    assert len(list_pairs(tmp_path, "bottles.train")) == 2
    assert len(list_pairs(tmp_path, "natural.test")) == 1
