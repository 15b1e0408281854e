from __future__ import annotations

import statistics
from typing import Any

import httpx
import pytest

from core.streams.schedules import named_schedule
from server.db.models import Run
from server.db.session import Database
from tests.support.seeds import ONE_BY_ONE, iou, make_definition, make_seed, matrices
from tests.support.serving import pointers, problem

UNKNOWN = "01890000-0000-7000-8000-000000000000"


def _compare(http: httpx.Client, **params: Any) -> dict[str, Any]:
    answer = http.get("/compare", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _measure(answer: dict[str, Any], part: str, member: int, key: str) -> Any:
    return answer[part][member][[measure["key"] for measure in answer["measures"]].index(key)]


def _pair(database: Database) -> tuple[Run, Run]:
    """Return a run of EIR and one of fine-tuning on the same stream."""
    eir = make_definition(database, "replay", config={"memory": {"size": 6}, "lr": 0.1, "steps": [1, 2]})
    tuned = make_definition(database, "plain", method="finetune", config={"lr": 0.2, "steps": [1, 3], "decay": 0})
    return make_seed(database, eir, 0), make_seed(database, tuned, 0, matrices(7))


def test_settings_are_shown_as_differences_only(http: httpx.Client, database: Database) -> None:
    first, second = _pair(database)

    answer = _compare(http, runs=f"{first.id},{second.id}")

    rows = {row["pointer"]: (row["change"], row["values"]) for row in answer["settings"]}
    assert rows == {
        "/method": ("changed", ["eir", "finetune"]),
        "/config/memory/size": ("removed", [6, None]),
        "/config/lr": ("changed", [0.1, 0.2]),
        "/config/steps/1": ("changed", [2, 3]),
        "/config/decay": ("added", [None, 0]),
    }
    assert [row["is_set"] for row in answer["settings"] if row["pointer"] == "/config/decay"] == [[False, True]]


def test_equal_settings_come_on_demand(http: httpx.Client, database: Database) -> None:
    first, second = _pair(database)

    rows = _compare(http, runs=[first.id, second.id], equal=True)["settings"]

    equal = {row["pointer"]: row["values"] for row in rows if row["change"] == "equal"}
    assert equal["/config/steps/0"] == [1, 1]
    assert equal["/dataset/world"] == ["objects", "objects"]


def test_differences_of_settings_are_seen_from_the_base_line(http: httpx.Client, database: Database) -> None:
    first, second = _pair(database)

    answer = _compare(http, runs=[first.id, second.id], baseline=second.id)

    assert answer["baseline"] == 1
    assert {row["pointer"]: row["change"] for row in answer["settings"]}["/config/decay"] == "removed"


def test_scores_of_two_runs_are_those_of_their_matrices(http: httpx.Client, database: Database) -> None:
    first, second = _pair(database)

    answer = _compare(http, runs=[first.id, second.id], baseline=first.id)

    means = [float(iou(matrix).mean()) for matrix in (matrices(0)[1], matrices(7)[1])]
    assert [_measure(answer, "summary", member, "score:score")["mean"] for member in (0, 1)] == pytest.approx(
        means, abs=1e-6
    )
    less = _measure(answer, "differences", 1, "score:score")
    assert less["of_means"] == pytest.approx(means[1] - means[0], abs=1e-6)
    assert (less["mean"], less["std"], less["n"]) == (pytest.approx(means[1] - means[0], abs=1e-6), None, 1)
    assert _measure(answer, "differences", 0, "score:score") is None
    table = next(table for table in answer["tables"] if table["key"] == "iou/class")
    assert [column["title"] for column in table["columns"][:3]] == ["background", "class 4", "class 2"]
    shown = [cell["mean"] for cell in table["cells"][1][1][:3]]
    assert shown == pytest.approx(list(iou(matrices(7)[1])), abs=1e-6)
    assert table["differences"][1][0][2] is None


def test_experiments_are_compared_by_means_and_by_shared_seeds(http: httpx.Client, database: Database) -> None:
    one, other = make_definition(database, "one"), make_definition(database, "other", method="finetune")
    for seed in (0, 1, 2):
        make_seed(database, one, seed)
    for seed in (1, 2, 3):
        make_seed(database, other, seed, matrices(seed + 50))

    answer = _compare(http, experiments=[one.digest, other.id], baseline=one.id)

    score = [float(iou(matrices(seed)[1]).mean()) for seed in range(3)]
    tuned = {seed: float(iou(matrices(seed + 50)[1]).mean()) for seed in (1, 2, 3)}
    found = _measure(answer, "summary", 0, "score:score")
    assert (found["mean"], found["std"]) == pytest.approx((statistics.fmean(score), statistics.stdev(score)), abs=1e-6)
    paired = [tuned[seed] - score[seed] for seed in (1, 2)]
    less = _measure(answer, "differences", 1, "score:score")
    assert less["n"] == 2
    assert (less["mean"], less["std"]) == pytest.approx((statistics.fmean(paired), statistics.stdev(paired)), abs=1e-6)
    assert less["of_means"] == pytest.approx(statistics.fmean(tuned.values()) - statistics.fmean(score), abs=1e-6)
    assert [member["key"] for member in answer["members"]] == [one.digest, other.digest]
    assert [member["seeds"] for member in answer["members"]] == [[0, 1, 2], [1, 2, 3]]


def test_an_overlapped_stream_is_not_compared_with_a_disjoint_one(http: httpx.Client, database: Database) -> None:
    overlap = make_seed(database, make_definition(database, "a"), 0)
    disjoint = make_seed(database, make_definition(database, "b", stream={**ONE_BY_ONE, "setting": "disjoint"}), 0)

    refused = problem(http.get("/compare", params={"runs": [overlap.id, disjoint.id]}), 422, "stream-mismatch")

    assert [(entry["pointer"], entry["message"]) for entry in refused["errors"]] == [
        ("/stream/setting", "stream/setting is 'overlap' in 'a, seed 0' and 'disjoint' in 'b, seed 0'")
    ]
    assert "stream/setting" in refused["detail"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"stream": {**ONE_BY_ONE, "steps": [[4], [7]]}}, "/stream/steps"),
        ({"resolved": {"dataset": {"world": "objects", "eval_images": 9}}}, "/dataset/eval_images"),
        ({"class_table": {"labels": [{"id": 4, "name": "cat", "colour": "#000000"}]}}, "/classes/4"),
    ],
)
def test_other_steps_test_images_or_classes_are_refused_by_name(
    http: httpx.Client, database: Database, change: dict[str, Any], pointer: str
) -> None:
    first = make_seed(database, make_definition(database), 0)
    second = make_seed(database, make_definition(database, **change), 0)

    refused = problem(http.get("/compare", params={"runs": [first.id, second.id]}), 422, "stream-mismatch")

    assert [entry["pointer"] for entry in refused["errors"]] == [pointer]


def test_a_schedule_and_the_steps_that_it_names_are_one_stream(http: httpx.Client, database: Database) -> None:
    plain = {**ONE_BY_ONE, "steps": [list(step) for step in named_schedule("15-5")]}
    definitions = [make_definition(database, stream=stream) for stream in (plain, {**plain, "schedule": "15-5"})]
    runs = [make_seed(database, definition, 0) for definition in definitions]

    assert http.get("/compare", params={"runs": [run.id for run in runs]}).status_code == 200


def test_an_unfinished_run_is_marked_with_its_step(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    done, running = make_seed(database, experiment, 0), make_seed(database, experiment, 1, matrices(1)[:1])

    answer = _compare(http, runs=[done.id, running.id], baseline=done.id)

    assert [member["reached"] for member in answer["members"]] == [
        {"step": 1, "is_final": True},
        {"step": 0, "is_final": False},
    ]
    assert answer["differences"][1] == [None] * len(answer["measures"])
    assert answer["warnings"] == ["test, seed 1 has not finished: it stands at step 0"]


def test_equal_names_get_a_part_of_their_ids(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database, "twin")
    runs = [make_seed(database, experiment, seed) for seed in (3, 3, 4)]

    labels = [member["label"] for member in _compare(http, runs=[run.id for run in runs])["members"]]

    assert labels == [f"twin, seed 3 ({runs[0].id[-8:]})", f"twin, seed 3 ({runs[1].id[-8:]})", "twin, seed 4"]


@pytest.mark.parametrize("name", ["x" * 200, "مرحبا", "🦉 owl", '=1+1,"quoted"'])
def test_any_name_is_a_label(http: httpx.Client, database: Database, name: str) -> None:
    runs = [make_seed(database, make_definition(database, name), seed) for seed in (0, 1)]

    labels = [member["label"] for member in _compare(http, runs=[run.id for run in runs])["members"]]

    assert labels == [f"{name}, seed 0", f"{name}, seed 1"]


def test_one_run_and_twenty_one_are_refused(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    run = make_seed(database, experiment, 0)

    for ids in ([run.id], [run.id] * 21, []):
        entry = problem(http.get("/compare", params={"runs": ids}), 422, "validation-failed")["errors"][0]
        assert entry["message"] == f"{len(ids)} runs and experiments are named; a comparison takes 2 to 20"


def test_a_run_that_is_named_twice_is_refused(http: httpx.Client, database: Database) -> None:
    run = make_seed(database, make_definition(database), 0)

    assert pointers(http.get("/compare", params={"runs": f"{run.id},{run.id}"})) == ["/runs"]


def test_unknown_and_deleted_runs_are_not_found(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    kept, gone = make_seed(database, experiment, 0), make_seed(database, experiment, 1)
    tag = http.get(f"/runs/{gone.id}").headers["ETag"]
    http.delete(f"/runs/{gone.id}", headers={"If-Match": tag}).raise_for_status()

    deleted = problem(http.get("/compare", params={"runs": [kept.id, gone.id]}), 404, "not-found")
    unknown = problem(http.get("/compare", params={"runs": [kept.id, UNKNOWN]}), 404, "not-found")

    assert "/restore brings it back" in deleted["detail"]
    assert UNKNOWN in unknown["detail"]
    problem(http.get("/compare", params={"runs": kept.id, "experiments": "0" * 64}), 404, "not-found")


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"runs": "nonsense"}, "/runs"),
        ({"experiments": "a" * 63}, "/experiments"),
        ({"baseline": "x"}, "/baseline"),
        ({"run": "x"}, "/run"),
    ],
)
def test_parameters_of_another_form_are_refused(http: httpx.Client, params: dict[str, str], pointer: str) -> None:
    assert pointers(http.get("/compare", params=params)) == [pointer]


def test_a_base_line_that_is_not_compared_is_refused(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    runs = [make_seed(database, experiment, seed).id for seed in (0, 1)]

    assert pointers(http.get("/compare", params={"runs": runs, "baseline": UNKNOWN})) == ["/baseline"]


def test_runs_that_were_not_tested_have_no_scores(http: httpx.Client, database: Database) -> None:
    experiment = make_definition(database)
    runs = [make_seed(database, experiment, seed, [], state="queued").id for seed in (0, 1)]

    answer = _compare(http, runs=runs)

    assert answer["tables"] == []
    assert [member["reached"]["step"] for member in answer["members"]] == [None, None]
    assert answer["warnings"][0] == "test, seed 0 has not finished: it has not been tested yet"


def test_facts_name_preset_seeds_and_stream(http: httpx.Client, database: Database) -> None:
    first, second = _pair(database)

    facts = {row["name"]: row for row in _compare(http, runs=[first.id, second.id])["facts"]}

    assert facts["method"]["values"] == ["eir", "finetune"]
    assert (facts["seeds"]["values"], facts["seeds"]["is_equal"]) == (["0", "0"], True)
    assert facts["stream digest"]["is_equal"] is True
