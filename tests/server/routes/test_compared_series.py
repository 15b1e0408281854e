from __future__ import annotations

import math
from typing import Any

import httpx
import pytest

from server.db.models import Experiment, Run
from server.db.session import Database
from tests.support.results import add_points, add_summary
from tests.support.seeds import make_definition, make_seed
from tests.support.serving import pointers, problem


def _draw(database: Database, run: Run, values: list[float | str], key: str = "loss") -> None:
    add_points(database, run.id, values, key=key)
    add_summary(database, run.id, key, 0.0, 0.0)


def _experiment(database: Database, *curves: list[float | str], name: str = "test") -> tuple[Experiment, list[Run]]:
    experiment = make_definition(database, name)
    runs = [make_seed(database, experiment, seed, [], state="running") for seed in range(len(curves))]
    for run, values in zip(runs, curves, strict=True):
        _draw(database, run, values)
    return experiment, runs


def _curve(http: httpx.Client, experiment: Experiment, **params: Any) -> dict[str, Any]:
    answer = http.get(f"/experiments/{experiment.digest}/series/loss", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_curve_is_the_mean_over_seeds_with_its_band(http: httpx.Client, database: Database) -> None:
    experiment, runs = _experiment(database, [1.0, 3.0], [2.0, 7.0])

    curve = _curve(http, experiment)

    assert (curve["run_ids"], curve["seeds"]) == ([run.id for run in runs], [0, 1])
    assert (curve["stage_index"], curve["iteration"]) == ([0, 0], [0, 1])
    assert curve["mean"] == [1.5, 5.0]
    assert curve["std"] == pytest.approx([math.sqrt(0.5), math.sqrt(8)])
    assert (curve["n"], curve["not_finite"], curve["values"]) == ([2, 2], [0, 0], None)


def test_a_run_that_is_shorter_leaves_the_rest_to_the_others(http: httpx.Client, database: Database) -> None:
    experiment, _ = _experiment(database, [1.0, 3.0, 5.0], [2.0])

    curve = _curve(http, experiment, values=True)

    assert curve["mean"] == [1.5, 3.0, 5.0]
    assert curve["n"] == [2, 1, 1]
    assert curve["std"] == [pytest.approx(math.sqrt(0.5)), None, None]
    assert curve["values"] == [[1.0, 3.0, 5.0], [2.0, None, None]]


def test_a_value_that_is_not_finite_is_marked_and_in_no_mean(http: httpx.Client, database: Database) -> None:
    experiment, _ = _experiment(database, ["NaN", 3.0], [2.0, "Infinity"], [4.0, "-Infinity"])

    curve = _curve(http, experiment)

    assert curve["mean"] == [3.0, 3.0]
    assert (curve["n"], curve["not_finite"]) == ([2, 1], [1, 2])


def test_a_long_curve_keeps_its_spikes(http: httpx.Client, database: Database) -> None:
    values: list[float | str] = [float(index % 7) for index in range(3000)]
    values[1234] = 99.0
    experiment, _ = _experiment(database, values, values)

    curve = _curve(http, experiment, max_points=100)

    assert (curve["count"], curve["downsampled"]) == (3000, True)
    assert 50 <= len(curve["mean"]) <= 110
    assert curve["mean"][curve["iteration"].index(1234)] == 99.0
    assert (curve["iteration"][0], curve["iteration"][-1]) == (0, 2999)
    assert _curve(http, experiment, max_points=0)["downsampled"] is False


def test_a_window_cuts_the_curve(http: httpx.Client, database: Database) -> None:
    experiment, _ = _experiment(database, [1.0, 2.0, 3.0, 4.0])

    assert _curve(http, experiment, from_iteration=1, to_iteration=2)["mean"] == [2.0, 3.0]


def test_keys_tell_how_many_runs_have_a_curve(http: httpx.Client, database: Database) -> None:
    experiment, runs = _experiment(database, [1.0], [2.0])
    _draw(database, runs[0], [0.5], key="accuracy")

    keys = http.get(f"/experiments/{experiment.digest}/series").json()

    assert keys["runs"] == 2
    assert [(item["key"], item["runs"]) for item in keys["items"]] == [("accuracy", 1), ("loss", 2)]


def test_members_are_drawn_with_labels_that_can_be_told_apart(http: httpx.Client, database: Database) -> None:
    one, runs = _experiment(database, [1.0, 3.0], [2.0, 7.0], name="one")

    answer = http.get("/compare/series/loss", params={"runs": [run.id for run in runs], "experiments": one.id}).json()

    assert [member["label"] for member in answer["members"]] == ["one, seed 0", "one, seed 1", "one"]
    assert [member["mean"] for member in answer["members"]] == [[1.0, 3.0], [2.0, 7.0], [1.5, 5.0]]
    keys = http.get("/compare/series", params={"runs": [run.id for run in runs]}).json()
    assert [item["key"] for item in keys["items"]] == ["loss"]


def test_a_member_without_the_curve_has_no_points(http: httpx.Client, database: Database) -> None:
    _, runs = _experiment(database, [1.0], [2.0])
    _draw(database, runs[0], [0.5], key="accuracy")

    answer = http.get("/compare/series/accuracy", params={"runs": [run.id for run in runs]}).json()

    assert [member["mean"] for member in answer["members"]] == [[0.5], []]
    assert [member["run_ids"] for member in answer["members"]] == [[runs[0].id], []]


def test_a_curve_that_no_run_has_is_not_found(http: httpx.Client, database: Database) -> None:
    experiment, runs = _experiment(database, [1.0], [2.0])

    problem(http.get(f"/experiments/{experiment.digest}/series/lss"), 404, "not-found")
    problem(http.get("/compare/series/lss", params={"runs": [run.id for run in runs]}), 404, "not-found")
    assert pointers(http.get(f"/experiments/{experiment.id}/series/loss", params={"max_points": -1})) == ["/max_points"]
