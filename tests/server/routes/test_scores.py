from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select

from server.db.models import EvaluationRecord, Run, Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.results import add_evaluation
from tests.support.rows import STREAM, make_run
from tests.support.serving import pointers, problem

ONE_BY_ONE = {**STREAM, "steps": [[4], [2], [7]]}
FIRST = [[8, 2], [2, 8]]
SECOND = [[8, 1, 1], [4, 4, 2], [0, 0, 10]]
UNKNOWN = "01890000-0000-7000-8000-000000000000"


def test_evaluations_come_by_step_with_their_numbers(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_evaluation(database, run.stages[1], SECOND, channels=[-1, 4, 2], miou_all=0.5)
    add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4], miou_all=0.7)

    items = http.get(f"/runs/{run.id}/scores").json()["items"]

    assert [item["step"] for item in items] == [0, 1]
    assert items[0]["scores"][0] == {"metric": "miou", "value": 0.7, "class_id": None, "group": "all"}
    assert (items[0]["domain"], items[0]["confusion"]) == (None, None)
    assert [channel["id"] for channel in items[1]["channels"]] == [-1, 4, 2]


def test_confusion_matrices_are_given_on_demand(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    evaluation_id = add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4])

    listed = http.get(f"/runs/{run.id}/scores", params={"confusion": True}).json()["items"][0]
    shown = http.get(f"/evaluations/{evaluation_id}").json()

    assert listed["confusion"] == FIRST
    assert shown == listed


def test_a_record_is_given_as_it_was_stored(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    evaluation_id = add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4])
    (record,) = http.get(f"/evaluations/{evaluation_id}").json()["records"]

    answer = http.get(record["address"].removeprefix("/api/v1"))

    assert (record["kind"], record["name"], record["bytes"]) == ("confusion", "confusion.json", len(answer.content))
    assert answer.json() == {"channels": [-1, 4], "matrix": FIRST}
    assert answer.headers["ETag"] == f'"{record["sha256"]}"'
    assert answer.headers["Content-Type"].startswith("application/json")
    unchanged = http.get(
        f"/evaluations/{evaluation_id}/records/confusion", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_large_record_is_read_from_storage(http: httpx.Client, database: Database, storage: LocalStorage) -> None:
    run = make_run(database)
    evaluation_id = add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4])
    with database.write() as session:
        (row,) = session.scalars(select(EvaluationRecord))
        assert row.content is not None
        storage.put_bytes(row.content)
        row.content = None

    assert http.get(f"/evaluations/{evaluation_id}").json()["confusion"] == FIRST
    storage.delete(row.sha256)
    problem(http.get(f"/evaluations/{evaluation_id}"), 410, "content-missing")


def test_an_evaluation_without_a_matrix_has_no_channels(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    evaluation_id = add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4])
    with database.write() as session:
        session.execute(delete(EvaluationRecord))

    shown = http.get(f"/evaluations/{evaluation_id}").json()

    assert (shown["channels"], shown["records"], shown["confusion"]) == ([], [], None)
    missing = problem(http.get(f"/evaluations/{evaluation_id}/records/confusion"), 404, "not-found")
    assert "the records of the evaluation are: none" in missing["detail"]


def test_evaluations_page_without_gap(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    of_step_0 = [
        add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4], split="a"),
        add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4], split="b"),
    ]
    of_step_1 = add_evaluation(database, run.stages[1], SECOND, channels=[-1, 4, 2], split="a")

    first = http.get(f"/runs/{run.id}/scores", params={"limit": 2}).json()
    second = http.get(f"/runs/{run.id}/scores", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [item["id"] for item in first["items"] + second["items"]] == [*sorted(of_step_0), of_step_1]


def test_undefined_score_is_null(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4], miou_all=None)

    items = http.get(f"/runs/{run.id}/scores").json()["items"]

    assert items[0]["scores"][0]["value"] is None


@pytest.mark.parametrize("evaluation_id", [UNKNOWN, "nonsense"])
def test_unknown_evaluation_is_not_found(http: httpx.Client, evaluation_id: str) -> None:
    problem(http.get(f"/evaluations/{evaluation_id}"), 404, "not-found")


def test_step_table_shows_iou_drop_and_forgetting_of_each_class(http: httpx.Client, database: Database) -> None:
    run = make_run(database, stream=ONE_BY_ONE)
    add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4])
    add_evaluation(database, run.stages[1], SECOND, channels=[-1, 4, 2])

    table = http.get(f"/runs/{run.id}/step-table").json()

    # Unions: step 0 12 and 12; step 1 background 14, class 4 11, class 2 13.
    assert [(column["id"], column["step_learned"]) for column in table["classes"]] == [(-1, None), (4, 0), (2, 1)]
    assert {"(mode", "(rule"} <= set(table["test_rule"].split())
    assert table["steps"][0]["iou"] == pytest.approx([8 / 12, 8 / 12, None], abs=1e-6)
    assert table["steps"][1]["iou"] == pytest.approx([8 / 14, 4 / 11, 10 / 13], abs=1e-6)
    assert table["steps"][0]["drop"] == [None, None, None]
    assert table["steps"][1]["drop"] == pytest.approx([8 / 12 - 8 / 14, 8 / 12 - 4 / 11, None], abs=1e-6)
    assert table["steps"][1]["forgetting"] == pytest.approx(8 / 12 - 4 / 11, abs=1e-6)
    assert table["steps"][1]["miou_old"] == pytest.approx((8 / 14 + 4 / 11) / 2, abs=1e-6)
    assert table["steps"][1]["miou_new"] == pytest.approx(10 / 13, abs=1e-6)
    assert table["steps"][1]["miou_all"] == pytest.approx((8 / 14 + 4 / 11 + 10 / 13) / 3, abs=1e-6)
    assert (table["steps"][0]["miou_old"], table["steps"][0]["miou_new"]) == (None, None)


def test_step_table_names_classes_with_the_colours_of_the_dataset(http: httpx.Client, database: Database) -> None:
    run_id = http.post("/runs", json={"preset": "eir/demo"}).json()["id"]
    with database.read() as session:
        stage = session.scalars(select(Stage).where(Stage.run_id == run_id, Stage.index == 0)).one()
    add_evaluation(database, stage, FIRST, channels=[-1, 1])

    columns = http.get(f"/runs/{run_id}/step-table").json()["classes"]

    assert (columns[0]["name"], columns[0]["colour"]) == ("background", "#000000")
    assert columns[1]["name"] != "class 1"
    assert columns[1]["colour"] == "#db2424"


THIRD = [[6, 2, 0, 2], [1, 5, 2, 0], [3, 0, 6, 1], [0, 0, 1, 8]]


def test_forgetting_follows_from_the_scores_of_the_stored_confusion_matrices(
    http: httpx.Client, database: Database
) -> None:
    run = make_run(database, stream=ONE_BY_ONE)
    for stage, matrix in zip(run.stages, (FIRST, SECOND, THIRD), strict=True):
        add_evaluation(database, stage, matrix, channels=[-1, 4, 2, 7][: len(matrix)])

    shown = http.get(f"/runs/{run.id}/step-table").json()
    rows, tables = shown["steps"], shown["matrices"]
    stored = http.get(f"/runs/{run.id}/scores", params={"confusion": True}).json()["items"]

    # One class a step, so that R[t, j] is the IoU of channel j + 1 after step t.
    table = [[_iou(each["confusion"], j + 1) for j in range(step + 1)] for step, each in enumerate(stored)]
    best = [[max(table[step][j] for step in range(j, t)) for j in range(t)] for t in range(3)]
    assert [row["group_miou"] for row in rows] == [
        pytest.approx([*known, *[None] * (2 - step)], abs=1e-6) for step, known in enumerate(table)
    ]
    for t, row in enumerate(rows):
        old = range(t)
        assert row["plasticity"] == pytest.approx(table[t][t], abs=1e-6)
        assert row["average"] == pytest.approx(sum(table[t]) / (t + 1), abs=1e-6)
        assert row["group_forgetting"] == _mean([best[t][j] - table[t][j] for j in old])
        assert row["backward_transfer"] == _mean([table[t][j] - table[j][j] for j in old])
    # Every class is shown by the test images: both rules say the same.
    assert [matrix["metric"] for matrix in tables] == ["miou_present", "miou"]
    for matrix in tables:
        assert [column["key"] for column in matrix["columns"]] == ["step-0", "step-1", "step-2"]
        assert [column["class_ids"] for column in matrix["columns"]] == [[4], [2], [7]]
        for row, found in zip(rows, matrix["rows"], strict=True):
            assert found["values"] == pytest.approx(row["group_miou"], abs=1e-6)
            assert found["forgetting"] == pytest.approx(row["group_forgetting"], abs=1e-6)
            assert found["change"] == pytest.approx(
                [table[row["step"]][j] - table[j][j] if j < row["step"] else None for j in range(3)], abs=1e-6
            )
    harmonic = [2 * row["miou_old"] * row["miou_new"] / (row["miou_old"] + row["miou_new"]) for row in rows[1:]]
    assert [row["miou_harmonic"] for row in rows] == pytest.approx([None, *harmonic], abs=1e-6)


ROUND_0, ROUND_1 = [[4, 4, 0], [0, 2, 2], [0, 0, 8]], [[8, 0, 0], [2, 2, 0], [0, 2, 6]]


def test_rounds_show_every_class_and_have_nothing_old_or_new(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    with database.write() as session:
        session.get_one(Run, run.id).experiment.resolved = {"stream": {"kind": "active_rounds"}}
    for stage, matrix in zip(run.stages[:2], (ROUND_0, ROUND_1), strict=True):
        add_evaluation(database, stage, matrix, channels=[0, 1, 2], split="val")

    table = http.get(f"/runs/{run.id}/step-table").json()

    # No network channel is the background: the first is a class like the others. Unions 8, 8, 10 and 10, 6, 8.
    assert [(column["id"], column["step_learned"]) for column in table["classes"]] == [(0, 0), (1, 0), (2, 0)]
    iou = [[4 / 8, 2 / 8, 8 / 10], [8 / 10, 2 / 6, 6 / 8]]
    assert [row["iou"] for row in table["steps"]] == [pytest.approx(known, abs=1e-6) for known in iou]
    assert [row["miou_all"] for row in table["steps"]] == [pytest.approx(sum(known) / 3, abs=1e-6) for known in iou]
    assert table["steps"][1]["drop"] == pytest.approx(
        [first - then for first, then in zip(*iou, strict=True)], abs=1e-6
    )
    for row in table["steps"]:
        assert {row[name] for name in OF_NEW_CLASSES} == {None}
        assert row["group_miou"] == [None, None]


def test_the_network_that_is_tested_first_stands_for_the_run(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    for stage, teacher, student in ((run.stages[0], 0.4, 0.6), (run.stages[1], 0.5, 0.3)):
        add_evaluation(database, stage, ROUND_0, channels=[0, 1, 2], miou_all=teacher, split="val")
        add_evaluation(database, stage, ROUND_1, channels=[0, 1, 2], miou_all=student, split="val-student")

    shown = http.get(f"/runs/{run.id}").json()

    assert (shown["score"], shown["best_score"]) == (0.5, 0.5)
    assert http.get(f"/runs/{run.id}/step-table").json()["split"] == "val"
    assert http.get(f"/runs/{run.id}/step-table", params={"split": "val-student"}).json()["split"] == "val-student"


OF_NEW_CLASSES = (
    "miou_old",
    "miou_new",
    "miou_harmonic",
    "forgetting",
    "average",
    "group_forgetting",
    "backward_transfer",
    "plasticity",
)


def _iou(matrix: list[list[int]], channel: int) -> float:
    hits = matrix[channel][channel]
    return hits / (sum(matrix[channel]) + sum(row[channel] for row in matrix) - hits)


def _mean(values: list[float]) -> Any:
    return pytest.approx(sum(values) / len(values), abs=1e-6) if values else None


def test_class_names_stay_when_the_dataset_has_moved(
    http: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = http.post("/runs", json={"preset": "eir/demo"}).json()["id"]
    monkeypatch.setattr("core.data.opening.dataset_classes", None)
    with database.read() as session:
        stage = session.scalars(select(Stage).where(Stage.run_id == run_id, Stage.index == 0)).one()
    add_evaluation(database, stage, FIRST, channels=[-1, 1])

    experiment_id = http.get(f"/runs/{run_id}").json()["experiment_id"]
    shown = http.get(f"/experiments/{experiment_id}").json()["classes"][0]

    assert shown == {"id": 1, "name": "ball", "colour": "#db2424"}
    assert http.get(f"/runs/{run_id}/step-table").json()["classes"][1] == {**shown, "step_learned": 0}


def test_a_step_that_was_not_tested_has_no_row(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4])
    add_evaluation(database, run.stages[2], SECOND, channels=[-1, 4, 2])

    table = http.get(f"/runs/{run.id}/step-table").json()

    assert [row["step"] for row in table["steps"]] == [0, 2]


def test_step_table_of_a_run_that_was_not_tested_is_empty(http: httpx.Client, database: Database) -> None:
    run = make_run(database)

    table = http.get(f"/runs/{run.id}/step-table").json()

    assert (table["split"], table["classes"], table["steps"], table["average_miou"]) == (None, [], [], None)


def test_background_that_was_not_tested_is_in_no_mean(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_evaluation(database, run.stages[0], [[0, 0], [2, 8]], channels=[-1, 4], has_background=False)

    table = http.get(f"/runs/{run.id}/step-table").json()

    assert [column["id"] for column in table["classes"]] == [4]
    assert table["steps"][0]["iou"] == pytest.approx([0.8], abs=1e-6)
    assert table["steps"][0]["miou_all"] == pytest.approx(0.8, abs=1e-6)


def test_step_table_of_a_named_split(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4], split="test")
    add_evaluation(database, run.stages[0], [[1, 0], [0, 1]], channels=[-1, 4], split="val")

    table = http.get(f"/runs/{run.id}/step-table", params={"split": "val"}).json()

    assert table["split"] == "val"
    assert table["average_miou"] == pytest.approx(1.0, abs=1e-5)


def test_split_of_another_form_is_refused(http: httpx.Client, database: Database) -> None:
    run = make_run(database)

    assert pointers(http.get(f"/runs/{run.id}/step-table", params={"split": "a b"})) == ["/split"]


# Class 7 is in no test image; some pixels are taken for it. Class 2 is neither there nor predicted.
ABSENT = [[6, 2, 0, 2], [1, 6, 0, 3], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_an_absent_class_is_undefined_and_out_of_the_mean(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_evaluation(database, run.stages[0], ABSENT, channels=[-1, 4, 2, 7])

    table = http.get(f"/runs/{run.id}/step-table").json()

    (row,) = table["steps"]
    assert [column["id"] for column in table["classes"]] == [-1, 2, 4, 7]
    assert row["iou"] == pytest.approx([6 / 11, None, 6 / 12, None], abs=1e-6)
    assert row["false_share"] == [None, 0.0, None, 5 / 20]
    assert row["miou_all"] == pytest.approx((6 / 11 + 6 / 12) / 4, abs=1e-6)
    assert row["is_undefined"] == [False, True, False, True]
    means = {(mean["metric"], mean["group"]): mean for mean in table["means"]}
    assert means["miou", "all"]["values"] == [row["miou_all"]]
    assert means["miou_present", "all"]["values"] == [row["score"]]
    assert row["score"] == pytest.approx((6 / 11 + 6 / 12) / 2, rel=1e-12)
    assert (table["headline"]["metric"], table["headline"]["group"]) == ("miou_present", "all")
    assert http.get(f"/runs/{run.id}").json()["score"] == row["score"]


def test_a_group_without_ground_truth_is_undefined_and_one_that_is_not_learnt_yet_is_not(
    http: httpx.Client, database: Database
) -> None:
    run = make_run(database, stream=ONE_BY_ONE)
    add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4])
    # No test image shows class 2, which is all that the second step taught.
    add_evaluation(database, run.stages[1], [[8, 1, 1], [2, 8, 0], [0, 0, 0]], channels=[-1, 4, 2])

    table = http.get(f"/runs/{run.id}/step-table").json()

    by_group = next(matrix for matrix in table["matrices"] if matrix["metric"] == "miou_present")
    assert [column["key"] for column in by_group["columns"]] == ["step-0", "step-1"]
    assert [row["values"][1] for row in by_group["rows"]] == [None, None]
    assert [row["is_undefined"] for row in by_group["rows"]] == [[False, False], [False, True]]
    means = {(mean["metric"], mean["group"]): mean for mean in table["means"]}
    assert means["miou_present", "new"]["values"] == [None, None]
    assert means["miou_present", "new"]["is_undefined"] == [False, True]
    assert means["miou_present", "harmonic"]["is_undefined"] == [False, True]
    assert means["miou", "new"]["values"] == [None, 0.0]
    assert [row["is_undefined"] for row in table["steps"]] == [[False, False, False], [False, False, True]]


def test_a_class_that_is_undefined_later_is_in_no_forgetting(http: httpx.Client, database: Database) -> None:
    run = make_run(database, stream=ONE_BY_ONE)
    add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4])
    add_evaluation(database, run.stages[1], [[9, 0, 1], [0, 0, 0], [0, 0, 10]], channels=[-1, 4, 2])
    add_evaluation(database, run.stages[2], THIRD, channels=[-1, 4, 2, 7])

    rows = http.get(f"/runs/{run.id}/step-table").json()["steps"]

    # The background comes first, and class 4 is the only old one of the second step.
    assert (rows[1]["iou"][1], rows[1]["drop"][1], rows[1]["forgetting"]) == (None, None, None)
    assert rows[2]["drop"][1] == pytest.approx(8 / 12 - 5 / 10, abs=1e-6)


def test_domains_are_columns_of_their_own(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    for stage, city, village in ((run.stages[0], FIRST, FIRST), (run.stages[1], ROUND_0, ROUND_1)):
        for domain, matrix in (("city", city), ("village", village)):
            add_evaluation(database, stage, matrix, channels=[4, 2, 7][: len(matrix)], domain=domain)

    first = http.get(f"/runs/{run.id}/step-table").json()
    other = http.get(f"/runs/{run.id}/step-table", params={"domain": "village"}).json()

    assert [domain["name"] for domain in first["domains"]] == ["city", "village"]
    assert (first["domain"], other["domain"]) == ("city", "village")
    assert first["steps"][1]["iou"] == pytest.approx([2 / 8, 4 / 8, 8 / 10], abs=1e-6)
    assert other["steps"][1]["iou"] == pytest.approx([2 / 6, 8 / 10, 6 / 8], abs=1e-6)
    by_domain = [matrix for matrix in first["matrices"] if matrix["by"] == "domain"]
    assert [matrix["metric"] for matrix in by_domain] == ["miou_present", "miou"]
    means = [(2 / 8 + 4 / 8 + 8 / 10) / 3, (2 / 6 + 8 / 10 + 6 / 8) / 3]
    assert by_domain[0]["rows"][1]["values"] == pytest.approx(means, abs=1e-6)
    assert first["steps"][1]["score"] == pytest.approx(sum(means) / 2, abs=1e-6)


def test_a_domain_that_was_not_tested_has_empty_rows(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_evaluation(database, run.stages[0], FIRST, channels=[-1, 4])

    table = http.get(f"/runs/{run.id}/step-table", params={"domain": "moon"}).json()

    assert (table["domain"], table["classes"], table["domains"]) == ("moon", [], [])
    assert [row["miou_all"] for row in table["steps"]] == [None]
