from __future__ import annotations

from typing import Any

import httpx
import pytest

from server.db.session import Database
from tests.support.results import add_points, add_summaries, add_summary
from tests.support.rows import make_run
from tests.support.serving import pointers, problem


def test_keys_come_in_alphabetical_pages_with_last_and_best(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_summary(database, run.id, "loss/total", last=0.5, best=0.25)
    add_summary(database, run.id, "loss/kd", last=None, best=None)
    add_summary(database, run.id, "lr", last=0.1, best=0.1)

    first = http.get(f"/runs/{run.id}/series", params={"limit": 2}).json()
    second = http.get(f"/runs/{run.id}/series", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [item["key"] for item in first["items"]] == ["loss/kd", "loss/total"]
    assert [item["key"] for item in second["items"]] == ["lr"]
    assert first["items"][1]["last"] == {"value": 0.5, "stage_index": 0, "iteration": 1}
    assert first["items"][1]["best"] == {"value": 0.25, "stage_index": 0, "iteration": 0}
    assert (first["items"][0]["last"]["value"], first["items"][0]["best"]) == (None, None)


def test_prefix_is_taken_literally(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_summary(database, run.id, "loss/kd", last=1, best=1)
    add_summary(database, run.id, "lossy", last=1, best=1)

    of_loss = http.get(f"/runs/{run.id}/series", params={"prefix": "loss/"}).json()["items"]
    of_percent = http.get(f"/runs/{run.id}/series", params={"prefix": "%"}).json()["items"]

    assert [item["key"] for item in of_loss] == ["loss/kd"]
    assert of_percent == []


def test_keys_are_found_by_any_part_whatever_the_case(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    for key in ("loss/kd", "grad/Loss_norm", "lr", "50%"):
        add_summary(database, run.id, key, last=1, best=1)

    found = [
        [item["key"] for item in http.get(f"/runs/{run.id}/series", params=params).json()["items"]]
        for params in ({"contains": "LOSS"}, {"contains": "%"}, {"prefix": "grad", "contains": "norm"})
    ]

    assert found == [["grad/Loss_norm", "loss/kd"], ["50%"], ["grad/Loss_norm"]]


def test_groups_say_what_keys_begin_with_and_how_many_there_are(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    for key in ("loss/total", "loss/kd", "loss_all", "lr", "iou.person"):
        add_summary(database, run.id, key, last=1, best=1)

    answer = http.get(f"/runs/{run.id}/series-groups").json()

    assert answer["items"] == [
        {"prefix": "iou.", "count": 1},
        {"prefix": "loss/", "count": 2},
        {"prefix": "loss_", "count": 1},
        {"prefix": "lr", "count": 1},
    ]
    assert (answer["groups"], answer["keys"]) == (4, 5)


def test_groups_of_keys_that_share_nothing_are_cut_and_counted(
    http: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.services.scores.series.SHOWN_GROUPS", 2)
    run = make_run(database)
    for key in ("a", "b", "c/1", "c/2"):
        add_summary(database, run.id, key, last=1, best=1)

    answer = http.get(f"/runs/{run.id}/series-groups").json()

    assert [group["prefix"] for group in answer["items"]] == ["a", "c/"]
    assert answer["groups"] == 3


def test_five_thousand_keys_are_no_part_of_a_run_and_come_in_pages(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    before = len(http.get(f"/runs/{run.id}").content)
    add_summaries(database, run.id, [f"layer/{number:04d}" for number in range(5000)])

    page = http.get(f"/runs/{run.id}/series", params={"limit": 200}).json()

    assert (len(page["items"]), page["next_cursor"] is None) == (200, False)
    assert http.get(f"/runs/{run.id}/series-groups").json()["items"] == [{"prefix": "layer/", "count": 5000}]
    assert len(http.get(f"/runs/{run.id}").content) == before
    assert "layer/" not in http.get("/runs").text


def test_points_come_by_iteration_and_specials_as_words(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_points(database, run.id, [1.5, "NaN", "Infinity", "-Infinity", 0.25], key="loss/total")

    series = http.get(f"/runs/{run.id}/series/loss/total").json()

    assert [point["value"] for point in series["points"]] == [1.5, "NaN", "Infinity", "-Infinity", 0.25]
    assert [point["iteration"] for point in series["points"]] == [0, 1, 2, 3, 4]
    assert (series["key"], series["count"], series["downsampled"]) == ("loss/total", 5, False)


def test_window_of_iterations_includes_both_ends(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_points(database, run.id, [0.0, 1.0, 2.0, 3.0, 4.0])
    add_summary(database, run.id, "loss", last=4.0, best=0.0)

    series = http.get(f"/runs/{run.id}/series/loss", params={"from_iteration": 1, "to_iteration": 3}).json()
    other_stage = http.get(f"/runs/{run.id}/series/loss", params={"stage": 1}).json()

    assert [point["value"] for point in series["points"]] == [1, 2, 3]
    assert (other_stage["count"], other_stage["points"]) == (0, [])


def test_points_that_a_newer_attempt_replaced_are_hidden_unless_raw(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_points(database, run.id, [0.0, 1.0, 2.0, 3.0], hidden_after=1)
    add_points(database, run.id, [9.0], key="other")

    shown = http.get(f"/runs/{run.id}/series/loss").json()
    raw = http.get(f"/runs/{run.id}/series/loss", params={"raw": True}).json()

    assert [point["iteration"] for point in shown["points"]] == [0, 1]
    assert [point["is_hidden"] for point in raw["points"]] == [False, False, True, True]
    assert raw["points"][0]["at"].endswith("Z")


@pytest.mark.parametrize("rows_at_once", [100_000, 50])
def test_downsampling_keeps_spikes_ends_and_tells_the_count(
    http: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    monkeypatch.setattr("server.services.scores.series._ROWS_AT_ONCE", rows_at_once)
    run = make_run(database)
    values: list[float | str] = [0.5] * 400
    values[137], values[251], values[300] = 99.0, -99.0, "NaN"
    add_points(database, run.id, values)

    series = http.get(f"/runs/{run.id}/series/loss", params={"max_points": 20}).json()

    shown = {point["iteration"]: point["value"] for point in series["points"]}
    assert (series["count"], series["downsampled"]) == (400, True)
    assert len(shown) <= 22
    assert (shown[137], shown[251], shown[300]) == (99.0, -99.0, "NaN")
    assert {0, 399} <= set(shown)
    assert list(shown) == sorted(shown)


def test_spike_beside_a_value_that_is_no_number_is_kept_too(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    values: list[float | str] = [0.5] * 400
    values[41], values[42], values[43] = 99.0, "NaN", -99.0
    add_points(database, run.id, values)

    series = http.get(f"/runs/{run.id}/series/loss", params={"max_points": 20}).json()

    shown = {point["iteration"]: point["value"] for point in series["points"]}
    assert (shown[41], shown[42], shown[43]) == (99.0, "NaN", -99.0)


def test_curve_without_a_single_number_is_thinned_all_the_same(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_points(database, run.id, ["NaN"] * 100)

    points = http.get(f"/runs/{run.id}/series/loss", params={"max_points": 10}).json()["points"]

    assert [point["iteration"] for point in points] == [0, 20, 40, 60, 80, 99]


def test_points_can_be_downloaded_as_a_table(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_points(database, run.id, [1.5, "NaN"], key="loss/kd", hidden_after=0)

    shown = http.get(f"/runs/{run.id}/series/loss/kd", params={"format": "csv", "max_points": 0})
    raw = http.get(f"/runs/{run.id}/series/loss/kd", params={"format": "csv", "raw": True})

    assert shown.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="kd.csv"' in shown.headers["content-disposition"]
    assert shown.text == "stage_index,iteration,attempt,value\n0,0,1,1.5\n"
    header, first, second = raw.text.splitlines()
    assert header == "stage_index,iteration,attempt,value,is_hidden,at"
    assert first.startswith("0,0,1,1.5,False,2")
    assert second.startswith("0,1,1,NaN,True,2")


def test_no_limit_gives_every_point(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_points(database, run.id, [float(n) for n in range(1500)])

    all_of_them = http.get(f"/runs/{run.id}/series/loss", params={"max_points": 0}).json()
    by_default = http.get(f"/runs/{run.id}/series/loss").json()

    assert (len(all_of_them["points"]), all_of_them["downsampled"]) == (1500, False)
    assert by_default["downsampled"] is True
    assert len(by_default["points"]) <= 1002


def test_unknown_key_names_the_nearest(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    add_summary(database, run.id, "loss", last=1, best=1)

    answer = http.get(f"/runs/{run.id}/series/los")

    assert "did you mean 'loss'?" in problem(answer, 404, "not-found")["detail"]


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"max_points": -1}, "/max_points"),
        ({"from_iteration": -1}, "/from_iteration"),
        ({"to_iteration": 2**60}, "/to_iteration"),
        ({"stage": "first"}, "/stage"),
        ({"raw": "perhaps"}, "/raw"),
        ({"format": "xml"}, "/format"),
    ],
)
def test_invalid_window_is_refused(
    http: httpx.Client, database: Database, params: dict[str, Any], pointer: str
) -> None:
    run = make_run(database)

    assert pointers(http.get(f"/runs/{run.id}/series/loss", params=params)) == [pointer]


def test_key_with_a_nul_character_is_not_found(http: httpx.Client, database: Database) -> None:
    run = make_run(database)

    problem(http.get(f"/runs/{run.id}/series/%00"), 404, "not-found")
