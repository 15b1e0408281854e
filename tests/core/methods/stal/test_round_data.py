"""What a round of STAL trains on."""

from __future__ import annotations

from pathlib import Path

from core.methods.stal.round_data import open_training
from tests.support.rounds import pictures, round_context


def test_the_source_is_resized_once_where_that_is_asked_for(tmp_path: Path) -> None:
    sized = round_context(tmp_path, source=pictures(2, first=20), data={"source_size": [64, 48]})
    plain = round_context(tmp_path / "plain", source=pictures(2, first=20))

    resized = open_training(sized)
    as_it_is = open_training(plain)

    assert resized.source is not None
    assert as_it_is.source is not None
    assert (resized.source.image(0).shape, resized.source.label(1).shape) == ((48, 64, 3), (48, 64))
    # What is kept in memory is the resized picture; the target keeps its size.
    assert resized.source.image(0) is resized.source.image(0)
    assert resized.target.image(0).shape == as_it_is.source.image(0).shape == (32, 32, 3)
