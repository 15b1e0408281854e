"""Trained models that the settings of a method name, and how models of a method are tested. Free of torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from core.engine.sections import ConfigSection
from core.errors import StorageError
from core.files import file_sha256
from core.server_path import ServerPath
from core.stage.card import CARD_FILE, MODEL_OUTPUT, RECORD_FILE, ModelCard, parse_card, read_card
from core.stage.spec import StoredFile


class StageCheckpoint(ConfigSection):
    """The model of a stage of a finished run, on the service that made it."""

    stage: str = Field(
        min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$", description="Id of the stage that trained the model."
    )
    files: dict[str, StoredFile] = Field(
        default_factory=dict,
        description="The model's files, by path: filled in by the service, so that later runs test the same weights.",
        exclude_if=lambda files: not files,
    )


class FolderCheckpoint(ConfigSection):
    """A model folder: the output `model` of a training stage, with all its files."""

    folder: ServerPath = Field(description="The folder, with card.json and model.json.")
    sha256: str | None = Field(
        None,
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of its model.json, which names the weights' own; a folder with another one is refused.",
        exclude_if=lambda digest: digest is None,
    )


@dataclass(frozen=True)
class StoredModel:
    """What is known of a trained model without loading it.

    Attributes:
        card: how it was trained.
        record: the method's `model.json`.
    """

    card: ModelCard
    record: Mapping[str, Any]


@dataclass(frozen=True)
class CheckpointTest:
    """How models of a method are tested without training.

    Attributes:
        opens: dotted path of the function `ModelSource -> TestedModel`, `module:function`; importing it loads torch.
        ids: key in the model's record of the raw id of each channel.
        dataset: dataset of the stream whose raw ids these are.
        has_background: whether channel 0 is the background, and the listed ids follow it.
    """

    opens: str
    ids: str
    dataset: str
    has_background: bool = False


def parse_model(card: bytes, record: bytes, place: str) -> StoredModel:
    """Return a model from the contents of its card and record; raise StorageError naming the place."""
    try:
        parsed = json.loads(record)
    except ValueError as error:
        raise StorageError(f"{place}: its {RECORD_FILE} is no JSON: {error}") from error
    return StoredModel(parse_card(card, f"{place}/{CARD_FILE}"), parsed)


def read_model(folder: Path, sha256: str | None = None) -> StoredModel:
    """Return the model in a folder.

    Args:
        folder: the model folder.
        sha256: digest that its record must have; None does not check.

    Raises:
        StorageError: if a file is missing or cannot be read, or the record has another digest.
    """
    card, path = read_card(folder), folder / RECORD_FILE
    try:
        found = file_sha256(path)
        record = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror}); give the folder with all its files") from error
    if sha256 is not None and found != sha256:
        raise StorageError(
            f"{path}: its SHA-256 is {found}, and {sha256} was asked for: the folder holds another model now; name the "
            "right folder, or leave out checkpoint.sha256"
        )
    return StoredModel(card, json.loads(record))


def imports_of(checkpoint: StageCheckpoint | FolderCheckpoint | None) -> dict[str, dict[str, StoredFile]]:
    """Return what a stage imports of a checkpoint: the files of a stored model; nothing of a folder."""
    if not isinstance(checkpoint, StageCheckpoint):
        return {}
    return {MODEL_OUTPUT: dict(checkpoint.files)}
