"""Accounts, sessions, tokens and the audit, as requests and answers have them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from server.auth.roles import Role, Scope
from server.schemas.values import Moment

MOST_TOKEN_DAYS = 3650

UserName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$"),
    Field(description="Stands beside answers and in every history; large and small letters are the same."),
]
Password = Annotated[str, Field(max_length=1000, description="At least 10 characters.")]


class SignIn(BaseModel):
    """Who wants to sign in."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "ann", "password": "…"}]})

    name: Annotated[str, Field(max_length=200)]
    password: Password


class LinkUse(BaseModel):
    """The secret of a one-time link."""

    model_config = ConfigDict(extra="forbid")

    secret: Annotated[str, Field(max_length=200)]


class PasswordChange(BaseModel):
    """One's own new password."""

    model_config = ConfigDict(extra="forbid")

    present: Password | None = Field(None, description="The present one; null where there is none yet.")
    new: Password


class NewPassword(BaseModel):
    """Somebody's new password."""

    model_config = ConfigDict(extra="forbid")

    password: Password


class SignedIn(BaseModel):
    """Who is signed in."""

    id: str
    name: str
    role: Role
    has_password: bool = Field(description="Without one, only a one-time link leads in.")


class SessionState(BaseModel):
    """What a page has to know before anything else."""

    has_accounts: bool = Field(description="Without accounts nobody signs in, and everybody may do everything.")
    user: SignedIn | None = Field(description="Null where nobody has signed in.")
    csrf_token: str | None = Field(
        description="To be sent as X-CSRF-Token with every change; null where nobody has signed in."
    )


class SessionsClosed(BaseModel):
    """What became of sessions."""

    closed: int


class UserCreate(BaseModel):
    """A new account; without a password, a one-time link leads in."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "ann", "role": "annotator"}]})

    name: UserName
    role: Role
    password: Password | None = None


class UserPatch(BaseModel):
    """What is to be changed of an account; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    is_disabled: bool | None = Field(None, description="Nobody signs in, and no token works.")


class UserSummary(BaseModel):
    """One account."""

    id: str
    name: str
    role: Role
    is_disabled: bool
    has_password: bool
    paused_until: Moment | None = Field(description="After too many wrong passwords, nobody signs in before that.")
    sessions: int = Field(description="Browsers that are signed in.")
    tokens: int = Field(description="Tokens that work.")
    last_seen_at: Moment | None = Field(description="Of a browser or a token, to within some minutes.")
    created_at: Moment
    revision: int


class Link(BaseModel):
    """A link that signs in once."""

    url: str
    expires_at: Moment


class TokenCreate(BaseModel):
    """A token for a script of one's own."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "nightly sweep", "scopes": ["read", "write"]}]}
    )

    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")
    ]
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    days: int = Field(90, ge=1, le=MOST_TOKEN_DAYS, strict=True, description="Until it expires.")


class TokenSummary(BaseModel):
    """One token; nobody can read it again."""

    id: str
    user_name: str
    name: str
    scopes: list[Scope]
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None = Field(description="To within some minutes.")


class TokenCreated(TokenSummary):
    """A new token."""

    secret: str = Field(description="The token itself; it is shown this once.")


class AuditItem(BaseModel):
    """What was done about an account."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: Moment
    actor: str
    action: str
    user_name: str
    detail: str
    address: str
    request_id: str
