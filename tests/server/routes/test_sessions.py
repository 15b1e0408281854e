from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from server.auth.border import CSRF_HEADER
from server.auth.limits import Buckets
from server.auth.roles import Role
from server.db.base import utc_now
from server.db.models import SignInLink, UserAccount
from server.services.accounts import sessions
from tests.support.accounts import NAMES, PASSWORD, AccountService, make_user
from tests.support.serving import Service, pointers, problem

SESSIONS = "/api/v1/sessions"
CURRENT = f"{SESSIONS}/current"
ANN = {"name": " ANN ", "password": PASSWORD}


def test_signing_in_sets_a_cookie_and_says_who_it_is(accounts: AccountService) -> None:
    with accounts.anybody() as page:
        before = page.get(CURRENT).json()
        answer = page.post(SESSIONS, json=ANN, headers={"Origin": accounts.service.address})
        cookie = answer.headers["set-cookie"]
        page.headers["Cookie"] = cookie.partition(";")[0]
        after = page.get(CURRENT).json()
        stages = page.get("/api/v1/label-stages").status_code

    assert before == {"has_accounts": True, "user": None, "csrf_token": None}
    assert re.fullmatch(rf"{accounts.cookie}=[\w-]{{43}}; HttpOnly; Max-Age=604800; Path=/; SameSite=lax", cookie)
    assert answer.json() == after
    assert (after["user"]["name"], after["user"]["role"], after["user"]["has_password"]) == ("ann", "annotator", True)
    assert stages == 200


@pytest.mark.parametrize(
    "given", [ANN | {"password": "three plain wordz"}, ANN | {"name": "nobody"}, ANN | {"name": "x" * 200}]
)
def test_wrong_name_and_wrong_password_are_told_in_the_same_words(
    accounts: AccountService, given: dict[str, str]
) -> None:
    with accounts.anybody() as page:
        answer = page.post(SESSIONS, json=given)

    assert problem(answer, 401, "unauthenticated")["detail"] == sessions.WRONG
    assert "set-cookie" not in answer.headers


def test_signing_out_ends_this_session_or_all(accounts: AccountService) -> None:
    name = NAMES[Role.RESEARCHER]
    browsers = [accounts.browser(name) for _ in range(3)]
    first = browsers[0].delete(CURRENT)
    left = [browser.get("/api/v1/runs").status_code for browser in browsers]
    rest = browsers[1].delete(CURRENT, params={"everywhere": True})
    none = [browser.get("/api/v1/runs").status_code for browser in browsers]

    assert (first.json(), left) == ({"closed": 1}, [401, 200, 200])
    assert f'{accounts.cookie}=""; expires=' in first.headers["set-cookie"]
    assert first.headers["clear-site-data"] == '"cache"'
    assert (rest.json()["closed"] >= 2, none) == (True, [401, 401, 401])


def test_ten_wrong_passwords_pause_the_account_also_for_the_right_one(accounts: AccountService) -> None:
    make_user(accounts.database, "paula")
    wrong = {"name": "paula", "password": "not her password"}
    with accounts.anybody() as page:
        refused = [page.post(SESSIONS, json=wrong).status_code for _ in range(sessions.TRIES_BEFORE_PAUSE)]
        paused = page.post(SESSIONS, json=wrong | {"password": PASSWORD})
        with accounts.database.write() as session:
            over = utc_now() - timedelta(seconds=1)
            session.execute(update(UserAccount).where(UserAccount.name == "paula").values(paused_until=over))
        again = page.post(SESSIONS, json=wrong | {"password": PASSWORD})

    assert refused == [401] * 10
    assert "too many wrong passwords" in problem(paused, 429, "rate-limited")["detail"]
    assert 880 <= int(paused.headers["retry-after"]) <= 901
    assert again.status_code == 200


def test_names_may_be_tried_five_times_a_minute(accounts: AccountService, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = accounts.service.app.state.sign_in_limits
    monkeypatch.setattr(limits, "of_name", Buckets(sessions.TRIES_PER_MINUTE))
    with accounts.anybody() as page:
        statuses = [page.post(SESSIONS, json=ANN | {"password": "wrong"}).status_code for _ in range(6)]
        answer = page.post(SESSIONS, json=ANN)
        other = page.post(SESSIONS, json={"name": NAMES[Role.ADMIN], "password": PASSWORD})

    assert statuses == [401] * 5 + [429]
    assert problem(answer, 429, "rate-limited")
    assert answer.headers["ratelimit-limit"] == "5"
    assert other.status_code == 200


def test_a_link_signs_in_once_and_only_for_a_day(accounts: AccountService) -> None:
    user = make_user(accounts.database, "lena", Role.ANNOTATOR)
    with accounts.browser(NAMES[Role.ADMIN]) as admin, accounts.anybody() as page:
        made = [admin.post(f"/api/v1/users/{user.id}/links").json()["url"] for _ in range(2)]
        secrets = [url.partition("#")[2] for url in made]
        first = page.post(f"{SESSIONS}/from-link", json={"secret": secrets[0]})
        second = page.post(f"{SESSIONS}/from-link", json={"secret": secrets[0]})
        with accounts.database.write() as session:
            session.execute(update(SignInLink).values(expires_at=utc_now() - timedelta(seconds=1)))
        late = page.post(f"{SESSIONS}/from-link", json={"secret": secrets[1]})

    assert made[0].startswith(f"{accounts.service.address}/sign-in#")
    assert first.json()["user"]["name"] == "lena"
    assert "was used before, or has expired" in problem(second, 401, "unauthenticated")["detail"]
    assert late.status_code == 401


def test_a_new_password_ends_all_other_sessions(accounts: AccountService) -> None:
    make_user(accounts.database, "nora")
    here, there = accounts.browser("nora"), accounts.browser("nora")
    wrong = here.post(f"{CURRENT}/password", json={"present": "guessed wrongly", "new": "four other plain words"})
    weak = here.post(f"{CURRENT}/password", json={"present": PASSWORD, "new": "password1234"})
    changed = here.post(f"{CURRENT}/password", json={"present": PASSWORD, "new": "four other plain words"})
    cookie, csrf = changed.headers["set-cookie"].partition(";")[0], changed.json()["csrf_token"]
    here.headers.update({"Cookie": cookie, CSRF_HEADER: csrf})

    assert problem(wrong, 401, "unauthenticated")["detail"] == "the present password is wrong"
    assert pointers(weak) == ["/new"]
    assert (here.get("/api/v1/runs").status_code, there.get("/api/v1/runs").status_code) == (200, 401)
    with accounts.anybody() as page:
        old, new = ({"name": "nora", "password": word} for word in (PASSWORD, "four other plain words"))
        assert [page.post(SESSIONS, json=given).status_code for given in (old, new)] == [401, 200]


@pytest.mark.parametrize(
    ("host", "scheme", "status"),
    [("10.1.2.3", "http", 403), ("10.1.2.3", "https", 200), ("lab.example.org", "http", 200)],
)
def test_from_another_machine_passwords_are_taken_over_https_only(
    accounts: AccountService, monkeypatch: pytest.MonkeyPatch, host: str, scheme: str, status: int
) -> None:
    settings = accounts.service.app.state.settings
    public = settings.model_copy(update={"host": "0.0.0.0", "public_url": "https://lab.example.org"})
    monkeypatch.setitem(accounts.service.app.state._state, "settings", public)
    with accounts.anybody() as page:
        answer = page.post(SESSIONS, json=ANN, headers={"Host": host, "X-Forwarded-Proto": scheme})

    assert answer.status_code == status, answer.text
    assert ("; Secure" in answer.headers.get("set-cookie", "")) is (status == 200)


def test_without_accounts_nobody_signs_in(service: Service) -> None:
    state, refused = service.http.get("/sessions/current"), service.http.post("/sessions", json=ANN)

    assert state.json() == {"has_accounts": False, "user": None, "csrf_token": None}
    assert "accounts are off" in problem(refused, 404, "not-found")["detail"]
