from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from core.streams.active_rounds import ActiveRoundsStream
from core.streams.base import StreamKind
from core.streams.catalog import STREAMS, TaskStream
from core.streams.class_incremental import ClassIncrementalStream

ADAPTER: TypeAdapter[TaskStream] = TypeAdapter(TaskStream)


def test_kind_decides_the_form() -> None:
    assert isinstance(ADAPTER.validate_python({"kind": "active_rounds"}), ActiveRoundsStream)
    assert isinstance(ADAPTER.validate_python({"kind": "class_incremental", "steps": [[1]]}), ClassIncrementalStream)


def test_without_a_kind_a_stream_is_class_incremental() -> None:
    assert isinstance(ADAPTER.validate_python({"steps": [[1]]}), ClassIncrementalStream)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValidationError, match="carousel"):
        ADAPTER.validate_python({"kind": "carousel"})


def test_every_kind_has_its_model() -> None:
    assert set(STREAMS) == set(StreamKind)
    assert {kind: model.model_fields["kind"].default for kind, model in STREAMS.items()} == {
        kind: kind.value for kind in StreamKind
    }


def test_a_stream_survives_json() -> None:
    stream = ADAPTER.validate_python({"kind": "active_rounds", "budgets": [3], "unit": "percent_images"})

    assert ADAPTER.validate_json(ADAPTER.dump_json(stream)) == stream
