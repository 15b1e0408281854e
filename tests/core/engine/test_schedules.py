from __future__ import annotations

import pytest

from core.engine.schedules import CosineSchedule, PolySchedule, StepSchedule, poly, step_factor, warm_up


def test_poly_falls_from_one_to_zero() -> None:
    assert [poly(i, 4, power=2.0) for i in range(5)] == [1.0, 0.5625, 0.25, 0.0625, 0.0]


def test_poly_stays_at_zero_after_its_end() -> None:
    assert poly(9, 4) == 0.0


def test_linear_warm_up_rises_from_its_factor_to_one() -> None:
    assert [warm_up(i, 4, factor=0.2) for i in (0, 2, 4, 5)] == pytest.approx([0.2, 0.6, 1.0, 1.0])


def test_warm_up_of_no_iterations_is_off() -> None:
    assert warm_up(0, 0.0, factor=0.001) == 1.0


def test_warm_up_multiplies_the_decay() -> None:
    schedule = PolySchedule(10, power=1.0, warmup_iterations=4, warmup_factor=0.2)

    # i = 2: (0.2·0.5 + 0.5)·0.8; i = 5: 0.5
    assert [schedule.factor(2), schedule.factor(5)] == pytest.approx([0.48, 0.5])


def test_constant_warm_up_stays_at_its_factor_until_it_ends() -> None:
    schedule = PolySchedule(10, power=1.0, warmup_iterations=2.5, warmup_factor=0.1, warmup_method="constant")

    assert [schedule.factor(i) for i in (0, 2, 3)] == pytest.approx([0.1, 0.08, 0.7])


def test_constant_ending_holds_the_rate_once_the_warm_up_is_over() -> None:
    schedule = PolySchedule(10, power=1.0, warmup_iterations=2, warmup_factor=0.0, constant_ending=0.4)

    assert [schedule.factor(i) for i in (0, 5, 6, 7, 10)] == pytest.approx([0.0, 0.5, 0.4, 0.4, 0.4])


def test_schedule_without_iterations_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one iteration, not 0"):
        PolySchedule(0).factor(0)


def test_cosine_falls_along_half_a_wave_and_stays_at_its_floor() -> None:
    assert [CosineSchedule(4).factor(i) for i in (0, 2, 4, 9)] == pytest.approx([1.0, 0.5, 0.0, 0.0])
    # 0.2 + 0.8·(1 + cos(π/3))/2
    assert [CosineSchedule(3, floor=0.2).factor(i) for i in (1, 3)] == pytest.approx([0.8, 0.2])


def test_a_step_schedule_falls_to_a_tenth_every_few_epochs() -> None:
    schedule = StepSchedule(iterations=12, per_epoch=2, drop_epochs=2)

    assert [schedule.factor(i) for i in (0, 3, 4, 7, 8)] == pytest.approx([1, 1, 0.1, 0.1, 0.01])
    assert step_factor(50, 0) == 1
