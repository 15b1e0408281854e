from __future__ import annotations

import httpx

from server.db.session import Database
from tests.support.rows import make_run, make_running_stage
from tests.support.serving import problem

UNKNOWN = "01890000-0000-7000-8000-000000000000"


def test_queued_run_is_paused_once_and_resumed(http: httpx.Client, database: Database) -> None:
    run_id = make_run(database).id

    answers = [http.post(f"/runs/{run_id}/{verb}") for verb in ("pause", "pause", "resume", "resume")]

    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [
        (202, "paused"),
        (200, "paused"),
        (202, "queued"),
        (200, "queued"),
    ]


def test_running_run_says_that_it_is_about_to_pause(http: httpx.Client, database: Database) -> None:
    run_id = make_running_stage(database)[0].id

    asked = http.post(f"/runs/{run_id}/pause").json()

    assert (asked["state"], asked["is_pausing"]) == ("running", True)
    (listed,) = http.get("/runs").json()["items"]
    assert (listed["is_pausing"], listed["revision"]) == (True, asked["revision"])


def test_run_that_has_ended_cannot_be_paused(http: httpx.Client, database: Database) -> None:
    run_id = make_run(database).id
    http.post(f"/runs/{run_id}/cancel")

    content = problem(http.post(f"/runs/{run_id}/pause"), 409, "illegal-transition")

    assert "a cancelled run cannot become paused; allowed: queued" in content["detail"]
    problem(http.post(f"/runs/{UNKNOWN}/pause"), 404, "not-found")
