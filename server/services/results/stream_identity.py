"""What must be equal in two experiments before their scores may stand in one table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.streams.catalog import STREAMS, class_of_stream
from server.db.models import Experiment
from server.services.experiments.classes import stored_classes

MISSING = object()
"""Stands for a key that a document does not have."""


def identity_of(experiment: Experiment) -> dict[str, Any]:
    """Return the task stream, its dataset with the test images, and the class list of an experiment."""
    stream = experiment.resolved.get("stream", {})
    return {
        "dataset": experiment.resolved.get("dataset", {}),
        "stream": {key: value for key, value in stream.items() if key not in _other_words(stream)},
        "classes": {str(label.id): label.name for label in stored_classes(experiment.class_table).labels},
    }


def stream_digest(experiment: Experiment) -> str:
    """Return the SHA-256 of an experiment's identity in canonical JSON."""
    text = json.dumps(identity_of(experiment), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differing_pointers(first: Any, second: Any, pointer: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (JSON Pointer, value, other value) of every difference; MISSING where one has no such key.

    Lists are compared by index. A list of plain values is one value.
    """
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        for key in dict.fromkeys([*first, *second]):
            escaped = str(key).replace("~", "~0").replace("/", "~1")
            yield from differing_pointers(first.get(key, MISSING), second.get(key, MISSING), f"{pointer}/{escaped}")
    elif _is_nested(first) and _is_nested(second):
        for index in range(max(len(first), len(second))):
            one, other = (part[index] if index < len(part) else MISSING for part in (first, second))
            yield from differing_pointers(one, other, f"{pointer}/{index}")
    elif first is MISSING or second is MISSING or first != second:
        yield pointer, first, second


def _is_nested(value: Any) -> bool:
    return (
        isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(part, Mapping) for part in value)
    )


def _other_words(stream: Mapping[str, Any]) -> set[str]:
    """Return the keys that say again what another key says: a schedule's name beside the steps that it names."""
    if str(stream.get("kind")) not in STREAMS:
        return set()
    groups = class_of_stream(stream).alternatives
    # A resolved stream has the key that is filled in, which is the last of its group.
    return {key for *names, filled in groups if stream.get(filled) for key in names}
