"""Audit log of accounts; each entry is written in the transaction of its change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from server.db.models import AuditEntry

NOBODY = "nobody"


class Action(StrEnum):
    """What the rows of the audit tell of."""

    SESSION_OPENED = "session.opened"
    SESSION_REFUSED = "session.refused"
    SESSION_CLOSED = "session.closed"
    ACCOUNT_PAUSED = "account.paused"
    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    PASSWORD_SET = "password.set"  # the name of an action
    TOKEN_CREATED = "token.created"
    TOKEN_REVOKED = "token.revoked"
    LINK_CREATED = "link.created"


@dataclass(frozen=True)
class Origin:
    """Origin of a change to accounts.

    Attributes:
        actor: `user:<name>`, `command:<name of the machine's user>` or `nobody`.
        address: network address; empty for commands.
        request_id: id of the request in the log; empty for commands.
    """

    actor: str
    address: str = ""
    request_id: str = ""


def note(session: Session, origin: Origin, action: Action, user_name: str, detail: str = "") -> None:
    """Write an action on an account to the audit log."""
    session.add(
        AuditEntry(
            actor=origin.actor,
            action=action.value,
            user_name=user_name,
            detail=detail,
            address=origin.address,
            request_id=origin.request_id,
        )
    )
