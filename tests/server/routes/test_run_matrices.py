from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from server.db.models import Experiment, Run
from server.db.session import Database
from tests.support.serving import pointers, problem

MATRIX: dict[str, Any] = {
    "methods": [{"preset": "eir/demo"}, {"preset": "finetune/demo", "name": "plain"}],
    "overrides": [
        {"name": "as published"},
        {"name": "small memory", "values": {"config.memory.size": 12}, "only": ["eir"]},
    ],
    "seeds": [3, 1],
    "tags": ["study=1"],
}


def _counts(database: Database) -> tuple[int, int]:
    with database.read() as session:
        return (
            session.scalar(select(func.count()).select_from(Experiment)) or 0,
            session.scalar(select(func.count()).select_from(Run)) or 0,
        )


def _dry(http: httpx.Client, body: dict[str, Any]) -> httpx.Response:
    return http.post("/run-matrices", params={"dry_run": True}, json=body)


def test_a_dry_run_expands_and_counts_and_creates_nothing(http: httpx.Client, database: Database) -> None:
    answer = _dry(http, MATRIX)

    found = answer.json()
    assert (answer.status_code, found["is_dry_run"], found["count"]) == (200, True, 6)
    assert [(one["name"], one["method"], one["override"], one["stages"]) for one in found["experiments"]] == [
        ("eir/demo, as published", "eir", "as published", 3),
        ("eir/demo, small memory", "eir", "small memory", 3),
        ("plain, as published", "finetune", "as published", 3),
    ]
    assert all(one["runs"] == [] and one["experiment_id"] is None for one in found["experiments"])
    assert _counts(database) == (0, 0)


def test_expansion_is_deterministic(http: httpx.Client) -> None:
    assert _dry(http, MATRIX).json() == _dry(http, MATRIX).json()


def test_a_matrix_starts_what_its_dry_run_showed(http: httpx.Client, database: Database) -> None:
    planned = _dry(http, MATRIX).json()["experiments"]

    answer = http.post("/run-matrices", json=MATRIX)

    created = answer.json()
    assert (answer.status_code, created["is_dry_run"], created["count"]) == (201, False, 6)
    assert _counts(database) == (3, 6)
    assert [one["digest"] for one in created["experiments"]] == [one["digest"] for one in planned]
    assert [[run["seed"] for run in one["runs"]] for one in created["experiments"]] == [[3, 1]] * 3
    stored = http.get(f"/experiments/{created['experiments'][1]['experiment_id']}").json()
    assert stored["resolved"]["config"]["memory"]["size"] == 12
    assert (stored["name"], stored["tags"]) == ("eir/demo, small memory", ["study=1"])
    run = http.get(f"/runs/{created['experiments'][2]['runs'][1]['id']}").json()
    assert (run["method"], run["seed"], run["state"]) == ("finetune", 1, "queued")


def test_the_first_seed_of_every_experiment_is_queued_before_the_second(http: httpx.Client) -> None:
    created = http.post("/run-matrices", json=MATRIX).json()

    order = [run["id"] for run in reversed(http.get("/runs").json()["items"])]
    assert order == [one["runs"][place]["id"] for place in (0, 1) for one in created["experiments"]]


def test_without_overrides_the_methods_are_run_as_they_are(http: httpx.Client) -> None:
    found = _dry(http, {"methods": MATRIX["methods"], "seeds": [0]}).json()

    assert [(one["name"], one["override"]) for one in found["experiments"]] == [("eir/demo", None), ("plain", None)]


def test_seeds_that_have_run_already_are_named(http: httpx.Client) -> None:
    http.post("/runs", json={"preset": "eir/demo", "seed": 1}).raise_for_status()

    found = _dry(http, MATRIX).json()["experiments"]

    assert [one["present_seeds"] for one in found] == [[1], [], []]


def test_a_matrix_of_201_runs_is_counted_and_refused(http: httpx.Client, database: Database) -> None:
    overrides = [{"name": f"m{size}", "values": {"config.memory.size": size}} for size in range(67)]

    refused = problem(
        http.post(
            "/run-matrices", json={"methods": [{"preset": "eir/demo"}], "overrides": overrides, "seeds": [0, 1, 2]}
        ),
        422,
        "validation-failed",
    )

    assert "67 experiments with 3 seeds each, 201 runs in all; at most 200" in refused["detail"]
    assert _counts(database) == (0, 0)


def test_twenty_equal_matrices_at_once_start_one_set(http: httpx.Client, database: Database) -> None:
    def post(_: int) -> httpx.Response:
        return http.post("/run-matrices", json=MATRIX, headers={"Idempotency-Key": "study-1"})

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(post, range(20)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert _counts(database) == (3, 6)


def test_the_same_matrix_twice_without_a_key_is_two_sets_of_the_same_experiments(
    http: httpx.Client, database: Database
) -> None:
    first, second = (http.post("/run-matrices", json=MATRIX).json() for _ in range(2))

    assert _counts(database) == (6, 12)
    assert [one["present_seeds"] for one in second["experiments"]] == [[1, 3]] * 3
    assert [one["digest"] for one in first["experiments"]] == [one["digest"] for one in second["experiments"]]
    assert [item["definitions"] for item in http.get("/experiments").json()["items"]] == [2, 2, 2]


def test_another_matrix_under_the_same_key_is_refused(http: httpx.Client) -> None:
    headers = {"Idempotency-Key": "study-1"}
    http.post("/run-matrices", json=MATRIX, headers=headers).raise_for_status()

    problem(http.post("/run-matrices", json={**MATRIX, "seeds": [9]}, headers=headers), 422, "idempotency-mismatch")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"methods": []}, "/methods"),
        ({"methods": [{}]}, "/methods/0"),
        ({"methods": [{"preset": "eir/demo", "document": {}}]}, "/methods/0"),
        ({"methods": [{"preset": "eir/dmo"}]}, "/methods/0/document/preset"),
        ({"methods": [{"document": {"method": "eri"}}]}, "/methods/0/document/method"),
        ({"overrides": [{"name": "a"}, {"name": "a"}]}, ""),
        ({"seeds": [1, 1]}, ""),
        ({"seeds": []}, "/seeds"),
        ({"seeds": [-1]}, "/seeds/0"),
        ({"overrides": [{"name": "a", "values": {"config.memory.sise": 3}}]}, "/overrides/0/values/config.memory.sise"),
        ({"overrides": [{"name": "a", "only": ["eri"]}]}, "/methods/0"),
        ({"overrides": [{"name": "a"}, {"name": "b", "values": {}}]}, "/overrides/1"),
        ({"sedes": [0]}, "/sedes"),
    ],
)
def test_a_fault_of_a_matrix_has_its_place(http: httpx.Client, change: dict[str, Any], pointer: str) -> None:
    answer = _dry(http, {"methods": [{"preset": "eir/demo"}], "seeds": [0], **change})

    assert pointers(answer)[0] == pointer


def test_a_method_that_no_override_is_for_is_refused(http: httpx.Client) -> None:
    body = {**MATRIX, "overrides": [{"name": "small memory", "values": {"config.memory.size": 12}, "only": ["eir"]}]}

    assert pointers(_dry(http, body)) == ["/methods/1"]


def test_a_long_name_is_cut(http: httpx.Client) -> None:
    body = {"methods": [{"preset": "eir/demo", "name": "m" * 100}], "seeds": [0], "overrides": [{"name": "o" * 100}]}

    (found,) = _dry(http, body).json()["experiments"]

    assert len(found["name"]) == 200
