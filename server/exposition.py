"""The text format of Prometheus metrics (version 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})

Labels = Mapping[str, str]


@dataclass
class Family:
    """One metric with all its labelled values.

    Attributes:
        name: name without the prefix `palimpsest_`.
        kind: a counter only rises while its process lives; a gauge may rise and fall.
        text: help text of one line.
        samples: (suffix of the name, labels, value).
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    text: str
    samples: list[tuple[str, Labels, float]] = field(default_factory=list)

    def add(self, value: float, labels: Labels | None = None, ending: str = "") -> None:
        """Add one value."""
        self.samples.append((ending, labels or {}, value))


def exposition(families: Iterable[Family]) -> str:
    """Return metrics as text, each with its help and type."""
    return "".join(f"{line}\n" for family in families for line in _lines(family))


def _lines(family: Family) -> Sequence[str]:
    name = f"palimpsest_{family.name}"
    head = [f"# HELP {name} {family.text}", f"# TYPE {name} {family.kind}"]
    return [*head, *(f"{name}{ending}{_shown(labels)} {value:.15g}" for ending, labels, value in family.samples)]


def _shown(labels: Labels) -> str:
    pairs = [f'{key}="{value.translate(_ESCAPES)}"' for key, value in labels.items()]
    return f"{{{','.join(pairs)}}}" if pairs else ""
