from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.streams.active_rounds import ActiveRoundsStream
from core.streams.completion import Completion


def test_a_stream_waits_for_every_answer_unless_it_says_otherwise() -> None:
    assert ActiveRoundsStream().completion == Completion(share=1.0, deadline_hours=None)


@pytest.mark.parametrize(
    ("name", "value"), [("share", 0), ("share", 1.01), ("deadline_hours", 0), ("deadline_hours", 87_601), ("hours", 1)]
)
def test_a_rule_that_cannot_be_kept_is_refused_at_its_place(name: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        ActiveRoundsStream.model_validate({"completion": {name: value}})

    assert caught.value.errors()[0]["loc"] == ("completion", name)
