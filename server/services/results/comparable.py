"""Refuse comparisons that mix task streams, test sets or class lists (MET-9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from server.errors import StreamMismatchError
from server.schemas.problem import FaultEntry
from server.services.results.members import Member
from server.services.results.stream_identity import MISSING, differing_pointers, identity_of

SHOWN = 20
"""Differences that a refusal lists for each pair of members."""


def require_comparable(members: Sequence[Member], labels: Sequence[str]) -> None:
    """Refuse members that were not learned and tested on the same data.

    Raises:
        StreamMismatchError: with one entry for each setting that differs from the first member's.
    """
    first = members[0]
    entries = [
        entry
        for member, label in zip(members[1:], labels[1:], strict=True)
        for entry in _differences(first, labels[0], member, label)
    ]
    if entries:
        raise StreamMismatchError(_summary(entries), entries)


def _differences(first: Member, label: str, second: Member, other: str) -> Iterator[FaultEntry]:
    found = list(differing_pointers(identity_of(first.definition), identity_of(second.definition)))
    if first.split is not None and second.split is not None and first.split != second.split:
        found.insert(0, ("/split", first.split, second.split))
    for pointer, one, two in found[:SHOWN]:
        message = f"{pointer[1:]} is {_shown(one)} in {label!r} and {_shown(two)} in {other!r}"
        yield FaultEntry(source="query", pointer=pointer, message=message, code="differs")


def _shown(value: Any) -> str:
    return "not set" if value is MISSING else repr(value)[:100]


def _summary(entries: Sequence[FaultEntry]) -> str:
    more = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
    return f"scores of different task streams or test sets cannot be compared: {entries[0].message}{more}"
