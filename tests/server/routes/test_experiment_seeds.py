from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.serving import pointers, problem


def test_seeds_are_added_by_number_or_by_name(http: httpx.Client) -> None:
    first = http.post("/runs", json={"preset": "eir/demo", "seed": 1}).json()

    counted = http.post(f"/experiments/{first['digest']}/seeds", json={"count": 2})
    named = http.post(f"/experiments/{first['experiment_id']}/seeds", json={"seeds": [9]})

    assert (counted.status_code, [run["seed"] for run in counted.json()["items"]]) == (201, [0, 2])
    assert {run["experiment_id"] for run in counted.json()["items"]} == {first["experiment_id"]}
    assert [run["seed"] for run in named.json()["items"]] == [9]
    assert http.get("/experiments").json()["items"][0]["seeds"] == [0, 1, 2, 9]


def test_a_seed_that_has_a_run_is_refused_unless_that_failed(http: httpx.Client) -> None:
    first = http.post("/runs", json={"preset": "eir/demo", "seed": 1}).json()
    address = f"/experiments/{first['digest']}/seeds"

    refused = problem(http.post(address, json={"seeds": [0, 1]}), 422, "validation-failed")["errors"]
    http.post(f"/runs/{first['id']}/cancel").raise_for_status()

    assert [(entry["pointer"], first["id"] in entry["message"]) for entry in refused] == [("/seeds/1", True)]
    assert http.post(address, json={"seeds": [0, 1]}).status_code == 201


def test_seeds_are_added_once_under_a_key(http: httpx.Client) -> None:
    first = http.post("/runs", json={"preset": "eir/demo", "seed": 0}).json()

    answers = [
        http.post(f"/experiments/{first['digest']}/seeds", json={"count": 2}, headers={"Idempotency-Key": "more"})
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert http.get("/experiments").json()["items"][0]["seeds"] == [0, 1, 2]


@pytest.mark.parametrize("body", [{}, {"seeds": [1], "count": 1}, {"seeds": [2, 2]}])
def test_seeds_to_add_are_named_once_or_counted(http: httpx.Client, body: dict[str, Any]) -> None:
    first = http.post("/runs", json={"preset": "eir/demo", "seed": 0}).json()

    assert pointers(http.post(f"/experiments/{first['digest']}/seeds", json=body)) == [""]
