"""The order in which a decoder's masks are shown, and the points of a question."""

from __future__ import annotations

import pytest

from core.models.sam.image_fit import fit_image
from core.models.sam.questions import Click, Question, candidate_order, point_tokens

SCORES = (0.3, 0.5, 0.9, 0.7)
CLICK = Question([Click(3, 4)])
CLICKS = Question([Click(3, 4), Click(0, 1, is_positive=False)])


@pytest.mark.parametrize(
    ("question", "has_head", "count", "order"),
    [
        (CLICK, False, 3, [2, 3, 1]),
        (CLICK, False, 1, [2]),
        (CLICK, True, 3, [0, 2, 3]),
        (CLICKS, False, 3, [0, 2, 3]),
        (Question(box=(0, 0, 3, 3)), False, 2, [0, 2]),
        (CLICKS, True, 9, [0, 2, 3]),
    ],
)
def test_an_ambiguous_click_is_answered_by_the_best_mask(
    question: Question, has_head: bool, count: int, order: list[int]
) -> None:
    assert candidate_order(SCORES, question, has_head, count) == order


def test_a_question_without_a_box_ends_with_padding() -> None:
    fit = fit_image(10, 20, 40, "padded")

    places, labels = point_tokens(CLICKS, fit)

    assert labels.tolist() == [[1, 0, -1]]
    assert places.tolist() == [[[6.5, 8.5], [0.5, 2.5], [0, 0]]]


def test_a_box_follows_the_clicks_as_two_corners() -> None:
    places, labels = point_tokens(Question([Click(3, 4)], (0, 0, 19, 9)), fit_image(10, 20, 40, "stretched"))

    assert labels.tolist() == [[1, 2, 3]]
    assert places.tolist() == [[[6.5, 17.5], [0.5, 1.5], [38.5, 37.5]]]
