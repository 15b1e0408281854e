"""Resumable states of a training stage: `checkpoint/<iteration>/` with tensors in safetensors and the rest in JSON.

A folder is written aside, flushed to disk and renamed, so that one with a number for a name is whole; digests in its
`checkpoint.json` find what was damaged later. A training may attach files. Nothing here reads or writes a pickle.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor, nn

from core.errors import DamagedFile, StorageError
from core.files import file_sha256, link_file, sync_folder, write_atomically
from core.frozen_parts import FrozenPart, FrozenWeights, check_frozen, compare_frozen, without_frozen
from core.tensor_files import read_tensors, write_tensors

RECORD_FILE = "checkpoint.json"
MODEL_FILE = "model.safetensors"
OPTIMIZER_FILE = "optimizer.safetensors"
KEEP = 2
"""Checkpoints kept: the newest, and the one before it should the newest turn out damaged."""


class Accumulator(Protocol):
    """Sums over iterations that must survive a stop."""

    def state(self) -> dict[str, Any]:
        """Return the state as JSON data."""

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a state."""


@dataclass(frozen=True)
class AttachedFile:
    """A file that a training needs to go on, and that does not change: where it lies, and its SHA-256."""

    path: Path
    sha256: str


class AttachedFiles(Protocol):
    """Files that a training has made, and needs to go on."""

    def files(self) -> Mapping[str, AttachedFile]:
        """Return the files by name; names have no folder."""

    def restore_files(self, files: Mapping[str, AttachedFile]) -> None:
        """Take over files that lie in a checkpoint, which may be removed later."""


@dataclass(frozen=True)
class TrainingState:
    """What changes while a stage trains; everything else is a function of the stage's spec and the iteration."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    metrics: Accumulator
    tallies: Mapping[str, Accumulator] = field(default_factory=dict)
    """Name -> what a method counts over the whole stage."""
    frozen: tuple[FrozenPart, ...] = ()
    """Parts of the model that do not change: a checkpoint holds their digests alone."""
    attached: AttachedFiles | None = None
    """Files beside the tensors; checkpoints on the same disk share their bytes."""


class CheckpointRecord(BaseModel):
    """`checkpoint.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    iteration: int
    """Finished iterations; learning rates, order and augmentation follow from it."""
    owner: str
    """Which stage wrote it: a checkpoint of another stage is not resumed from."""
    files: dict[str, str]
    """Name of a tensor file -> SHA-256."""
    optimizer_groups: list[dict[str, Any]]
    optimizer_values: dict[str, dict[str, Any]]
    """Parameter number -> the entries of its state that are no tensors."""
    metrics: dict[str, Any]
    tallies: dict[str, dict[str, Any]]
    frozen: dict[str, FrozenWeights] = Field(default_factory=dict)
    """Name of each frozen part -> its weights, which are in no file of the checkpoint."""
    data: dict[str, str] = Field(default_factory=dict)
    """Digest of each split that the stage read; empty in checkpoints of earlier versions."""
    attached: dict[str, str] = Field(default_factory=dict)
    """Name of a further file -> SHA-256."""


@dataclass(frozen=True)
class StoredCheckpoint:
    """What was written: the folder, its files with their digests, and their size."""

    path: Path
    files: dict[str, str]
    bytes: int


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was read and found sound."""

    path: Path
    record: CheckpointRecord
    model: dict[str, Tensor]
    optimizer: dict[str, Tensor]

    @property
    def iteration(self) -> int:
        """Finished iterations."""
        return self.record.iteration

    def restore(self, state: TrainingState) -> None:
        """Put the stored values into a freshly built model and optimiser; tensors keep the layout they have there.

        A tally that the checkpoint does not hold, because an earlier version wrote it, stays as it is.

        Raises:
            StorageError: if the checkpoint is of another architecture, or its frozen parts have other weights.
        """
        compare_frozen(self.record.frozen, state.frozen, self.path)
        try:
            kept = state.model.state_dict()
            frozen = {name: kept[name] for name in kept if any(part.holds(name) for part in state.frozen)}
            state.model.load_state_dict({**frozen, **self.model})
            state.optimizer.load_state_dict(self._optimizer_state(state.optimizer))
        except (RuntimeError, ValueError, KeyError) as error:
            raise StorageError(f"{self.path}: is of another model than the stage builds: {error}") from error
        state.metrics.restore(self.record.metrics)
        for name in state.tallies.keys() & self.record.tallies.keys():
            state.tallies[name].restore(self.record.tallies[name])
        if state.attached is not None:
            attached = {name: AttachedFile(self.path / name, sha256) for name, sha256 in self.record.attached.items()}
            state.attached.restore_files(attached)

    def _optimizer_state(self, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        entries: dict[int, dict[str, Any]] = {
            int(number): dict(values) for number, values in self.record.optimizer_values.items()
        }
        for name, stored in self.optimizer.items():
            number, _, key = name.partition(".")
            # Files hold contiguous tensors; a buffer works in the layout of its parameter, as at its birth.
            like = parameters[int(number)]
            buffer = torch.empty_like(like) if stored.shape == like.shape else torch.empty_like(stored)
            entries.setdefault(int(number), {})[key] = buffer.copy_(stored)
        return {"state": entries, "param_groups": self.record.optimizer_groups}


def save_checkpoint(
    root: Path, iteration: int, owner: str, state: TrainingState, data: Mapping[str, str] | None = None
) -> StoredCheckpoint:
    """Write `root/<iteration>` and remove all but the newest two checkpoints.

    Args:
        root: the stage folder's `checkpoint`; made where missing.
        iteration: finished iterations.
        owner: identity of the stage; see `CheckpointRecord`.
        state: what to keep.
        data: digest of each split that the stage reads.

    Raises:
        ValueError: if a part that is declared frozen may change.
    """
    check_frozen(state.model, state.optimizer, state.frozen)
    root.mkdir(parents=True, exist_ok=True)
    aside = root / f".{iteration}.{os.getpid()}.tmp"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    optimizer = state.optimizer.state_dict()
    tensors, values = _split_optimizer(optimizer["state"])
    files = {
        MODEL_FILE: write_tensors(aside / MODEL_FILE, without_frozen(state.model.state_dict(), state.frozen)),
        OPTIMIZER_FILE: write_tensors(aside / OPTIMIZER_FILE, tensors),
    }
    attached = _attach(aside, state.attached)
    record = CheckpointRecord(
        iteration=iteration,
        owner=owner,
        files=dict(files),
        optimizer_groups=optimizer["param_groups"],
        optimizer_values=values,
        metrics=state.metrics.state(),
        tallies={name: tally.state() for name, tally in state.tallies.items()},
        frozen={part.name: part.weights for part in state.frozen},
        data=dict(data or {}),
        attached=attached,
    )
    text = record.model_dump_json(indent=1).encode()
    write_atomically(aside / RECORD_FILE, text)
    files |= {RECORD_FILE: hashlib.sha256(text).hexdigest(), **attached}
    target = root / str(iteration)
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)
    sync_folder(root)
    _prune(root, target)
    return StoredCheckpoint(target, files, sum(path.stat().st_size for path in target.iterdir()))


def load_newest(folders: Sequence[Path], owner: str, warn: Callable[[str], None]) -> Checkpoint | None:
    """Return the newest sound checkpoint, or None where there is none.

    Args:
        folders: each a folder of checkpoints, or a checkpoint itself; those that do not exist are passed over.
        owner: the stage that resumes; checkpoints of others are passed over with a warning.
        warn: called for every checkpoint that cannot be used, with the reason.
    """
    found = [checkpoint for folder in folders for checkpoint in _checkpoints_in(folder)]
    for path in sorted(found, key=lambda path: int(path.name), reverse=True):
        try:
            checkpoint = read_checkpoint(path)
        except StorageError as error:
            warn(f"checkpoint passed over, it is damaged: {error}")
            continue
        if checkpoint.record.owner == owner:
            return checkpoint
        warn(f"checkpoint passed over: {path} is of another stage or configuration")
    return None


def read_checkpoint(path: Path) -> Checkpoint:
    """Read one checkpoint folder whole.

    Raises:
        StorageError: naming what is missing or damaged.
    """
    try:
        record = CheckpointRecord.model_validate_json((path / RECORD_FILE).read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path / RECORD_FILE}: cannot be read: {str(error).splitlines()[0]}") from error
    missing = {MODEL_FILE, OPTIMIZER_FILE} - record.files.keys()
    if missing:
        raise StorageError(f"{path / RECORD_FILE}: names no {', '.join(sorted(missing))}")
    tensors = {name: read_tensors(path / name, digest) for name, digest in record.files.items()}
    for name, digest in record.attached.items():
        _require_digest(path / name, digest)
    return Checkpoint(path, record, tensors[MODEL_FILE], tensors[OPTIMIZER_FILE])


def _attach(folder: Path, attached: AttachedFiles | None) -> dict[str, str]:
    """Make the attached files appear in a folder; return their digests by name."""
    files = {} if attached is None else attached.files()
    for name, file in files.items():
        link_file(file.path, folder / name)
    return {name: file.sha256 for name, file in files.items()}


def _require_digest(path: Path, sha256: str) -> None:
    try:
        found = file_sha256(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error}") from error
    if found != sha256:
        raise DamagedFile(str(path), expected=sha256, found=found)


def _split_optimizer(state: dict[int, dict[str, Any]]) -> tuple[dict[str, Tensor], dict[str, dict[str, Any]]]:
    tensors: dict[str, Tensor] = {}
    values: dict[str, dict[str, Any]] = {}
    for number, entry in state.items():
        for key, value in entry.items():
            if isinstance(value, Tensor):
                tensors[f"{number}.{key}"] = value
            else:
                values.setdefault(str(number), {})[key] = value
    return tensors, values


def _checkpoints_in(folder: Path) -> Iterator[Path]:
    if folder.name.isdecimal() and folder.is_dir():
        yield folder
    elif folder.is_dir():
        yield from (path for path in folder.iterdir() if path.name.isdecimal() and path.is_dir())


def _prune(root: Path, newest: Path) -> None:
    """Remove what a killed process left unfinished, and all checkpoints but the newest and those right before it."""
    for abandoned in root.glob(".*.tmp"):
        shutil.rmtree(abandoned, ignore_errors=True)
    numbers = sorted((int(path.name) for path in _checkpoints_in(root)), reverse=True)
    # What is later than the checkpoint just written comes from an attempt that was found damaged.
    kept = [number for number in numbers if number <= int(newest.name)][:KEEP]
    for number in set(numbers) - set(kept):
        shutil.rmtree(root / str(number), ignore_errors=True)
