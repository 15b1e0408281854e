"""A trained model as a stage's output: `model.safetensors` and `model.json`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor

from core.errors import StorageError
from core.files import sync_folder, write_atomically
from core.methods.class_incremental.build import assemble_model
from core.methods.class_incremental.config import Heads, ModelConfig
from core.methods.class_incremental.growing_model import SegmentationModel
from core.metrics.rules import DecisionRule
from core.tensor_files import read_tensors, write_tensors

WEIGHTS_FILE = "model.safetensors"
RECORD_FILE = "model.json"


class ModelRecord(BaseModel):
    """`model.json`: what the weights are, so that they can be used without the run that made them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    method: str
    architecture: ModelConfig
    heads: Heads = "linear"
    classes_per_step: tuple[int, ...]
    learning_order: tuple[int, ...]
    """Raw ids of the classes known; channel 1 + i is the i-th of them, channel 0 the background."""
    step: int
    rule: DecisionRule
    """How a pixel's class follows from the logits."""
    parameters: int
    run_id: str
    seed: int
    code_version: str
    weights_sha256: str = ""
    """Filled in by `save_model`."""


@dataclass(frozen=True)
class StoredModel:
    """A model read back from a stage's output."""

    record: ModelRecord
    weights: dict[str, Tensor]

    def build(self, device: torch.device) -> SegmentationModel:
        """Return the network on a device, in evaluation mode, without gradients.

        Raises:
            StorageError: if the names or shapes of the weights differ from the architecture's.
        """
        with torch.device("meta"):
            model = assemble_model(self.record.architecture, self.record.classes_per_step, self.record.heads)
        model = model.to_empty(device="cpu")
        try:
            model.load_state_dict(self.weights, strict=True)
        except RuntimeError as error:
            raise StorageError(f"the weights do not fit the architecture in {RECORD_FILE}: {error}") from error
        # The stubs of Module.to lack this overload.
        cast(Any, model).to(device=device, memory_format=model.memory_format)
        return model.eval().requires_grad_(False)


def save_model(folder: Path, model: SegmentationModel, record: ModelRecord) -> ModelRecord:
    """Write a model into a folder; create the folder if missing.

    Args:
        folder: output folder.
        model: its weights are written.
        record: description of the weights; its digest is filled in.
    """
    folder.mkdir(parents=True, exist_ok=True)
    digest = write_tensors(folder / WEIGHTS_FILE, model.state_dict())
    complete = record.model_copy(update={"weights_sha256": digest})
    write_atomically(folder / RECORD_FILE, complete.model_dump_json(indent=1).encode())
    sync_folder(folder)
    return complete


def load_model(folder: Path) -> StoredModel:
    """Read a model back.

    Raises:
        StorageError: names the file that is missing, damaged or of another version.
    """
    record = _read_record(folder / RECORD_FILE)
    return StoredModel(record, read_tensors(folder / WEIGHTS_FILE, record.weights_sha256))


def _read_record(path: Path) -> ModelRecord:
    try:
        return ModelRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path}: cannot be read as the record of a model: {error}") from error
