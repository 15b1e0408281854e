"""A stage's model as its output: tensors, their description in `model.json`, and the results so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor

from core.errors import StorageError
from core.files import sync_folder, write_atomically
from core.frozen_parts import FrozenWeights
from core.methods.promptable.results import Results, load_results
from core.models.sam.encoder import EarlyFeature
from core.models.sam.frozen import FrozenSam
from core.models.sam.sizes import Backbone
from core.stage.code_version import code_version
from core.stage.context import StageContext
from core.stage.folder import ARTIFACT_DIR
from core.tensor_files import read_tensors, write_tensors

MODEL = "model"
RECORD_FILE = "model.json"
WAY_OUT = "give the output of a training stage, or run that stage again"
Parts = Mapping[str, Mapping[str, Tensor]]
"""Name of a part -> its state. `head` is a single head; `head-<i>` is the adapter of the i-th domain."""


class ModelRecord(BaseModel):
    """`model.json`: what the parts are, so that they can be used without the run that made them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    method: str
    backbone: Backbone
    early_feature: EarlyFeature
    frozen: FrozenWeights
    """SAM's weights, which are in no file beside this."""
    domains: tuple[str, ...]
    """Names of the domains that were learned, in order; adapter i is that of the i-th."""
    run_id: str
    seed: int
    code_version: str
    parts: dict[str, str]
    """Name of each part -> SHA-256 of its file."""


@dataclass(frozen=True)
class StoredModel:
    """A model read back from a stage's output."""

    record: ModelRecord
    parts: Parts
    results: Results

    def part(self, name: str) -> Mapping[str, Tensor]:
        """Return the state of a part; raise StorageError if the model has no such part."""
        if name not in self.parts:
            there = ", ".join(sorted(self.parts))
            raise StorageError(f"the stored model has no part {name!r}, but {there}; {WAY_OUT}")
        return self.parts[name]


def store_model(
    context: StageContext[Any], sam: FrozenSam, parts: Parts, domains: tuple[str, ...], results: Results
) -> str:
    """Write a stage's model to `artifacts/model`; return this path, relative to the stage folder."""
    folder = context.folder / ARTIFACT_DIR / MODEL
    folder.mkdir(parents=True, exist_ok=True)
    record = ModelRecord(
        method=context.spec.method,
        backbone=sam.backbone,
        early_feature=sam.early,
        frozen=sam.weights,
        domains=domains,
        run_id=context.spec.run_id,
        seed=context.spec.seed,
        code_version=code_version(),
        parts={name: write_tensors(folder / _file(name), state) for name, state in parts.items()},
    )
    results.save(folder)
    write_atomically(folder / RECORD_FILE, record.model_dump_json(indent=1).encode())
    sync_folder(folder)
    return context.relative(folder)


def load_model(folder: Path) -> StoredModel:
    """Read a model back.

    Raises:
        StorageError: names the file that is missing, damaged or of another version.
    """
    path = folder / RECORD_FILE
    try:
        record = ModelRecord.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path}: cannot be read as the record of a model: {error}; {WAY_OUT}") from error
    parts = {name: read_tensors(folder / _file(name), sha256) for name, sha256 in record.parts.items()}
    return StoredModel(record, parts, load_results(folder))


def _file(name: str) -> str:
    return f"{name}.safetensors"
