from __future__ import annotations

from core.methods.stal.schedules import Timetable, drop_percent_at, ema_decay, unreliable_percent


def test_the_first_step_copies_the_student() -> None:
    assert [ema_decay(0), ema_decay(1), ema_decay(10_000)] == [0.0, 0.5, 0.99]


def test_shares_are_annealed_over_the_epochs() -> None:
    assert [unreliable_percent(epoch, 4) for epoch in range(4)] == [20, 15, 10, 5]
    assert [drop_percent_at(0, 4), drop_percent_at(4, 4)] == [80, 100]


def test_the_teacher_begins_after_the_warm_up_and_the_contrast_in_its_epoch() -> None:
    table = Timetable(iterations=95, per_epoch=10, warmup_epochs=2, contrast_from=3)
    assert table.at(0).epochs == 10
    assert [table.at(done).taught for done in (0, 19, 20, 21)] == [-20, -1, 0, 1]
    assert [table.at(done).contrasted for done in (29, 30, 31)] == [0, 1, 2]
    assert table.at(94).epoch == 9
