"""A whole run as one archive: everything that its pages show, and a manifest to check it with."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from server.db import lifecycle
from server.db.models import Run, Stage
from server.db.series_summaries import summarise_shared
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.results import add_artifact, add_evaluation, add_log, add_points
from tests.support.rows import USER, load_run, make_claim, make_run
from tests.support.serving import problem

UNKNOWN = "01890000-0000-7000-8000-000000000000"
WEIGHTS = b"weights" * 1000


@pytest.fixture
def run(database: Database, storage: LocalStorage) -> Run:
    """A cancelled run whose first stage has left something of everything."""
    run = make_run(database, num_stages=2)
    claimed = make_claim(database, run.stages[0])
    with database.write() as session:
        lifecycle.settle_succeeded(session, claimed.lease, {})
        lifecycle.request_cancel(session, run.id, cause=USER)
    stage = run.stages[0]
    add_log(database, claimed.lease.attempt_id, lines=3)
    add_evaluation(database, stage, [[3, 1], [0, 4]], channels=[-1, 1])
    add_points(database, run.id, [0.5, "-Infinity", 0.25])
    add_points(database, run.id, [1.0], key="=1+1")
    with database.write() as session:
        summarise_shared(session, run.id)
    add_artifact(database, stage, storage.put_bytes(WEIGHTS), len(WEIGHTS), name="model/model.safetensors")
    add_artifact(database, stage, "0" * 64, 9, name="model/lost.json")
    return load_run(database, run.id)


def _archive(http: httpx.Client, run_id: str, **params: Any) -> ZipFile:
    answer = http.get(f"/runs/{run_id}/archive", params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    archive = ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


def _read(archive: ZipFile, path: str) -> Any:
    return json.loads(archive.read(path))


def test_archive_says_what_the_api_says(http: httpx.Client, run: Run) -> None:
    archive = _archive(http, run.id)

    assert _read(archive, "run.json") == http.get(f"/runs/{run.id}").json()
    assert _read(archive, "experiment.json") == http.get(f"/experiments/{run.experiment_id}").json()
    assert _read(archive, "history.json") == http.get(f"/runs/{run.id}/history", params={"limit": 200}).json()["items"]
    assert _read(archive, "step-table.json") == http.get(f"/runs/{run.id}/step-table").json()
    (evaluation,) = _read(archive, "evaluations.json")
    assert evaluation["confusion"] == [[3, 1], [0, 4]]
    assert archive.read("artifacts/0-step-0/model/model.safetensors") == WEIGHTS
    log = http.get(f"/stages/{run.stages[0].id}/log/text").text
    assert archive.read("logs/0-step-0-attempt-1.log").decode() == log


def test_curves_are_one_table_that_a_spreadsheet_does_not_calculate(http: httpx.Client, run: Run) -> None:
    rows = list(csv.reader(io.StringIO(_archive(http, run.id).read("series.csv").decode())))

    assert rows == [
        ["key", "stage_index", "iteration", "attempt", "value"],
        ["'=1+1", "0", "0", "1", "1.0"],
        ["loss", "0", "0", "1", "0.5"],
        ["loss", "0", "1", "1", "-inf"],
        ["loss", "0", "2", "1", "0.25"],
    ]


def test_manifest_has_the_digest_of_every_file_and_names_what_is_missing(http: httpx.Client, run: Run) -> None:
    archive = _archive(http, run.id)

    manifest = _read(archive, "manifest.json")

    assert (manifest["format"], manifest["version"], manifest["run_id"]) == ("palimpsest-run", 1, run.id)
    assert [file["path"] for file in manifest["files"]] == archive.namelist()[:-1]
    for file in manifest["files"]:
        content = archive.read(file["path"])
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    (missing,) = manifest["missing"]
    assert missing["path"] == "artifacts/0-step-0/model/lost.json"
    assert "storage has no file" in missing["reason"]


def test_artifacts_are_chosen_by_kind_or_left_out(http: httpx.Client, run: Run) -> None:
    kind = http.get(f"/runs/{run.id}/artifacts").json()["items"][0]["kind"]

    def artifacts(**params: Any) -> list[str]:
        return [name for name in _archive(http, run.id, **params).namelist() if name.startswith("artifacts/")]

    assert len(artifacts(kind=kind)) == 1
    assert artifacts(kind="none of it") == []
    assert artifacts(artifacts=False) == []


def test_run_that_has_not_begun_has_an_archive_too(http: httpx.Client, database: Database) -> None:
    run_id = make_run(database).id

    archive = _archive(http, run_id)

    names = ["run.json", "experiment.json", "history.json", "evaluations.json", "series.csv", "manifest.json"]
    assert archive.namelist() == names
    assert _read(archive, "evaluations.json") == []


def test_shared_stages_of_a_branch_are_in_its_archive(
    http: httpx.Client, database: Database, storage: LocalStorage, run: Run
) -> None:
    branch = make_run(database, num_stages=2)
    with database.write() as session:
        session.get_one(Stage, branch.stages[0].id).shared_stage_id = run.stages[0].id
        session.get_one(Run, branch.id).branched_from = run.id
        summarise_shared(session, branch.id)

    archive = _archive(http, branch.id)

    assert archive.read("artifacts/0-step-0/model/model.safetensors") == WEIGHTS
    assert len(_read(archive, "evaluations.json")) == 1
    assert archive.read("series.csv") == _archive(http, run.id).read("series.csv")
    assert _read(archive, "run.json")["branched_from"]["run_id"] == run.id


def test_name_of_the_file_is_plain(http: httpx.Client, database: Database, run: Run) -> None:
    with database.write() as session:
        session.get_one(Run, run.id).experiment.name = 'a/b "c"\u202e 😀'

    disposition = http.get(f"/runs/{run.id}/archive").headers["content-disposition"]

    assert f"a-b-c-seed-0-{run.id[:8]}.zip" in disposition


def test_unknown_run_has_no_archive(http: httpx.Client) -> None:
    problem(http.get(f"/runs/{UNKNOWN}/archive"), 404, "not-found")
