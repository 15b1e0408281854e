"""Trained models that documents name: found by stage, pinned by digest, read from storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from core.errors import ConfigError, StorageError
from core.files import file_sha256
from core.methods.base import MethodConfig
from core.methods.catalog import METHODS, config_class
from core.methods.checkpoints import FolderCheckpoint, StageCheckpoint, StoredModel, parse_model, read_model
from core.stage.card import CARD_FILE, MODEL_OUTPUT, RECORD_FILE
from server.db.models import Run, Stage
from server.db.session import Database
from server.db.shared_stages import OWNER
from server.db.states import StageState
from server.storage.base import Storage
from server.storage.outputs import OutputEntries, StoredOutput

POINTER = "/config/checkpoint"
STAGE_POINTER = f"{POINTER}/stage"


@dataclass(frozen=True)
class TrainedModels:
    """The trained models of this service.

    Attributes:
        database: has the stages that trained them.
        storage: has their files.
    """

    database: Database
    storage: Storage

    def with_files(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the document with the files of the model of the stage that it names.

        A document that names no stage is returned as it is: whatever else is wrong with it is found later.

        Raises:
            ConfigError: if there is no such stage, it has not left a model, or not the one that the document lists.
        """
        config = document.get("config")
        named = config.get("checkpoint") if isinstance(config, Mapping) else None
        if not isinstance(config, Mapping) or not isinstance(named, Mapping) or not _names_models(document):
            return document
        if not isinstance(named.get("stage"), str):
            return document
        with self.database.read() as session:
            files = model_files(find_trained(session, named["stage"]))
        listed = named.get("files")
        if listed and listed != files:
            raise ConfigError(_other_model(listed, files), POINTER)
        return {**document, "config": {**config, "checkpoint": {**named, "files": files}}}

    def pinned(self, config: MethodConfig) -> MethodConfig:
        """Return the config with the digest of the model folder that it names; raise ConfigError if it has none."""
        named = config.named_checkpoint()
        if not isinstance(named, FolderCheckpoint) or named.sha256 is not None:
            return config
        path = Path(named.folder) / RECORD_FILE
        try:
            return config.naming(named.model_copy(update={"sha256": file_sha256(path)}))
        except OSError as error:
            message = f"{path}: cannot be read ({error.strerror}); name a model folder with all its files"
            raise ConfigError(message, f"{POINTER}/folder") from error

    def read(self, config: MethodConfig) -> StoredModel | None:
        """Return what is known of the model that a config names; None if it names none.

        Raises:
            ConfigError: if a file of the model is missing or damaged.
        """
        named = config.named_checkpoint()
        if named is None:
            return None
        try:
            if isinstance(named, FolderCheckpoint):
                return read_model(Path(named.folder), named.sha256)
            return self._read_stored(named)
        except StorageError as error:
            raise ConfigError(str(error), POINTER) from error

    def read_stage(self, stage: Stage) -> StoredModel:
        """Return what is known of the model of a stage of `find_trained`; raise ConfigError as `read` does."""
        try:
            return self._read_stored(StageCheckpoint.model_validate({"stage": stage.id, "files": model_files(stage)}))
        except StorageError as error:
            raise ConfigError(str(error), POINTER) from error

    def _read_stored(self, named: StageCheckpoint) -> StoredModel:
        files = {path: file.model_dump() for path, file in named.files.items()}
        if CARD_FILE not in files:
            raise StorageError(
                f"the model of stage {named.stage} has no {CARD_FILE}: it was trained before cards were written; run "
                "its stage again"
            )
        lost = [path for path, file in named.files.items() if not self.storage.exists(file.sha256)]
        if lost:
            raise StorageError(
                f"{lost[0]} of the model of stage {named.stage} is no longer in storage (SHA-256 "
                f"{named.files[lost[0]].sha256}): it was removed; run the stage again, or restore the file"
            )
        output = StoredOutput(self.storage, files)
        return parse_model(output.read(CARD_FILE), output.read(RECORD_FILE), f"model of stage {named.stage}")


def find_trained(session: Session, stage_id: str) -> Stage:
    """Return a stage that has left a model; for a shared stage, the one that it stands for.

    Raises:
        ConfigError: if there is no such stage, its run is deleted, it has not succeeded, or it trains no model.
    """
    owner = select(OWNER).where(Stage.id == stage_id).scalar_subquery()
    stage = session.scalar(select(Stage).where(Stage.id == owner).options(undefer(Stage.outputs)))
    run = None if stage is None else session.get_one(Run, stage.run_id)
    if stage is None or run is None:
        raise ConfigError(f"there is no stage {stage_id!r}; give the id of a stage of a finished run", STAGE_POINTER)
    title = f"stage {stage.index} ({stage.name}) of {run.experiment.name}, seed {run.seed},"
    if run.deleted_at is not None:
        raise ConfigError(f"{title} is of a deleted run; restore the run first", STAGE_POINTER)
    if stage.state != StageState.SUCCEEDED.value:
        raise ConfigError(f"{title} is {stage.state} and has no model yet; wait until it has succeeded", STAGE_POINTER)
    if not (stage.outputs or {}).get(MODEL_OUTPUT):
        raise ConfigError(f"{title} has left no model; name a stage of kind train", STAGE_POINTER)
    return stage


def model_files(stage: Stage) -> OutputEntries:
    """Return the files of a stage's model, by path."""
    files: OutputEntries = (stage.outputs or {})[MODEL_OUTPUT]
    return files


def _names_models(document: Mapping[str, Any]) -> bool:
    method = document.get("method")
    return isinstance(method, str) and method in METHODS and "checkpoint" in config_class(method).model_fields


def _other_model(listed: Any, files: OutputEntries) -> str:
    given = listed if isinstance(listed, Mapping) else {}
    path = next((path for path in sorted({*given, *files}) if given.get(path) != files.get(path)), "")
    found, wanted = (_digest(entries.get(path)) for entries in (files, given))
    return (
        f"{path} of the stage's model has the SHA-256 {found}, and the document lists {wanted}: the stage left another "
        "model since; leave out `files`, which the service fills in"
    )


def _digest(entry: Any) -> str:
    return str(entry["sha256"]) if isinstance(entry, Mapping) and "sha256" in entry else "none"
