from __future__ import annotations

import threading
import time

import httpx
import pytest

from server.auth import border
from server.auth.border import CSRF_HEADER, cookie_name, cookie_secret
from server.auth.limits import Buckets
from server.auth.roles import Role
from server.auth.secrets import csrf_token, new_token
from tests.support.accounts import NAMES, AccountService, make_session, make_token
from tests.support.rows import make_run
from tests.support.serving import problem

RITA = NAMES[Role.RESEARCHER]
RUNS = "/api/v1/runs"


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        ("mine=abc", "abc"),
        ("other=1; mine=abc", "abc"),
        ("mine_too=1; mine=abc", "abc"),
        ("mine_too=1", ""),
        ("other=1", ""),
        ("", ""),
        ("mine", ""),
        ('mine="a b', ""),
    ],
)
def test_the_secret_of_a_cookie_is_found_among_others(header: str, secret: str) -> None:
    assert cookie_secret(header, "mine") == secret


def test_services_of_one_machine_have_cookies_of_their_own() -> None:
    names = {cookie_name(f"sqlite:////home/{user}/palimpsest.db") for user in ("ann", "bob")}
    by_password = {cookie_name(f"postgresql+psycopg://a:{word}@host/name") for word in ("one", "two")}

    assert (len(names), len(by_password)) == (2, 1)


def test_who_signs_in_at_one_service_stays_signed_in_at_another(accounts: AccountService) -> None:
    secret = make_session(accounts.database, RITA)
    both = f"{accounts.cookie}={secret}; {cookie_name('sqlite:////other/palimpsest.db')}=of-the-other"
    with accounts.anybody() as page:
        statuses = [
            page.get(RUNS, headers={"Cookie": cookies}).status_code for cookies in (both, both.partition("; ")[2])
        ]

    assert statuses == [200, 401]


@pytest.mark.parametrize(
    ("taken_away", "put_in", "said"),
    [
        ([CSRF_HEADER], {}, "X-CSRF-Token does not belong to this session"),
        ([], {CSRF_HEADER: "0" * 43}, "X-CSRF-Token does not belong to this session"),
        (["Origin"], {}, "needs the header Origin"),
        ([], {"Origin": "https://elsewhere.example"}, "is not this service"),
        ([], {"Sec-Fetch-Site": "same-site"}, "the page that asks is same-site"),
    ],
)
def test_a_change_by_a_cookie_needs_what_only_our_pages_send(
    accounts: AccountService, taken_away: list[str], put_in: dict[str, str], said: str
) -> None:
    with accounts.browser(RITA) as browser:
        for name in taken_away:
            del browser.headers[name]
        answer = browser.post(RUNS, json={"preset": "eir/demo"}, headers=put_in)
        read = browser.get(RUNS)

    assert said in problem(answer, 403, "forbidden")["detail"]
    assert read.status_code == 200


def test_a_script_needs_neither_origin_nor_csrf_token(accounts: AccountService) -> None:
    with accounts.script(RITA) as script:
        started = script.post(RUNS, json={"preset": "eir/demo"})
        history = script.get(f"{RUNS}/{started.json()['id']}/history").json()["items"]

    assert started.status_code == 201
    assert history[0]["cause"] == f"user:{RITA}"


@pytest.mark.parametrize(
    ("token", "said"),
    [
        pytest.param(new_token(), "is not valid any more", id="of nobody"),
        ("plm_mistyped", "has not the form"),
        ("nonsense", "has not"),
    ],
)
def test_a_wrong_token_is_refused_even_where_nobody_needs_one(accounts: AccountService, token: str, said: str) -> None:
    with accounts.with_token(token) as script:
        answers = script.get(RUNS), script.get("/api/v1/sessions/current"), script.get("/healthz")

    assert all(said in problem(answer, 401, "unauthenticated")["detail"] for answer in answers)


def test_a_password_for_the_proxy_is_none_of_ours(accounts: AccountService) -> None:
    with accounts.anybody() as nobody, accounts.browser(RITA) as browser:
        nobody.headers["Authorization"] = browser.headers["Authorization"] = "Basic cHJveHk6cHJveHk="
        statuses = [client.get("/api/v1/sessions/current").status_code for client in (nobody, browser)]
        runs = browser.get(RUNS)

    assert (statuses, runs.status_code) == ([200, 200], 200)


def test_a_cookie_that_is_worth_nothing_is_as_good_as_none(accounts: AccountService) -> None:
    with accounts.anybody() as nobody:
        headers = {"Cookie": f"{accounts.cookie}=outworn"}
        state, runs = nobody.get("/api/v1/sessions/current", headers=headers), nobody.get(RUNS, headers=headers)

    assert state.json() == {"has_accounts": True, "user": None, "csrf_token": None}
    assert runs.status_code == 401


def test_a_token_asks_so_often_and_then_waits(accounts: AccountService, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = accounts.service.app.state.token_limits
    monkeypatch.setattr(limits, "requests", Buckets(3))
    with accounts.script(RITA) as script, accounts.script(RITA) as other:
        statuses = [script.get("/api/v1/methods").status_code for _ in range(3)]
        last, others = script.get("/api/v1/methods"), other.get("/api/v1/methods")

    assert (statuses, others.status_code) == ([200] * 3, 200)
    assert problem(last, 429, "rate-limited")["detail"].startswith("this token has asked 3 times in a minute")
    assert (last.headers["retry-after"], last.headers["ratelimit-limit"]) == ("20", "3")


def test_a_stream_ends_soon_after_its_session(accounts: AccountService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(border, "LOOK_AGAIN_S", 0.05)
    run = make_run(accounts.database)
    secret = make_session(accounts.database, RITA)
    headers = {"Cookie": f"{accounts.cookie}={secret}", "Accept": "text/event-stream"}
    with accounts.anybody() as reader, reader.stream("GET", f"{RUNS}/{run.id}/events", headers=headers) as stream:
        texts = stream.iter_text()
        first = next(texts)
        out = threading.Thread(target=_sign_out, args=(accounts, secret))
        began = time.monotonic()
        out.start()
        rest = "".join(texts)
        out.join()

    assert "event: snapshot" in first
    assert "event: end" not in rest
    assert time.monotonic() - began < 5


def test_a_stream_goes_on_while_its_reader_may_read(accounts: AccountService) -> None:
    run = make_run(accounts.database)
    with accounts.browser(RITA) as browser:
        page = browser.stream("GET", f"{RUNS}/{run.id}/events", headers={"Accept": "text/event-stream"})
        with page as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert "event: snapshot" in next(stream.iter_text())


def test_the_check_of_a_token_takes_less_than_a_millisecond_of_a_request(accounts: AccountService) -> None:
    with accounts.with_token(make_token(accounts.database, RITA)) as script, accounts.anybody() as nobody:
        known, unknown = (_seconds(client, "/healthz") for client in (script, nobody))

    assert known - unknown < 0.001


def _sign_out(accounts: AccountService, secret: str) -> None:
    with accounts.anybody() as page:
        page.headers.update(
            {
                "Cookie": f"{accounts.cookie}={secret}",
                "Origin": accounts.service.address,
                CSRF_HEADER: csrf_token(secret),
            }
        )
        assert page.delete("/api/v1/sessions/current").json() == {"closed": 1}


def _seconds(client: httpx.Client, address: str) -> float:
    """Return what a request takes at its best: others use the machine too."""

    def once() -> float:
        began = time.perf_counter()
        client.get(address).raise_for_status()
        return time.perf_counter() - began

    return min(once() for _ in range(50))


@pytest.mark.parametrize(
    ("bound", "host", "is_ours"),
    [
        ("127.0.0.1", "localhost:8000", True),
        ("127.0.0.1", "lab.example.org", True),
        ("127.0.0.1", "lab.example.org:8000", False),
        ("127.0.0.1", "192.168.1.4", False),
        ("0.0.0.0", "192.168.1.4:8000", True),
        ("gpu-box", "gpu-box:8000", True),
        ("0.0.0.0", "elsewhere.example", False),
        ("0.0.0.0", "lab.example.org.elsewhere.example", False),
    ],
)
def test_only_own_names_are_answered_to(
    accounts: AccountService, monkeypatch: pytest.MonkeyPatch, bound: str, host: str, is_ours: bool
) -> None:
    state = accounts.service.app.state
    changed = state.settings.model_copy(update={"host": bound, "public_url": "https://lab.example.org"})
    monkeypatch.setitem(state._state, "settings", changed)
    with accounts.anybody() as nobody:
        answer = nobody.get("/healthz", headers={"Host": host})

    assert (answer.status_code == 200) is is_ours
    assert is_ours or problem(answer, 421, "host-not-allowed")


def test_no_answer_lets_a_page_of_another_origin_read_it(accounts: AccountService) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    preflight = origin | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    with accounts.script(RITA) as script:
        answers = script.get(RUNS, headers=origin), script.options(RUNS, headers=preflight)
        asked = script.post(RUNS, json={"preset": "eir/demo"}, headers=origin)

    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control")]
    assert problem(asked, 403, "forbidden")
