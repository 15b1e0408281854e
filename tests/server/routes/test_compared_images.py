from __future__ import annotations

from typing import Any

import httpx

from server.db.models import Run
from server.db.session import Database
from tests.support.results import add_predictions
from tests.support.seeds import make_definition, make_seed


def _images(http: httpx.Client, *runs: Run, **params: Any) -> dict[str, Any]:
    answer = http.get("/compare/images", params={"runs": [run.id for run in runs], **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _pair(database: Database) -> tuple[Run, Run]:
    experiment = make_definition(database)
    return make_seed(database, experiment, 0), make_seed(database, experiment, 1)


def test_common_images_come_with_the_address_of_every_prediction(http: httpx.Client, database: Database) -> None:
    first, second = _pair(database)
    for stage in first.stages:
        ids = add_predictions(database, stage, ["bonn_1", "ulm_2"])
    others = add_predictions(database, second.stages[1], ["ulm_2", "trier_3"])

    answer = _images(http, first, second)

    (item,) = answer["items"]
    assert item["source"] == "ulm_2"
    assert [(one["run_id"], one["step"], one["prediction"]) for one in item["predictions"]] == [
        (first.id, 1, f"/api/v1/predictions/{ids[1]}/prediction"),
        (second.id, 1, f"/api/v1/predictions/{others[0]}/prediction"),
    ]
    assert item["picture"] == f"/api/v1/predictions/{ids[1]}/image"
    assert answer["left_out"] == 2
    assert answer["labels"] == ["test, seed 0", "test, seed 1"]


def test_predictions_after_an_earlier_step_are_chosen(http: httpx.Client, database: Database) -> None:
    first, second = _pair(database)
    for stage in (*first.stages, *second.stages):
        add_predictions(database, stage, ["bonn_1"])

    (item,) = _images(http, first, second, step=0)["items"]

    assert [one["step"] for one in item["predictions"]] == [0, 0]


def test_pictures_that_were_cut_out_differently_are_left_out(http: httpx.Client, database: Database) -> None:
    first, second = _pair(database)
    add_predictions(database, first.stages[1], ["bonn_1"], sha256="a" * 64)
    add_predictions(database, second.stages[1], ["bonn_1"], sha256="b" * 64)

    answer = _images(http, first, second)

    assert (answer["items"], answer["left_out"]) == ([], 1)


def test_domains_are_shown_one_at_a_time(http: httpx.Client, database: Database) -> None:
    first, second = _pair(database)
    for run in (first, second):
        for domain in ("city", "village"):
            add_predictions(database, run.stages[1], [f"{domain}_1"], domain=domain)

    assert [item["source"] for item in _images(http, first, second)["items"]] == ["city_1"]
    answer = _images(http, first, second, domain="village")
    assert (answer["domain"], answer["domains"]) == ("village", ["city", "village"])
    assert [item["source"] for item in answer["items"]] == ["village_1"]


def test_a_seed_chooses_the_run_that_stands_for_an_experiment(http: httpx.Client, database: Database) -> None:
    one, other = make_definition(database, "one"), make_definition(database, "other", config={"lr": 1})
    runs = [make_seed(database, experiment, seed) for experiment in (one, other) for seed in (4, 5)]
    for run in runs:
        add_predictions(database, run.stages[1], ["bonn_1"])

    answer = http.get("/compare/images", params={"experiments": f"{one.digest},{other.digest}", "seed": 5}).json()

    assert [found["run_id"] for found in answer["items"][0]["predictions"]] == [runs[1].id, runs[3].id]


def test_runs_without_predictions_share_no_image(http: httpx.Client, database: Database) -> None:
    answer = _images(http, *_pair(database))

    assert (answer["items"], answer["left_out"], answer["domains"]) == ([], 0, [])
