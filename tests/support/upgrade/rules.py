"""Whether an answer of an older version is contained in that of a newer one, and what may differ on purpose."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RELATIVE_TOLERANCE = 1e-7
"""Of numbers that a newer version derives in another order; and no longer takes 1e-6 off unions where a method's scores
did not, as the step table of version 0002 did."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Rule:
    """A field that a newer version has elsewhere, or no longer.

    Attributes:
        addresses: regular expression; the rule is for the addresses that begin with a match.
        field: where recorded answers have it: names divided by `/`, `*` for any place in a list, `**` for any depth.
        to: where it is now, seen from the object that held it, such as `name`, `inner/name` or `../name`. None: gone.
        values: values that are written otherwise now: recorded -> new.
    """

    addresses: str
    field: str
    to: str | None
    values: Mapping[str | float | None, Any] = dataclasses.field(default_factory=dict)


def expected(address: str, recorded: Any, rules: Sequence[Rule]) -> Any:
    """Return a recorded answer in the form that the rules give it; the recorded one is changed."""
    for rule in rules:
        if not re.match(rule.addresses, address):
            continue
        pattern = _pattern(rule.field)
        for path in [path for path in _fields(recorded) if pattern.fullmatch("/".join(map(str, path)))]:
            _move(recorded, path, rule)
    return recorded


Places = Callable[[Path], bool]


def places(address: str, fields: Sequence[tuple[str, str]]) -> Places:
    """Return whether a place in an answer is one of some fields.

    Args:
        address: of the answer.
        fields: (regular expression for the beginning of addresses, the field as in `Rule.field`).
    """
    patterns = [_pattern(field) for addresses, field in fields if re.match(addresses, address)]
    return lambda path: any(pattern.fullmatch("/".join(map(str, path))) for pattern in patterns)


def _nowhere(_: Path) -> bool:
    return False


@dataclass(frozen=True)
class Allowed:
    """What may differ in an answer, by place.

    Attributes:
        may_grow: lists that may have further items.
        may_be_undefined: numbers that were recorded as 0 and may be null now.
    """

    may_grow: Places = _nowhere
    may_be_undefined: Places = _nowhere


def differences(recorded: Any, found: Any, allowed: Allowed = Allowed(), path: Path = ()) -> Iterator[str]:
    """Yield where something recorded is missing or different; a newer version may say more in any object."""
    if isinstance(recorded, dict) and isinstance(found, dict):
        for name, value in recorded.items():
            if name in found:
                yield from differences(value, found[name], allowed, (*path, name))
            else:
                yield f"{_pointer((*path, name))}: was {_short(value)}, is missing"
    elif isinstance(recorded, list) and isinstance(found, list) and allowed.may_grow(path):
        yield from _missing_items(recorded, found, allowed, path)
    elif isinstance(recorded, list) and isinstance(found, list) and len(recorded) == len(found):
        for index, (before, now) in enumerate(zip(recorded, found, strict=True)):
            yield from differences(before, now, allowed, (*path, index))
    elif not _is_same(recorded, found) and not (recorded == 0 and found is None and allowed.may_be_undefined(path)):
        yield f"{_pointer(path)}: was {_short(recorded)}, is {_short(found)}"


def _missing_items(recorded: list[Any], found: list[Any], allowed: Allowed, path: Path) -> Iterator[str]:
    """Yield the items that a longer list does not hold in the same order."""
    rest = iter(found)
    for index, item in enumerate(recorded):
        place = (*path, index)
        if not any(not [*differences(item, other, allowed, place)] for other in rest):
            yield f"{_pointer(place)}: was {_short(item)}, is not among {len(found)} items, or not in this order"
            return


def _pattern(wanted: str) -> re.Pattern[str]:
    parts = {"*": r"\d+", "**": r"(?:[^/]+/)*"}
    joined = "".join(
        parts[part] if part == "**" else parts.get(part, re.escape(part)) + "/" for part in wanted.split("/")
    )
    return re.compile(joined.removesuffix("/"))


def _fields(document: Any, path: Path = ()) -> Iterator[Path]:
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for name, value in items:
        if isinstance(document, dict):
            yield (*path, name)
        yield from _fields(value, (*path, name))


def _move(document: Any, path: Path, rule: Rule) -> None:
    *place, name = path
    value = _at(document, place).pop(name)
    if rule.to is None:
        return
    *inner, new_name = rule.to.split("/")
    for part in inner:
        place = place[:-1] if part == ".." else [*place, part]
    parent = document
    for part in place:
        parent = parent.setdefault(part, {}) if isinstance(parent, dict) else parent[part]
    parent[new_name] = rule.values.get(value, value) if isinstance(value, str | int | float | None) else value


def _at(document: Any, path: Sequence[str | int]) -> Any:
    for part in path:
        document = document[part]
    return document


def _is_same(recorded: Any, found: Any) -> bool:
    numbers = (int, float)
    if isinstance(recorded, numbers) and isinstance(found, numbers) and bool not in (type(recorded), type(found)):
        return math.isclose(recorded, found, rel_tol=RELATIVE_TOLERANCE, abs_tol=0)
    return bool(recorded == found) and type(recorded) is type(found)


def _pointer(path: Path) -> str:
    return "".join(f"/{part}" for part in path) or "/"


def _short(value: Any) -> str:
    shown = f"{len(value)} items" if isinstance(value, list) else repr(value)
    return shown if len(shown) <= 100 else f"{shown[:100]}…"
