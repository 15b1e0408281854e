"""The person who makes the current request, for code that stores names.

With accounts, `server.auth.border` identifies the person and keeps it in a context variable, which threads of the pool
inherit. Without accounts, nobody is known, and requests contain the names.
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
"""Cause of people's changes without accounts."""


@dataclass(frozen=True)
class Person:
    """An identified person.

    Attributes:
        id, name, role: fields of the account.
        scopes: scopes of the request: the token's, or the role's.
        session_id: session of a signed-in browser; None for a token.
        token_id: id of a script's token; None for a browser.
    """

    id: str
    name: str
    role: Role
    scopes: frozenset[Scope]
    session_id: str | None = None
    token_id: str | None = None

    @classmethod
    def of_token(cls, user: tuple[str, str, str], token_id: str, scopes: list[str]) -> Person:
        """Return the owner of a token, without scopes that the role has lost since."""
        role = Role(user[2])
        return cls(user[0], user[1], role, SCOPES[role] & {Scope(scope) for scope in scopes}, token_id=token_id)

    @classmethod
    def of_session(cls, user: tuple[str, str, str], session_id: str) -> Person:
        """Return the signed-in person."""
        role = Role(user[2])
        return cls(user[0], user[1], role, SCOPES[role], session_id=session_id)


_PRESENT: ContextVar[Person | None] = ContextVar("person", default=None)


def present_person() -> Person | None:
    """Return the person who makes the request; None without accounts or sign-in."""
    return _PRESENT.get()


@contextmanager
def acting(person: Person | None) -> Iterator[None]:
    """Set the current person inside the context."""
    before = _PRESENT.set(person)
    try:
        yield
    finally:
        _PRESENT.reset(before)


def user_cause() -> str:
    """Return the cause to store in the history of a change."""
    person = present_person()
    return LOCAL_USER if person is None else f"user:{person.name}"


def own_name(given: Any) -> Any:
    """Return the name of the person at work: the account's name, or without accounts the given name.

    Raises:
        PydanticCustomError: when no name is given without accounts, or another person's name is given with accounts.
    """
    person = present_person()
    if person is None:
        if given is None:
            raise PydanticCustomError("missing", "Field required")
        return given
    if given is None or (isinstance(given, str) and given.strip() == person.name):
        return person.name
    raise PydanticCustomError(
        "author_mismatch",
        "the author is somebody else, and you are signed in as {name}; leave the author out",
        {"name": repr(person.name)},
    )


def refuse_replacing(version: int | None) -> int | None:
    """Return the version of another's answer to replace; raises PydanticCustomError if an annotator sends it."""
    person = present_person()
    if version is not None and person is not None and person.role == Role.ANNOTATOR:
        raise PydanticCustomError(
            "not_allowed",
            "replacing somebody else's answer needs the role researcher; send yours without `replaces`",
        )
    return version


def refuse_reviewing(is_review: bool | None) -> bool | None:
    """Return whether an answer is a review; raises PydanticCustomError if an annotator sends it."""
    if is_review and annotator_name() is not None:
        raise PydanticCustomError("not_allowed", "deciding about an answer in review needs the role researcher")
    return is_review


def annotator_name() -> str | None:
    """Return the current person's name if they are an annotator, who sees only their own work; otherwise None."""
    person = present_person()
    return person.name if person is not None and person.role == Role.ANNOTATOR else None


def is_hidden(author: str | None) -> bool:
    """Return whether an author's answer or draft is hidden from the current person: annotators see only their own."""
    person = present_person()
    return person is not None and person.role == Role.ANNOTATOR and author != person.name
