from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.classes import ClassTable
from core.data.colour_map import palette_of
from core.data.exchange.faults import ExchangeFault
from core.data.exchange.pictures import colour_png, decode_picture, palette_png
from core.files import index_png

CLASSES = ClassTable({3: "road", 7: "sky"}, background_id=None, colours={3: (128, 64, 128), 7: (70, 130, 180)})
LABELS = np.array([[3, 7, 255], [7, 7, 3]], np.uint8)
SIZE = (3, 2)


def _png(array: np.ndarray, mode: str | None = None) -> bytes:
    file = io.BytesIO()
    PILImage.fromarray(array, mode).save(file, format="PNG")
    return file.getvalue()


def _fault(data: bytes, classes: ClassTable = CLASSES, size: tuple[int, int] = SIZE) -> ExchangeFault:
    with pytest.raises(ExchangeFault) as fault:
        decode_picture(data, "a.png", size, classes)
    return fault.value


def test_a_palette_png_holds_ids_and_shows_colours() -> None:
    data = palette_png(LABELS, palette_of(CLASSES))

    with PILImage.open(io.BytesIO(data)) as picture:
        assert picture.mode == "P"
        assert np.array_equal(np.asarray(picture), LABELS)
        shown = np.asarray(picture.convert("RGB"))
    assert shown[0].tolist() == [[128, 64, 128], [70, 130, 180], [0, 0, 0]]
    assert data == palette_png(LABELS.copy(order="F"), palette_of(CLASSES))


def test_a_palette_png_is_read_by_its_indices_whatever_its_colours_are() -> None:
    swapped = palette_of(CLASSES)
    swapped[[3, 7]] = swapped[[7, 3]]

    labels, is_by_colour = decode_picture(palette_png(LABELS, swapped), "a.png", SIZE, CLASSES)

    assert not is_by_colour
    assert np.array_equal(labels, LABELS)


def test_an_index_png_without_a_palette_holds_ids() -> None:
    labels, is_by_colour = decode_picture(index_png(LABELS), "a.png", SIZE, CLASSES)

    assert (is_by_colour, labels.tolist()) == (False, LABELS.tolist())


def test_colours_are_read_through_the_classes_and_black_is_ignored() -> None:
    labels, is_by_colour = decode_picture(colour_png(LABELS, palette_of(CLASSES)), "a.png", SIZE, CLASSES)

    assert is_by_colour
    assert np.array_equal(labels, LABELS)


def test_a_colour_of_no_class_is_named_with_its_place() -> None:
    colours = np.zeros((2, 3, 3), np.uint8)
    colours[1, 1:] = (1, 2, 3)

    fault = _fault(_png(colours))

    assert fault.code == "unknown_colour"
    assert "a.png: the colour #010203 at x 1, y 1 (2 pixels) is of no class" in fault.message


def test_a_colour_of_two_classes_is_refused() -> None:
    twins = ClassTable({3: "road", 7: "sky"}, background_id=None, colours={3: (1, 1, 1), 7: (1, 1, 1)})

    fault = _fault(_png(np.ones((2, 3, 3), np.uint8)), twins)

    assert fault.code == "ambiguous_colour"
    assert "[3, 7]" in fault.message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_png(np.zeros((2, 3), np.uint16)), "not_an_index"),
        (_png(np.zeros((2, 3, 4), np.uint8)), "not_an_index"),
        (b"text", "unreadable"),
        (index_png(LABELS)[:40], "unreadable"),
        (index_png(np.zeros((3, 3), np.uint8)), "size_mismatch"),
        (_png(np.zeros((3, 3, 3), np.uint8)), "size_mismatch"),
    ],
)
def test_other_pictures_are_refused(data: Any, code: str) -> None:
    fault = _fault(data)

    assert fault.code == code
    assert fault.message.startswith("a.png: ")
