"""How times, numbers and free JSON look in requests and answers."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError

MAX_DEPTH = 32
MAX_SAFE_INTEGER = 2**53 - 1
"""Largest integer that survives the JSON of a browser."""


def moment_text(moment: datetime) -> str:
    """Return a time as answers write it: RFC 3339 in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(moment_text, return_type=str, when_used="json")]
"""A time, as RFC 3339 in UTC with milliseconds."""

Number = float | Literal["NaN", "Infinity", "-Infinity"]
"""A measured value; what JSON cannot write as a number is a string (MET-1)."""

PlainText = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line without control characters."""

LongText = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
"""Lines of text."""

Seed = Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER, strict=True)]


def _refuse_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("number_type", "must be a number")
    return value


NoBoolean = BeforeValidator(_refuse_boolean)
"""For numbers that bodies and queries share: a query is text, so that they cannot be strict."""


def _require_plain_json(value: dict[str, Any]) -> dict[str, Any]:
    """Refuse what JSON parsers let through, but databases and digests cannot keep."""
    _check(value, 0)
    return value


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_text(key)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
    elif isinstance(value, str):
        _check_text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("holds a number that is not finite; JSON has no NaN and no infinity")


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(f"holds text that is not valid Unicode, or a NUL character: {text[:60]!a}")


JsonObject = Annotated[dict[str, Any], AfterValidator(_require_plain_json)]
"""Any JSON object that can be stored."""
