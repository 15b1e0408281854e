"""Signals set a flag and nothing else; a second Ctrl-C means it."""

from __future__ import annotations

import os
import signal

import pytest

from core.stage.interrupt import StopFlag, stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_sets_the_flag(number: signal.Signals):
    flag = StopFlag()

    with stop_on_signals(flag):
        os.kill(os.getpid(), number)

    assert flag.requested


def test_a_second_ctrl_c_ends_at_once():
    flag = StopFlag()

    with stop_on_signals(flag), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)


def test_a_second_sigterm_changes_nothing():
    flag = StopFlag()

    with stop_on_signals(flag):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)

    assert flag.requested


def test_the_handlers_before_are_put_back():
    before = signal.getsignal(signal.SIGTERM)

    with stop_on_signals(StopFlag()):
        pass

    assert signal.getsignal(signal.SIGTERM) is before
