import numpy as np
import pytest

from core.data.transforms.geometry import CropParams, crop_and_resize, draw_crop
from core.memory.entry import InstanceEntry, cut_instance
from core.memory.store import InstanceMemory
from core.methods.class_incremental.config import DataConfig
from core.methods.eir.fitting import fit_instance
from core.methods.eir.instance_bank import InstanceBank
from tests.support.instances import dataset_of, rectangle_entry

CROP = DataConfig(crop_px=48, area_min=0.3, area_max=1.0)
CHANNEL_OF = {3: 1, 7: 2}
CELL_PX = 22
ROUNDING = 2
"""Of 255: each of the two passes of a resize rounds, and a part of an image begins between pixels."""


def ragged_entry(seed: int) -> InstanceEntry:
    """Return an entry of classes 3 and 7 whose outline no transformation maps onto itself."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((40, 56), np.uint8)
    labels[8:29, 10:37] = rng.choice([3, 3, 7, 255], (21, 27))
    labels[20:24, 37:50] = 7
    return cut_instance(dataset_of([labels]), 0, (3, 7), drawn_class=3, step_added=0)


def bank_of(*entries: InstanceEntry) -> InstanceBank:
    """Return a bank with these entries."""
    return InstanceBank(InstanceMemory(entries, budget=len(entries)), CHANNEL_OF, CROP)


def test_entries_are_found_by_the_channel_they_were_drawn_for() -> None:
    bank = bank_of(*(rectangle_entry(c, (2, 2, 9, 9)) for c in (7, 3, 7)))

    assert bank.entries_of == {1: (1,), 2: (0, 2)}


def test_empty_memory_makes_an_empty_bank() -> None:
    bank = bank_of()

    assert (bank.entries, bank.entries_of) == ((), {})


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("is_flipped", [False, True])
def test_fitted_instance_is_that_of_the_augmented_canvas(seed: int, is_flipped: bool) -> None:
    entry = ragged_entry(seed)
    crop = draw_crop(56, 40, np.random.default_rng(seed), (0.3, 1.0))
    view = CropParams(crop.top, crop.left, crop.height, crop.width, is_flipped)
    image, labels = crop_and_resize(entry.canvas_image(), entry.canvas_label(), view, CROP.crop_px)
    expected = fit_instance(labels == 3, CELL_PX)
    x0, y0, _, _ = expected.box

    fitted = bank_of(entry).fit(0, 1, view, CELL_PX)

    assert np.array_equal(fitted.mask, expected.mask)
    pixels = image[(y0 + expected.rows)[:, None], x0 + expected.columns]
    assert np.abs(fitted.pixels.astype(int) - pixels).max() <= ROUNDING


def test_reduced_instance_is_antialiased_like_the_augmented_canvas() -> None:
    config = DataConfig(crop_px=16)
    entry = ragged_entry(0)
    view = CropParams(0, 0, 40, 56)
    image, labels = crop_and_resize(entry.canvas_image(), entry.canvas_label(), view, 16)
    expected = fit_instance(labels == 3, 7)
    x0, y0, _, _ = expected.box

    fitted = InstanceBank(InstanceMemory((entry,), 1), CHANNEL_OF, config).fit(0, 1, view, 7)

    pixels = image[(y0 + expected.rows)[:, None], x0 + expected.columns]
    assert np.abs(fitted.pixels.astype(int) - pixels).max() <= ROUNDING


def test_bilinear_resize_keeps_the_mask_of_nearest() -> None:
    entry, view = ragged_entry(1), CropParams(0, 0, 40, 56)

    nearest = bank_of(entry).fit(0, 1, view, CELL_PX)
    bilinear = bank_of(entry).fit(0, 1, view, CELL_PX, "bilinear")

    assert np.array_equal(bilinear.mask, nearest.mask)
    assert bilinear.pixels.shape == nearest.pixels.shape
    assert not np.array_equal(bilinear.pixels, nearest.pixels)


def test_crop_that_misses_the_instance_gives_nothing() -> None:
    bank = bank_of(rectangle_entry(3, (0, 0, 5, 5)))

    assert bank.fit(0, 1, CropParams(10, 12, 10, 12), CELL_PX) is None


def test_drawn_views_lie_in_the_canvas_and_flip_half_of_the_time() -> None:
    bank = bank_of(rectangle_entry(3, (2, 2, 9, 9)))

    views = [bank.draw_view(0, np.random.default_rng(seed)) for seed in range(200)]

    assert all(0 <= view.top <= 20 - view.height and 0 <= view.left <= 24 - view.width for view in views)
    assert 70 < sum(view.is_flipped for view in views) < 130


def test_views_are_never_flipped_when_flipping_is_off() -> None:
    entry = rectangle_entry(3, (2, 2, 9, 9))
    bank = InstanceBank(InstanceMemory((entry,), 1), CHANNEL_OF, DataConfig(crop_px=16, flip=False))

    assert not any(bank.draw_view(0, np.random.default_rng(seed)).is_flipped for seed in range(20))
