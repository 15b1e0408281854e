"""Paths of the server inside documents: found wherever they are, by their type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, BeforeValidator, Field

from core.data.catalog import WORLDS
from core.data.specs import FolderDatasetSpec
from core.experiment import document_model
from core.methods.catalog import METHODS
from core.server_path import SCHEMA_FORMAT, PlacedPath, ServerPath, paths_in, paths_in_data, with_absolute_paths
from core.streams.catalog import STREAMS, stream_class

FREE_TEXTS = {
    *("/preset", "/stream/schedule", "/config/copy_paste/frequent", "/stream/known", "/stream/unknown"),
    *("/stream/hand_out/annotators", "/stream/hand_out/instructions"),
}
"""Strings of a document that may be anything and are no path: names, looked up in a table, and words for people."""
FREE_KEY = "/renamed"
"""Names of classes, in a dataset wherever it lies."""
MODELS: list[tuple[type[BaseModel], str]] = [
    *((document_model(method), "") for method in METHODS),
    *((stream_class(kind), "/stream") for kind in STREAMS),
    *((dataset, "/dataset") for dataset in (FolderDatasetSpec, *(entry.load_spec() for entry in WORLDS.values()))),
]
"""What a user sends, and where it lies in a document."""


class Weights(BaseModel):
    kind: Literal["file"] = "file"
    teacher: ServerPath | None = None


class Drawn(BaseModel):
    kind: Literal["drawn"] = "drawn"
    seed: int = 0


class Everywhere(BaseModel):
    start: Annotated[Weights | Drawn, BeforeValidator(lambda data: data)] = Field(default_factory=Drawn)
    others: list[Weights] = []
    lists: dict[str, tuple[ServerPath, ...]] = {}
    own: Path | None = None
    renamed: ServerPath = Field("/built-in", alias="re/named")
    note: str = ""


DATA: dict[str, Any] = {
    "start": {"kind": "file", "teacher": "/a"},
    "others": [{}, {"teacher": "/b"}],
    "lists": {"of/all": ["/c", "d"]},
    "own": "/e",
    "re/named": "/f",
    "note": "free",
}
PLACES = [
    PlacedPath("/start/teacher", "/a"),
    PlacedPath("/others/1/teacher", "/b"),
    PlacedPath("/lists/of~1all/0", "/c"),
    PlacedPath("/lists/of~1all/1", "d"),
    PlacedPath("/own", "/e"),
    PlacedPath("/re~1named", "/f"),
]


def test_paths_of_a_checked_model_are_found_at_their_places() -> None:
    assert list(paths_in(Everywhere.model_validate(DATA))) == PLACES


def test_paths_of_unchecked_data_are_found_at_the_same_places() -> None:
    assert list(paths_in_data(DATA, Everywhere)) == PLACES


def test_default_that_is_a_path_is_found_in_a_checked_model() -> None:
    assert list(paths_in(Everywhere())) == [PlacedPath("/re~1named", "/built-in")]


def test_places_are_told_below_a_pointer() -> None:
    assert list(paths_in(Weights(teacher="/a"), "/config")) == [PlacedPath("/config/teacher", "/a")]


def test_unchecked_data_of_another_form_has_no_path() -> None:
    data = {"start": "/a", "others": {"teacher": 1}, "lists": None, "stranger": {"teacher": "/b"}}

    assert list(paths_in_data(data, Everywhere)) == []


def test_data_nested_beyond_the_call_stack_is_walked() -> None:
    data: Any = "/deep"
    for _ in range(5000):
        data = [data]

    [placed] = paths_in_data({"lists": data}, Everywhere)

    assert placed.path == "/deep"


@pytest.mark.parametrize(
    "text", ["/etc/passwd", " /etc", "~/x", "..", "a/../b", "..\\a", "\\\\host\\share", "C:\\data", "file:///etc"]
)
def test_string_that_looks_like_a_path_is_found_in_a_setting_that_takes_none(text: str) -> None:
    placed = PlacedPath("/note", text, is_declared=False)

    assert placed in list(paths_in(Everywhere(note=text)))
    assert list(paths_in_data({"note": text}, Everywhere)) == []


@pytest.mark.parametrize("text", ["eir/demo", "ade20k/100-10", "train_aug", "a..b", "road, car", ""])
def test_name_is_not_taken_for_a_path(text: str) -> None:
    assert [placed.pointer for placed in paths_in(Everywhere(note=text))] == ["/re~1named"]


@pytest.mark.parametrize(("model", "place"), MODELS, ids=[model.__name__ for model, _ in MODELS])
def test_every_text_of_a_document_is_a_path_or_cannot_be_one(model: type[BaseModel], place: str) -> None:
    """A setting that takes a path and is declared as plain text would leave the server's roots unguarded."""
    schema = model.model_json_schema()
    free = {pointer for pointer, leaf in texts_of(schema, schema, place) if leaf.get("format") != SCHEMA_FORMAT}
    unknown = {pointer for pointer in free - FREE_TEXTS if not pointer.endswith(FREE_KEY)}

    assert sorted(unknown) == []


def test_settings_that_are_paths_are_found_by_their_schema() -> None:
    schema = document_model("stal").model_json_schema()

    assert [pointer for pointer, leaf in texts_of(schema, schema) if leaf.get("format") == SCHEMA_FORMAT] == [
        "/dataset/root",
        "/stream/source/root",
        "/stream/hand_out/assistant/checkpoint",
        "/config/model/backbone_weights",
        "/config/model/checkpoint",
    ]


def texts_of(schema: Mapping[str, Any], root: Mapping[str, Any], pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the strings of a JSON Schema that may be anything: without constants or a pattern."""
    if "$ref" in schema:
        yield from texts_of(root["$defs"][schema["$ref"].rpartition("/")[2]], root, pointer)
    for key, inner in schema.get("properties", {}).items():
        yield from texts_of(inner, root, f"{pointer}/{key}")
    inner_schemas = [schema.get("items"), schema.get("additionalProperties")]
    for inner in [
        *inner_schemas,
        *(one for key in ("anyOf", "oneOf", "allOf", "prefixItems") for one in schema.get(key, [])),
    ]:
        if isinstance(inner, Mapping):
            yield from texts_of(inner, root, pointer)
    if schema.get("type") == "string" and not schema.keys() & {"enum", "const"}:
        pattern = schema.get("pattern")
        if pattern is None or any(re.search(pattern, path) for path in ("/etc/passwd", "../weights.pt")):
            yield pointer, schema


def test_declared_paths_become_absolute_wherever_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    dataset = FolderDatasetSpec(adapter="folder", root="city")
    stream = stream_class("active_rounds").model_validate({"source": dataset.model_dump()})

    found = [with_absolute_paths(model).model_dump(mode="json") for model in (dataset, stream)]

    assert found[0] == dataset.model_dump(mode="json") | {"root": str(tmp_path / "city")}
    assert found[1]["source"]["root"] == str(tmp_path / "city")
    assert with_absolute_paths(with_absolute_paths(dataset)).root == str(tmp_path / "city")
