from __future__ import annotations

import httpx
import pytest

from server.auth.roles import Role
from server.db.models import UserAccount
from tests.support.accounts import NAMES, PASSWORD, AccountService, make_token, make_user
from tests.support.serving import pointers, problem

USERS = "/api/v1/users"


@pytest.fixture
def admin(accounts: AccountService) -> httpx.Client:
    """A page of an admin."""
    return accounts.browser(NAMES[Role.ADMIN])


def test_an_account_is_made_and_listed_by_name(admin: httpx.Client) -> None:
    made = admin.post(USERS, json={"name": " Zoë ", "role": "annotator"})
    with_password = admin.post(USERS, json={"name": "Aaron", "role": "researcher", "password": PASSWORD})
    first = admin.get(USERS, params={"limit": 2}).json()
    rest = admin.get(USERS, params={"limit": 200, "cursor": first["next_cursor"]}).json()
    names = [user["name"] for user in first["items"] + rest["items"]]

    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert (made.json()["name"], made.json()["has_password"], made.json()["is_disabled"]) == ("Zoë", False, False)
    assert with_password.json()["has_password"]
    assert names == sorted(names, key=str.casefold)
    assert {"Zoë", "Aaron"} <= set(names)


def test_names_are_taken_without_regard_to_case_or_form(admin: httpx.Client) -> None:
    admin.post(USERS, json={"name": "Änne", "role": "annotator"})

    answers = [admin.post(USERS, json={"name": name, "role": "admin"}) for name in ("änne", "A\u0308NNE", " Änne ")]

    assert all(problem(answer, 409, "name-taken") for answer in answers)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "", "role": "admin"}, "/name"),
        ({"name": "a\x00b", "role": "admin"}, "/name"),
        ({"name": "x" * 65, "role": "admin"}, "/name"),
        ({"name": "kim", "role": "owner"}, "/role"),
        ({"name": "kim", "role": "admin", "password": "password123"}, "/password"),
        ({"name": "kim", "role": "admin", "is_admin": True}, "/is_admin"),
    ],
)
def test_what_cannot_be_an_account_is_refused(admin: httpx.Client, body: dict[str, object], pointer: str) -> None:
    assert pointers(admin.post(USERS, json=body)) == [pointer]


def test_another_role_counts_from_the_next_request_on(accounts: AccountService, admin: httpx.Client) -> None:
    user = make_user(accounts.database, "rolf", Role.RESEARCHER)
    with accounts.browser("rolf") as rolf:
        before = rolf.get("/api/v1/runs").status_code
        missing = admin.patch(f"{USERS}/{user.id}", json={"role": "annotator"})
        stale = admin.patch(f"{USERS}/{user.id}", json={"role": "annotator"}, headers={"If-Match": '"7"'})
        changed = admin.patch(f"{USERS}/{user.id}", json={"role": "annotator"}, headers={"If-Match": '"1"'})
        after = rolf.get("/api/v1/runs").status_code

    assert (missing.status_code, stale.status_code) == (428, 412)
    assert (changed.json()["role"], changed.headers["etag"]) == ("annotator", '"2"')
    assert (before, after) == (200, 404)


def test_a_disabled_account_loses_sessions_and_tokens_at_once(accounts: AccountService, admin: httpx.Client) -> None:
    user = make_user(accounts.database, "dora")
    browser, script = accounts.browser("dora"), accounts.with_token(make_token(accounts.database, "dora"))
    before = [client.get("/api/v1/runs").status_code for client in (browser, script)]
    closed = admin.patch(f"{USERS}/{user.id}", json={"is_disabled": True}, headers={"If-Match": "*"})
    after = [client.get("/api/v1/runs").status_code for client in (browser, script)]
    with accounts.anybody() as page:
        refused = page.post("/api/v1/sessions", json={"name": "dora", "password": PASSWORD}).status_code
    admin.patch(f"{USERS}/{user.id}", json={"is_disabled": False}, headers={"If-Match": "*"})

    assert (before, closed.json()["is_disabled"], after, refused) == ([200, 200], True, [401, 401], 401)
    assert script.get("/api/v1/runs").status_code == 200


@pytest.mark.parametrize("change", [{"role": "researcher"}, {"is_disabled": True}])
def test_the_last_admin_stays_one(accounts: AccountService, admin: httpx.Client, change: dict[str, object]) -> None:
    with accounts.database.read() as session:
        user_id = session.query(UserAccount.id).filter_by(name=NAMES[Role.ADMIN]).scalar()

    answer = admin.patch(f"{USERS}/{user_id}", json=change, headers={"If-Match": "*"})

    assert "is the last admin" in problem(answer, 409, "last-admin")["detail"]


def test_an_admin_sets_a_forgotten_password(accounts: AccountService, admin: httpx.Client) -> None:
    user = make_user(accounts.database, "otto")
    before = accounts.browser("otto")
    weak = admin.post(f"{USERS}/{user.id}/password", json={"password": "otto"})
    done = admin.post(f"{USERS}/{user.id}/password", json={"password": "a quite new one"})
    with accounts.anybody() as page:
        signed_in = page.post("/api/v1/sessions", json={"name": "otto", "password": "a quite new one"})

    assert pointers(weak) == ["/password"]
    assert (done.status_code, signed_in.status_code) == (200, 200)
    assert before.get("/api/v1/runs").status_code == 401


def test_the_audit_tells_who_did_what_and_never_a_secret(accounts: AccountService, admin: httpx.Client) -> None:
    user = make_user(accounts.database, "vera")
    admin.post(f"{USERS}/{user.id}/password", json={"password": "words of the audit"})
    with accounts.anybody() as page:
        page.post("/api/v1/sessions", json={"name": "vera", "password": "wrong guess"})
        page.post("/api/v1/sessions", json={"name": "vera", "password": "words of the audit"})
    first = admin.get("/api/v1/audit", params={"user_name": "vera", "limit": 3}).json()
    rest = admin.get("/api/v1/audit", params={"user_name": "vera", "cursor": first["next_cursor"]}).json()

    found = [(item["actor"], item["action"], item["address"]) for item in first["items"] + rest["items"]]
    assert found == [
        ("nobody", "session.opened", "127.0.0.1"),
        ("nobody", "session.refused", "127.0.0.1"),
        ("user:root", "password.set", "127.0.0.1"),
        ("command:test", "user.created", ""),
    ]
    assert "words of the audit" not in str(first) + str(rest)
    assert all(item["request_id"] for item in first["items"])
