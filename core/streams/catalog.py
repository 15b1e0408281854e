"""The table of the kinds of task stream. Code is named by dotted path, so reading the table loads none.

Free of torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from core.dotted import load_dotted
from core.errors import ConfigError, nearest
from core.registry import Registry
from core.streams.base import TaskStream

DEFAULT_KIND = "class_incremental"
"""Kind of a stream without the key `kind`."""

BUILT_IN: dict[str, str] = {
    "class_incremental": "core.streams.class_incremental:ClassIncrementalStream",
    "active_rounds": "core.streams.active_rounds:ActiveRoundsStream",
    "domain_sequence": "core.streams.domain_sequence:DomainSequenceStream",
    "open_set": "core.streams.open_set:OpenSetStream",
    "multi_target": "core.streams.multi_target:MultiTargetStream",
    "checkpoint_test": "core.streams.checkpoint_test:CheckpointTestStream",
}
STREAMS: Registry[str] = Registry(BUILT_IN, "palimpsest.streams", lambda point: point.value)
"""Kind -> dotted path of its class, from this package and from installed packages. Each method names the kind that it
needs."""


def stream_class(kind: str) -> type[TaskStream]:
    """Return the class of a kind; raises ConfigError that names the nearest known kind."""
    if kind not in STREAMS:
        raise ConfigError(f"a stream of kind {kind!r} does not exist{nearest(kind, STREAMS)}", "/stream/kind")
    return cast(type[TaskStream], load_dotted(STREAMS[kind]))


def class_of_stream(data: Mapping[str, Any]) -> type[TaskStream]:
    """Return the class for a stream's document; raises ConfigError for an unknown kind."""
    return stream_class(str(data.get("kind") or DEFAULT_KIND))


def read_stream(data: Mapping[str, Any]) -> TaskStream:
    """Read a stream from a document.

    Raises:
        ConfigError: for an unknown kind.
        ValidationError: for any other fault.
    """
    return class_of_stream(data).model_validate(data)


def stored_stream(data: Mapping[str, Any]) -> TaskStream | None:
    """Return the stream of a stored experiment; None if the package with its kind is no longer installed.

    Raises:
        ValidationError: when the document is not valid for that kind.
    """
    kind = str(data.get("kind") or DEFAULT_KIND)
    return read_stream(data) if kind in STREAMS else None
