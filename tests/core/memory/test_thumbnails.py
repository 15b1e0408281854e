from dataclasses import replace

import numpy as np

from core.memory.entry import decode_png, encode_png
from core.memory.thumbnails import render_thumbnail
from tests.support.instances import rectangle_entry


def test_instance_fills_the_longer_side_on_a_grey_backdrop() -> None:
    entry = rectangle_entry(1, (2, 2, 14, 8))

    thumbnail = decode_png(render_thumbnail(entry))

    assert thumbnail.shape == (96, 96, 3)
    assert (thumbnail[:24] == 128).all()
    assert (thumbnail[72:] == 128).all()
    assert np.array_equal(thumbnail[24:72:8, ::8], entry.crop)


def test_pixels_of_other_classes_are_backdrop() -> None:
    entry = rectangle_entry(1, (0, 0, 20, 20))
    labels = entry.label_crop.copy()
    labels[:, 10:] = 255

    thumbnail = decode_png(render_thumbnail(replace(entry, label_png=encode_png(labels))))

    assert (thumbnail[:, 48:] == 128).all()


def test_large_instance_is_averaged_down() -> None:
    entry = rectangle_entry(1, (0, 0, 192, 192), size=(200, 200))

    thumbnail = decode_png(render_thumbnail(entry))

    expected = entry.crop.reshape(96, 2, 96, 2, 3).mean(axis=(1, 3))
    assert np.abs(thumbnail - expected).max() <= 1
