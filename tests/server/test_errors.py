from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from server.db.lifecycle import IllegalTransition
from server.db.session import Database
from server.errors import DomainError, InvalidRequestError, NotFoundError
from server.settings import Settings
from tests.support.serving import Service, application, problem, serve

SECRET = "postgresql://user:secret@db/palimpsest SELECT * FROM run"
ERRORS = {
    "uncaught": ValueError(SECRET),
    "database": OperationalError(SECRET, {}, Exception(SECRET)),
    "race": IntegrityError(SECRET, {}, Exception(SECRET)),
    "transition": IllegalTransition("run", "succeeded", "queued"),
    "missing": NotFoundError("run", "a", "; did you mean 'b'?"),
    "surrogate": NotFoundError("run", "\ud800"),
    "query": InvalidRequestError.of_query("limit", "too large"),
    "domain": DomainError("broken"),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, database_template: object) -> Iterator[Service]:
    """An application whose route `/raise/<name>` raises an error of `ERRORS`."""
    settings = Settings(home=tmp_path_factory.mktemp("errors"))
    database = Database(f"sqlite:///{database_template}")
    app = application(settings, database)

    @app.get("/raise/{name}")
    def fail(name: str) -> None:
        raise ERRORS[name]

    @app.post("/numbers")
    def numbers(values: list[int]) -> None:
        """Take nothing but numbers."""

    with serve(app) as running:
        yield running
    database.dispose()


def test_uncaught_error_is_a_problem_that_tells_no_details(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="palimpsest.server"):
        answer = service.root.get("/raise/uncaught", headers={"X-Request-ID": "find-me"})

    content = problem(answer, 500, "internal")
    assert "find-me" in content["detail"]
    assert "secret" not in answer.text
    assert any(getattr(record, "request_id", "") == "find-me" for record in caplog.records)


def test_database_that_fails_is_unavailable_for_a_moment(service: Service) -> None:
    answer = service.root.get("/raise/database")

    problem(answer, 503, "dependency-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert "secret" not in answer.text


def test_lost_race_is_a_conflict(service: Service) -> None:
    answer = service.root.get("/raise/race")

    problem(answer, 409, "conflict")
    assert "secret" not in answer.text


def test_illegal_transition_names_the_present_state(service: Service) -> None:
    content = problem(service.root.get("/raise/transition"), 409, "illegal-transition")

    assert content["detail"] == "a succeeded run cannot become queued; allowed: nothing, the state is final"


def test_missing_thing_names_the_way_out(service: Service) -> None:
    content = problem(service.root.get("/raise/missing"), 404, "not-found")

    assert content["detail"] == "there is no run 'a'; did you mean 'b'?"
    assert content["instance"] == "/raise/missing"


def test_half_a_character_does_not_break_the_answer(service: Service) -> None:
    problem(service.root.get("/raise/surrogate"), 404, "not-found")


def test_fault_of_a_query_names_the_parameter(service: Service) -> None:
    content = problem(service.root.get("/raise/query"), 422, "validation-failed")

    assert content["errors"] == [
        {"source": "query", "pointer": "/limit", "message": "too large", "code": "invalid_value"}
    ]


def test_domain_error_without_a_kind_is_internal(service: Service) -> None:
    problem(service.root.get("/raise/domain"), 500, "internal")


def test_a_body_with_thousands_of_faults_gets_the_first_and_their_number(service: Service) -> None:
    answer = service.root.post("/numbers", json=["x" * 50] * 5000)

    errors = problem(answer, 422, "validation-failed")["errors"]
    assert len(errors) == 21
    assert errors[-1]["message"] == "and 4980 more of this kind"
    assert len(answer.content) < 10_000
