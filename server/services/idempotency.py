"""Carry out a request once, however often it is sent under its key (API-6)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.db.models import IdempotencyKey
from server.db.session import Database
from server.errors import IdempotencyMismatchError


@dataclass(frozen=True)
class Answer:
    """An answer in JSON.

    Attributes:
        status: HTTP status.
        body: JSON text.
        headers: headers besides the type.
        is_replayed: whether it is that of an earlier request under the same key.
    """

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    is_replayed: bool = False


@dataclass(frozen=True)
class Keyed:
    """A request under a key.

    Attributes:
        principal: who asks.
        operation: method and path.
        key: chosen by the client.
        content: what must be equal in a repetition.
    """

    principal: str
    operation: str
    key: str
    content: str

    @property
    def digest(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content.encode("utf-8", "surrogatepass")).hexdigest()


def carry_out(database: Database, request: Keyed | None, effect: Callable[[Session], Answer]) -> Answer:
    """Carry out an effect in one transaction; under a key that was used before, return the first answer.

    Requests under one key wait for one another: on SQLite for its one writer, on PostgreSQL for the row of the key.
    An effect that raises leaves nothing, and its request may be sent again.

    Args:
        database: where.
        request: the request; None if it has no key.
        effect: changes the database and returns the answer.

    Raises:
        IdempotencyMismatchError: when another request was sent under the key.
    """
    if request is None:
        with database.write() as session:
            return effect(session)
    try:
        return _once(database, request, effect)
    except _KeyTaken:
        # The request that took the key has committed meanwhile.
        return _once(database, request, effect)


class _KeyTaken(Exception):
    """Another transaction took the key between the read and the insert."""


def _once(database: Database, request: Keyed, effect: Callable[[Session], Answer]) -> Answer:
    with database.write() as session:
        known = session.get(IdempotencyKey, (request.principal, request.operation, request.key))
        if known is not None:
            return _replayed(known, request)
        row = IdempotencyKey(
            principal=request.principal,
            operation=request.operation,
            key=request.key,
            request_sha256=request.digest,
            status=0,
            headers={},
            body="",
        )
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise _KeyTaken from error
        answer = effect(session)
        row.status, row.headers, row.body = answer.status, dict(answer.headers), answer.body
        return answer


def _replayed(known: IdempotencyKey, request: Keyed) -> Answer:
    if known.request_sha256 != request.digest:
        raise IdempotencyMismatchError(
            f"the key {request.key!r} belongs to another request to this address; send a new key with a new request"
        )
    return Answer(known.status, known.body, known.headers, is_replayed=True)
