"""Opaque cursors over a sort key (API-4): a page begins after the last item of the previous page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import TypeVar

from server.errors import InvalidRequestError

Item = TypeVar("Item")
Key = tuple[str | int, ...]


def encode_cursor(kind: str, key: Key) -> str:
    """Return the cursor after the item with this sort key; `kind` names the list."""
    text = json.dumps([kind, *key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(kind: str, cursor: str | None, form: Sequence[type[str] | type[int]]) -> Key | None:
    """Return the sort key of a cursor; None for the first page.

    Raises:
        InvalidRequestError: when the cursor does not belong to this list.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if isinstance(found, list) and found[:1] == [kind] and _has_form(found[1:], form):
        return tuple(found[1:])
    raise InvalidRequestError.of_query(
        "cursor", f"{cursor[:100]!r} is no cursor of this list; leave it out to start again"
    )


def split_page(rows: Sequence[Item], limit: int) -> tuple[Sequence[Item], Item | None]:
    """Cut up to `limit` + 1 rows to a page; return the page and, if there are more rows, its last row."""
    page = rows[:limit]
    return page, page[-1] if len(rows) > limit else None


def _has_form(key: list[object], form: Sequence[type[str] | type[int]]) -> bool:
    return len(key) == len(form) and all(
        type(part) is wanted
        and (not isinstance(part, str) or part.isprintable())
        and (not isinstance(part, int) or 0 <= part < 2**53)
        for part, wanted in zip(key, form, strict=True)
    )
