"""Dataset and task stream of an experiment in a few words, for lists and their filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

SHOWN_STEPS = 6
"""A stream of more steps is told by their number."""


def dataset_label(dataset: Mapping[str, Any]) -> str:
    """Return the name of a resolved dataset: of its world, or of its folder."""
    if "world" in dataset:
        return " ".join(filter(None, (str(dataset["world"]), dataset.get("domain"))))
    name = PurePath(str(dataset.get("root", ""))).name
    return str(name or dataset.get("adapter", ""))


def stream_label(stream: Mapping[str, Any]) -> str:
    """Return a resolved task stream in a few words, such as `6 classes, 2-2-2` or `domains a > b`."""
    if "steps" in stream:
        return _steps_label([len(step) for step in stream["steps"]])
    if "domains" in stream:
        return f"domains {' > '.join(map(str, stream['domains']))}"
    if "budgets" in stream:
        source = f"{dataset_label(stream['source'])} > " if stream.get("source") else ""
        start = stream.get("initial_list") or f"{stream['initial_images']:g}"
        budgets = "+".join([start, *(f"{budget:g}" for budget in stream["budgets"])])
        return f"{source}{budgets} {stream['unit'].replace('_', ' ')}"
    return str(stream.get("kind", "")).replace("_", " ")


def _steps_label(sizes: Sequence[int]) -> str:
    steps = "-".join(map(str, sizes)) if len(sizes) <= SHOWN_STEPS else f"{sizes[0]}-{sizes[1]} in {len(sizes)} steps"
    return f"{sum(sizes)} {'class' if sum(sizes) == 1 else 'classes'}, {steps}"
