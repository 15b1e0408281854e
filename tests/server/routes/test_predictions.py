from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from core.data.samples import SampleKind
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.results import add_predictions, store
from tests.support.rows import make_run
from tests.support.serving import Service, pointers, problem

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 300
HOSTILE = '<img src=x onerror="alert(1)">'
UNKNOWN = "00000000-0000-7000-8000-000000000000"


def test_run_without_predictions_has_an_empty_list(http: httpx.Client, database: Database) -> None:
    page = http.get(f"/runs/{make_run(database).id}/predictions").json()

    assert (page["items"], page["next_cursor"]) == ([], None)


@pytest.mark.parametrize("run_id", [UNKNOWN, "x"])
def test_unknown_run_is_not_found(http: httpx.Client, run_id: str) -> None:
    problem(http.get(f"/runs/{run_id}/predictions"), 404, "not-found")


def test_names_are_data_and_addresses_hold_none_of_them(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_predictions(database, run.stages[0], [HOSTILE])

    answer = http.get(f"/runs/{run.id}/predictions")

    assert answer.headers["content-type"] == "application/json"
    (image,) = answer.json()["items"]
    assert image["source"] == HOSTILE
    assert "<" not in image["picture"] + image["labels"] + image["steps"][0]["prediction"]
    assert image["steps"][0]["iou"] == {"2": 0.25}


def test_next_page_begins_behind_the_first(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_predictions(database, run.stages[0], ["a", "b"])

    first = http.get(f"/runs/{run.id}/predictions", params={"limit": 1}).json()
    second = http.get(f"/runs/{run.id}/predictions", params={"limit": 1, "cursor": first["next_cursor"]}).json()

    assert [page["items"][0]["source"] for page in (first, second)] == ["a", "b"]
    assert second["next_cursor"] is None
    assert pointers(http.get(f"/runs/{run.id}/predictions", params={"cursor": "x"})) == ["/cursor"]


@pytest.mark.parametrize("picture", ["image", "labels", "prediction"])
def test_pictures_are_png_that_may_be_kept(
    service: Service, database: Database, storage: LocalStorage, tmp_path: Path, picture: str
) -> None:
    run = make_run(database)
    add_predictions(database, run.stages[0], ["a"], store(storage, tmp_path, PNG))
    (image,) = service.http.get(f"/runs/{run.id}/predictions").json()["items"]
    addresses = [image["picture"], image["labels"], image["steps"][0]["prediction"]]
    (address,) = [one for one in addresses if one.endswith(f"/{picture}")]

    answer = service.root.get(address)

    assert answer.content == PNG
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-disposition"].startswith("inline")
    assert service.root.get(address, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_objects_of_instances_are_json_and_their_picture_is_png(
    service: Service, database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    run = make_run(database)
    objects = b'{"width":4,"height":2,"objects":[]}'
    add_predictions(database, run.stages[0], ["a"], store(storage, tmp_path, objects), kind=SampleKind.INSTANCES)
    (image,) = service.http.get(f"/runs/{run.id}/predictions").json()["items"]

    answers = [service.root.get(image["labels"]), service.root.get(image["steps"][0]["prediction"])]

    assert [answer.json() for answer in answers] == [{"width": 4, "height": 2, "objects": []}] * 2
    assert {answer.headers["content-type"] for answer in answers} == {"application/json"}
    assert "immutable" in answers[0].headers["cache-control"]
    assert 'filename="step-0-00-labels.json"' in answers[0].headers["content-disposition"]
    assert service.root.get(image["picture"]).headers["content-type"] == "image/png"


def test_a_domain_is_chosen_by_its_name(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    for domain in ("city", HOSTILE):
        add_predictions(database, run.stages[0], [f"of {domain}"], domain=domain)

    page = http.get(f"/runs/{run.id}/predictions", params={"domain": HOSTILE}).json()

    assert (page["domain"], page["domains"]) == (HOSTILE, ["city", HOSTILE])
    assert [image["source"] for image in page["items"]] == [f"of {HOSTILE}"]
    assert pointers(http.get(f"/runs/{run.id}/predictions", params={"domain": ""})) == ["/domain"]


def test_picture_that_is_gone_is_said_to_be_missing(http: httpx.Client, database: Database) -> None:
    (prediction_id,) = add_predictions(database, make_run(database).stages[0], ["a"])

    problem(http.get(f"/predictions/{prediction_id}/image"), 410, "content-missing")


@pytest.mark.parametrize("prediction_id", ["999", "0", "-1", "x", str(10**30)])
def test_unknown_prediction_is_not_found(http: httpx.Client, prediction_id: str) -> None:
    problem(http.get(f"/predictions/{prediction_id}/prediction"), 404, "not-found")


def test_unknown_picture_is_not_found(http: httpx.Client, database: Database) -> None:
    (prediction_id,) = add_predictions(database, make_run(database).stages[0], ["a"])

    problem(http.get(f"/predictions/{prediction_id}/spec.json"), 404, "not-found")
