"""Outlines as other tools write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.data.exchange import outlines
from core.data.exchange.faults import ExchangeFault
from core.data.exchange.outlines import clipped, require_drawable, vertices_of

SIZE = (20, 10)


def area(outline: np.ndarray) -> float:
    """Return the area that an outline encloses."""
    x, y = outline.T
    return abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2


def fault_of(polygon: Any) -> ExchangeFault:
    with pytest.raises(ExchangeFault) as fault:
        vertices_of(polygon)
    return fault.value


def test_vertices_are_numbers_or_text_in_turn() -> None:
    assert vertices_of([1, 2.5, "3", " 4.5 "]).tolist() == [[1, 2.5], [3, 4.5]]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, None, "x", "nan", [1], 10**7, 10**400])
def test_a_vertex_that_is_no_place_is_named(value: Any) -> None:
    fault = fault_of([1, 1, 5, 1, 5, value])

    assert fault.code == "bad_polygon"
    assert repr(str(value)[:40]) in fault.message


@pytest.mark.parametrize("polygon", [[1, 2, 3], "polygon", 5, None])
def test_what_is_no_list_of_pairs_is_refused(polygon: Any) -> None:
    assert fault_of(polygon).message == "a polygon is a list of x and y in turn"


def test_an_outline_inside_or_within_a_pixel_of_the_image_stays_as_it_is() -> None:
    outline = vertices_of([-1, 0, 21, 0, 20, 11])

    assert clipped(outline, SIZE) is outline


@pytest.mark.parametrize(
    ("polygon", "expected"),
    [
        ([-3, 2, 8, 2, 8, 6, -3, 6], 8 * 4),
        ([15, 5, 23, 5, 23, 13, 15, 13], 5 * 5),
        # A triangle whose tip is outside: of its 6 x 4 / 2 the last quarter of the height is cut, a sixteenth.
        ([14, -2, 20, -2, 17, 2], 6 * 4 / 2 - (12 - 3)),
        ([-4, -4, -2, -4, -2, -2, -4, -2], 0),
    ],
)
def test_what_is_outside_is_cut_exactly(polygon: list[float], expected: float) -> None:
    cut = clipped(vertices_of(polygon), SIZE)

    assert (cut >= 0).all()
    assert (cut <= np.array(SIZE)).all()
    assert (area(cut) if len(cut) else 0) == pytest.approx(expected)


def test_an_outline_far_outside_belongs_to_another_image() -> None:
    with pytest.raises(ExchangeFault, match="leaves the image of 20x10 at x 8, y 16") as fault:
        clipped(vertices_of([1, 1, 8, 1, 8, 16]), SIZE)

    assert fault.value.code == "outside_image"


def test_vertices_and_the_length_of_outlines_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    square = vertices_of([1, 1, 5, 1, 5, 4, 1, 4])
    assert outlines.MAX_VERTICES == 100_000

    monkeypatch.setattr(outlines, "MAX_OUTLINE_PX", 13)
    with pytest.raises(ExchangeFault, match="the outlines are 14 px long; at most 13"):
        require_drawable([square])
    monkeypatch.setattr(outlines, "MAX_VERTICES", 7)
    with pytest.raises(ExchangeFault, match="the polygons have 8 vertices; at most 7"):
        require_drawable([square, square])
    assert fault_of([1, 1] * 8).code == "too_many_vertices"
