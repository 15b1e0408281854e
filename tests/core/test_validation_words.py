"""Every kind of slip in a document or a request gives one plain sentence with the value and what is allowed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError, model_validator

from core.experiment import document_model
from core.methods.catalog import METHODS
from core.validation_words import PATTERNS, rule_of, sentence_of

OPENAPI = Path(__file__).parents[2] / "frontend" / "openapi.json"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Box(BaseModel):
    kind: Literal["box"] = "box"


class Disc(BaseModel):
    kind: Literal["disc"] = "disc"


class Even(BaseModel):
    number: int

    @model_validator(mode="after")
    def _check(self) -> Even:
        if self.number % 2:
            raise ValueError(f"number is {self.number}, which is odd")
        return self


Shape = Annotated[Box | Disc, Field(discriminator="kind")]


def said(kind: Any, value: object) -> str:
    """Return the sentence about the first fault of a value."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return sentence_of(caught.value.errors()[0])


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (int, "ten", "must be a whole number; found 'ten'"),
        (int, 1.5, "must be a whole number; found 1.5"),
        (int, None, "must be a whole number; found null"),
        (float, [1], "must be a number; found a list of 1 entry"),
        (bool, "maybe", "must be true or false; found 'maybe'"),
        (str, 3, "must be text; found 3"),
        (str, {"a": 1}, "must be text; found a mapping"),
        (list[int], 4, "must be a list; found 4"),
        (tuple[int, ...], "a, b", "must be a list; found 'a, b'"),
        (dict[str, int], [], "must be a mapping of keys to values; found an empty list"),
        (Box, 1, "must be a mapping of keys to values; found 1"),
        (Annotated[int, Field(ge=1)], 0, "must be at least 1; found 0"),
        (Annotated[float, Field(gt=0)], -1.0, "must be more than 0; found -1.0"),
        (Annotated[float, Field(le=1)], 2, "must be at most 1; found 2"),
        (Annotated[float, Field(lt=0.5)], 0.5, "must be less than 0.5; found 0.5"),
        (Annotated[str, Field(min_length=1)], "", "must have at least 1 character; found ''"),
        (Annotated[str, Field(max_length=2)], "abc", "must have at most 2 characters; found 'abc'"),
        (Annotated[list[int], Field(min_length=2)], [1], "must have at least 2 entries; found a list of 1 entry"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "must have at most 1 entry; found a list of 2 entries"),
        (Literal["a", "b"], "c", "must be 'a' or 'b'; found 'c'"),
        (Literal[Colour.RED], "c", "must be 'red'; found 'c'"),
        (Colour, True, "must be 'red' or 'blue'; found true"),
        (Shape, {"kind": "cone"}, "'kind' must be one of 'box', 'disc'; found 'cone'"),
        (Shape, {}, "the key 'kind' is missing; it says which kind this is"),
        (Even, {"number": 3}, "number is 3, which is odd"),
        (Even, {}, "required, but missing"),
        (
            AwareDatetime,
            "2030-01-31T12:00:00",
            "must be a time with its zone, such as 2030-01-31T12:00:00Z; found '2030-01-31T12:00:00'",
        ),
        (
            Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")],
            "two\nlines",
            r"must be one line without control characters; found 'two\nlines'",
        ),
    ],
)
def test_a_slip_is_named_with_the_value_and_what_is_allowed(kind: Any, value: object, expected: str) -> None:
    assert said(kind, value) == expected


def test_a_rule_alone_does_not_repeat_a_value_that_may_be_secret() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python("secret")
    assert rule_of(caught.value.errors()[0]) == "must be a whole number"


def test_each_pattern_that_a_request_or_a_document_may_break_has_words() -> None:
    schemas = [json.loads(OPENAPI.read_text()), *(document_model(name).model_json_schema() for name in METHODS)]
    unworded = {pattern for schema in schemas for pattern in patterns_in(schema)} - set(PATTERNS)
    assert unworded == set(), "say in core/validation_words.py what a text must be that breaks these patterns"


def patterns_in(schema: Any) -> Iterator[str]:
    """Yield the value of every `pattern` in a JSON Schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for inner in schema.values():
            yield from patterns_in(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from patterns_in(inner)
