"""Copy-paste, CutMix, CutOut and ClassMix against the recordings."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from core.data.transforms.mixing import (
    MixedBatch,
    box_keep_mask,
    class_keep_mask,
    component_region,
    components,
    copy_paste,
    cut_out,
    half_area_region,
    mix_with_next,
)
from tests.support.parity import assert_close, load_case


def test_copy_paste_takes_the_recorded_pixels() -> None:
    case = {name: torch.from_numpy(array) for name, array in load_case("stal", "copy_paste").items()}
    images, labels = copy_paste(case["image"], case["label"], case["paste_image"], case["paste_label"], case["query"])
    assert_close(images, case["out_image"], 0)
    assert_close(labels, case["out_label"], 0)


@pytest.mark.parametrize("name", ["absent", "big", "diag", "small", "multi"])
def test_the_region_of_a_class_is_the_recorded_one(name: str) -> None:
    case = load_case("stal", "cutmix_region")
    prediction = case[f"{name}_pred"]
    numbered, count = components(prediction, int(case[f"{name}_cat"]))
    order = case[f"{name}_order"].tolist()
    region = component_region(numbered, order, float(case[f"{name}_area"]))
    if case[f"{name}_u"].size:
        assert region is None
        region = half_area_region(*prediction.shape, *case[f"{name}_u"].tolist())
    assert region is not None
    assert len(order) <= count
    assert_close(region.mask(*prediction.shape), case[f"{name}_mask"], 0)


@pytest.mark.parametrize("name", ["cutout", "cutmix", "classmix"])
def test_batches_are_mixed_as_recorded(name: str) -> None:
    case = load_case("stal", "mix_masks")
    batch = MixedBatch(*(torch.from_numpy(case[key]) for key in ("image", "target", "conf")))
    height, width = batch.labels.shape[1:]
    if name == "classmix":
        ends = [0, *case["classmix_perm_len"].cumsum().tolist()]
        permutations = [case["classmix_perm"][start:end].tolist() for start, end in pairwise(ends)]
        keep = torch.stack([class_keep_mask(*pair) for pair in zip(batch.labels, permutations, strict=True)])
    else:
        keep = torch.stack([box_keep_mask(height, width, draws) for draws in case[f"{name}_draws"].tolist()])

    mixed = cut_out(batch, keep) if name == "cutout" else mix_with_next(batch, keep)

    assert_close(mixed.images, case[f"{name}_image"], 1e-6)
    assert_close(mixed.labels, case[f"{name}_target"], 0)
    assert_close(mixed.confidence, case[f"{name}_conf"], 1e-6)
