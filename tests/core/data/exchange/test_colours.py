"""What colours mean."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.classes import ClassTable
from core.data.exchange.colours import colours_of, ids_of, packed_colour, read_label_map
from core.data.exchange.faults import ExchangeFault

TABLE = ClassTable({3: "road", 7: "sky"}, background_id=None, colours={3: (1, 2, 3), 7: (4, 5, 6)})
MAP = """# label:color_rgb:parts:actions
background:0,0,0::
Road:51,221,255::
tree:9,9,9::
"""


def test_colours_of_the_classes_and_black_are_known() -> None:
    colours = colours_of(TABLE)

    packed = np.array([[packed_colour(1, 2, 3), packed_colour(4, 5, 6), 0]])
    assert ids_of(packed, "a.png", colours).tolist() == [[3, 7, 255]]


def test_a_label_map_names_classes_and_leaves_the_background_out() -> None:
    colours = read_label_map(MAP.encode(), "labelmap.txt", TABLE)

    assert ids_of(np.array([[packed_colour(51, 221, 255), 0]]), "a.png", colours).tolist() == [[3, 255]]
    with pytest.raises(
        ExchangeFault, match=r"#090909 at x 0, y 0 \(1 pixels\) is 'tree' by labelmap\.txt, which is no class"
    ):
        ids_of(np.array([[packed_colour(9, 9, 9)]]), "a.png", colours)
    with pytest.raises(ExchangeFault, match=r"#010203 .* is of no class by labelmap\.txt"):
        ids_of(np.array([[packed_colour(1, 2, 3)]]), "a.png", colours)


@pytest.mark.parametrize("line", ["road", "road:1,2", "road:1,2,256::", "road:a,b,c::", "road:1,2,3,4::"])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(ExchangeFault, match=r"labelmap\.txt, line 1: is not of the form label:red,green,blue") as fault:
        read_label_map(line.encode(), "labelmap.txt", TABLE)

    assert fault.value.code == "bad_label_map"
