"""Lists of faults that stay short however much is wrong: the first of each kind, and how many there are. Free of torch.

Whoever sends a file or a document decides how many faults it has. A list of all of them can be thousands of times as
large as what was sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

MOST_OF_A_KIND = 20
"""Faults of one kind that a list names."""
MOST_CHARACTERS = 200
"""Of a value that somebody sent, in a message."""

Item = TypeVar("Item")
Kind = TypeVar("Kind", bound=Hashable)


def first_of_each_kind(
    items: Iterable[Item], kind_of: Callable[[Item], Kind | None], most: int = MOST_OF_A_KIND
) -> tuple[list[Item], Counter[Kind]]:
    """Return at most so many items of each kind, in their order, and how many of each kind there are.

    An item of the kind None is no fault: it is kept and not counted.
    """
    counts: Counter[Kind] = Counter()
    kept = []
    for item in items:
        kind = kind_of(item)
        if kind is not None:
            counts[kind] += 1
        if kind is None or counts[kind] <= most:
            kept.append(item)
    return kept, counts


def left_out(counts: Counter[Kind], most: int = MOST_OF_A_KIND) -> dict[Kind, int]:
    """Return how many items of each kind are not in the list."""
    return {kind: count - most for kind, count in counts.items() if count > most}


def shown(value: object) -> str:
    """Return a value as a message names it: as in Python, and cut where it is long."""
    text = repr(value[:MOST_CHARACTERS] if isinstance(value, str) else value)
    length = len(value) if isinstance(value, str) else len(text)
    return text if length <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}… ({length} characters)"
