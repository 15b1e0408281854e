"""Pictures at one size: what Pillow makes of the images, and labels without ids that were never there."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.resized import Resize, ResizedDataset
from tests.support.rounds import PictureSet, pictures

RAW = pictures(3)
"""32 x 32, stripes of eight rows of the classes 4, 3, 1, 0."""
WIDE = (80, 48)


@pytest.mark.parametrize(
    ("resize", "expected"), [("bilinear", PILImage.Resampling.BILINEAR), ("lanczos", PILImage.Resampling.LANCZOS)]
)
@pytest.mark.parametrize("size", [WIDE, (10, 6), (32, 32)])
def test_an_image_is_what_pillow_makes_of_it(
    resize: Resize, expected: PILImage.Resampling, size: tuple[int, int]
) -> None:
    image = ResizedDataset(RAW, size, resize).image(1)

    np.testing.assert_array_equal(image, np.asarray(PILImage.fromarray(RAW.image(1)).resize(size, expected)))
    assert image.shape == (size[1], size[0], 3)


def test_a_label_takes_the_nearest_pixel() -> None:
    label = ResizedDataset(RAW, WIDE, "lanczos").label(0)

    # Each stripe of eight rows becomes one of twelve.
    assert label.shape == (48, 80)
    assert label[:, 0].tolist() == [4] * 12 + [3] * 12 + [1] * 12 + [0] * 12
    assert (label == label[:, :1]).all()


@pytest.mark.parametrize("size", [WIDE, (7, 5), (33, 31)])
def test_no_id_is_invented(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).choice(np.array([0, 7, 18, 255], np.uint8), (32, 32))
    noisy = PictureSet(["a"], [RAW.image(0)], [noise])

    assert set(np.unique(ResizedDataset(noisy, size).label(0))) <= {0, 7, 18, 255}


def test_names_and_classes_are_those_of_the_dataset() -> None:
    resized = ResizedDataset(RAW, WIDE)

    assert (len(resized), resized.ids, resized.classes) == (3, RAW.ids, RAW.classes)


def test_a_shared_picture_stays_as_it_is() -> None:
    frozen = RAW.image(2).copy()
    frozen.flags.writeable = False
    dataset = PictureSet(["a"], [frozen], [RAW.label(2)])

    assert ResizedDataset(dataset, (16, 16)).image(0).shape == (16, 16, 3)
    np.testing.assert_array_equal(frozen, RAW.image(2))
