"""Annotations laid together."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.classes import ClassTable
from core.data.exchange.coco_drawing import AnnotationDrawing
from core.data.exchange.faults import ExchangeFault
from core.data.exchange.found import Loss, Overlap, ReadingTerms
from core.data.exchange.masks import encode_rle

TABLE = ClassTable({3: "road", 7: "sky"}, background_id=None)
SIZE = (6, 1)


def drawing(overlap: Overlap, *annotations: tuple[int, int, int]) -> AnnotationDrawing:
    """Return a drawing of (class, first column, end)."""
    drawn = AnnotationDrawing(SIZE, ReadingTerms(TABLE, overlap))
    for number, (class_id, first, end) in enumerate(annotations, start=1):
        mask = np.zeros((1, 6), np.bool_)
        mask[0, first:end] = True
        drawn.add(class_id, encode_rle(mask), str(number))
    return drawn


@pytest.mark.parametrize(
    ("overlap", "expected"), [(Overlap.LAST, [7, 7, 7, 3, 3, 255]), (Overlap.IGNORE, [255, 255, 255, 3, 3, 255])]
)
def test_a_pixel_of_two_classes_goes_where_the_terms_say(overlap: Overlap, expected: list[int]) -> None:
    result = drawing(overlap, (7, 0, 2), (3, 0, 5), (7, 0, 3)).result()

    assert result.labels.tolist() == [expected]
    assert result.losses[Loss.OVERLAPPING] == 5
    assert result.notes() == ["5 pixels of two classes settled by the rule for overlap"]


def test_the_smaller_annotation_wins_whatever_the_order() -> None:
    orders = [((3, 0, 5), (7, 1, 3)), ((7, 1, 3), (3, 0, 5))]

    drawn = [drawing(Overlap.SMALLEST, *order).result().labels.tolist() for order in orders]

    assert drawn == [[[3, 7, 7, 3, 3, 255]]] * 2


def test_a_contradiction_is_refused_with_the_way_out() -> None:
    with pytest.raises(ExchangeFault, match=r"annotations 1 and 2 overlap .*overlap=last, smallest or ignore") as fault:
        drawing(Overlap.REFUSE, (3, 0, 3), (7, 2, 6))

    assert fault.value.code == "overlap"


def test_what_was_left_out_is_told() -> None:
    drawn = AnnotationDrawing((11, 9), ReadingTerms(TABLE))
    drawn.add(3, [[1, 1, 5, 1, 5, 4], [1, 1]], "1")
    drawn.add(3, [], "2")
    drawn.add(3, [-3, 5, 5, 5, 5, 8, -3, 8], "3")

    assert drawn.result().notes() == [
        "1 pieces of fewer than three vertices left out",
        "1 annotations that enclose no pixel left out",
        "1 annotations cut at the border of the image",
    ]
