"""Who makes the present request, for everything that writes a name down.

With accounts, the border of the service finds out who asks and keeps it for the request (a context variable, which
threads of the pool inherit). Without, nobody is known: people say their names themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

from server.auth.roles import SCOPES, Role, Scope

LOCAL_USER = "user:local"
"""Cause of what people do while there are no accounts."""


@dataclass(frozen=True)
class Person:
    """Somebody who is known.

    Attributes:
        id, name, role: of the account.
        scopes: what the request may be good for: those of the token, or of the role.
        session_id: of a signed-in browser; None for a token.
        token_id: of a script's token; None for a browser.
    """

    id: str
    name: str
    role: Role
    scopes: frozenset[Scope]
    session_id: str | None = None
    token_id: str | None = None

    @classmethod
    def of_token(cls, user: tuple[str, str, str], token_id: str, scopes: list[str]) -> Person:
        """Return who a token stands for; scopes that the role has lost since do not count."""
        role = Role(user[2])
        return cls(user[0], user[1], role, SCOPES[role] & {Scope(scope) for scope in scopes}, token_id=token_id)

    @classmethod
    def of_session(cls, user: tuple[str, str, str], session_id: str) -> Person:
        """Return who is signed in."""
        role = Role(user[2])
        return cls(user[0], user[1], role, SCOPES[role], session_id=session_id)


_PRESENT: ContextVar[Person | None] = ContextVar("person", default=None)


def present_person() -> Person | None:
    """Return who makes the request; None without accounts, and where nobody has signed in."""
    return _PRESENT.get()


@contextmanager
def acting(person: Person | None) -> Iterator[None]:
    """Let everything inside be done by this person."""
    before = _PRESENT.set(person)
    try:
        yield
    finally:
        _PRESENT.reset(before)


def user_cause() -> str:
    """Return the cause that the history of a change names."""
    person = present_person()
    return LOCAL_USER if person is None else f"user:{person.name}"


def own_name(given: Any) -> Any:
    """Return the name under which somebody works: that of the account, or without accounts the given one.

    Raises:
        PydanticCustomError: when no name is given without accounts, or with them that of somebody else.
    """
    person = present_person()
    if person is None:
        if given is None:
            raise PydanticCustomError("missing", "Field required")
        return given
    if given is None or (isinstance(given, str) and given.strip() == person.name):
        return person.name
    raise PydanticCustomError(
        "author_mismatch", "you are signed in as {name}; leave the author out", {"name": repr(person.name)}
    )


def refuse_replacing(version: int | None) -> int | None:
    """Return which answer of somebody else is to be replaced; raises PydanticCustomError where an annotator asks."""
    person = present_person()
    if version is not None and person is not None and person.role == Role.ANNOTATOR:
        raise PydanticCustomError("not_allowed", "only researchers put an answer in the place of somebody else's")
    return version


def refuse_reviewing(is_review: bool | None) -> bool | None:
    """Return whether somebody decides about a query in review; raises PydanticCustomError where an annotator asks."""
    if is_review and annotator_name() is not None:
        raise PydanticCustomError("not_allowed", "only researchers decide about what is in review")
    return is_review


def annotator_name() -> str | None:
    """Return the name of the present person where they are an annotator, who sees their own work alone."""
    person = present_person()
    return person.name if person is not None and person.role == Role.ANNOTATOR else None


def is_hidden(author: str | None) -> bool:
    """Return whether somebody's answer or draft is none of the present person's business: annotators see their own."""
    person = present_person()
    return person is not None and person.role == Role.ANNOTATOR and author != person.name
