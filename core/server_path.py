"""Settings that name a file or a folder of the machine that runs the stages. Free of torch.

Whoever sends a document to the server would otherwise choose which files the server opens. So each setting of a config,
a stream or a dataset that takes a path is a `ServerPath`, and the server checks all of them in one place, whatever
their names are.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

SCHEMA_FORMAT = "server-path"
"""`format` of a path in a JSON Schema."""


class PathMarker:
    """Marks a type whose strings are paths of the server."""


ServerPath = Annotated[
    str, Field(min_length=1, max_length=4096, json_schema_extra={"format": SCHEMA_FORMAT}), PathMarker()
]
"""A file or a folder of the machine that runs the stages."""

Model = TypeVar("Model", bound=BaseModel)

_LIKE_A_PATH = re.compile(r"^\s*(/|~|\\|[A-Za-z]:[\\/]|file:)|(^|[\\/])\.\.([\\/]|$)")


@dataclass(frozen=True)
class PlacedPath:
    """A path, and the JSON Pointer of the setting that holds it.

    Attributes:
        is_declared: False where the setting is no `ServerPath`, but its value looks like a path.
    """

    pointer: str
    path: str
    is_declared: bool = True


def paths_in(model: BaseModel, pointer: str = "") -> Iterator[PlacedPath]:
    """Yield the paths inside a checked model in its order, and each other string that looks like one."""
    yield from _paths(model, (), pointer, finds_undeclared=True)


def paths_in_data(data: Any, model: type[BaseModel], pointer: str = "") -> Iterator[PlacedPath]:
    """Yield the declared paths inside data that is not checked yet, in its order.

    Where a union leaves open which model the data is of, a key counts as a path if it is one in any of them.
    """
    yield from _paths(data, (model,), pointer, finds_undeclared=False)


def with_absolute_paths(model: Model) -> Model:
    """Return a copy whose declared paths are absolute: relative ones count from the present folder.

    Links stay: what is stored about a folder is found by the path that names it.
    """
    data = model.model_dump(mode="json", by_alias=True)
    for placed in paths_in(model):
        if placed.is_declared:
            *parents, last = [_unescaped(part) for part in placed.pointer.split("/")[1:]]
            holder: Any = data
            for part in parents:
                holder = holder[int(part) if isinstance(holder, list) else part]
            holder[int(last) if isinstance(holder, list) else last] = str(Path(placed.path).absolute())
    return type(model).model_validate(data)


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that a value of a type may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in typing.get_args(annotation) for model in models_in(argument)]


def fields_by_key(model: type[BaseModel]) -> dict[int | str, FieldInfo]:
    """Return the fields of a model by their keys in a document."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _paths(value: Any, types: Sequence[Any], pointer: str, *, finds_undeclared: bool) -> Iterator[PlacedPath]:
    # A stack of its own: data that is not checked yet may be nested deeper than Python calls may be.
    left = [(pointer, value, types)]
    while left:
        place, found, its_types = left.pop()
        if not isinstance(found, str | Path):
            parts = [
                (f"{place}/{_escaped(key)}", inner, inner_types) for key, inner, inner_types in _parts(found, its_types)
            ]
            left += reversed(parts)
        elif any(map(_takes_path, its_types)):
            yield PlacedPath(place, str(found))
        elif finds_undeclared and _LIKE_A_PATH.search(str(found)):
            yield PlacedPath(place, str(found), is_declared=False)


def _parts(value: Any, types: Sequence[Any]) -> Iterator[tuple[Any, Any, Sequence[Any]]]:
    """Yield key, value and types of each part of a value; the parts of a list or a plain mapping have its types."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield field.alias or name, getattr(value, name), (field,)
    elif isinstance(value, Mapping):
        known = [fields_by_key(model) for kind in types for model in models_in(_annotation_of(kind))]
        for key, inner in value.items():
            yield key, inner, [fields[key] for fields in known if key in fields] if known else types
    elif isinstance(value, Sequence | Set):
        for position, inner in enumerate(value):
            yield position, inner, types


def _annotation_of(kind: Any) -> Any:
    return kind.annotation if isinstance(kind, FieldInfo) else kind


def _takes_path(kind: Any) -> bool:
    """Whether a string of a type or a field is a path: it bears the marker, or is a `Path`."""
    if isinstance(kind, FieldInfo):
        return any(isinstance(mark, PathMarker) for mark in kind.metadata) or _takes_path(kind.annotation)
    if isinstance(kind, type) and issubclass(kind, Path):
        return True
    return isinstance(kind, PathMarker) or any(map(_takes_path, typing.get_args(kind)))


def _escaped(key: Any) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
