from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from server.services.runs.eta import run_seconds_left

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Stage:
    state: str
    total_iterations: int | None = 100
    took_s: float = 0
    started_at: datetime = START

    @property
    def finished_at(self) -> datetime:
        return START + timedelta(seconds=self.took_s)


@dataclass(frozen=True)
class _Attempt:
    iteration: int | None
    seconds_left: float | None
    total_iterations: int | None = 100


def test_stages_to_come_take_as_long_as_the_finished_ones_by_their_size() -> None:
    stages = [_Stage("succeeded", 100, took_s=50), _Stage("running", 100), _Stage("pending", 300)]

    assert run_seconds_left("running", stages, _Attempt(50, 20)) == 20 + 300 * 0.5


def test_without_a_finished_stage_the_present_one_tells_the_pace() -> None:
    stages = [_Stage("running", 100), _Stage("pending", 200), _Stage("pending", None)]

    assert run_seconds_left("running", stages, _Attempt(50, 25)) == 25 + 100 + 50


def test_stage_that_has_not_begun_counts_as_a_whole() -> None:
    stages = [_Stage("succeeded", 100, took_s=50), _Stage("queued", 200)]

    assert run_seconds_left("running", stages, None) == 100


def test_stage_of_unknown_size_takes_as_long_as_a_finished_one() -> None:
    stages = [_Stage("succeeded", None, took_s=30), _Stage("succeeded", 100, took_s=50), _Stage("running", None)]

    assert run_seconds_left("running", stages, None) == 40


@pytest.mark.parametrize("attempt", [None, _Attempt(0, None), _Attempt(0, 5000.0), _Attempt(None, None, None)])
def test_before_the_first_percent_nobody_can_tell(attempt: _Attempt | None) -> None:
    assert run_seconds_left("running", [_Stage("running"), _Stage("pending")], attempt) is None


@pytest.mark.parametrize("state", ["queued", "waiting", "cancelling", "succeeded", "failed"])
def test_run_that_does_not_run_has_no_end_in_sight(state: str) -> None:
    assert run_seconds_left(state, [_Stage("running")], _Attempt(50, 10)) is None


def test_last_stage_alone_takes_what_it_says() -> None:
    assert run_seconds_left("running", [_Stage("running")], _Attempt(50, 10)) == 10
