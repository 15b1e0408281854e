"""Ctrl-C and SIGTERM."""

from __future__ import annotations

import signal

import pytest

from palimpsest.service.end_request import EndRequest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_action_and_nothing_else(number: signal.Signals) -> None:
    reached: list[str] = []

    def raise_and_go_on() -> None:
        signal.raise_signal(number)
        reached.append("behind the signal")

    with EndRequest(lambda: reached.append("at once")) as end:
        end.run_until_asked(raise_and_go_on)
        reached.append("afterwards")

    assert end.is_made
    assert reached == ["afterwards"]


def test_a_signal_before_the_action_keeps_it_from_starting() -> None:
    reached: list[str] = []

    with EndRequest(lambda: None) as end:
        signal.raise_signal(signal.SIGTERM)
        reached.append("start-up went on")
        end.run_until_asked(lambda: reached.append("action"))

    assert reached == ["start-up went on"]


def test_a_second_signal_no_longer_waits() -> None:
    calls: list[str] = []

    with EndRequest(lambda: calls.append("at once")):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    assert calls == ["at once"]


def test_handlers_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with EndRequest(lambda: None):
        inside = signal.getsignal(signal.SIGTERM)

    assert inside != before
    assert signal.getsignal(signal.SIGTERM) == before
