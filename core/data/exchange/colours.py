"""From colours of a label picture to raw ids: by the classes' own colours, or by a map that comes with the pictures.

Free of torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.classes import ClassTable
from core.data.exchange.faults import ExchangeFault
from core.data.samples import LabelMap

Packed = npt.NDArray[np.int64]
"""(H, W) red, green and blue of each pixel as one number."""
BLACK = 0


@dataclass(frozen=True)
class ColourMap:
    """The meaning of each colour.

    Attributes:
        ids: colour as one number -> the raw ids that have this colour.
        others: colour -> name of a label that is no class of the round.
        source: where the map comes from, for messages.
    """

    ids: dict[int, list[int]]
    others: dict[int, str]
    source: str


def colours_of(classes: ClassTable) -> ColourMap:
    """Return the colours of a class table; black means ignored unless a class is black."""
    ids: dict[int, list[int]] = {}
    for raw_id in classes.names:
        ids.setdefault(packed_colour(*classes.colour(raw_id)), []).append(raw_id)
    ids.setdefault(BLACK, [classes.ignore_id])
    return ColourMap(ids, {}, "the colours of the round")


def read_label_map(data: bytes, name: str, classes: ClassTable) -> ColourMap:
    """Return the colours of a `labelmap.txt` of CVAT; each line is `label:red,green,blue:parts:actions`.

    Labels are matched by name. `background` is ignored, and so is black unless a label is black.

    Raises:
        ExchangeFault: naming the line of another form.
    """
    by_name = {name.casefold(): raw_id for raw_id, name in classes.names.items()}
    ids: dict[int, list[int]] = {}
    others: dict[int, str] = {}
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        label, colour = _label_and_colour(line, f"{name}, line {number}")
        if label.casefold() in by_name:
            ids.setdefault(colour, []).append(by_name[label.casefold()])
        elif label.casefold() == "background":
            ids.setdefault(colour, []).append(classes.ignore_id)
        else:
            others[colour] = label
    if BLACK not in others:
        ids.setdefault(BLACK, [classes.ignore_id])
    return ColourMap(ids, others, name)


def ids_of(packed: Packed, name: str, colours: ColourMap) -> LabelMap:
    """Return colours as raw ids.

    Args:
        packed: (H, W).
        name: name of the file, for messages.
        colours: meaning of the colours.

    Raises:
        ExchangeFault: naming the first colour with no class or with several, and its position.
    """
    found, place = np.unique(packed, return_inverse=True)
    for colour in found.tolist():
        if len(colours.ids.get(colour, ())) != 1:
            rows, columns = np.nonzero(packed == colour)
            where = f"{name}: the colour #{colour:06x} at x {columns[0]}, y {rows[0]} ({len(rows)} pixels)"
            raise _unclear(colour, where, colours)
    table = np.array([colours.ids[colour][0] for colour in found.tolist()], np.uint8)
    return table[place].reshape(packed.shape)


def packed_colour(red: int, green: int, blue: int) -> int:
    """Return a colour as one number."""
    return red << 16 | green << 8 | blue


def _unclear(colour: int, where: str, colours: ColourMap) -> ExchangeFault:
    if colour in colours.ids:
        problem = f"{where} is that of the classes {colours.ids[colour]}; send raw ids"
        return ExchangeFault("ambiguous_colour", problem)
    if colour in colours.others:
        problem = f"{where} is {colours.others[colour]!r} by {colours.source}, which is no class of the round"
        return ExchangeFault("unknown_colour", f"{problem}; call it as the class is called")
    problem = f"{where} is of no class by {colours.source}; send raw ids, one 8-bit index a pixel"
    return ExchangeFault("unknown_colour", problem)


def _label_and_colour(line: str, place: str) -> tuple[str, int]:
    label, _, rest = line.partition(":")
    parts = rest.partition(":")[0].split(",")
    channels = [int(part) for part in parts if part.strip().isdecimal() and len(part.strip()) < 4]
    if len(parts) != 3 or len(channels) != 3 or max(channels) > 255:
        raise ExchangeFault("bad_label_map", f"{place}: is not of the form label:red,green,blue:parts:actions")
    return label.strip(), packed_colour(*channels)
