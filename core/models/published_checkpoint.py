"""Reading checkpoints of the published STAL code (STAL 1 F19, 3, 8 D6): load only tensors, report every difference.

Such a file is a pickled table: `model_state` holds the student, `teacher_state` the teacher, each with the names of
`core.models.deeplabv3plus`, which may begin with the `module.` of a distributed run; its other entries are ignored.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from core.errors import ConfigError

PublishedState = Literal["teacher", "student"]
STATE_KEYS: Mapping[PublishedState, str] = {"teacher": "teacher_state", "student": "model_state"}
POINTER = "/model/checkpoint"
_PREFIX = "module."
_BATCH_COUNTER = "num_batches_tracked"
_NUMBER = np.float64(0).__reduce__()[0]
_NUMBERS: list[Any] = [
    # Scores such as the best mIoU are numpy's numbers, under the names of old and new versions.
    (_NUMBER, "numpy.core.multiarray.scalar"),
    (_NUMBER, "numpy._core.multiarray.scalar"),
    np.dtype,
    *(type(np.dtype(kind)) for kind in (np.float64, np.float32, np.int64)),
]


@dataclass(frozen=True)
class StateDifference:
    """How a file's entries differ from a network's.

    Attributes:
        missing: names that only the network has.
        unexpected: names that only the file has.
        mismatched: name -> shape in the file and in the network.
    """

    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    mismatched: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.mismatched)

    def describe(self) -> str:
        """Return how many entries differ in each way, with the first name of each."""
        parts = []
        if self.missing:
            parts.append(f"{len(self.missing)} missing, such as {self.missing[0]!r}")
        if self.unexpected:
            parts.append(f"{len(self.unexpected)} unexpected, such as {self.unexpected[0]!r}")
        if self.mismatched:
            name, (found, wanted) = next(iter(self.mismatched.items()))
            parts.append(f"{len(self.mismatched)} of another shape, such as {name!r} with {found} for {wanted}")
        return "; ".join(parts)


def load_published(
    network: nn.Module, path: Path, state: PublishedState = "teacher", *, allow_differences: bool = False
) -> StateDifference:
    """Load a checkpoint into a network.

    Args:
        network: its state has the published names.
        path: a checkpoint, or a file of one state alone, pickled or in safetensors.
        state: which network of the checkpoint.
        allow_differences: load the entries that fit, and leave the network's others as they are.

    Returns:
        The differences that were allowed. Missing batch counters of batch norm are none: old files lack them.

    Raises:
        ConfigError: if the file is missing or unreadable, holds no such state, or differs without permission.
    """
    found = _read_state(path, state)
    wanted = network.state_dict()
    difference = compare_states(found, wanted)
    if difference and not allow_differences:
        raise ConfigError(
            f"{path}: its {state} does not fit the network: {difference.describe()}; choose the network and the "
            "classes it was trained with, or set model.checkpoint_partial to load what fits",
            POINTER,
        )
    fitting = {name: tensor for name, tensor in found.items() if name in wanted and name not in difference.mismatched}
    if not fitting:
        raise ConfigError(
            f"{path}: nothing in its {state} fits the network: {difference.describe()}; is it a checkpoint of STAL?",
            POINTER,
        )
    network.load_state_dict({**wanted, **fitting})
    return difference


def compare_states(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> StateDifference:
    """Return every difference of a file's entries from a network's, in the order of the names."""
    missing = sorted(name for name in wanted.keys() - found.keys() if not name.endswith(_BATCH_COUNTER))
    shapes = {
        name: (tuple(found[name].shape), tuple(wanted[name].shape))
        for name in sorted(wanted.keys() & found.keys())
        if found[name].shape != wanted[name].shape
    }
    return StateDifference(tuple(missing), tuple(sorted(found.keys() - wanted.keys())), shapes)


def _read_state(path: Path, state: PublishedState) -> dict[str, Tensor]:
    content = read_published_file(path, POINTER)
    if is_state(content):
        chosen: Any = content
    else:
        key = STATE_KEYS[state]
        chosen = content.get(key) if isinstance(content, dict) else None
        if not is_state(chosen):
            names = ", ".join(map(repr, content)) if isinstance(content, dict) else type(content).__name__
            raise ConfigError(
                f"{path}: holds no table of tensors {key!r}, but {names}; give a checkpoint of STAL", POINTER
            )
    return {name.removeprefix(_PREFIX): tensor for name, tensor in chosen.items()}


def read_published_file(path: Path, pointer: str) -> Any:
    """Return the content of a checkpoint of published code; load only tensors and plain values.

    Args:
        path: a pickled table, or a file of safetensors.
        pointer: JSON pointer of the setting that names the file.

    Raises:
        ConfigError: if the file is missing or cannot be read this way.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: no such checkpoint; correct the path", pointer)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with torch.serialization.safe_globals(_NUMBERS):
            return torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        raise ConfigError(f"{path}: cannot be read as tensors alone ({error})", pointer) from error


def is_state(content: object) -> bool:
    """Return whether a file's content is a table of named tensors."""
    return isinstance(content, dict) and bool(content) and all(isinstance(value, Tensor) for value in content.values())
