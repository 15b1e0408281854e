from __future__ import annotations

from sqlalchemy import select

from server.auth.roles import Role
from server.auth.secrets import digest, is_token
from server.db.models import ApiToken
from tests.support.accounts import NAMES, AccountService, make_token, make_user
from tests.support.serving import pointers, problem

TOKENS = "/api/v1/tokens"
RITA = NAMES[Role.RESEARCHER]


def test_a_token_is_shown_once_and_works_until_it_is_revoked(accounts: AccountService) -> None:
    with accounts.browser(RITA) as rita:
        made = rita.post(TOKENS, json={"name": "sweep", "scopes": ["write", "read"], "days": 30}).json()
        listed = rita.get(TOKENS).json()["items"]
        with accounts.with_token(made["secret"]) as script:
            before = script.get("/api/v1/runs").status_code
            revoked = rita.delete(f"{TOKENS}/{made['id']}").json()
            after = script.get("/api/v1/runs").status_code
        left = [token["id"] for token in rita.get(TOKENS).json()["items"]]
    with accounts.database.read() as session:
        stored = session.scalar(select(ApiToken.secret_sha256).where(ApiToken.id == made["id"]))

    assert is_token(made["secret"])
    assert stored == digest(made["secret"])
    assert (made["scopes"], made["user_name"]) == (["read", "write"], RITA)
    assert next(token for token in listed if token["id"] == made["id"]) == {
        key: value for key, value in made.items() if key != "secret"
    }
    assert (before, after, revoked["id"]) == (200, 401, made["id"])
    assert made["id"] not in left


def test_nobody_makes_a_token_for_more_than_the_own_role(accounts: AccountService) -> None:
    with accounts.browser(NAMES[Role.ANNOTATOR]) as ann:
        answer = ann.post(TOKENS, json={"name": "x", "scopes": ["read", "write"]})
        labels = ann.post(TOKENS, json={"name": "x", "scopes": ["read", "annotate"]})
        wrong = [
            ann.post(TOKENS, json={"name": "x", "scopes": ["read"]} | given) for given in ({"days": 0}, {"scopes": []})
        ]

    assert pointers(answer) == ["/scopes/1"]
    assert "may have annotate, read" in answer.json()["detail"]
    assert labels.status_code == 201
    assert [pointers(each) for each in wrong] == [["/days"], ["/scopes"]]


def test_tokens_of_others_are_an_admins_business(accounts: AccountService) -> None:
    make_user(accounts.database, "toni")
    make_token(accounts.database, "toni")
    with accounts.browser(RITA) as rita, accounts.browser(NAMES[Role.ADMIN]) as admin:
        everybodys = admin.get(TOKENS, params={"of_all": True}).json()["items"]
        tonis = next(token["id"] for token in everybodys if token["user_name"] == "toni")
        refused = rita.get(TOKENS, params={"of_all": True}), rita.delete(f"{TOKENS}/{tonis}")
        own = {token["user_name"] for token in rita.get(TOKENS).json()["items"]}
        ended = admin.delete(f"{TOKENS}/{tonis}")

    assert "needs the role admin" in problem(refused[0], 403, "forbidden")["detail"]
    assert refused[1].status_code == 404
    assert own <= {RITA}
    assert ended.status_code == 200
