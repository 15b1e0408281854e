"""Questions about one image, and the masks that answer them. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.data.samples import Mask
from core.models.sam.image_fit import ImageFit

MOST_CANDIDATES = 3
NEGATIVE, POSITIVE, BOX_START, BOX_END, PADDING = 0, 1, 2, 3, -1
"""Labels of points, as published exports of SAM number them."""
Logits = npt.NDArray[np.float32]


class Click(NamedTuple):
    """A pixel of the image, and whether it lies on the object."""

    x: int
    y: int
    is_positive: bool = True


@dataclass(frozen=True)
class Question:
    """A question about an image; it has at least a click or a box.

    Attributes:
        clicks: in pixels of the image.
        box: x1, y1, x2, y2 in pixels of the image; the last column and row belong to it.
        mask: (m, m) logits of an earlier answer, to refine it.
    """

    clicks: Sequence[Click] = ()
    box: tuple[int, int, int, int] | None = None
    mask: Logits | None = None

    @property
    def is_ambiguous(self) -> bool:
        """Whether it is a single click, which may mean a part or the whole."""
        return len(self.clicks) == 1 and self.box is None and self.mask is None


class Candidate(NamedTuple):
    """A mask at the image's size, its expected quality in [0, 1], and its (m, m) logits."""

    mask: Mask
    score: float
    logits: Logits


class PointTokens(NamedTuple):
    """A question's points as the exported decoder takes them.

    Attributes:
        places: (1, n, 2) x and y in pixels of the view.
        labels: (1, n); see `NEGATIVE` and the following.
    """

    places: npt.NDArray[np.float32]
    labels: npt.NDArray[np.float32]


def check_question(question: Question, height: int, width: int) -> None:
    """Refuse a question that cannot be asked of an image of this size; raises ValueError that names the fault."""
    if not question.clicks and question.box is None:
        raise ValueError("nothing is asked: give a click or a box")
    points = [(click.x, click.y) for click in question.clicks]
    if question.box is not None:
        x1, y1, x2, y2 = question.box
        if x2 < x1 or y2 < y1:
            raise ValueError(f"the box {question.box} ends before it begins; give x1, y1, x2, y2")
        points += [(x1, y1), (x2, y2)]
    for x, y in points:
        if not (0 <= x < width and 0 <= y < height):
            raise ValueError(f"the point x {x}, y {y} lies outside the image of {width}x{height}")


def point_tokens(question: Question, fit: ImageFit) -> PointTokens:
    """Return the points of a question: its clicks, then its box, or padding if it has none."""
    places = [(click.x, click.y) for click in question.clicks]
    labels = [POSITIVE if click.is_positive else NEGATIVE for click in question.clicks]
    if question.box is not None:
        places += [question.box[:2], question.box[2:]]
        labels += [BOX_START, BOX_END]
    view = fit.to_view(np.reshape(places, (-1, 2)))
    if question.box is None:
        view, labels = np.concatenate([view, np.zeros((1, 2), np.float32)]), [*labels, PADDING]
    return PointTokens(view[None], np.array([labels], np.float32))


def candidate_order(scores: Sequence[float], question: Question, has_head: bool, count: int) -> list[int]:
    """Return which of a decoder's four masks to show, the default mask first.

    The first mask is the head's, or SAM's single mask; the others are SAM's own for ambiguous questions. Without a
    head an ambiguous question is answered by the best of these three, as published SAM does.

    Args:
        scores: expected quality of each mask.
        question: what was asked.
        has_head: whether the first mask is a head's.
        count: number of masks, from 1 to 3.
    """
    rest = sorted(range(1, len(scores)), key=lambda place: -scores[place])
    order = rest if question.is_ambiguous and not has_head else [0, *rest]
    return order[: max(1, min(count, MOST_CANDIDATES))]
