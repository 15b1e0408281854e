from dataclasses import replace

import numpy as np
import pytest

from core.memory.entry import cut_instance, decode_png, encode_png
from tests.support.instances import dataset_of

LABELS = np.zeros((10, 12), np.uint8)
LABELS[2:5, 3:7] = 4
LABELS[6:8, 8:9] = 2
LABELS[3, 4] = 255
LABELS[0, 0] = 9


def test_crop_is_the_box_of_all_kept_classes() -> None:
    dataset = dataset_of([LABELS])

    entry = cut_instance(dataset, 0, (4, 2), drawn_class=4, step_added=1)

    assert entry.box == (3, 2, 9, 8)
    assert entry.offset == (3, 2)
    assert entry.canvas_size == (12, 10)
    assert entry.classes == (2, 4)
    assert entry.area == 12 - 1 + 2
    assert np.array_equal(entry.crop, dataset.image(0)[2:8, 3:9])


def test_label_crop_keeps_raw_ids_of_the_kept_classes_only() -> None:
    entry = cut_instance(dataset_of([LABELS]), 0, (4,), drawn_class=4, step_added=0)

    assert entry.label_crop.tolist() == [[4, 4, 4, 4], [4, 255, 4, 4], [4, 4, 4, 4]]


def test_canvas_is_the_image_inside_the_crop_and_empty_outside() -> None:
    dataset = dataset_of([LABELS])
    entry = cut_instance(dataset, 0, (2,), drawn_class=2, step_added=0)

    image, label = entry.canvas_image(), entry.canvas_label()

    inside = LABELS == 2
    assert np.array_equal(image[inside], dataset.image(0)[inside])
    assert image[~inside].max() == 0
    assert np.array_equal(label, np.where(inside, 2, 255))


def test_class_zero_can_be_cut_out_where_it_is_an_ordinary_class() -> None:
    entry = cut_instance(dataset_of([LABELS[5:, 7:]]), 0, (0,), drawn_class=0, step_added=0)

    label = entry.canvas_label()

    assert set(np.unique(label)) == {0, 255}
    assert entry.area == (label == 0).sum()


def test_id_depends_on_the_instance_and_not_on_why_it_was_taken() -> None:
    entry = cut_instance(dataset_of([LABELS]), 0, (2, 4), drawn_class=4, step_added=0)

    assert replace(entry, drawn_class=2, step_added=3, times_drawn=8, source_jpeg=b"").id == entry.id
    assert replace(entry, source="another").id != entry.id
    assert replace(entry, box=(4, 2, 10, 8)).id != entry.id


def test_class_that_the_label_lacks_cannot_be_cut_out() -> None:
    with pytest.raises(ValueError, match=r"image-0: none of the classes \(7,\)"):
        cut_instance(dataset_of([LABELS]), 0, (7,), drawn_class=7, step_added=0)


def test_png_keeps_every_pixel_and_the_same_pixels_give_the_same_bytes() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)

    assert np.array_equal(decode_png(encode_png(pixels)), pixels)
    assert encode_png(pixels[::-1][::-1]) == encode_png(pixels.copy())
