from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from server.app import build_app
from server.db.session import Database
from server.openapi import PROBLEM_TYPE, build_schema, main, operations, render
from server.schemas.experiments import ExperimentCreate
from server.schemas.problem import Problem
from server.schemas.runs import RunCreate, RunStart
from server.settings import Settings
from tests.support.serving import Service, application, serve

SCHEMA = build_schema(build_app(Path("/dev/null")))
OPERATIONS = operations(SCHEMA)
UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, database_template: Path) -> Iterator[Service]:
    """The application on an empty database that no test writes to."""
    settings = Settings(home=tmp_path_factory.mktemp("openapi"))
    database = Database(f"sqlite:///{database_template}")
    with serve(application(settings, database)) as running:
        yield running
    database.dispose()


def _address(path: str, value: str = UNKNOWN_ID) -> str:
    return re.sub(r"\{[^}]+\}", value, path)


def test_document_is_served_below_the_version(service: Service) -> None:
    assert service.http.get("/openapi.json").json() == SCHEMA
    assert SCHEMA["openapi"].startswith("3.1")


def test_every_operation_has_a_plain_id_a_summary_a_description_and_one_known_tag() -> None:
    tags = {tag["name"] for tag in SCHEMA["tags"]}
    ids = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", operation_id) for operation_id in ids)
    assert all(operation["summary"] and operation["description"] for operation in OPERATIONS.values())
    assert all(len(operation["tags"]) == 1 and operation["tags"][0] in tags for operation in OPERATIONS.values())


def test_every_failure_is_documented_as_a_problem() -> None:
    for operation in OPERATIONS.values():
        failures = {status: answer for status, answer in operation["responses"].items() if status[0] in "45"}
        assert {"500", "503"} <= set(failures)
        assert all(list(answer["content"]) == [PROBLEM_TYPE] for answer in failures.values())


def test_operation_with_a_name_in_its_path_can_answer_404_and_one_with_a_body_422() -> None:
    for (method, path), operation in OPERATIONS.items():
        assert ("{" in path) <= ("404" in operation["responses"]), path
        assert ("requestBody" in operation) <= ({"400", "415", "422"} <= set(operation["responses"])), (method, path)


def test_operation_that_reads_more_than_its_path_can_answer_422() -> None:
    for (method, path), operation in OPERATIONS.items():
        is_checked = path.startswith("/api/") or any(each["in"] != "path" for each in operation.get("parameters", []))
        assert is_checked <= ("422" in operation["responses"]), (method, path)


@pytest.mark.parametrize("model", [ExperimentCreate, RunCreate, RunStart, Problem])
def test_examples_of_a_schema_are_valid(model: type[BaseModel]) -> None:
    examples = model.model_json_schema()["examples"]

    assert [model.model_validate(example) for example in examples]


def test_every_schema_that_is_named_exists() -> None:
    named = set(re.findall(r"#/components/schemas/([A-Za-z0-9_.-]+)", json.dumps(SCHEMA)))

    assert named <= set(SCHEMA["components"]["schemas"])


def test_paths_are_kebab_case_and_fields_snake_case() -> None:
    parts = {part for path in SCHEMA["paths"] for part in path.split("/") if part and "{" not in part}
    fields = {name for model in SCHEMA["components"]["schemas"].values() for name in model.get("properties", {})}

    assert all(re.fullmatch(r"[a-z0-9-]+(\.json)?", part) for part in parts)
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in fields)


@pytest.mark.parametrize(("method", "path"), list(OPERATIONS))
def test_unknown_name_or_empty_body_or_success_and_never_anything_else(
    service: Service, method: str, path: str
) -> None:
    for value in (UNKNOWN_ID, "nonsense", "%00", "%F0%9F%98%80", "a" * 300):
        answer = service.root.request(method, _address(path, value))

        _check(answer, OPERATIONS[(method, path)])


@pytest.mark.parametrize(("method", "path"), list(OPERATIONS))
def test_odd_queries_and_headers_are_answered_as_documented(service: Service, method: str, path: str) -> None:
    odd = ["", "-1", "x", "999999999999999999999", "a\x00b", "😀", "%", "1e9", "null", "{}"]
    names = [parameter["name"] for parameter in OPERATIONS[(method, path)].get("parameters", [])]

    for value in odd:
        answer = service.root.request(method, _address(path), params=dict.fromkeys(names, value))

        _check(answer, OPERATIONS[(method, path)])


@pytest.mark.parametrize("path", sorted(SCHEMA["paths"]))
def test_method_that_an_address_does_not_take_is_a_problem(service: Service, path: str) -> None:
    answer = service.root.request("TRACE", _address(path))

    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM_TYPE)
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{}", '"text"', "1", "{", '{"seed": 1e400}', "\x00", '{"a": "\\ud800"}']
)
def test_odd_bodies_are_answered_as_documented(service: Service, body: str) -> None:
    for (method, path), operation in OPERATIONS.items():
        if "requestBody" in operation:
            answer = service.root.request(
                method, _address(path), content=body.encode(), headers={"Content-Type": "application/json"}
            )

            _check(answer, operation)


def test_document_can_be_written_for_the_client_generator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path / "openapi.json")])
    main([])

    written = (tmp_path / "openapi.json").read_text()
    assert capsys.readouterr().out == written
    assert json.loads(written) == SCHEMA
    assert render(SCHEMA) == written


def _check(answer: Any, operation: dict[str, Any]) -> None:
    """Check that an answer has a documented status, and that a failure is a problem."""
    assert str(answer.status_code) in operation["responses"], (answer.status_code, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == PROBLEM_TYPE
        assert answer.json()["type"].startswith("/problems/")
        assert answer.status_code < 500, answer.text
