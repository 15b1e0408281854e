"""Who or what changes a state, and why."""

from __future__ import annotations

from dataclasses import dataclass

MESSAGE_BYTES = 4096
"""Longest message of a transition (SM-2)."""


@dataclass(frozen=True)
class Cause:
    """What the history records about a transition.

    Attributes:
        by: `user:<name>`, `worker:<id>`, `reaper`, `dispatcher` or `system`.
        reason: a `core.errors.ReasonCode`, or None.
        message: one sentence for people; cut to 4 KiB.
        request_id: id of the HTTP request, to find its log lines.
        transition_id: given by a caller that may repeat itself; a known id changes nothing (SM-3).
    """

    by: str
    reason: str | None = None
    message: str | None = None
    request_id: str | None = None
    transition_id: str | None = None

    def follow_up(self, reason: str | None = None, message: str | None = None) -> Cause:
        """Return the cause of a change that follows from this one, without the transition id."""
        return Cause(self.by, reason, message, self.request_id)


def shorten(text: str | None, limit_bytes: int = MESSAGE_BYTES) -> str | None:
    """Cut a text to at most `limit_bytes` of UTF-8 with a mark, and drop NUL, which PostgreSQL cannot store."""
    if text is None:
        return None
    encoded = text.replace("\0", "").encode("utf-8", "replace")
    if len(encoded) <= limit_bytes:
        return encoded.decode()
    mark = " …"
    return encoded[: limit_bytes - len(mark.encode())].decode("utf-8", "ignore") + mark
