from __future__ import annotations

from server.db.lifecycle.cause import Cause, shorten


def test_a_follow_up_keeps_who_and_which_request_but_not_the_transition_id() -> None:
    cause = Cause("user:ada", "internal", "why", request_id="r1", transition_id="t1")

    assert cause.follow_up(message="then") == Cause("user:ada", None, "then", request_id="r1")


def test_a_short_text_stays_as_it_is() -> None:
    assert shorten("Größe", 7) == "Größe"


def test_a_long_text_is_cut_between_characters_to_the_limit_in_bytes() -> None:
    cut = shorten("ä" * 10, 12)

    # 12 bytes less 4 for " …" hold four of the two-byte letters.
    assert cut == "ää" * 2 + " …"
    assert len(cut.encode()) == 12


def test_nul_characters_are_dropped_and_nothing_stays_nothing() -> None:
    assert shorten("a\0b") == "ab"
    assert shorten(None) is None
