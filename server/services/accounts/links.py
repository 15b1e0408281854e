"""Addresses that sign in once."""

from __future__ import annotations

from datetime import timedelta

LINK_LASTS = timedelta(days=1)


def link_address(base: str, secret: str) -> str:
    """Return the address of a link.

    The secret stands behind the `#`, which browsers keep to themselves: it is in no log and no Referer, and a program
    that looks at links before people do does not use it up.
    """
    return f"{base.rstrip('/')}/sign-in#{secret}"
