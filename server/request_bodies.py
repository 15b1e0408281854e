"""Limits on the size and duration of request bodies, by route (SEC-4)."""

from __future__ import annotations

import re
import time

import anyio
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

MIB = 1024 * 1024
JSON_BYTES = 2 * MIB
LARGER_BODIES: tuple[tuple[re.Pattern[str], str, int], ...] = (
    (re.compile(r"/queries/[^/]+/annotations"), "image/png", 50 * MIB),
    (re.compile(r"/runs/imports"), "application/zip", 512 * MIB),
    (re.compile(r"/stages/[^/]+/(imports|import-tasks)"), "application/zip", 512 * MIB),
)
"""End of a path, media type, and its larger limit; all other bodies have at most `JSON_BYTES`."""
GRACE_S = 30.0
SLOWEST_BYTES_PER_S = 16 * 1024
"""A body may take `GRACE_S`, plus one second per `SLOWEST_BYTES_PER_S` bytes received."""


def limit_of(path: str, content_type: str) -> int:
    """Return the maximum number of bytes of a request's body, by its path and Content-Type."""
    media_type = content_type.partition(";")[0].strip().lower()
    for place, larger, limit in LARGER_BODIES:
        if media_type == larger and re.search(rf"{place.pattern}\Z", path):
            return limit
    return JSON_BYTES


def limited(receive: Receive, limit: int) -> Receive:
    """Return a `receive` that counts and times a body, even if its length is not declared.

    It raises HTTPException: 413 when the body exceeds the limit, 408 when it arrives too slowly.
    """
    began, total, is_read = time.monotonic(), 0, False

    async def watched() -> Message:
        nonlocal total, is_read
        if is_read:
            # After the body comes only the disconnect, which a response may await without a limit.
            return await receive()
        until = began + GRACE_S + total / SLOWEST_BYTES_PER_S
        try:
            with anyio.fail_after(max(0.0, until - time.monotonic())):
                message = await receive()
        except TimeoutError:
            raise HTTPException(
                408, f"the body stopped coming after {total} bytes; send it without long pauses"
            ) from None
        total += len(message.get("body", b""))
        is_read = not message.get("more_body", False)
        if total > limit:
            raise HTTPException(413, f"the body has more than {limit} bytes")
        return message

    return watched
