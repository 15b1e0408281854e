from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from server.schemas.values import MAX_DEPTH, JsonObject, LongText, Moment, Number, PlainText

OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(JsonObject)


class Timed(BaseModel):
    at: Moment


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC), "2026-01-02T03:04:05.678Z"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:04:05.000Z"),
    ],
)
def test_times_are_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert Timed(at=moment).model_dump_json() == f'{{"at":"{text}"}}'


@pytest.mark.parametrize("value", [1.5, "NaN", "Infinity", "-Infinity"])
def test_numbers_are_numbers_or_the_words_for_what_json_cannot_write(value: float | str) -> None:
    number: TypeAdapter[Any] = TypeAdapter(Number)

    assert number.validate_json(number.dump_json(value)) == value


def test_plain_json_is_kept_as_it_is() -> None:
    value = {"a": [1, 2.5, None, True, "ü😀", {"b": {}}], "": "line\nbreak"}

    assert OBJECT.validate_python(value) == value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": float("nan")}, "not finite"),
        ({"a": [{"b": float("inf")}]}, "not finite"),
        ({"a": "\0"}, "NUL"),
        ({"a\0": 1}, "NUL"),
        ({"a": ["\ud800"]}, "not valid Unicode"),
    ],
)
def test_json_that_no_database_keeps_is_refused(value: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        OBJECT.validate_python(value)


@pytest.mark.parametrize(("levels", "is_valid"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
def test_json_may_be_nested_to_a_limit(levels: int, is_valid: bool) -> None:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}

    assert _is_valid(OBJECT, value) is is_valid


@pytest.mark.parametrize(
    ("text", "is_plain", "is_long"), [("a b ü😀", True, True), ("a\nb", False, True), ("\0", False, False)]
)
def test_texts_hold_no_control_characters(text: str, is_plain: bool, is_long: bool) -> None:
    assert (_is_valid(TypeAdapter(PlainText), text), _is_valid(TypeAdapter(LongText), text)) == (is_plain, is_long)


def test_half_a_character_is_no_text() -> None:
    assert not _is_valid(TypeAdapter(PlainText), "\ud800")


def _is_valid(adapter: TypeAdapter[Any], value: Any) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True
