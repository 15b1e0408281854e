from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.errors import ConfigError
from core.streams.base import TaskStream
from core.streams.catalog import STREAMS, class_of_stream, read_stream, stored_stream, stream_class


@pytest.mark.parametrize("kind", STREAMS)
def test_every_row_is_a_stream_of_its_kind(kind: str) -> None:
    found = stream_class(kind)

    assert issubclass(found, TaskStream)
    assert found.model_fields["kind"].default == kind
    assert found.noun in ("step", "round", "domain", "test")


def test_kind_decides_the_form() -> None:
    assert read_stream({"kind": "active_rounds"}).noun == "round"
    assert read_stream({"kind": "class_incremental", "steps": [[1], [2]]}).num_steps == 2


def test_without_a_kind_a_stream_is_class_incremental() -> None:
    assert read_stream({"steps": [[1]]}).kind == "class_incremental"


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="'active_round' does not exist; did you mean 'active_rounds'") as caught:
        class_of_stream({"kind": "active_round"})

    assert caught.value.pointer == "/stream/kind"


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        read_stream({"kind": "active_rounds", "steps": [[1]]})


def test_a_stream_survives_json() -> None:
    stream = read_stream({"kind": "active_rounds", "budgets": [3], "unit": "percent_images"})

    assert read_stream(stream.model_dump(mode="json")) == stream


def test_a_stored_stream_whose_kind_is_gone_is_none() -> None:
    assert stored_stream({"kind": "of_another_lab", "pace": 3}) is None
    assert stored_stream({"steps": [[1]]}) == read_stream({"steps": [[1]]})
