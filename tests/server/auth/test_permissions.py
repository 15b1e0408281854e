"""Every operation as every role and as nobody, by a token and in a browser, against the one table."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from server.app import build_app
from server.auth.guard import operation_of
from server.auth.permissions import PERMISSIONS, Reach
from server.auth.roles import Role, Scope
from server.openapi import build_schema, operations
from server.storage import LocalStorage
from tests.support.accounts import NAMES, AccountService
from tests.support.label_rounds import make_waiting_round, query_ids
from tests.support.rows import make_run

APP = build_app(Path("/dev/null"))
SCHEMA = build_schema(APP)
OPERATIONS = {operation["operationId"]: (*at, operation) for at, operation in operations(SCHEMA).items()}
UNKNOWN = "01890000-0000-7000-8000-000000000000"
RISING = (Role.ANNOTATOR, Role.RESEARCHER, Role.ADMIN)
"""Whoever may do least comes first: what a request changes is there for them."""
ADDRESSES = ("/docs", "/docs/api.md", "/reference", "/api/v1/openapi.json")
"""What is no operation of the document."""


@pytest.fixture(scope="module")
def things(accounts: AccountService, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What there is, by the name of the parameter of a path."""
    storage = LocalStorage(accounts.service.app.state.settings.storage_folder)
    stage = make_waiting_round(accounts.database, storage, tmp_path_factory.mktemp("asked"), ("ulm_1", "bonn_2"))
    run = make_run(accounts.database)
    return {
        "run_id": run.id,
        "experiment_id": run.experiment_id,
        "stage_id": stage.id,
        "query_id": query_ids(stage.run_id, ("ulm_1",))[0],
    }


def _ask(client: httpx.Client, name: str, things: dict[str, str]) -> httpx.Response:
    method, path, operation = OPERATIONS[name]
    address = re.sub(r"\{([^}]+)\}", lambda found: things.get(found[1], UNKNOWN), path)
    takes_body = "requestBody" in operation
    body = {"json": {}} if takes_body and "application/json" in operation["requestBody"]["content"] else {}
    return client.request(method, address, **body)


def _check(name: str, answer: httpx.Response, role: Role, *, may: bool) -> None:
    documented: dict[str, Any] = OPERATIONS[name][2]["responses"]
    assert answer.status_code < 500, answer.text
    assert str(answer.status_code) in documented, (answer.status_code, answer.text)
    if may:
        assert answer.status_code not in {401, 403}, answer.text
    else:
        wanted = 404 if role == Role.ANNOTATOR and PERMISSIONS[name].scope is not None else 403
        assert answer.status_code == wanted, (role, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


def test_every_route_has_one_row_and_every_row_a_route() -> None:
    routes = {operation_of(context.original_route) for context in iter_route_contexts(APP.routes)}

    assert routes == set(PERMISSIONS)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_nobody_does_what_is_not_public(accounts: AccountService, things: dict[str, str], name: str) -> None:
    with accounts.anybody() as nobody:
        answer = _ask(nobody, name, things)

    assert answer.status_code < 500
    if PERMISSIONS[name].is_public:
        assert str(answer.status_code) in OPERATIONS[name][2]["responses"]
        assert "sign in, or send a token" not in answer.text
    else:
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), answer.text
        assert answer.json()["type"] == "/problems/unauthenticated"


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_no_operation_needs_somebody_too(accounts: AccountService, address: str) -> None:
    with accounts.anybody() as nobody, accounts.browser(NAMES[Role.ANNOTATOR]) as annotator:
        assert nobody.get(address).status_code == 401
        assert annotator.get(address).status_code == 200


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_a_browser_does_what_its_role_may_and_nothing_else(
    accounts: AccountService, things: dict[str, str], name: str
) -> None:
    permission = PERMISSIONS[name]
    for role in RISING:
        with accounts.browser(NAMES[role]) as browser:
            answer = _ask(browser, name, things)

        _check(name, answer, role, may=permission.is_public or role in permission.roles)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_a_token_does_what_its_role_and_scopes_may(accounts: AccountService, things: dict[str, str], name: str) -> None:
    permission = PERMISSIONS[name]
    other = next(scope for scope in (Scope.READ, Scope.ANNOTATE) if scope != permission.scope)
    for role in RISING:
        may = permission.is_public or (role in permission.roles and permission.scope is not None)
        with accounts.script(NAMES[role]) as whole, accounts.script(NAMES[role], [other]) as partial:
            refused = _ask(partial, name, things)
            answer = _ask(whole, name, things)

        _check(name, answer, role, may=may)
        assert (refused.status_code == 403) >= (may and not permission.is_public)
        assert (f"the scope {permission.scope}; this one has {other}" in refused.text) == (
            may and not permission.is_public
        )


@pytest.mark.parametrize("name", sorted(name for name in OPERATIONS if PERMISSIONS[name].reach is not Reach.ANY))
def test_an_annotator_reaches_nothing_that_is_not_of_an_open_round(accounts: AccountService, name: str) -> None:
    strange = {"stage_id": UNKNOWN, "query_id": "0" * 16, "annotation_id": UNKNOWN}
    with accounts.browser(NAMES[Role.ANNOTATOR]) as annotator:
        answer = _ask(annotator, name, strange)

    assert answer.status_code == 404


def test_the_document_says_who_may_do_what() -> None:
    schemes = SCHEMA["components"]["securitySchemes"]

    assert (schemes["token"]["scheme"], schemes["session"]["in"]) == ("bearer", "cookie")
    for name, (_, _, operation) in OPERATIONS.items():
        permission = PERMISSIONS[name]
        wanted: list[dict[str, list[str]]] = []
        if not permission.is_public:
            wanted = [{"session": []}] + ([{"token": [permission.scope.value]}] if permission.scope else [])
        assert operation["security"] == wanted, name
        assert operation["x-roles"] == sorted(permission.roles), name


def test_bodies_that_cannot_be_read_tell_nobody_anything(accounts: AccountService) -> None:
    with accounts.anybody() as nobody:
        broken = nobody.post("/api/v1/runs", content=b"{", headers={"Content-Type": "application/json"})
        large = nobody.post("/api/v1/runs", content=json.dumps({"a": "x" * 100_000}))

    assert [broken.status_code, large.status_code] == [401, 401]
