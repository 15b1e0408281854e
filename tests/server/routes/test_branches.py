"""Runs that share the first steps of another run."""

from __future__ import annotations

import os
from typing import Any

import httpx
import pytest

from server.db import lifecycle
from server.db.models import Stage
from server.db.series_summaries import summarise_shared
from server.db.session import Database
from server.garbage import find_rubbish
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.results import add_artifact, add_evaluation, add_log, add_memory_items, add_points, add_predictions
from tests.support.rows import load_run, make_claim
from tests.support.serving import pointers, problem

DOCUMENT: dict[str, Any] = {
    "method": "lwf",
    "dataset": {"world": "objects"},
    "stream": {"steps": [[1, 2], [3, 4], [5, 6]]},
}
LOSSES = [0.9, 0.5, 0.7]


def _start(http: httpx.Client, **changes: Any) -> str:
    return str(http.post("/runs", json={"document": DOCUMENT | changes, "seed": 4, "name": "parent"}).json()["id"])


def _finish(database: Database, storage: LocalStorage, run_id: str, index: int = 0) -> Stage:
    """Let the next stage of a run succeed, with a model in storage."""
    stage = load_run(database, run_id).stages[index]
    claimed = make_claim(database, stage)
    content = f"weights of {run_id} {index}".encode()
    files = {"model.safetensors": {"sha256": storage.put_bytes(content), "bytes": len(content)}}
    with database.write() as session:
        lifecycle.settle_succeeded(session, claimed.lease, {"model": files})
    return load_run(database, run_id).stages[index]


@pytest.fixture
def parent(http: httpx.Client, database: Database, storage: LocalStorage) -> Stage:
    """The first stage of a run, finished, with everything that a stage leaves."""
    stage = _finish(database, storage, _start(http))
    add_evaluation(database, stage, [[3, 1], [0, 4]], channels=[-1, 1])
    add_points(database, stage.run_id, LOSSES)
    with database.write() as session:
        summarise_shared(session, stage.run_id)
    add_artifact(database, stage, "0" * 64, 1)
    add_predictions(database, stage, ["a", "b"])
    add_memory_items(database, stage, [1, 2])
    return stage


def _branch(http: httpx.Client, run_id: str, **body: Any) -> httpx.Response:
    return http.post(f"/runs/{run_id}/branch", json={"after_step": 0} | body)


def test_branch_skips_the_shared_stage_and_queues_the_next(http: httpx.Client, parent: Stage) -> None:
    answer = _branch(http, parent.run_id)

    run = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/v1/runs/{run['id']}")
    assert (run["state"], run["seed"], run["experiment_name"]) == ("queued", 4, "lwf")
    assert [stage["state"] for stage in run["stages"]] == ["skipped", "queued", "pending"]
    assert run["stages"][0]["shared"] == {"stage_id": parent.id, "run_id": parent.run_id}
    assert run["stages"][1]["shared"] is None
    assert run["progress"]["stages_done"] == 1


def test_both_runs_tell_the_lineage(http: httpx.Client, parent: Stage) -> None:
    branch = _branch(http, parent.run_id, name="other rate").json()

    origin = http.get(f"/runs/{branch['id']}").json()["branched_from"]
    (link,) = http.get(f"/runs/{parent.run_id}").json()["branches"]
    assert origin == {
        "run_id": parent.run_id,
        "experiment_name": "parent",
        "method": "lwf",
        "seed": 4,
        "after_step": 0,
    }
    assert (link["run_id"], link["experiment_name"], link["after_step"]) == (branch["id"], "other rate", 0)
    experiment = http.get(f"/experiments/{branch['experiment_id']}").json()
    assert experiment["cloned_from"] == http.get(f"/runs/{parent.run_id}").json()["experiment_id"]


def test_scores_and_curves_of_shared_stages_are_the_parents(http: httpx.Client, parent: Stage) -> None:
    branch = _branch(http, parent.run_id).json()["id"]

    for path in ("/scores", "/step-table", "/series/loss", "/series", "/artifacts", "/predictions", "/memory"):
        own, others = (http.get(f"/runs/{run_id}{path}").json() for run_id in (branch, parent.run_id))
        assert own | {"run_id": None} == others | {"run_id": None}, path
    assert http.get(f"/runs/{branch}/series/loss").json()["count"] == len(LOSSES)
    assert (run := http.get(f"/runs/{branch}").json())["score"] is not None
    assert (run["score"], run["score_step"]) == (http.get(f"/runs/{parent.run_id}").json()["score"], 0)


def test_log_of_a_shared_stage_is_the_parents(http: httpx.Client, database: Database, parent: Stage) -> None:
    add_log(database, parent.attempts[0].id, lines=3)
    shared = _branch(http, parent.run_id).json()["stages"][0]["id"]

    log = http.get(f"/stages/{shared}/log").json()

    assert (log["attempt"], log["total"]) == (1, 3)
    assert http.get(f"/stages/{shared}/log/text").text == http.get(f"/stages/{parent.id}/log/text").text


def test_model_of_a_shared_stage_is_the_parents(http: httpx.Client, parent: Stage) -> None:
    shared = _branch(http, parent.run_id).json()["stages"][0]["id"]

    found = problem(http.get(f"/stages/{shared}/model-test"), 404, "not-found")["detail"]

    # The parent's files are read, and lack what a trained model has.
    assert "card.json" in found
    assert found.replace(shared, parent.id) == http.get(f"/stages/{parent.id}/model-test").json()["detail"]


def test_branch_of_a_branch_shares_what_the_first_run_owns(
    http: httpx.Client, database: Database, storage: LocalStorage, parent: Stage
) -> None:
    first = _branch(http, parent.run_id).json()["id"]
    own = _finish(database, storage, first, 1)
    add_evaluation(database, own, [[2, 2], [0, 4]], channels=[-1, 1])

    second = _branch(http, first, after_step=1).json()

    assert [stage["shared"] for stage in second["stages"]] == [
        {"stage_id": parent.id, "run_id": parent.run_id},
        {"stage_id": own.id, "run_id": first},
        None,
    ]
    assert second["branched_from"]["run_id"] == first
    assert [row["step"] for row in http.get(f"/runs/{second['id']}/step-table").json()["steps"]] == [0, 1]
    assert http.get(f"/runs/{second['id']}/series/loss").json()["count"] == len(LOSSES)


def test_other_settings_of_later_steps_and_other_methods_share_step_0(http: httpx.Client, parent: Stage) -> None:
    changed = _branch(http, parent.run_id, document=DOCUMENT | {"config": {"kd_weight": 5}})
    other = _branch(http, parent.run_id, document=DOCUMENT | {"method": "finetune"})

    assert (changed.status_code, other.status_code) == (201, 201)
    assert other.json()["method"] == "finetune"


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"config": {"optim": {"lr_base": 0.5}}}, "/document/config/optim/lr_base", "run of its own"),
        ({"stream": {"steps": [[1, 2], [3, 4, 5, 6]]}}, "/document/stream/steps", "same data, classes and stream"),
        ({"dataset": {"world": "objects", "size_px": 32}}, "/document/dataset/size_px", "same data"),
        ({"method": "mib"}, "/document/method", "in another way"),
        ({"method": "ewc"}, "/document/method", "takes 'importance' of stage 0"),
    ],
)
def test_settings_that_count_in_shared_steps_are_named_and_refused(
    http: httpx.Client, parent: Stage, changes: dict[str, Any], pointer: str, words: str
) -> None:
    answer = _branch(http, parent.run_id, document=DOCUMENT | changes)

    content = problem(answer, 422, "validation-failed")
    assert pointers(answer) == [pointer]
    assert words in content["errors"][0]["message"]
    assert len(http.get("/runs").json()["items"]) == 1


def test_branch_is_checked_without_creating_it(http: httpx.Client, parent: Stage) -> None:
    address = f"/runs/{parent.run_id}/branch-verdict"
    verdict = http.post(address, json={"after_step": 0, "document": DOCUMENT | {"config": {"kd_weight": 5}}})
    plain = http.post(address, json={"after_step": 0})
    refused = http.post(address, json={"after_step": 0, "document": DOCUMENT | {"config": {"optim": {"lr_base": 1}}}})

    assert (verdict.status_code, verdict.json()["is_valid"]) == (200, True)
    assert [one["run_id"] for one in plain.json()["duplicates"]] == [parent.run_id]
    problem(refused, 422, "validation-failed")
    assert pointers(refused) == ["/document/config/optim/lr_base"]
    problem(http.post(address, json={"after_step": 1}), 422, "validation-failed")
    assert len(http.get("/runs").json()["items"]) == 1


def test_steps_that_are_not_finished_or_leave_nothing_are_refused(http: httpx.Client, parent: Stage) -> None:
    unfinished, last, far = (_branch(http, parent.run_id, after_step=step) for step in (1, 2, 99))

    assert "stage 1 (train) of step 1 is queued; wait" in problem(unfinished, 422, "validation-failed")["detail"]
    for answer in (last, far):
        assert "give 0 to 1" in problem(answer, 422, "validation-failed")["detail"]
        assert pointers(answer) == ["/after_step"]


def test_run_of_one_step_cannot_be_branched(http: httpx.Client, database: Database, storage: LocalStorage) -> None:
    run_id = _start(http, stream={"steps": [[1, 2, 3, 4, 5, 6]]})
    _finish(database, storage, run_id)

    assert "has one step" in problem(_branch(http, run_id), 422, "validation-failed")["detail"]


def test_collected_file_is_named(http: httpx.Client, storage: LocalStorage, parent: Stage) -> None:
    sha256 = (parent.outputs or {})["model"]["model.safetensors"]["sha256"]
    storage.delete(sha256)

    detail = problem(_branch(http, parent.run_id), 422, "validation-failed")["detail"]

    assert f"model/model.safetensors of stage 0 (train), SHA-256 {sha256}" in detail


def test_unknown_and_deleted_runs_have_no_branches(http: httpx.Client, parent: Stage) -> None:
    http.post(f"/runs/{parent.run_id}/cancel")
    etag = http.get(f"/runs/{parent.run_id}").headers["etag"]
    assert http.delete(f"/runs/{parent.run_id}", headers={"If-Match": etag}).status_code == 204

    problem(_branch(http, parent.run_id), 404, "not-found")
    problem(_branch(http, parent.run_id, document=DOCUMENT), 404, "not-found")


def _delete(http: httpx.Client, run_id: str) -> httpx.Response:
    return http.delete(f"/runs/{run_id}", headers={"If-Match": http.get(f"/runs/{run_id}").headers["etag"]})


def test_parent_stays_while_a_branch_shares_its_stages(http: httpx.Client, parent: Stage) -> None:
    branch = _branch(http, parent.run_id).json()["id"]
    for run_id in (branch, parent.run_id):
        http.post(f"/runs/{run_id}/cancel")

    assert branch in problem(_delete(http, parent.run_id), 409, "run-is-shared")["detail"]

    assert _delete(http, branch).status_code == 204
    assert _delete(http, parent.run_id).status_code == 204
    assert parent.run_id in problem(http.post(f"/runs/{branch}/restore"), 409, "run-is-shared")["detail"]
    assert http.post(f"/runs/{parent.run_id}/restore").status_code == 200
    assert http.post(f"/runs/{branch}/restore").status_code == 200


def test_garbage_collection_keeps_the_shared_files(
    http: httpx.Client, database: Database, settings: Settings, storage: LocalStorage, parent: Stage
) -> None:
    _branch(http, parent.run_id)
    path = storage.path((parent.outputs or {})["model"]["model.safetensors"]["sha256"])
    os.utime(path, (1, 1))

    assert find_rubbish(database, settings) == []


def test_same_request_twice_makes_one_branch(http: httpx.Client, parent: Stage) -> None:
    address = f"/runs/{parent.run_id}/branch"
    first, second = (http.post(address, json={"after_step": 0}, headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert first.json()["id"] == second.json()["id"]
    assert len(http.get(f"/runs/{parent.run_id}").json()["branches"]) == 1
