"""Teacher and student as a stage's output: weights in safetensors, and their description in `model.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import StorageError
from core.files import sync_folder, write_atomically
from core.methods.stal.config import NetworkOptions
from core.methods.stal.networks import assemble_network
from core.methods.stal.state import StalState
from core.models.deeplabv3plus import DeepLabV3Plus
from core.tensor_files import read_tensors, write_tensors

RECORD_FILE = "model.json"
TEACHER_FILE, STUDENT_FILE = "teacher.safetensors", "student.safetensors"
WAY_OUT = "give the output of a training stage, or run the round's training again"


class StalModelRecord(BaseModel):
    """`model.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    method: Literal["stal"] = "stal"
    architecture: NetworkOptions
    raw_ids: tuple[int, ...]
    """Raw id of each channel."""
    round: int
    run_id: str
    seed: int
    code_version: str
    teacher_sha256: str = ""
    student_sha256: str = ""


def store_models(folder: Path, state: StalState, record: StalModelRecord) -> StalModelRecord:
    """Write both networks; return the record with their digests."""
    folder.mkdir(parents=True, exist_ok=True)
    complete = record.model_copy(
        update={
            "teacher_sha256": write_tensors(folder / TEACHER_FILE, state.teacher.state_dict()),
            "student_sha256": write_tensors(folder / STUDENT_FILE, state.student.state_dict()),
        }
    )
    write_atomically(folder / RECORD_FILE, complete.model_dump_json(indent=1).encode())
    sync_folder(folder)
    return complete


def load_teacher(folder: Path, device: torch.device) -> tuple[DeepLabV3Plus, StalModelRecord]:
    """Load the teacher onto a device, in evaluation mode, without gradients.

    Raises:
        StorageError: names the file that is missing, damaged, or does not fit its architecture.
    """
    path = folder / RECORD_FILE
    try:
        record = StalModelRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path}: cannot be read as the record of a model: {error}; {WAY_OUT}") from error
    with torch.device("meta"):
        network = assemble_network(record.architecture, len(record.raw_ids))
    network = network.to_empty(device="cpu")
    try:
        network.load_state_dict(read_tensors(folder / TEACHER_FILE, record.teacher_sha256), strict=True)
    except StorageError as error:
        raise StorageError(f"{error}; {WAY_OUT}") from error
    except RuntimeError as error:
        raise StorageError(
            f"{folder / TEACHER_FILE}: the weights do not fit {RECORD_FILE}: {error}; {WAY_OUT}"
        ) from error
    network.to(device)
    return network.eval().requires_grad_(False), record
