from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.streams.active_rounds import ActiveRoundsStream
from core.streams.hand_out import HandOut


def test_a_query_goes_once_to_whoever_asks_where_nothing_is_said() -> None:
    rule = ActiveRoundsStream().handing_out()

    assert (rule.overlap, rule.assignment, rule.annotators, rule.instructions) == (1, "pull", (), "")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"overlap": 6}, "less than or equal to 5"),
        ({"overlap": 0}, "greater than or equal to 1"),
        ({"overlap_share": 0}, "greater than 0"),
        ({"assignment": "fixed"}, "a fixed assignment needs names"),
        ({"overlap": 3, "annotators": ["ann", "bob"]}, "3 independent answers need as many people; 2 are named"),
        ({"annotators": ["ann", "bob", "ann"]}, "ann is named twice"),
        ({"annotators": [""]}, "at least 1 character"),
        ({"ties": "coin"}, "ignore"),
    ],
)
def test_what_cannot_be_handed_out_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        HandOut.model_validate(changes)
