"""Remove terminal codes from text: cursor moves, colours, links."""

from __future__ import annotations

import re

CODES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor, erasing
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"  # strings up to their end: titles, links (OSC 8), images
    r"|\x1b[ -/]*[0-Z\\-~]"  # all other escape sequences
)
CONTROLS = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters, except tabs and newlines."""


def plain(text: str) -> str:
    """Return a text without terminal codes and control characters. NUL, which PostgreSQL cannot store, is marked."""
    return CONTROLS.sub("", CODES.sub("", text)).replace("\x00", "\ufffd")
