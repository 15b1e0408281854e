"""Turns a validation error into faults that a form can show beside its fields (EXP-2). Free of torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from core.errors import Fault, nearest
from core.first_faults import first_of_each_kind, left_out, shown
from core.server_path import fields_by_key, models_in
from core.validation_words import sentence_of


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """List the faults of a pydantic error in the document's order: the first of each kind, then how many more."""
    items, counts = first_of_each_kind(error.errors(include_url=False), lambda item: str(item["type"]))
    more = [Fault("", f"and {count} more of this kind", code) for code, count in left_out(counts).items()]
    return [*(_fault(item, model) for item in items), *more]


def _fault(item: Any, model: type[BaseModel]) -> Fault:
    location, code = item["loc"], item["type"]
    if code == "extra_forbidden":
        path, _ = _follow(location[:-1], model)
        return Fault(_pointer([*path, location[-1]]), unknown_key(location, model), code)
    path, _ = _follow(location, model)
    # A check of a whole model knows better than pydantic which part of it is meant.
    place = item.get("ctx", {}).get("place", ())
    return Fault(_pointer([*path, *place]), sentence_of(item), code)


def unknown_key(location: Sequence[int | str], model: type[BaseModel]) -> str:
    """Return what to say of a key that a model does not have, by pydantic's location of it: with the nearest one."""
    _, owners = _follow(location[:-1], model)
    keys = [str(key) for owner in owners for key in fields_by_key(owner)]
    if location[-1] in keys:
        # Of several kinds that may stand here, another one has it.
        return f"{location[-1]!r} does not go with the other keys here; leave it or them out"
    return f"unknown key {shown(location[-1])}{nearest(str(location[-1]), keys)}"


def booleans_for_numbers(given: Any, taken: Any, path: tuple[int | str, ...] = ()) -> Iterator[Fault]:
    """Yield a fault for each true or false that validation took for 1 or 0: it is a slip, and not a number.

    Args:
        given: a part of the document as submitted.
        taken: what validation made of it, as plain data.
        path: where the part lies.
    """
    if isinstance(given, bool) and isinstance(taken, int | float) and not isinstance(taken, bool):
        yield Fault(_pointer(path), f"must be a number; found {json.dumps(given)}", "number_type")
    elif isinstance(given, Mapping) and isinstance(taken, Mapping):
        for key, inner in given.items():
            yield from booleans_for_numbers(inner, taken.get(key), (*path, key))
    elif isinstance(given, list | tuple) and isinstance(taken, list | tuple):
        for index, (inner, made) in enumerate(zip(given, taken, strict=False)):
            yield from booleans_for_numbers(inner, made, (*path, index))


def _follow(location: Sequence[int | str], model: type[BaseModel]) -> tuple[list[int | str], list[type[BaseModel]]]:
    """Return the parts of a location that are keys of the document, and the models that the last of them may hold.

    A part that is neither an index nor a key of a model names the branch of a union that was tried.
    """
    path: list[int | str] = []
    owners = [model]
    for part in location:
        fields = [keys[part] for keys in map(fields_by_key, owners) if part in keys]
        if fields:
            owners = [inner for field in fields for inner in models_in(field.annotation)]
        if fields or isinstance(part, int):
            path.append(part)
    return path, owners


def _pointer(path: Sequence[int | str]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
