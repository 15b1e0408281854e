"""Whether two experiments train their first steps alike, so that a run of one may share those of the other (EXP-19).

Free of torch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import Fault
from core.methods.catalog import config_class, method_entry

CODE = "differs_from_shared_steps"
LONGEST_SHOWN = 60
"""Characters of a setting's value in a message."""


def differing_settings(
    parent: Mapping[str, Any], own: Mapping[str, Any], after_step: int, noun: str = "step"
) -> list[Fault]:
    """Return what keeps an experiment from sharing another one's steps; empty if it can share them.

    Dataset and stream must be equal. Of the settings, those must be equal that a stage up to the step reads
    (`MethodConfig.settings_after`). The method may be another one only for step 0, and only where both train it alike;
    then the settings count that both have.

    Args:
        parent: resolved document of the run that has the steps.
        own: resolved document of the run that would share them.
        after_step: last shared step.
        noun: what the stream calls a step.
    """
    faults = list(_other_data(parent, own))
    if own["method"] != parent["method"] and not _begin_alike(parent["method"], own["method"], after_step):
        return [*faults, _other_method(parent["method"], own["method"], after_step, noun)]
    free = {*_free(parent, after_step), *_free(own, after_step)}
    way_out = _way_out(after_step, noun)
    trained, wanted = parent["config"], own["config"]
    if own["method"] != parent["method"]:
        trained, wanted = _common(trained, wanted), _common(wanted, trained)
    for name, before, now in _differences(trained, wanted, ()):
        if not _is_in(name, free):
            pointer = "/config/" + "/".join(name)
            message = f"is {_shown(now)}, and the shared {noun}s were trained with {_shown(before)}; {way_out}"
            faults.append(Fault(pointer, message, CODE))
    return faults


def _other_data(parent: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[Fault]:
    for part in ("dataset", "stream"):
        for name, before, now in _differences(parent[part], own[part], ()):
            message = (
                f"is {_shown(now)}, and the run to branch from has {_shown(before)}; set it back: a branch has the "
                "same data, classes and stream"
            )
            yield Fault(f"/{part}/" + "/".join(name), message, CODE)


def _begin_alike(parent: str, own: str, after_step: int) -> bool:
    first = method_entry(parent).first_step
    return after_step == 0 and bool(first) and first == method_entry(own).first_step


def _other_method(parent: str, own: str, after_step: int, noun: str) -> Fault:
    message = f"is {own}, and the shared {noun}s were trained by {parent}, in another way; start a run of its own"
    if after_step > 0 and _begin_alike(parent, own, 0):
        message = f"is {own}, and only {noun} 0 is the same for {parent} and {own}; branch after {noun} 0"
    return Fault("/method", message, CODE)


def _way_out(after_step: int, noun: str) -> str:
    earlier = f", branch after an earlier {noun}" if after_step > 0 else ""
    return f"set it back{earlier}, or start a run of its own"


def _free(document: Mapping[str, Any], after_step: int) -> tuple[str, ...]:
    config = config_class(document["method"]).model_validate(document["config"])
    return config.settings_after(after_step)


def _is_in(name: tuple[str, ...], free: set[str]) -> bool:
    return any(".".join(name[:length]) in free for length in range(1, len(name) + 1))


def _differences(before: Any, now: Any, name: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield name, value and value of each entry that differs; one that is missing counts as None."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*before, *now]):
            yield from _differences(before.get(key), now.get(key), (*name, key))
    elif before != now:
        yield name, before, now


def _common(config: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config without the settings that the other method does not have."""
    return {
        key: _common(value, other[key]) if isinstance(value, Mapping) and isinstance(other[key], Mapping) else value
        for key, value in config.items()
        if key in other
    }


def _shown(value: Any) -> str:
    written = json.dumps(value)
    return written if len(written) <= LONGEST_SHOWN else f"{written[:LONGEST_SHOWN]}…"
