"""What routes need to change accounts, and what has to follow a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from server.auth.audit import NOBODY, Origin
from server.auth.known import KnownPeople
from server.auth.people import present_person
from server.db.session import Database
from server.dependencies import DatabaseDep, RequestId, SettingsDep
from server.services.accounts.sessions import SignInLimits
from server.settings import Settings


@dataclass(frozen=True)
class Accounts:
    """The accounts of a service, and where a request about them comes from."""

    database: Database
    settings: Settings
    known: KnownPeople
    limits: SignInLimits
    origin: Origin

    @contextmanager
    def change(self) -> Iterator[Session]:
        """Open a writing transaction, after which everybody is looked up again."""
        with self.database.write() as session:
            yield session
        self.known.forget()


async def get_accounts(
    request: Request, database: DatabaseDep, settings: SettingsDep, request_id: RequestId
) -> Accounts:
    """Return the accounts of the application."""
    state, person = request.app.state, present_person()
    actor = NOBODY if person is None else f"user:{person.name}"
    origin = Origin(actor, request.client.host if request.client is not None else "", request_id)
    return Accounts(database, settings, state.known_people, state.sign_in_limits, origin)


AccountsDep = Annotated[Accounts, Depends(get_accounts)]
