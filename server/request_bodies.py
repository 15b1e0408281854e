"""How much of a request is read, and for how long: bodies are limited by what their route takes (SEC-4)."""

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
    (re.compile(r"/stages/[^/]+/(imports|import-tasks)"), "application/zip", 512 * MIB),
)
"""End of a path, the type that is larger there, and its limit; everything else has at most `JSON_BYTES`."""
GRACE_S = 30.0
SLOWEST_BYTES_PER_S = 16 * 1024
"""A body may take `GRACE_S`, and a second more for each of these that have arrived."""


def limit_of(path: str, content_type: str) -> int:
    """Return the most bytes that the body of a request may have, by its path and its Content-Type."""
    media_type = content_type.partition(";")[0].strip().lower()
    for place, larger, limit in LARGER_BODIES:
        if media_type == larger and re.search(rf"{place.pattern}\Z", path):
            return limit
    return JSON_BYTES


def limited(receive: Receive, limit: int) -> Receive:
    """Return a `receive` that counts and times a body, also one that does not say its length.

    It raises HTTPException: 413 once there are more bytes than the limit, 408 when they come too slowly.
    """
    began, total, is_read = time.monotonic(), 0, False

    async def watched() -> Message:
        nonlocal total, is_read
        if is_read:
            # What follows a body is the end of the connection, which an answer may wait for as long as it lasts.
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
