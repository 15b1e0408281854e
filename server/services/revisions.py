"""Changes that name the revision they mean (API-5)."""

from __future__ import annotations

from server.errors import PreconditionRequiredError, RevisionMismatchError


def etag(revision: int) -> str:
    """Return the ETag of a revision."""
    return f'"{revision}"'


def require_match(if_match: str | None, revision: int) -> None:
    """Check that a change means the present revision.

    Raises:
        PreconditionRequiredError: when it does not say which it means.
        RevisionMismatchError: when it means another one.
    """
    if if_match is None:
        raise PreconditionRequiredError(f"send If-Match; the present revision is {etag(revision)}")
    named = {part.strip() for part in if_match.split(",")}
    if not named & {"*", etag(revision)}:
        raise RevisionMismatchError(f"If-Match is {if_match[:100]}, but the present revision is {etag(revision)}")


def draft_revision(if_match: str | None) -> int:
    """Return the one revision of a draft that an If-Match header names.

    Raises:
        PreconditionRequiredError: when there is none.
        RevisionMismatchError: for any other form.
    """
    if if_match is None:
        raise PreconditionRequiredError('send If-Match with the revision of the draft; "0" where there is none yet')
    text = if_match.strip().strip('"')
    if not text.isdecimal() or len(text) > 9:
        raise RevisionMismatchError(f'If-Match is {if_match[:100]}, expected one revision such as "3"')
    return int(text)
