"""Sign-in links, each valid for one use."""

from __future__ import annotations

from datetime import timedelta

LINK_LASTS = timedelta(days=1)


def link_address(base: str, secret: str) -> str:
    """Return the address of a sign-in link.

    The secret follows the `#`, which browsers do not send: it appears in no log and no Referer header, and a program
    that previews links does not use it up.
    """
    return f"{base.rstrip('/')}/sign-in#{secret}"
