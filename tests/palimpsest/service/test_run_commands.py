"""`palimpsest run …` against a real API that has no worker."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner, Result

from palimpsest import Client
from palimpsest.service.api_server import ApiServer
from palimpsest.service.cli import app
from server.db import lifecycle
from server.db.session import Database
from server.settings import Settings, get_settings
from server.storage import LocalStorage
from tests.support.rows import load_run, make_claim


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIMPSEST_HOME", str(tmp_path))
    get_settings.cache_clear()


def call(api: ApiServer, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["run", *arguments, "--url", api.address])


def test_a_file_is_submitted_listed_cancelled_and_resumed(api: ApiServer, tiny_experiment: Path) -> None:
    submitted = call(api, "submit", str(tiny_experiment), "--seed", "7", "--set", "config.optim.iterations=3")
    run_id = submitted.stdout.strip()

    listed = call(api, "list").stdout
    states = [call(api, action, run_id).stdout.strip() for action in ("cancel", "cancel", "resume")]

    with Client(api.address) as client:
        run = client.run(run_id)
    assert (run.seed, run.method, [stage.total_iterations for stage in run.stages]) == (7, "eir", [3, 3])
    assert run_id in listed
    assert states == ["cancelled", "cancelled", "queued"]


def test_a_branch_before_its_step_is_finished_is_refused_with_a_way_out(api: ApiServer, tiny_experiment: Path) -> None:
    run_id = call(api, "submit", str(tiny_experiment)).stdout.strip()

    plain = call(api, "branch", run_id, "--after", "0")
    changed = call(api, "branch", run_id, "--after", "0", "--set", "config.optim.lr_base=0.5")

    assert (plain.exit_code, changed.exit_code) == (1, 1)
    assert "is queued; wait until it has succeeded" in plain.stderr
    assert "body/after_step" in changed.stderr


def test_a_branch_shares_the_finished_step_and_takes_changed_settings(
    api: ApiServer, settings: Settings, tiny_experiment: Path
) -> None:
    run_id = call(api, "submit", str(tiny_experiment)).stdout.strip()
    finish_first_stage(settings, run_id)

    refused = call(api, "branch", run_id, "--after", "0", "--set", "config.optim.lr_base=0.5")
    branched = call(api, "branch", run_id, "--after", "0", "--set", "config.kd.weight=1", "--name", "less distilled")

    assert (refused.exit_code, "body/document/config/optim/lr_base" in refused.stderr) == (1, True)
    with Client(api.address) as client:
        run = client.run(branched.stdout.strip())
    assert (run.experiment_name, [stage.state for stage in run.stages]) == ("less distilled", ["skipped", "queued"])


def finish_first_stage(settings: Settings, run_id: str) -> None:
    """Let the first stage of a run succeed, with a model and a memory in storage."""
    database, storage = Database(settings.database_url), LocalStorage(settings.storage_folder)
    claimed = make_claim(database, load_run(database, run_id).stages[0])
    outputs = {
        name: {"": {"sha256": storage.put_bytes(name.encode()), "bytes": len(name)}} for name in ("model", "memory")
    }
    with database.write() as session:
        lifecycle.settle_succeeded(session, claimed.lease, outputs)
    database.dispose()


def test_a_run_is_paused_and_resumed(api: ApiServer) -> None:
    run_id = call(api, "submit", "eir/demo").stdout.strip()

    assert [call(api, action, run_id).stdout.strip() for action in ("pause", "resume")] == ["paused", "queued"]


def test_a_run_is_exported_as_one_archive(
    api: ApiServer, settings: Settings, tiny_experiment: Path, tmp_path: Path
) -> None:
    run_id = call(api, "submit", str(tiny_experiment)).stdout.strip()
    finish_first_stage(settings, run_id)
    target = tmp_path / "run.zip"

    exported = call(api, "export", run_id, "--out", str(target), "--no-artifacts")

    assert exported.stdout.strip() == str(target)
    with ZipFile(target) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("run.json"))["id"] == run_id
    not_ended = call(api, "import", str(target))
    assert (not_ended.exit_code, "only a run that has succeeded" in not_ended.stderr) == (1, True)
    refused = call(api, "export", "01890000-0000-7000-8000-000000000000", "--out", str(tmp_path / "no.zip"))
    assert (refused.exit_code, (tmp_path / "no.zip").exists()) == (1, False)


def test_watching_a_cancelled_run_ends_with_status_1(api: ApiServer) -> None:
    run_id = call(api, "submit", "eir/demo").stdout.strip()
    call(api, "cancel", run_id)

    watched = call(api, "watch", run_id)

    assert watched.exit_code == 1
    assert f"Run {run_id} cancelled" in watched.stdout


def test_scores_of_a_run_that_was_not_tested_are_an_empty_table(api: ApiServer) -> None:
    run_id = call(api, "submit", "eir/demo").stdout.strip()

    shown = call(api, "scores", run_id)

    assert shown.exit_code == 0
    assert "after step" not in shown.stdout


def test_a_refusal_names_the_place_and_the_nearest_name(api: ApiServer, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text('{"method": "eir", "preset": "eir/demo", "config": {"memory": {"sise": 3}}}', encoding="utf-8")

    refused = call(api, "submit", str(path))

    assert refused.exit_code == 1
    assert refused.stderr == "body/document/config/memory/sise: unknown key 'sise'; did you mean 'size'?\n"


def test_an_unreadable_file_is_named(api: ApiServer, tmp_path: Path) -> None:
    refused = call(api, "submit", str(tmp_path / "absent.yaml"))

    assert refused.exit_code == 1
    assert "absent.yaml' is neither a file nor a preset" in refused.stderr


def test_without_a_service_the_way_out_is_named() -> None:
    result = CliRunner().invoke(app, ["run", "list", "--url", "http://127.0.0.1:1"])

    assert result.exit_code == 1
    assert "`palimpsest up` starts the service" in result.stderr


def test_a_run_without_a_trained_model_cannot_be_evaluated(api: ApiServer) -> None:
    run_id = call(api, "submit", "eir/demo").stdout.strip()

    refused = [call(api, "evaluate", run_id), call(api, "evaluate", run_id, "--stage", "9")]
    untrained = call(api, "evaluate", run_id, "--stage", "0")

    assert f"no training of run {run_id} has succeeded yet" in refused[0].stderr
    assert f"run {run_id} has no stage 9; its stages are 0 to" in refused[1].stderr
    assert "is queued and has no model yet" in untrained.stderr
    assert {one.exit_code for one in (*refused, untrained)} == {1}
