"""What every route refuses before it begins."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from server.db.session import Database
from server.schemas.queries import DraftBody
from server.settings import Settings
from tests.support.rows import make_run
from tests.support.serving import application, problem, serve


@pytest.mark.parametrize(
    ("address", "pointer", "message"),
    [
        ("/runs?stat=failed", "/stat", "there is no query parameter 'stat' here; did you mean 'state'?"),
        (
            "/runs?limit=5&offset=5",
            "/offset",
            "there is no query parameter 'offset' here; there is 'archived', 'count', 'cursor'",
        ),
        ("/methods?x=1", "/x", "there is no query parameter 'x' here"),
    ],
)
def test_query_parameters_that_nobody_reads_are_refused(
    settings: Settings, database: Database, address: str, pointer: str, message: str
) -> None:
    with serve(application(settings, database)) as service:
        entry = problem(service.http.get(address), 422, "validation-failed")["errors"][0]

    assert (entry["source"], entry["pointer"], entry["code"]) == ("query", pointer, "unknown_parameter")
    assert entry["message"].startswith(message)


def test_misspelt_keys_of_a_body_are_told_with_the_nearest(settings: Settings, database: Database) -> None:
    with serve(application(settings, database)) as service:
        answer = service.http.post("/datasets", json={"name": "x", "adapter": "folder", "rooot": "/data"})

    [unknown] = problem(answer, 422, "validation-failed")["errors"]
    assert (unknown["pointer"], unknown["code"]) == ("/rooot", "extra_forbidden")
    assert unknown["message"] == "unknown key 'rooot'; did you mean 'root'?"


@pytest.mark.parametrize("value", ["0.5", "1.0", "1_0", "+1", "%201", "true", "", "1e1", "\u0661"])
def test_a_number_of_a_query_is_written_in_plain_digits(settings: Settings, database: Database, value: str) -> None:
    run = make_run(database).id
    with serve(application(settings, database)) as service:
        answers = [service.http.get(f"/runs?limit={value}"), service.http.get(f"/runs/{run}/events?after={value}")]

    for answer in answers:
        [entry] = problem(answer, 422, "validation-failed")["errors"]
        assert entry["code"] == "int_parsing"


def test_plain_digits_are_taken(settings: Settings, database: Database) -> None:
    run = make_run(database).id
    with serve(application(settings, database)) as service:
        assert service.http.get("/runs?limit=10&archived=yes").status_code == 200
        assert service.http.get(f"/runs/{run}/events?after=0&limit=5").status_code == 200


@pytest.mark.parametrize("seed", [False, True, "1", 1.5])
def test_a_seed_is_a_whole_number(settings: Settings, database: Database, seed: object) -> None:
    with serve(application(settings, database)) as service:
        answer = service.http.post("/runs", json={"preset": "eir/demo", "seed": seed})

    [entry] = problem(answer, 422, "validation-failed")["errors"]
    assert entry["pointer"] == "/seed"


def test_a_boolean_is_no_number_of_an_answer() -> None:
    with pytest.raises(ValidationError) as error:
        DraftBody.model_validate({"author": "ann", "tiles": [], "seconds": True, "clicks": False})

    assert {(fault["loc"], fault["type"]) for fault in error.value.errors()} >= {
        (("seconds",), "number_type"),
        (("clicks",), "number_type"),
    }
