"""What every route refuses before it begins."""

from __future__ import annotations

import pytest

from server.db.session import Database
from server.settings import Settings
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
