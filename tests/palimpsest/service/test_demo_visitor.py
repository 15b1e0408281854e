from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from palimpsest import Client
from palimpsest.client.errors import ApiError
from palimpsest.service.demo_visitor import demo_visitor
from server.auth.roles import Role
from tests.support.accounts import AccountService, serve_accounts
from tests.support.database import make_template, open_copy


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[AccountService]:
    """A service with accounts."""
    database = open_copy(make_template(tmp_path), tmp_path / "palimpsest.db")
    with serve_accounts(database, tmp_path / "home") as running:
        yield running
    database.dispose()


def test_the_visitor_signs_in_by_a_link_and_the_demo_by_a_token_that_ends_with_it(accounts: AccountService) -> None:
    for _ in range(2):
        with demo_visitor(accounts.database, accounts.service.address) as visitor:
            with Client(accounts.service.address, token=visitor.token) as client:
                run = client.submit(preset="eir/demo")
            with accounts.anybody() as page:
                secret = visitor.link.removeprefix(f"{accounts.service.address}/sign-in#")
                signed_in = page.post("/api/v1/sessions/from-link", json={"secret": secret}).json()
                seen = page.get(f"/api/v1/runs/{run.id}").status_code

        assert (signed_in["user"]["name"], signed_in["user"]["role"], seen) == ("demo", Role.RESEARCHER, 200)
        with Client(accounts.service.address, token=visitor.token) as client, pytest.raises(ApiError) as refused:
            client.methods()
        assert refused.value.slug == "unauthenticated"
