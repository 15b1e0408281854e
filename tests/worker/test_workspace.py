"""The attempt's folder, made from rows and storage."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import StorageError
from core.stage.folder import StageFolderSpec
from server.db import lifecycle
from server.db.models import Artifact, Checkpoint, LogLine, Run
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.rows import make_claim
from tests.support.stages import DEFINITION, write_result
from worker.collect import collect
from worker.workspace import Machine, Workspace


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(runs_folder=tmp_path / "runs", data_home=tmp_path / "cache", device="cpu", threads=3)


def put(storage: LocalStorage, tmp_path: Path, content: str) -> str:
    path = tmp_path / "content"
    path.write_text(content)
    return storage.put_file(path)


def succeed(database: Database, claim: lifecycle.Claim, outputs: dict[str, dict[str, dict[str, object]]]) -> None:
    with database.write() as session:
        lifecycle.settle_succeeded(session, claim.lease, outputs)


def lose(database: Database, claim: lifecycle.Claim) -> None:
    with database.write() as session:
        lifecycle.settle_lost(session, claim.lease)


def add_checkpoint(database: Database, run: Run, number: int, iteration: int, sha256: str) -> None:
    where = {"stage_id": run.stages[0].id, "attempt_number": number, "fencing_token": number}
    with database.write() as session:
        session.add(Checkpoint(**where, iteration=iteration, files={"model": sha256}, bytes=1))


def damage(storage: LocalStorage, sha256: str) -> None:
    path = storage.path(sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_the_spec_says_what_the_rows_say(database: Database, storage: LocalStorage, run: Run, machine: Machine) -> None:
    claim = make_claim(database, run.stages[0])
    workspace = Workspace(database, storage, machine, claim.lease)
    workspace.prepare()
    assert workspace.folder == machine.runs_folder / run.id / "0-step-0" / "attempt-1"
    spec = StageFolderSpec.model_validate_json((workspace.folder / "spec.json").read_bytes())
    assert (spec.run_id, spec.stage_id, spec.attempt, spec.seed) == (run.id, run.stages[0].id, 1, 5)
    assert (spec.method, spec.config) == ("eir", DEFINITION["config"])
    assert (spec.stage.name, spec.num_stages) == ("step-0", 3)
    assert spec.stream == DEFINITION["stream"]
    assert list(spec.datasets) == ["main"]
    assert (spec.device, spec.threads, spec.data_home) == ("cpu", 3, str(machine.data_home))
    assert (spec.inputs, spec.resume) == ({}, [])


def test_outputs_of_earlier_stages_are_laid_out_as_inputs(
    database: Database, storage: LocalStorage, run: Run, machine: Machine, tmp_path: Path
) -> None:
    record, weights = put(storage, tmp_path, "{}"), put(storage, tmp_path, "weights")
    files = {"model.json": {"sha256": record, "bytes": 2}, "parts/w": {"sha256": weights, "bytes": 7}}
    succeed(database, make_claim(database, run.stages[0]), {"model": files})
    workspace = Workspace(database, storage, machine, make_claim(database, run.stages[1]).lease)
    assert workspace.prepare().inputs == {"model": "inputs/model"}
    assert (workspace.folder / "inputs/model/model.json").read_text() == "{}"
    assert (workspace.folder / "inputs/model/parts/w").read_text() == "weights"


def test_packed_output_is_laid_out_for_each_attempt(
    database: Database, storage: LocalStorage, run: Run, machine: Machine, tmp_path: Path
) -> None:
    contents = {"index.json": "[]"} | {f"maps/{number}.png": f"map {number}" for number in range(100)}
    written = write_result(
        tmp_path / "written",
        {"pseudo": "artifacts/pseudo"},
        {f"artifacts/pseudo/{name}": content for name, content in contents.items()},
    )
    succeed(database, make_claim(database, run.stages[0]), {"model": collect(storage, written).outputs["pseudo"]})
    first = make_claim(database, run.stages[1])
    lost = Workspace(database, storage, machine, first.lease)
    lost.prepare()
    lose(database, first)
    second = Workspace(database, storage, machine, make_claim(database, run.stages[1]).lease)
    second.prepare()

    for workspace in (lost, second):
        placed = workspace.folder / "inputs/model"
        files = [path for path in placed.rglob("*") if path.is_file()]
        assert {path.relative_to(placed).as_posix(): path.read_text() for path in files} == contents


def test_an_output_that_is_one_file_becomes_one_file(
    database: Database, storage: LocalStorage, run: Run, machine: Machine, tmp_path: Path
) -> None:
    sha256 = put(storage, tmp_path, "weights")
    succeed(database, make_claim(database, run.stages[0]), {"model": {"": {"sha256": sha256, "bytes": 7}}})
    workspace = Workspace(database, storage, machine, make_claim(database, run.stages[1]).lease)
    workspace.prepare()
    assert (workspace.folder / "inputs/model").read_text() == "weights"


def test_a_damaged_input_is_a_storage_error(
    database: Database, storage: LocalStorage, run: Run, machine: Machine, tmp_path: Path
) -> None:
    sha256 = put(storage, tmp_path, "weights")
    succeed(database, make_claim(database, run.stages[0]), {"model": {"": {"sha256": sha256, "bytes": 7}}})
    damage(storage, sha256)
    workspace = Workspace(database, storage, machine, make_claim(database, run.stages[1]).lease)
    with pytest.raises(StorageError, match="is damaged"):
        workspace.prepare()


def test_an_output_that_was_never_made_is_named(
    database: Database, storage: LocalStorage, run: Run, machine: Machine
) -> None:
    succeed(database, make_claim(database, run.stages[0]), {"other": {}})
    workspace = Workspace(database, storage, machine, make_claim(database, run.stages[1]).lease)
    with pytest.raises(StorageError, match="stage 0 has left no output 'model'"):
        workspace.prepare()


def test_checkpoints_of_earlier_attempts_are_laid_out_newest_first(
    database: Database, storage: LocalStorage, run: Run, machine: Machine, tmp_path: Path
) -> None:
    lose(database, make_claim(database, run.stages[0]))
    for iteration in (4, 6):
        add_checkpoint(database, run, 1, iteration, put(storage, tmp_path, f"state {iteration}"))
    workspace = Workspace(database, storage, machine, make_claim(database, run.stages[0]).lease)
    assert workspace.prepare().resume == ["resume/1/6", "resume/1/4"]
    assert (workspace.folder / "resume/1/6/model").read_text() == "state 6"


def test_a_damaged_checkpoint_gives_way_to_the_one_before_it(
    database: Database, storage: LocalStorage, run: Run, machine: Machine, tmp_path: Path
) -> None:
    lose(database, make_claim(database, run.stages[0]))
    good, bad = put(storage, tmp_path, "state 4"), put(storage, tmp_path, "state 6")
    add_checkpoint(database, run, 1, 4, good)
    add_checkpoint(database, run, 1, 6, bad)
    damage(storage, bad)
    claim = make_claim(database, run.stages[0])
    assert Workspace(database, storage, machine, claim.lease).prepare().resume == ["resume/1/4"]
    with database.read() as session:
        assert [row.iteration for row in session.scalars(select(Checkpoint))] == [4]
        [line] = session.scalars(select(LogLine)).all()
    assert line.level == "warning"
    assert line.text.startswith("checkpoint of iteration 6 is damaged, using the one before it")
    # The stage will write these bytes again, and they must then be stored anew.
    assert (storage.exists(good), storage.exists(bad)) == (True, False)


def test_a_run_keeps_the_thread_count_of_its_first_attempt_on_every_machine(
    database: Database, storage: LocalStorage, run: Run, machine: Machine
) -> None:
    first = make_claim(database, run.stages[0])
    assert Workspace(database, storage, machine, first.lease).prepare().threads == 3
    lose(database, first)
    other = replace(machine, threads=16)
    again = make_claim(database, run.stages[0])
    assert Workspace(database, storage, other, again.lease).prepare().threads == 3
    succeed(database, again, {"model": {"": {"sha256": _only_spec(database), "bytes": 1}}})
    assert Workspace(database, storage, other, make_claim(database, run.stages[1]).lease).prepare().threads == 3


def test_a_thread_count_in_the_config_comes_before_the_machines(
    database: Database, storage: LocalStorage, run: Run, machine: Machine
) -> None:
    with database.write() as session:
        session.get_one(Run, run.id).experiment.resolved = DEFINITION | {"config": {"execution": {"threads": 2}}}
    claim = make_claim(database, run.stages[0])
    assert Workspace(database, storage, machine, claim.lease).prepare().threads == 2


def test_what_lies_in_the_folder_from_before_is_removed(
    database: Database, storage: LocalStorage, run: Run, machine: Machine
) -> None:
    workspace = Workspace(database, storage, machine, make_claim(database, run.stages[0]).lease)
    workspace.folder.mkdir(parents=True)
    (workspace.folder / "result.json").write_text("{}")
    workspace.prepare()
    assert sorted(path.name for path in workspace.folder.iterdir()) == ["spec.json"]


def test_an_attempt_that_was_replaced_meanwhile_is_not_prepared(
    database: Database, storage: LocalStorage, run: Run, machine: Machine
) -> None:
    claim = make_claim(database, run.stages[0])
    workspace = Workspace(database, storage, machine, claim.lease)
    lose(database, claim)
    with pytest.raises(lifecycle.StaleLease):
        workspace.prepare()


def _only_spec(database: Database) -> str:
    with database.read() as session:
        sha256 = session.scalars(select(Artifact.sha256).where(Artifact.kind == "config")).one()
    assert len(sha256) == hashlib.sha256().digest_size * 2
    return sha256


def test_files_of_another_run_are_laid_out_as_inputs(
    database: Database, storage: LocalStorage, run: Run, machine: Machine, tmp_path: Path
) -> None:
    weights = put(storage, tmp_path, "weights")
    import_from(database, run, {"w": {"sha256": weights, "bytes": 7}})
    workspace = Workspace(database, storage, machine, make_claim(database, run.stages[0]).lease)

    assert workspace.prepare().inputs == {"model": "inputs/model"}
    assert (workspace.folder / "inputs/model/w").read_text() == "weights"


def test_a_file_of_another_run_that_was_removed_is_named(
    database: Database, storage: LocalStorage, run: Run, machine: Machine
) -> None:
    import_from(database, run, {"w": {"sha256": "0" * 64, "bytes": 7}})
    workspace = Workspace(database, storage, machine, make_claim(database, run.stages[0]).lease)

    with pytest.raises(StorageError, match="w of input 'model', an output of another run, is no longer in storage"):
        workspace.prepare()


def test_a_file_of_another_run_that_has_changed_is_refused(
    database: Database, storage: LocalStorage, run: Run, machine: Machine, tmp_path: Path
) -> None:
    weights = put(storage, tmp_path, "weights")
    import_from(database, run, {"w": {"sha256": weights, "bytes": 7}})
    damage(storage, weights)

    with pytest.raises(StorageError, match="is damaged: its SHA-256 is"):
        Workspace(database, storage, machine, make_claim(database, run.stages[0]).lease).prepare()


def import_from(database: Database, run: Run, files: dict[str, dict[str, object]]) -> None:
    """Let the first stage take files out of the storage."""
    with database.write() as session:
        stage = session.get_one(Run, run.id).stages[0]
        stage.spec = {**stage.spec, "imports": {"model": files}}
