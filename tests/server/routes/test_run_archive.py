"""A whole run as one archive: everything that its pages show, and a manifest to check it with."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tracemalloc
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import httpx
import numpy as np
import pytest

from core.experiment import canonical_digest
from server.db import lifecycle
from server.db.models import Run, Stage
from server.db.series_summaries import summarise_shared
from server.db.session import Database
from server.services.experiments.tags import tag_rows
from server.services.runs.run_import import import_archive
from server.storage import LocalStorage
from tests.support.results import add_artifact, add_evaluation, add_log, add_points
from tests.support.rows import USER, load_run, make_claim, make_run
from tests.support.serving import problem

UNKNOWN = "01890000-0000-7000-8000-000000000000"
WEIGHTS = b"weights" * 1000
MIB = 2**20


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

    names = ["run.json", "experiment.json", "history.json", "evaluations.json", "series.csv"]
    names += ["artifacts.json", "manifest.json"]
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


@pytest.fixture
def succeeded(database: Database, storage: LocalStorage) -> Run:
    """A run that has succeeded, with scores, curves, tags and a file."""
    run = make_run(database, num_stages=2, seed=7)
    for stage in run.stages:
        claimed = make_claim(database, stage)
        with database.write() as session:
            lifecycle.settle_succeeded(session, claimed.lease, {})
        add_evaluation(database, stage, [[3, 1], [stage.index, 4]], channels=[-1, 1])
    add_points(database, run.id, [0.5, "NaN", "-Infinity", 0.25])
    add_points(database, run.id, [1.0], key="=1+1")
    with database.write() as session:
        summarise_shared(session, run.id)
        experiment = session.get_one(Run, run.id).experiment
        experiment.digest = canonical_digest(experiment.resolved)
        experiment.tags = tag_rows(["paper=one"])
        experiment.notes = "*why*"
    add_artifact(database, run.stages[0], storage.put_bytes(WEIGHTS), len(WEIGHTS), name="model/model.safetensors")
    return load_run(database, run.id)


def _export(http: httpx.Client, run_id: str) -> bytes:
    return http.get(f"/runs/{run_id}/archive").content


def _delete(http: httpx.Client, run_id: str) -> None:
    etag = http.get(f"/runs/{run_id}").headers["etag"]
    assert http.delete(f"/runs/{run_id}", headers={"If-Match": etag}).status_code == 204


def _import(http: httpx.Client, content: bytes) -> httpx.Response:
    return http.post("/runs/imports", content=content, headers={"Content-Type": "application/zip"})


def _shown(http: httpx.Client, run_id: str) -> dict[str, Any]:
    """Return what the addresses of a run say, without ids and what only the first service knows."""
    run = http.get(f"/runs/{run_id}").json()
    kept = ("seed", "state", "score", "best_score", "score_step", "digest", "tags", "started_at", "finished_at")
    table = http.get(f"/runs/{run_id}/step-table").json()
    evaluations = http.get(f"/runs/{run_id}/scores", params={"confusion": True}).json()["items"]
    artifacts = http.get(f"/runs/{run_id}/artifacts").json()["items"]
    return {
        "run": {name: run[name] for name in kept},
        "stages": [[stage["name"], stage["state"], stage["seeds"]] for stage in run["stages"]],
        "attempts": [[attempt["state"] for attempt in stage["attempts"]] for stage in run["stages"]],
        "table": [row["iou"] for row in table["steps"]],
        "scores": [(one["step"], one["scores"], one["confusion"]) for one in evaluations],
        "curves": http.get(f"/runs/{run_id}/series").json()["items"],
        "loss": http.get(f"/runs/{run_id}/series/loss").json(),
        "artifacts": [(one["name"], one["kind"], one["sha256"]) for one in artifacts],
        "notes": http.get(f"/experiments/{run['experiment_id']}").json()["notes"],
    }


def test_imported_run_says_what_the_exported_one_said(http: httpx.Client, succeeded: Run) -> None:
    before, content = _shown(http, succeeded.id), _export(http, succeeded.id)
    _delete(http, succeeded.id)

    answer = _import(http, content)

    run = answer.json()
    assert (answer.status_code, run["imported_from"]) == (201, succeeded.id)
    assert run["id"] != succeeded.id
    assert _shown(http, run["id"]) == before
    assert before["loss"]["count"] == 4


def test_run_that_is_here_already_is_not_imported_twice(http: httpx.Client, succeeded: Run) -> None:
    content = _export(http, succeeded.id)
    beside = _import(http, content)
    _delete(http, succeeded.id)
    first, second = (_import(http, content) for _ in range(2))

    assert (beside.status_code, beside.json()["id"]) == (200, succeeded.id)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def _branch_of(database: Database, parent: Run) -> Run:
    """Return a run of two stages that shares the first stage of another one, and has succeeded."""
    with database.write() as session:
        owner = session.get_one(Stage, parent.stages[0].id)
        experiment = session.get_one(Run, parent.id).experiment
        branch = lifecycle.create_run(session, experiment, 7, cause=USER, branch=lifecycle.Branch(parent.id, [owner]))
    stages = load_run(database, branch.id).stages
    claimed = make_claim(database, stages[1])
    with database.write() as session:
        lifecycle.settle_succeeded(session, claimed.lease, {})
        summarise_shared(session, branch.id)
    add_evaluation(database, stages[1], [[1, 1], [1, 1]], channels=[-1, 1])
    return load_run(database, branch.id)


def test_lineage_is_kept_if_the_parent_is_imported_first(
    http: httpx.Client, database: Database, succeeded: Run
) -> None:
    branch = _branch_of(database, succeeded)
    before = _shown(http, branch.id)
    archives = [_export(http, run_id) for run_id in (succeeded.id, branch.id)]
    _delete(http, branch.id)
    _delete(http, succeeded.id)

    parent, child = (_import(http, content).json() for content in archives)

    assert child["branched_from"]["run_id"] == parent["id"]
    assert child["stages"][0]["shared"] == {"run_id": parent["id"], "stage_id": parent["stages"][0]["id"]}
    assert [stage["state"] for stage in child["stages"]] == ["skipped", "succeeded"]
    assert _shown(http, child["id"]) == before


def test_branch_without_its_parent_brings_what_it_shared(
    http: httpx.Client, database: Database, succeeded: Run
) -> None:
    branch = _branch_of(database, succeeded)
    before, content = _shown(http, branch.id), _export(http, branch.id)
    _delete(http, branch.id)
    _delete(http, succeeded.id)

    child = _import(http, content).json()

    assert child["branched_from"] is None
    assert [stage["state"] for stage in child["stages"]] == ["succeeded", "succeeded"]
    shown = _shown(http, child["id"])
    for part in ("table", "scores", "curves", "loss", "artifacts"):
        assert shown[part] == before[part]


def _changed(content: bytes, path: str, change: Callable[[bytes], bytes], *, is_listed: bool = True) -> bytes:
    """Return an archive with one file changed, and its digest in the manifest too."""
    source, target = ZipFile(io.BytesIO(content)), io.BytesIO()
    files = {name: source.read(name) for name in source.namelist()}
    files[path] = change(files[path])
    manifest = json.loads(files["manifest.json"])
    for file in manifest["files"] if is_listed else ():
        data = files[file["path"]]
        file["bytes"], file["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    if path != "manifest.json":
        files["manifest.json"] = json.dumps(manifest).encode()
    with ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def _replaced(before: str, after: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert before.encode() in data
        return data.replace(before.encode(), after.encode())

    return change


MODEL = "artifacts/0-step-0/model/model.safetensors"


@pytest.mark.parametrize(
    ("path", "change", "words"),
    [
        ("manifest.json", _replaced("palimpsest-run", "other"), "manifest.json: /format"),
        (
            "run.json",
            _replaced('"state": "succeeded",\n "is_pausing"', '"state": "running",\n "is_pausing"'),
            "only a run that has",
        ),
        ("run.json", _replaced('"method": "eir"', '"method": "nobody"'), "no method 'nobody'"),
        ("run.json", _replaced('"index": 1', '"index": 5'), "not numbered"),
        ("run.json", _replaced('"seed": 7', '"seed": "x"'), "run.json: /seed"),
        ("experiment.json", _replaced('"overlap"', '"disjoint"'), "another digest"),
        ("experiment.json", _replaced("*why*", "a\\u0000b"), "NUL"),
        ("evaluations.json", _replaced("[[3,1]", "[[3,1,1]"), "confusion matrix is not 2 × 2"),
        ("evaluations.json", _replaced('"step":1', '"step":9'), "names a stage or step"),
        ("series.csv", _replaced("loss,0,3", "loss,0,x"), "line 6 is not a key"),
        ("series.csv", _replaced("loss,0,3", "loss,8,3"), "series.csv: names a stage"),
        ("series.csv", _replaced("loss,0,3", "loss,0,0"), "is there twice"),
        ("artifacts.json", lambda _: b"[}", "artifacts.json"),
        (MODEL, lambda data: data[:-1], "differs from artifacts.json"),
    ],
)
def test_faulty_archive_is_refused_whole_with_the_file_and_the_fault(
    http: httpx.Client, succeeded: Run, path: str, change: Callable[[bytes], bytes], words: str
) -> None:
    content = _changed(_export(http, succeeded.id), path, change)
    _delete(http, succeeded.id)

    detail = problem(_import(http, content), 422, "validation-failed")["detail"]

    assert words in detail
    assert http.get("/runs").json()["items"] == []


def test_file_that_differs_from_the_manifest_is_refused(http: httpx.Client, succeeded: Run) -> None:
    content = _changed(_export(http, succeeded.id), "series.csv", _replaced("0.25", "0.75"), is_listed=False)
    _delete(http, succeeded.id)

    assert (
        "series.csv: differs from the manifest" in problem(_import(http, content), 422, "validation-failed")["detail"]
    )


def test_artifact_that_differs_from_the_manifest_leaves_no_file(
    http: httpx.Client, succeeded: Run, storage: LocalStorage
) -> None:
    changed = b"other" * 1000
    content = _changed(_export(http, succeeded.id), MODEL, lambda _: changed, is_listed=False)
    _delete(http, succeeded.id)

    detail = problem(_import(http, content), 422, "validation-failed")["detail"]

    assert f"{MODEL}: differs from the manifest" in detail
    assert not storage.exists(hashlib.sha256(changed).hexdigest())


def test_artifact_larger_than_the_memory_at_hand_is_imported(
    http: httpx.Client, database: Database, succeeded: Run, storage: LocalStorage
) -> None:
    large = np.random.default_rng(0).bytes(32 * MIB)
    digest = storage.put_bytes(large)
    add_artifact(database, succeeded.stages[0], digest, len(large), name="model/large.safetensors")
    archive = io.BytesIO(_export(http, succeeded.id))
    _delete(http, succeeded.id)
    storage.path(digest).unlink()

    tracemalloc.start()
    try:
        import_archive(database, storage, archive, cause=USER)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert storage.path(digest).read_bytes() == large
    assert peak < 16 * MIB


def test_what_is_no_archive_of_a_run_is_refused(http: httpx.Client) -> None:
    empty = io.BytesIO()
    ZipFile(empty, "w").close()

    for content in (b"", b"no zip", empty.getvalue()):
        problem(_import(http, content), 422, "validation-failed")
    problem(http.post("/runs/imports", json={}), 415, "unsupported-media")
