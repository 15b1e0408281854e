"""The card of a trained model: how it was trained, kept beside its weights. Free of torch.

With it a model can be tested on any data without the run that made it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import StorageError
from core.files import sync_folder, write_atomically
from core.stage.folder import StageDataset, StageFolderSpec
from core.stage.spec import StageSpec

MODEL_OUTPUT = "model"
"""Name of the output that holds a trained model: a folder."""
CARD_FILE = "card.json"
RECORD_FILE = "model.json"
"""File in which a method describes the weights, beside the card."""


class CardClasses(BaseModel):
    """The classes of a dataset when a model was trained on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: dict[int, str]
    """Raw id -> name."""
    background_id: int | None


class ModelCard(BaseModel):
    """`card.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    run_id: str
    seed: int
    code_version: str
    method: str
    config: dict[str, Any]
    stage: StageSpec
    stream: dict[str, Any]
    datasets: dict[str, StageDataset]
    """By the names that the stream gives them."""
    classes: dict[str, CardClasses]
    """Dataset -> its classes."""

    @property
    def stage_title(self) -> str:
        """Name of the stage and of the method for messages, such as `stage selftrain of coast`."""
        return f"stage {self.stage.name} of {self.method}"


def card_of(spec: StageFolderSpec, classes: dict[str, CardClasses], code_version: str) -> ModelCard:
    """Return the card of the model that a stage trains."""
    kept = {name: getattr(spec, name) for name in ("run_id", "seed", "method", "config", "stage", "stream", "datasets")}
    return ModelCard(**kept, classes=classes, code_version=code_version)


def write_card(folder: Path, card: ModelCard) -> None:
    """Write the card into a model folder."""
    write_atomically(folder / CARD_FILE, card.model_dump_json(indent=1).encode())
    sync_folder(folder)


def parse_card(data: bytes, place: str) -> ModelCard:
    """Return a card from the content of its file; raise StorageError naming the place if it cannot be read."""
    try:
        return ModelCard.model_validate_json(data)
    except ValidationError as error:
        raise StorageError(f"{place}: cannot be read as the card of a model: {error}") from error


def read_card(folder: Path) -> ModelCard:
    """Return the card in a model folder.

    Raises:
        StorageError: if it is missing or cannot be read.
    """
    path = folder / CARD_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be read ({error.strerror}); give the output `model` of a training stage with all its "
            "files. Models trained before cards were written have none: run the stage again"
        ) from error
    return parse_card(data, str(path))
