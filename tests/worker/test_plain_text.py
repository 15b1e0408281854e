"""Text without terminal codes."""

from __future__ import annotations

import pytest

from worker.plain_text import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[1;38;5;208mbold orange\x1b[m", "bold orange"),
        ("\x1b[2K\x1b[1Aup", "up"),
        ("\x1b]8;id=1;file:///x\x07here\x1b]8;;\x07 and on", "here and on"),
        ("\x1b]0;title\x1b\\text", "text"),
        ("\x1bPpixels\x1b\\text", "text"),
        ("\x1b(B\x1b=text\x1b", "text"),
        ("\x9b31mtext", "31mtext"),
        ("an unfinished \x1b]8;;https://example.org link", "an unfinished 8;;https://example.org link"),
        ("a\tb\nc\bd\x07\x7f", "a\tb\ncd"),
        ("\x00", "\ufffd"),
        ("Übergrößen – 東京", "Übergrößen – 東京"),
    ],
)
def test_codes_go_and_text_stays(text: str, expected: str) -> None:
    assert plain(text) == expected
