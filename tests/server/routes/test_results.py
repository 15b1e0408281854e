from __future__ import annotations

import statistics
from typing import Any

import httpx
import pytest

from server.db.models import Attempt
from server.db.session import Database
from tests.support.rows import make_claim
from tests.support.seeds import iou, make_definition, make_seed, matrices
from tests.support.serving import pointers, problem

UNKNOWN = "01890000-0000-7000-8000-000000000000"
ABSENT = [[9, 0, 1], [2, 8, 0], [0, 0, 0]]
"""No test image shows class 2, which the last step taught."""


def _results(http: httpx.Client, key: str, **params: Any) -> dict[str, Any]:
    answer = http.get(f"/experiments/{key}/results", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _table(results: dict[str, Any], key: str) -> dict[str, Any]:
    return next(table for table in results["tables"] if table["key"] == key)


def _cell(results: dict[str, Any], table: str, step: int, column: str) -> Any:
    found = _table(results, table)
    place = [one["key"] for one in found["columns"]].index(column)
    return found["cells"][found["steps"].index(step)][place]


def _measure(results: dict[str, Any], key: str) -> Any:
    return results["summary"][[measure["key"] for measure in results["measures"]].index(key)]


def test_runs_of_one_digest_are_one_experiment_however_they_were_started(
    http: httpx.Client, database: Database
) -> None:
    first, clone = make_definition(database, "first"), make_definition(database, "clone")
    runs = [make_seed(database, first, 0), make_seed(database, first, 1), make_seed(database, clone, 2)]

    results = _results(http, first.digest)

    assert results == _results(http, clone.id) == _results(http, first.id)
    assert (results["experiment_ids"], results["name"]) == ([first.id, clone.id], "clone")
    assert [(run["run_id"], run["seed"], run["is_counted"]) for run in results["runs"]] == [
        (run.id, seed, True) for seed, run in enumerate(runs)
    ]
    assert (results["seeds"], results["states"]) == ([0, 1, 2], {"succeeded": 3})
    assert results["reached"] == {"step": 1, "is_final": True}


def test_means_and_deviations_follow_from_the_confusion_matrices(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    for seed in range(3):
        make_seed(database, experiment, seed)

    results = _results(http, experiment.digest, values=True)

    first, last = ([iou(matrices(seed)[step]) for seed in range(3)] for step in (0, 1))
    of_class_4 = [float(values[1]) for values in last]
    cell = _cell(results, "iou/class", 1, "class-4")
    assert cell["values"] == pytest.approx(of_class_4, abs=1e-6)
    assert cell["mean"] == pytest.approx(statistics.fmean(of_class_4), abs=1e-6)
    assert cell["std"] == pytest.approx(statistics.stdev(of_class_4), abs=1e-6)
    assert (cell["n"], cell["undefined"], cell["of"]) == (3, 0, 3)
    whole = [float(values.mean()) for values in last]
    score = _measure(results, "score:score")
    assert (score["mean"], score["std"]) == pytest.approx((statistics.fmean(whole), statistics.stdev(whole)), abs=1e-6)
    assert _cell(results, "score", 1, "score") == score
    forgetting = [float(then[1] - now[1]) for then, now in zip(first, last, strict=True)]
    lost = _measure(results, "miou_present/group:forgetting")
    assert lost["values"] == pytest.approx(forgetting, abs=1e-6)
    assert _cell(results, "iou/class", 1, "forgetting")["mean"] == pytest.approx(statistics.fmean(forgetting), abs=1e-6)
    assert _cell(results, "iou/class", 0, "class-2") is None


def test_a_score_that_is_undefined_in_one_seed_is_counted_and_left_out(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    make_seed(database, experiment, 0)
    make_seed(database, experiment, 1, [matrices(1)[0], ABSENT])

    results = _results(http, experiment.digest, values=True)

    cell = _cell(results, "iou/class", 1, "class-2")
    known = float(iou(matrices(0)[1])[2])
    assert cell["mean"] == pytest.approx(known, abs=1e-6)
    assert (cell["std"], cell["n"], cell["undefined"], cell["of"]) == (None, 1, 1, 2)
    assert cell["values"] == [pytest.approx(known, abs=1e-6), None]


def test_of_two_runs_of_a_seed_the_one_that_is_farthest_counts(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    done = make_seed(database, experiment, 5)
    later = make_seed(database, experiment, 5, matrices(5)[:1])
    queued = make_seed(database, experiment, 6, [], state="queued")

    results = _results(http, experiment.digest)

    assert [(run["run_id"], run["note"]) for run in results["runs"]] == [
        (done.id, ""),
        (later.id, "another run of this seed counts"),
        (queued.id, "not tested yet"),
    ]
    assert results["seeds"] == [5]


def test_archived_and_deleted_runs_do_not_count(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    runs = [make_seed(database, experiment, seed) for seed in range(3)]
    tags = [http.get(f"/runs/{run.id}").headers["ETag"] for run in runs]
    http.patch(f"/runs/{runs[1].id}", json={"is_archived": True}, headers={"If-Match": tags[1]}).raise_for_status()
    http.delete(f"/runs/{runs[2].id}", headers={"If-Match": tags[2]}).raise_for_status()

    results = _results(http, experiment.digest)

    assert [(run["seed"], run["note"]) for run in results["runs"]] == [(0, ""), (1, "archived")]


def test_an_unfinished_run_is_in_no_summary_beside_finished_ones(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    make_seed(database, experiment, 0)
    make_seed(database, experiment, 1, matrices(1)[:1])

    results = _results(http, experiment.digest)

    assert (results["seeds"], results["summary_seeds"]) == ([0, 1], [0])
    assert _measure(results, "score:score")["of"] == 1
    assert [_cell(results, "score", step, "score")["n"] for step in (0, 1)] == [2, 1]
    assert _cell(results, "score", 1, "score")["of"] == 2


def test_an_experiment_that_has_not_ended_says_at_which_step_it_is(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    make_seed(database, experiment, 0, matrices(0)[:1])
    make_seed(database, experiment, 1, matrices(1), state="running")

    results = _results(http, experiment.digest)

    assert results["reached"] == {"step": 0, "is_final": False}
    assert _measure(results, "score:score") == _cell(results, "score", 0, "score")


def test_an_experiment_without_tested_runs_has_no_table(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)

    results = _results(http, experiment.digest)

    assert (results["tables"], results["runs"], results["measures"]) == ([], [], [])
    assert results["reached"] == {"step": None, "is_final": False}


def test_different_versions_of_the_code_are_warned_of(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    for seed, version in ((0, "0.1.0+gaaaa"), (1, "0.1.0+gbbbb")):
        run = make_seed(database, experiment, seed, state="queued")
        claimed = make_claim(database, run.stages[0])
        with database.write() as session:
            session.get_one(Attempt, claimed.lease.attempt_id).code_version = version

    results = _results(http, experiment.digest)

    assert [run["code_versions"] for run in results["runs"]] == [["0.1.0+gaaaa"], ["0.1.0+gbbbb"]]
    assert results["warnings"] == ["the runs used 2 versions of the code: 0.1.0+gaaaa, 0.1.0+gbbbb"]


@pytest.mark.parametrize("key", [UNKNOWN, "0" * 63 + "1", "nonsense", "0" * 63])
def test_unknown_experiment_is_not_found(http: httpx.Client, key: str) -> None:
    problem(http.get(f"/experiments/{key}/results"), 404, "not-found")


def test_split_of_another_form_is_refused(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)

    assert pointers(http.get(f"/experiments/{experiment.digest}/results", params={"split": "a b"})) == ["/split"]
