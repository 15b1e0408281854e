"""Resolved configurations side by side: what is added, removed and changed (EXP-16, EXP-17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from server.schemas.comparison import SettingRow

COMPARED = ("method", "dataset", "stream", "config")
"""Parts of a resolved configuration that hold settings."""


def setting_rows(resolved: Sequence[Mapping[str, Any]], *, base: int, has_equal: bool) -> list[SettingRow]:
    """Return one row for each setting, lists compared by index.

    Args:
        resolved: configuration of each member.
        base: the member that changes are seen from.
        has_equal: whether settings that are equal in all members are returned too.
    """
    flat = [dict(_flat({part: one[part] for part in COMPARED if part in one})) for one in resolved]
    pointers = dict.fromkeys(pointer for of_member in (flat[base], *flat) for pointer in of_member)
    rows = (_row(pointer, flat, base) for pointer in pointers)
    return [row for row in rows if has_equal or row.change != "equal"]


def _row(pointer: str, flat: Sequence[Mapping[str, Any]], base: int) -> SettingRow:
    is_set = [pointer in of_member for of_member in flat]
    values = [of_member.get(pointer) for of_member in flat]
    if not is_set[base]:
        change = "added"
    elif not all(is_set):
        change = "removed"
    else:
        change = "equal" if all(_is_same(value, values[base]) for value in values) else "changed"
    return SettingRow.model_validate({"pointer": pointer, "change": change, "is_set": is_set, "values": values})


def _is_same(first: Any, second: Any) -> bool:
    # True == 1 in Python, and not in a configuration.
    return first == second and isinstance(first, bool) == isinstance(second, bool)


def _flat(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (JSON Pointer, value) of every leaf; an empty object or list is a leaf."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            escaped = str(key).replace("~", "~0").replace("/", "~1")
            yield from _flat(inner, f"{pointer}/{escaped}")
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _flat(inner, f"{pointer}/{index}")
    else:
        yield pointer, value
