from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.errors import ReasonCode
from server.db import lifecycle
from server.db.lifecycle import RetryPolicy
from server.db.session import Database
from tests.support.results import add_log, add_log_lines
from tests.support.rows import make_running_stage, make_stage
from tests.support.serving import pointers, problem

UNKNOWN = "01890000-0000-7000-8000-000000000000"


def test_shown_stage_has_attempts_history_and_inputs(http: httpx.Client, database: Database) -> None:
    run, stage, claimed = make_running_stage(database)

    shown = http.get(f"/stages/{stage.id}").json()
    next_one = http.get(f"/stages/{run.stages[1].id}").json()

    assert (shown["run_id"], shown["index"], shown["state"]) == (run.id, 0, "running")
    assert [attempt["id"] for attempt in shown["attempts"]] == [claimed.lease.attempt_id]
    of_stage = [entry["to_state"] for entry in shown["history"] if entry["subject"] == "stage"]
    of_attempt = [entry["to_state"] for entry in shown["history"] if entry["subject"] == "attempt"]
    assert of_stage == ["pending", "queued", "running"]
    assert of_attempt == ["leased", "running"]
    assert next_one["inputs"] == {"model": "0/model"}


def test_outputs_of_a_stage_name_every_file(http: httpx.Client, database: Database) -> None:
    _, stage, claimed = make_running_stage(database)
    outputs = {
        "model": {"": {"sha256": "a" * 64, "bytes": 3}},
        "memory": {"index.json": {"sha256": "b" * 64, "bytes": 5}},
        "labels": {"": {"sha256": "c" * 64, "bytes": 7, "files": 5000}},
    }
    with database.write() as session:
        lifecycle.settle_succeeded(session, claimed.lease, outputs)

    shown = http.get(f"/stages/{stage.id}").json()

    assert shown["fraction"] == 1
    assert {(file["output"], file["path"], file["bytes"], file["files"]) for file in shown["outputs"]} == {
        ("model", "", 3, None),
        ("memory", "index.json", 5, None),
        ("labels", "", 7, 5000),
    }


def test_failed_attempt_shows_its_trace(http: httpx.Client, database: Database) -> None:
    _, stage, claimed = make_running_stage(database)
    with database.write() as session:
        lifecycle.settle_failed(
            session, claimed.lease, ReasonCode.USER_CODE_ERROR, "broken", "Traceback: line 3", policy=RetryPolicy()
        )

    attempt = http.get(f"/stages/{stage.id}").json()["attempts"][0]

    assert (attempt["state"], attempt["reason"], attempt["trace"]) == ("failed", "user_code_error", "Traceback: line 3")


@pytest.mark.parametrize("path", ["", "/log", "/artifacts", "/memory-items"])
@pytest.mark.parametrize("stage_id", [UNKNOWN, "nonsense"])
def test_unknown_stage_is_not_found(http: httpx.Client, path: str, stage_id: str) -> None:
    problem(http.get(f"/stages/{stage_id}{path}"), 404, "not-found")


def test_log_gives_the_last_lines_in_order(http: httpx.Client, database: Database) -> None:
    _, stage, claimed = make_running_stage(database)
    add_log(database, claimed.lease.attempt_id, 5)

    page = http.get(f"/stages/{stage.id}/log", params={"tail": 2}).json()

    assert [(entry["number"], entry["text"]) for entry in page["items"]] == [(4, "line 4"), (5, "line 5")]
    assert (page["attempt"], page["next_after"], page["total"]) == (1, 5, 5)


def test_log_goes_on_after_a_number(http: httpx.Client, database: Database) -> None:
    _, stage, claimed = make_running_stage(database)
    add_log(database, claimed.lease.attempt_id, 5)

    first = http.get(f"/stages/{stage.id}/log", params={"after": 1, "limit": 2}).json()
    rest = http.get(f"/stages/{stage.id}/log", params={"after": first["next_after"]}).json()
    nothing = http.get(f"/stages/{stage.id}/log", params={"after": 5}).json()

    assert [entry["number"] for entry in first["items"]] == [2, 3]
    assert [entry["number"] for entry in rest["items"]] == [4, 5]
    assert (nothing["items"], nothing["next_after"]) == ([], 5)


def test_log_of_a_stage_without_an_attempt_is_empty(http: httpx.Client, database: Database) -> None:
    stage = make_stage(database)

    page = http.get(f"/stages/{stage.id}/log").json()

    assert (page["attempt"], page["items"], page["total"]) == (None, [], 0)


def test_log_of_an_attempt_that_was_not_made_is_not_found(http: httpx.Client, database: Database) -> None:
    _, stage, _ = make_running_stage(database)

    problem(http.get(f"/stages/{stage.id}/log", params={"attempt": 2}), 404, "not-found")


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"tail": 0}, "/tail"),
        ({"tail": 5001}, "/tail"),
        ({"after": -1}, "/after"),
        ({"after": 2**60}, "/after"),
        ({"tail": 2, "after": 1}, "/after"),
        ({"tail": 2, "before": 1}, "/before"),
        ({"before": 0}, "/before"),
        ({"level": "loud"}, "/level"),
        ({"contains": "x" * 201}, "/contains"),
        ({"attempt": 0}, "/attempt"),
    ],
)
def test_invalid_part_of_a_log_is_refused(
    http: httpx.Client, database: Database, params: dict[str, Any], pointer: str
) -> None:
    stage = make_stage(database)

    assert pointers(http.get(f"/stages/{stage.id}/log", params=params)) == [pointer]


LINES = [
    ("info", "epoch 1"),
    ("debug", "Loss 0.5"),
    ("warning", "50% of LOSS is nan"),
    ("error", "lost"),
    ("info", "x"),
]


@pytest.mark.parametrize(
    ("params", "numbers", "matching"),
    [
        ({"contains": "loss"}, [2, 3], 2),
        ({"contains": "50%"}, [3], 1),
        ({"contains": "_"}, [], 0),
        ({"level": "warning"}, [3, 4], 2),
        ({"level": "info", "contains": "LO"}, [3, 4], 2),
        ({"contains": "lo", "tail": 1}, [4], 3),
        ({"contains": "lo", "after": 2}, [3, 4], 3),
        ({"before": 4, "limit": 2}, [2, 3], 5),
    ],
)
def test_log_is_searched_by_words_and_level_in_every_window(
    http: httpx.Client, database: Database, params: dict[str, Any], numbers: list[int], matching: int
) -> None:
    _, stage, claimed = make_running_stage(database)
    add_log_lines(database, claimed.lease.attempt_id, LINES)

    page = http.get(f"/stages/{stage.id}/log", params=params).json()

    assert [entry["number"] for entry in page["items"]] == numbers
    assert (page["matching"], page["total"]) == (matching, 5)


def test_log_is_downloaded_whole_as_text(
    http: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.services.runs.logs.LINES_AT_ONCE", 2)
    _, stage, claimed = make_running_stage(database)
    add_log_lines(database, claimed.lease.attempt_id, [*LINES, ("info", "<b>ümlaut</b>")])

    answer = http.get(f"/stages/{stage.id}/log/text", params={"attempt": 1})

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert 'filename="0-step-0-attempt-1.log"' in answer.headers["content-disposition"]
    assert answer.text.splitlines() == [
        "epoch 1",
        "debug: Loss 0.5",
        "warning: 50% of LOSS is nan",
        "error: lost",
        "x",
        "<b>ümlaut</b>",
    ]


def test_log_that_was_never_begun_is_an_empty_file(http: httpx.Client, database: Database) -> None:
    stage = make_stage(database)

    assert http.get(f"/stages/{stage.id}/log/text").text == ""
    problem(http.get(f"/stages/{UNKNOWN}/log/text"), 404, "not-found")
