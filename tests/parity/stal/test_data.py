"""Augmentation, and the labelled images of an epoch, against the recordings."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.classes import IGNORE_INDEX
from core.data.transforms.rescale import (
    Rescale,
    centred,
    rescale_and_crop,
    rescaled_size,
    scale_from_draws,
)
from core.methods.stal.labelled_list import labelled_epoch
from tests.support.parity import assert_close, load_case


@pytest.mark.parametrize("name", list("abcd"))
@pytest.mark.parametrize(("suffix", "pad_label"), [("pad255", IGNORE_INDEX), ("pad0", 0)])
def test_images_are_resized_flipped_and_cropped_as_recorded(name: str, suffix: str, pad_label: int) -> None:
    case = load_case("stal", "augment")
    image, label = case[f"{name}_image_u8"].astype(np.uint8), case[f"{name}_label_in"].astype(np.uint8)
    size, crop = (label.shape[0], label.shape[1]), (int(case[f"{name}_crop_hw"][0]), int(case[f"{name}_crop_hw"][1]))
    done = centred(size, crop)
    if case[f"{name}_u"].size:
        u0, u1, u2 = case[f"{name}_u"].tolist()
        scale = scale_from_draws(u0, u1, (float(case["scale_range"][0]), float(case["scale_range"][1])))
        done = Rescale(rescaled_size(size, scale), u2 < 0.5, *case[f"{name}_offsets"].tolist())

    found, ids = rescale_and_crop(image, label, done, crop, pad_label)

    assert_close(found, case[f"{name}_image"], 1e-5)
    assert_close(ids, case[f"{name}_label_{suffix}"], 0)


def test_an_epoch_of_labelled_images_has_the_recorded_slots() -> None:
    case = load_case("stal", "list_build")
    pool = int(case["n_target_pool"])
    for row, (target, source) in enumerate(zip(case["n_target_labelled"], case["n_source"], strict=True)):
        slots = labelled_epoch(int(target), int(source), pool, np.random.default_rng(row))
        counts = np.bincount(slots, minlength=int(target + source))
        assert len(slots) == case["total_slots"][row]
        assert counts[: int(target)].sum() == case["target_slots"][row]
        assert counts[: int(target)].max() <= case["max_repeats"][row]
        assert counts[int(target) :].tolist() == [1] * int(source)
        assert counts[int(target) :].sum() == case["source_slots"][row]
