"""The detector as a stage's output: weights in safetensors, and their description in `model.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import StorageError
from core.files import sync_folder, write_atomically
from core.methods.semseg.networks import assemble
from core.methods.semseg.options import ModelOptions
from core.models.openset.detector import OpenSetDetector
from core.tensor_files import read_tensors, write_tensors

RECORD_FILE, WEIGHTS_FILE = "model.json", "weights.safetensors"
WAY_OUT = "run the training stage again"


class ModelRecord(BaseModel):
    """`model.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    method: Literal["semseg"] = "semseg"
    options: ModelOptions
    known: dict[int, str]
    """Raw id -> name of the known classes, ascending: a class's head index is its place."""
    iterations: int
    sha256: str = ""
    """Of the weights; filled in when they are written."""


def store_model(folder: Path, model: OpenSetDetector, record: ModelRecord) -> None:
    """Write a model into a folder; create the folder if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    sha256 = write_tensors(folder / WEIGHTS_FILE, model.state_dict())
    complete = record.model_copy(update={"sha256": sha256})
    write_atomically(folder / RECORD_FILE, complete.model_dump_json(indent=1).encode())
    sync_folder(folder)


def load_model(folder: Path, device: torch.device) -> tuple[OpenSetDetector, ModelRecord]:
    """Return a model on a device, in evaluation mode.

    Raises:
        StorageError: names the file that is missing, damaged or does not fit.
    """
    path = folder / RECORD_FILE
    try:
        record = ModelRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path}: cannot be read as the record of a SemSeg model: {error}; {WAY_OUT}") from error
    model = assemble(record.options, len(record.known))
    try:
        model.load_state_dict(read_tensors(folder / WEIGHTS_FILE, record.sha256))
    except RuntimeError as error:
        raise StorageError(
            f"{folder / WEIGHTS_FILE}: the weights do not fit {RECORD_FILE}: {error}; {WAY_OUT}"
        ) from error
    return model.to(device).eval(), record
