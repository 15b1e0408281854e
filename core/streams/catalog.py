"""The kinds of task stream, as one table and one type. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from core.streams.active_rounds import ActiveRoundsStream
from core.streams.base import StreamKind
from core.streams.class_incremental import ClassIncrementalStream


def _kind_of(stream: Any) -> str:
    kind = stream.get("kind") if isinstance(stream, dict) else getattr(stream, "kind", None)
    return str(kind or StreamKind.CLASS_INCREMENTAL.value)


TaskStream = Annotated[
    Annotated[ClassIncrementalStream, Tag(StreamKind.CLASS_INCREMENTAL.value)]
    | Annotated[ActiveRoundsStream, Tag(StreamKind.ACTIVE_ROUNDS.value)],
    Discriminator(_kind_of),
]
"""A stream of any kind; one that names none is class-incremental."""

STREAMS: Mapping[StreamKind, type[ClassIncrementalStream | ActiveRoundsStream]] = {
    StreamKind.CLASS_INCREMENTAL: ClassIncrementalStream,
    StreamKind.ACTIVE_ROUNDS: ActiveRoundsStream,
}
"""Kind -> model; a method names the kind that it is written for."""
