"""Learning rates, the teacher's decay and the annealed share against the recording."""

from __future__ import annotations

import torch

from core.engine.ema import update_teacher
from core.engine.schedules import cosine, poly
from core.methods.stal.schedules import ema_decay, unreliable_percent
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-6
CASE = load_case("stal", "schedules")
TOTAL = int(CASE["epochs"]) * int(CASE["iters_per_epoch"])
RATES = (float(CASE["base_lr"]), float(CASE["base_lr"]) * float(CASE["head_mult"]))


def test_rates_fall_by_the_recorded_power() -> None:
    power = float(CASE["power"])
    found = [[rate * poly(iteration, TOTAL, power) for rate in RATES] for iteration in CASE["iters"].tolist()]
    assert_close(found, CASE["poly_lr"], TOLERANCE)


def test_rates_fall_along_the_recorded_cosine() -> None:
    target = float(CASE["cosine_target"])
    found = [[cosine(iteration, TOTAL, rate, target) for rate in RATES] for iteration in CASE["iters"].tolist()]
    assert_close(found, CASE["cosine_lr"], TOLERANCE)


def test_a_resumed_run_goes_on_at_the_rate_of_its_iteration() -> None:
    first = int(CASE["resume_epoch"]) * int(CASE["iters_per_epoch"])
    found = [rate * poly(first, TOTAL, float(CASE["power"])) for rate in RATES]
    assert_close(found, CASE["resume_first_lr"], TOLERANCE)


def test_decay_and_unreliable_share_are_the_recorded_ones() -> None:
    start = float(CASE["percent"][0])
    assert_close([ema_decay(iteration) for iteration in CASE["ema_iters"].tolist()], CASE["ema_decay"], TOLERANCE)
    found = [unreliable_percent(epoch, int(CASE["epochs"]), start) for epoch in CASE["epoch"].tolist()]
    assert_close(found, CASE["percent"], TOLERANCE)


def test_the_teacher_follows_the_student_as_recorded() -> None:
    teacher = torch.from_numpy(CASE["ema_teacher_init"]).clone()
    for iteration, student in enumerate(torch.from_numpy(CASE["ema_student"])):
        update_teacher([teacher], [student], ema_decay(iteration, float(CASE["ema_max"])))
        assert_close(teacher, CASE["ema_teacher"][iteration], TOLERANCE)
