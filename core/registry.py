"""A table of rows by name: those of this package, and those that other installed packages add. Free of torch.

A package adds a row by an entry point: its group is the table's, its name the row's, and its value `module:attribute`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from core.errors import ConfigError

V = TypeVar("V")


class Registry(MutableMapping[str, V]):
    """The rows in order, those of this package first; packages are looked for when the table is first used.

    Args:
        rows: of this package.
        group: of the entry points that add to them.
        read: returns the row of an entry point; whatever of ImportError, AttributeError and TypeError it raises
            becomes a ConfigError that names the package.
    """

    def __init__(self, rows: Mapping[str, V], group: str, read: Callable[[EntryPoint], V]) -> None:
        self._own = rows
        self._group = group
        self._read = read

    @cached_property
    def _rows(self) -> dict[str, V]:
        rows = dict(self._own)
        for point in entry_points(group=self._group):
            if point.name in rows:
                raise ConfigError(f"{_origin(point)} has the name of a row that is there; give it another name")
            try:
                rows[point.name] = self._read(point)
            except (ImportError, AttributeError, TypeError) as error:
                raise ConfigError(
                    f"{_origin(point)} cannot be loaded: {error}; mend that package, or uninstall it"
                ) from error
        return rows

    def __getitem__(self, name: str) -> V:
        return self._rows[name]

    def __setitem__(self, name: str, row: V) -> None:
        self._rows[name] = row

    def __delitem__(self, name: str) -> None:
        del self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _origin(point: EntryPoint) -> str:
    package = point.dist.name if point.dist is not None else "unknown"
    return f"{point.name!r} ({point.value}), which package {package!r} adds to {point.group},"
