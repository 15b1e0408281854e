"""The attempt's folder: `spec.json`, outputs of earlier stages, and checkpoints to resume from."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.acquisition.answers import ANSWERED, StoredAnswer
from core.data.dataset_spec import DatasetSpec
from core.errors import StorageError
from core.files import write_atomically
from core.runner.datasets import stage_datasets
from core.stage.folder import INPUT_DIR, SPEC_FILE, StageFolderSpec
from core.stage.spec import StageSpec, StoredFile
from core.streams.catalog import read_stream
from server.db import lifecycle
from server.db.models import Artifact, Attempt, Checkpoint, Run, Stage
from server.db.session import Database
from server.db.shared_stages import is_of_run, outputs_of
from server.db.states import StageState
from server.storage import DamagedFile, MissingFile, Storage
from server.storage.outputs import StoredOutput
from worker import artifacts
from worker.answered import given_answers, place_answers
from worker.checkpoints import newest_first
from worker.collect import RESUME_DIR
from worker.logs import Line, write_lines
from worker.outage import OUTAGE_ERRORS, through_outage

log = logging.getLogger(__name__)

SPEC_KIND = "config"
_DATASET: TypeAdapter[DatasetSpec] = TypeAdapter(DatasetSpec)


@dataclass(frozen=True)
class Machine:
    """Resources of a machine for stages.

    Attributes:
        runs_folder: parent of the stage folders.
        data_home: folder of drawn worlds and presence indexes.
        device: device for stages.
        threads: CPU threads for the stages of new runs.
    """

    runs_folder: Path
    data_home: Path
    device: str
    threads: int


@dataclass(frozen=True)
class Plan:
    """The database's data on one attempt."""

    attempt_number: int
    run_id: str
    seed: int
    definition: Mapping[str, Any]
    class_names: Mapping[int, str]
    """Raw id -> name of the dataset's classes when the experiment was created; empty if none were stored."""
    stage_id: str
    spec: StageSpec
    outputs: Sequence[Mapping[str, Any]]
    """Outputs of each stage of the run, in order; empty while the stage has none."""
    checkpoints: tuple[Checkpoint, ...]
    answered: tuple[StoredAnswer, ...]
    """People's answers to a label stage that an oracle continues."""
    first_spec: str | None
    """Digest of the first `spec.json` of the run."""
    has_spec: bool
    """Whether a `spec.json` of the stage is already stored."""


class Workspace:
    """Creates an attempt's folder.

    Attributes:
        folder: path of the folder.
    """

    def __init__(self, database: Database, storage: Storage, machine: Machine, lease: lifecycle.Lease) -> None:
        self._database = database
        self._storage = storage
        self._machine = machine
        self._lease = lease
        self._plan = through_outage(self._read_plan)
        stage = self._plan.spec
        name = f"{stage.index}-{stage.name}"
        self.folder = machine.runs_folder / lease.run_id / name / f"attempt-{self._plan.attempt_number}"

    def prepare(self) -> StageFolderSpec:
        """Fill the folder and return the content of `spec.json`.

        Raises:
            StorageError: when an output of an earlier stage is missing or damaged.
            StaleLease: when the attempt was replaced meanwhile.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        self._make_folder()
        inputs = {name: self._place_input(name, source) for name, source in self._plan.spec.inputs.items()}
        inputs |= {name: self._place_import(name, files) for name, files in self._plan.spec.imports.items()}
        if self._plan.answered:
            inputs[ANSWERED] = f"{INPUT_DIR}/{ANSWERED}"
            place_answers(self._storage, self._plan.answered, self.folder / inputs[ANSWERED])
        resume, damaged = self._place_checkpoints()
        spec = self._spec(inputs, resume)
        path = self.folder / SPEC_FILE
        write_atomically(path, spec.model_dump_json(indent=1).encode())
        stored = None
        if not self._plan.has_spec:
            # Later attempts differ only in their number; storing each would leave a blob without a row.
            stored = artifacts.StoredFile(SPEC_FILE, SPEC_KIND, path.stat().st_size, self._storage.put_file(path))
        through_outage(lambda: self._record(stored, damaged))
        return spec

    def has_failed(self) -> bool:
        """Whether the stage has finally failed; False if the database does not answer."""
        try:
            with self._database.read() as session:
                return session.get_one(Stage, self._lease.stage_id).state == StageState.FAILED
        except OUTAGE_ERRORS:
            return False

    def remove(self) -> None:
        """Delete the folders of this and earlier attempts: everything needed is in database and storage."""
        for path in self.folder.parent.glob("attempt-*"):
            number = path.name.removeprefix("attempt-")
            if number.isdecimal() and int(number) <= self._plan.attempt_number:
                shutil.rmtree(path, ignore_errors=True)
        # Delete the stage's and the run's folders too, unless other attempts still use them.
        for folder in (self.folder.parent, self.folder.parent.parent):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True)
        except FileNotFoundError:
            # Another worker removed the run's empty folder at the same moment.
            self.folder.mkdir(parents=True)

    def _read_plan(self) -> Plan:
        with self._database.read() as session:
            attempt = session.get_one(Attempt, self._lease.attempt_id)
            stage = session.get_one(Stage, self._lease.stage_id)
            run = session.get_one(Run, self._lease.run_id)
            return Plan(
                attempt_number=attempt.number,
                run_id=run.id,
                seed=run.seed,
                definition=run.experiment.resolved,
                class_names=_class_names(run.experiment.class_table),
                stage_id=stage.id,
                spec=StageSpec.model_validate(stage.spec),
                outputs=outputs_of(session, run.id),
                checkpoints=tuple(newest_first(session, stage.id)),
                answered=given_answers(session, stage.id),
                first_spec=_first_spec(session, run.id),
                has_spec=_has_spec(session, stage.id),
            )

    def _spec(self, inputs: dict[str, str], resume: list[str]) -> StageFolderSpec:
        plan = self._plan
        return StageFolderSpec.model_validate(
            {
                "run_id": plan.run_id,
                "stage_id": plan.stage_id,
                "attempt": plan.attempt_number,
                "method": plan.definition["method"],
                "config": plan.definition["config"],
                "stage": plan.spec,
                "num_stages": len(plan.outputs),
                "datasets": stage_datasets(
                    read_stream(plan.definition["stream"]),
                    _DATASET.validate_python(plan.definition["dataset"]),
                    plan.class_names,
                ),
                "stream": plan.definition["stream"],
                "inputs": inputs,
                "resume": resume,
                "seed": plan.seed,
                "device": self._machine.device,
                "threads": self._threads(),
                "data_home": str(self._machine.data_home),
            }
        )

    def _threads(self) -> int:
        """Return the config's number of threads, or else the run's first: another number changes the weights' bits."""
        configured: int | None = self._plan.definition["config"].get("execution", {}).get("threads")
        if configured is not None:
            return configured
        if self._plan.first_spec is None:
            return self._machine.threads
        with self._storage.open(self._plan.first_spec) as file:
            # Read only this field: the spec may be of an earlier version.
            return int(json.loads(file.read())["threads"])

    def _place_input(self, name: str, source: str) -> str:
        """Copy an output of an earlier stage to `inputs/<name>`; return its path in the folder."""
        index, _, output = source.partition("/")
        files = self._plan.outputs[int(index)].get(output)
        if not files:
            raise StorageError(f"stage {index} has left no output {output!r}, which is input {name!r} of this stage")
        relative = f"{INPUT_DIR}/{name}"
        StoredOutput(self._storage, files).place(self.folder / relative)
        return relative

    def _place_import(self, name: str, files: Mapping[str, StoredFile]) -> str:
        """Copy an output of another run to `inputs/<name>`; return its path in the folder."""
        relative = f"{INPUT_DIR}/{name}"
        entries = {path: file.model_dump() for path, file in files.items()}
        try:
            StoredOutput(self._storage, entries).place(self.folder / relative)
        except MissingFile as error:
            path = next(path for path, file in files.items() if file.sha256 == error.sha256)
            raise StorageError(
                f"{path} of input {name!r}, an output of another run, is no longer in storage; run that stage again "
                f"and name it anew (SHA-256 {error.sha256})"
            ) from error
        return relative

    def _place_checkpoints(self) -> tuple[list[str], list[tuple[Checkpoint, str]]]:
        """Copy the undamaged checkpoints, newest first; return their paths, and the damaged ones with the reason."""
        placed, damaged = [], []
        for checkpoint in self._plan.checkpoints:
            relative = f"{RESUME_DIR}/{checkpoint.attempt_number}/{checkpoint.iteration}"
            try:
                for name, sha256 in checkpoint.files.items():
                    self._storage.copy_to(sha256, self.folder / relative / name)
            except StorageError as error:
                shutil.rmtree(self.folder / relative, ignore_errors=True)
                if isinstance(error, DamagedFile):
                    # The stage will write the same bytes again: the damaged file must not keep their digest.
                    self._storage.delete(error.expected)
                damaged.append((checkpoint, str(error)))
            else:
                placed.append(relative)
        return placed, damaged

    def _record(self, spec: artifacts.StoredFile | None, damaged: Sequence[tuple[Checkpoint, str]]) -> None:
        """Record the first spec as an artifact of the stage, and delete the rows of damaged checkpoints."""
        with self._database.write() as session:
            attempt = lifecycle.guard(session, self._lease)
            if spec is not None:
                artifacts.write_artifact(session, self._lease.run_id, attempt, spec)
            lines = []
            for checkpoint, reason in damaged:
                row = session.get(Checkpoint, checkpoint.id)
                if row is not None:
                    session.delete(row)
                    text = (
                        f"checkpoint of iteration {checkpoint.iteration} is damaged, using the one before it: {reason}"
                    )
                    lines.append(Line("warning", text))
            write_lines(session, attempt, lines)


def _class_names(class_table: Mapping[str, Any] | None) -> dict[int, str]:
    return {label["id"]: label["name"] for label in (class_table or {}).get("labels", ())}


def _first_spec(session: Session, run_id: str) -> str | None:
    """Return the digest of a run's first stored spec, or None."""
    return session.scalar(
        select(Artifact.sha256)
        .join(Stage, Artifact.stage_id == Stage.id)
        .where(is_of_run(Artifact.stage_id, run_id), Artifact.kind == SPEC_KIND)
        .order_by(Stage.index, Artifact.created_at)
        .limit(1)
    )


def _has_spec(session: Session, stage_id: str) -> bool:
    """Return whether a stage has a stored spec."""
    of_stage = select(Artifact.id).where(Artifact.stage_id == stage_id, Artifact.kind == SPEC_KIND)
    return session.scalar(of_stage.limit(1)) is not None
