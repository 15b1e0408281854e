"""ETag and If-Match: a change names the revision that it applies to (API-5)."""

from __future__ import annotations

from server.errors import PreconditionRequiredError, RevisionMismatchError


def etag(revision: int) -> str:
    """Return the ETag of a revision."""
    return f'"{revision}"'


def require_match(if_match: str | None, revision: int) -> None:
    """Check that a change applies to the current revision.

    Raises:
        PreconditionRequiredError: when the change names no revision.
        RevisionMismatchError: when the change names another revision.
    """
    if if_match is None:
        raise PreconditionRequiredError(
            f"send the header If-Match with the revision that you change; the present one is {etag(revision)}"
        )
    named = {part.strip() for part in if_match.split(",")}
    if not named & {"*", etag(revision)}:
        raise RevisionMismatchError(
            f"If-Match names revision {if_match[:100]}, and the present one is {etag(revision)}; read it again first"
        )


def draft_revision(if_match: str | None) -> int:
    """Return the draft revision that an If-Match header names.

    Raises:
        PreconditionRequiredError: when the header is missing.
        RevisionMismatchError: when the header is not one revision.
    """
    if if_match is None:
        raise PreconditionRequiredError('send If-Match with the revision of the draft; "0" where there is none yet')
    text = if_match.strip().strip('"')
    if not text.isdecimal() or len(text) > 9:
        raise RevisionMismatchError(f'If-Match is {if_match[:100]}, and one revision is expected, such as "3"')
    return int(text)
