"""Warnings about changed settings without effect. Free of torch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import Fault
from core.methods.base import MethodConfig

LONGEST_SHOWN = 60
"""Characters of a setting's value in a warning."""


@dataclass(frozen=True)
class Idle:
    """Settings that have no effect because of the value of another setting.

    Attributes:
        names: dotted names, such as `optim.epochs`; a section stands for all its settings.
        because: the reason, as an independent clause, and the way out if there is one.
        but: names in those sections that do have an effect.
    """

    names: tuple[str, ...]
    because: str
    but: tuple[str, ...] = ()


def idle_settings(config: MethodConfig, rows: Iterable[Idle]) -> Iterator[Fault]:
    """Yield a warning per setting of the rows that differs from its default, with the first reason."""
    own, usual = config.model_dump(mode="json"), type(config)().model_dump(mode="json")
    told: set[str] = set()
    for row in rows:
        for name in (leaf for wide in row.names for leaf in _leaves(usual, wide)):
            if name in told or name in row.but or _value(own, name) == _value(usual, name):
                continue
            told.add(name)
            message = f"{_shown(_value(own, name))} has no effect: {row.because}"
            yield Fault(f"/config/{name.replace('.', '/')}", message, "without_effect")


def _shown(value: Any) -> str:
    """Return a setting as a document writes it; a long one is cut."""
    written = json.dumps(value)
    return written if len(written) <= LONGEST_SHOWN else f"{written[:LONGEST_SHOWN]}…"


def _leaves(settings: Mapping[str, Any], name: str) -> Iterator[str]:
    value = _value(settings, name)
    if isinstance(value, Mapping) and value and name.count(".") == 0:
        yield from (f"{name}.{key}" for key in value)
    else:
        yield name


def _value(settings: Mapping[str, Any], name: str) -> Any:
    found: Any = settings
    for part in name.split("."):
        found = found[part]
    return found
