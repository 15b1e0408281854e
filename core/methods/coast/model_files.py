"""The network as a stage's output: weights in safetensors, and their description in `model.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import StorageError
from core.files import file_sha256, link_file, sync_folder, write_atomically
from core.methods.coast.networks import assemble_network
from core.methods.coast.options import NetworkOptions
from core.models.deeplabv2 import DeepLabV2
from core.tensor_files import read_tensors, write_tensors

RECORD_FILE = "model.json"
LAST_FILE, BEST_FILE = "last.safetensors", "best.safetensors"
WAY_OUT = "give the output of a training stage, or run that stage again"
Which = Literal["last", "best"]


class ModelRecord(BaseModel):
    """`model.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    method: Literal["coast"] = "coast"
    stage: str
    """Of the training: `warmup`, `selftrain`, or that of a bound."""
    architecture: NetworkOptions
    num_heads: int
    targets: tuple[str, ...]
    """Names of the targets, in the order of their classifiers."""
    datasets: dict[str, str]
    """Source and targets by name -> name of the data set's folder."""
    raw_ids: tuple[int, ...]
    """The source's raw id of each channel."""
    class_names: tuple[str, ...]
    """Name of each channel."""
    run_id: str
    seed: int
    code_version: str
    kept: Which = "last"
    """Which weights count."""
    best_iteration: int | None = None
    last_sha256: str = ""
    best_sha256: str | None = None


def store_model(folder: Path, network: DeepLabV2, record: ModelRecord, best: Path | None = None) -> ModelRecord:
    """Write a network's weights, and beside them the better weights of an earlier iteration.

    Args:
        folder: output folder; created if missing.
        network: network after the last iteration.
        record: description of the network.
        best: file of the better weights; None if there are none.

    Returns:
        The record with the digests filled in.
    """
    folder.mkdir(parents=True, exist_ok=True)
    digests: dict[str, str | None] = {"last_sha256": write_tensors(folder / LAST_FILE, network.state_dict())}
    if best is not None:
        (folder / BEST_FILE).unlink(missing_ok=True)
        link_file(best, folder / BEST_FILE)
        digests["best_sha256"] = file_sha256(folder / BEST_FILE)
    complete = record.model_copy(update=digests)
    write_atomically(folder / RECORD_FILE, complete.model_dump_json(indent=1).encode())
    sync_folder(folder)
    return complete


def read_record(folder: Path) -> ModelRecord:
    """Return the record of the model in a folder; raise StorageError if it cannot be read."""
    path = folder / RECORD_FILE
    try:
        return ModelRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path}: cannot be read as the record of a CoaST model: {error}; {WAY_OUT}") from error


def load_model(folder: Path, device: torch.device, which: Which | None = None) -> tuple[DeepLabV2, ModelRecord]:
    """Load a network onto a device.

    Args:
        folder: folder of the model.
        device: device of the network.
        which: the weights to load; None loads the record's `kept` weights.

    Raises:
        StorageError: names the file that is missing, damaged, or does not fit its architecture.
    """
    record = read_record(folder)
    is_best = (which or record.kept) == "best" and record.best_sha256 is not None
    name, digest = (BEST_FILE, record.best_sha256) if is_best else (LAST_FILE, record.last_sha256)
    network = assemble_network(record.architecture, len(record.raw_ids), record.num_heads)
    try:
        network.load_state_dict(read_tensors(folder / name, digest), strict=True)
    except StorageError as error:
        raise StorageError(f"{error}; {WAY_OUT}") from error
    except RuntimeError as error:
        raise StorageError(f"{folder / name}: the weights do not fit {RECORD_FILE}: {error}; {WAY_OUT}") from error
    return network.to(device), record
