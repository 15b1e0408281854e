"""Tests of trained models over HTTP: drafts, launches, what is refused, and who tests what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from core.runner.local import LocalRun
from server.app import attach
from server.db.base import utc_now
from server.db.models import Experiment, Run, Stage
from server.db.session import Database
from server.garbage import referenced_digests
from server.queue import make_celery
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.local_runs import finish, small_run
from tests.support.model_tests import model_of
from tests.support.rows import make_run
from tests.support.serving import Service
from tests.support.trained import model_blob, on_stage, store_trained
from worker.blobs import is_referenced


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trained")


@pytest.fixture(scope="module")
def trained(home: Path) -> LocalRun:
    run = small_run(home, "finetune", [[1, 2]])
    finish(run)
    return run


@pytest.fixture
def api(running: Service, settings: Settings, database: Database, storage: LocalStorage, home: Path) -> httpx.Client:
    """The service, which may read the trained model's datasets."""
    allowed = settings.model_copy(update={"data_roots": (home,)})
    attach(running.app, allowed, database, storage, make_celery(allowed))
    return running.http


@pytest.fixture
def stage(database: Database, storage: LocalStorage, trained: LocalRun) -> Stage:
    return store_trained(database, storage, trained)[1]


def draft_of(api: httpx.Client, stage: Stage) -> dict[str, Any]:
    answer = api.get(f"/stages/{stage.id}/model-test")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()["document"]
    return document


def refusal(api: httpx.Client, document: dict[str, Any]) -> tuple[str, str]:
    """Return pointer and message of the first fault."""
    answer = api.post("/runs", json={"document": document})
    assert answer.status_code == 422, answer.text
    fault = answer.json()["errors"][0]
    return fault["pointer"], fault["message"]


def test_a_draft_names_the_stage_and_the_test_sets_of_its_run(api: httpx.Client, stage: Stage) -> None:
    answer = api.get(f"/stages/{stage.id}/model-test").json()

    assert answer["name"] == "test of train, finetune on VOC, seed 3"
    document = answer["document"]
    assert document["config"]["checkpoint"] == {"stage": stage.id}
    assert document["config"]["eval"]["mode"] == "crop"
    assert (document["stream"]["first"], document["dataset"]["adapter"]) == ("main", "voc")


def test_a_draft_can_be_launched_and_pins_the_weights(api: httpx.Client, stage: Stage, database: Database) -> None:
    answer = api.post("/runs", json={"document": draft_of(api, stage)})

    assert answer.status_code == 201, answer.text
    run = answer.json()
    assert [(one["name"], one["kind"]) for one in run["stages"]] == [("test", "evaluate")]
    assert run["deviations"] == []
    with database.read() as session:
        row = session.get_one(Run, run["id"])
        files = row.experiment.resolved["config"]["checkpoint"]["files"]
        assert sorted(files) == ["card.json", "model.json", "model.safetensors"]
        assert "files" not in row.experiment.document["config"]["checkpoint"]
        assert row.stages[0].spec["imports"] == {"model": files}
        assert files["model.safetensors"]["sha256"] in referenced_digests(session)
        assert is_referenced(session, files["model.safetensors"]["sha256"])


def test_who_tests_what_is_told_on_both_sides(api: httpx.Client, stage: Stage) -> None:
    run = api.post("/runs", json={"document": draft_of(api, stage), "name": "again"}).json()

    of_trained = api.get(f"/runs/{stage.run_id}/model-tests").json()
    assert (of_trained["can_test"], of_trained["tested"]) == (True, None)
    assert [(one["run_id"], one["stage_id"], one["stream"]) for one in of_trained["items"]] == [
        (run["id"], stage.id, "on main")
    ]
    of_test = api.get(f"/runs/{run['id']}/model-tests").json()
    assert of_test["can_test"] is False
    assert of_test["tested"] == {
        "stage_id": stage.id,
        "stage_index": 0,
        "stage_name": "step-0",
        "run_id": stage.run_id,
        "experiment_name": "finetune on VOC",
        "seed": 3,
    }


def test_a_stage_without_a_model_has_no_draft_and_cannot_be_tested(
    api: httpx.Client, stage: Stage, database: Database
) -> None:
    waiting = make_run(database).stages[0]

    answer = api.get(f"/stages/{waiting.id}/model-test")
    assert answer.status_code == 404
    assert "is queued and has no model yet" in answer.json()["detail"]
    pointer, message = refusal(api, on_stage(draft_of(api, stage), waiting.id))
    assert (pointer, "wait until it has succeeded" in message) == ("/document/config/checkpoint/stage", True)
    unknown = "01890000-0000-7000-8000-000000000000"
    assert "there is no stage" in refusal(api, on_stage(draft_of(api, stage), unknown))[1]


def test_a_stage_of_a_deleted_run_cannot_be_tested(api: httpx.Client, stage: Stage, database: Database) -> None:
    document = draft_of(api, stage)
    with database.write() as session:
        session.get_one(Run, stage.run_id).deleted_at = utc_now()

    assert "is of a deleted run; restore the run first" in refusal(api, document)[1]


def test_a_model_that_was_collected_is_refused(
    api: httpx.Client, stage: Stage, trained: LocalRun, storage: LocalStorage
) -> None:
    document = draft_of(api, stage)
    model_blob(trained, storage, "model.safetensors").unlink()

    pointer, message = refusal(api, document)

    assert pointer == "/document/config/checkpoint"
    assert "model.safetensors of the model of stage" in message
    assert "is no longer in storage" in message


def test_a_document_that_lists_other_weights_is_refused(api: httpx.Client, stage: Stage) -> None:
    other = {"model.safetensors": {"sha256": "0" * 64, "bytes": 1}}

    pointer, message = refusal(api, on_stage(draft_of(api, stage), stage.id, files=other))

    assert pointer == "/document/config/checkpoint"
    assert "leave out `files`" in message


def test_a_class_list_that_does_not_map_is_refused_before_anything_is_queued(api: httpx.Client, stage: Stage) -> None:
    document = {**draft_of(api, stage), "dataset": {"world": "objects", "classes": 4}}

    pointer, message = refusal(api, document)

    assert pointer == "/document/stream/classes"
    assert "the model knows 2 classes (aeroplane, bicycle), and the test set main has 4 (ball" in message


def test_images_that_the_model_was_trained_on_are_refused_before_anything_is_queued(
    api: httpx.Client, stage: Stage
) -> None:
    document = draft_of(api, stage)
    document["dataset"]["eval_split"] = "train_aug"

    assert "images that the model was trained on, as its dataset main: train_0" in refusal(api, document)[1]


def test_options_that_the_method_lacks_are_refused_by_their_place(api: httpx.Client, stage: Stage) -> None:
    document = draft_of(api, stage)
    document["config"]["eval"]["scales"] = [1.0]

    assert refusal(api, document)[0] == "/document/config/eval/scales"


def test_a_dry_run_warns_of_classes_that_the_model_never_learned(api: httpx.Client, stage: Stage) -> None:
    answer = api.post("/experiments", params={"dry_run": True}, json={"document": draft_of(api, stage)})

    warned = {warning["code"]: warning["message"] for warning in answer.json()["warnings"]}
    assert "which the model never learned; its pixels count as background" in warned["classes_never_learned"]


def test_a_model_folder_of_the_data_roots_is_pinned_by_its_digest(
    api: httpx.Client, stage: Stage, trained: LocalRun, database: Database
) -> None:
    folder = model_of(trained, 0)
    document = draft_of(api, stage)
    document["config"]["checkpoint"] = {"folder": str(folder)}

    run = api.post("/runs", json={"document": document})

    assert run.status_code == 201, run.text
    with database.read() as session:
        experiment = session.get_one(Experiment, run.json()["experiment_id"])
        assert len(experiment.resolved["config"]["checkpoint"]["sha256"]) == 64
        assert experiment.tests_stage_id is None
    document["config"]["checkpoint"]["sha256"] = "0" * 64
    assert "was asked for" in refusal(api, document)[1]
    document["config"]["checkpoint"] = {"folder": "/etc"}
    assert "outside the allowed dataset roots" in refusal(api, document)[1]
