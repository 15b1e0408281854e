"""Roles of people and scopes of tokens (section 14 of the requirements)."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; each account has one."""

    ADMIN = "admin"
    RESEARCHER = "researcher"
    ANNOTATOR = "annotator"


class Scope(StrEnum):
    """What a token is good for, within the role of its account."""

    READ = "read"
    WRITE = "write"
    ANNOTATE = "annotate"
    ADMIN = "admin"


SCOPES: dict[Role, frozenset[Scope]] = {
    Role.ADMIN: frozenset(Scope),
    Role.RESEARCHER: frozenset({Scope.READ, Scope.WRITE, Scope.ANNOTATE}),
    Role.ANNOTATOR: frozenset({Scope.READ, Scope.ANNOTATE}),
}
"""Scopes that a role's tokens can have; a signed-in browser has all of them."""
