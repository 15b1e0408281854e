"""Two small steps of each baseline end to end, and its second step stopped and resumed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.methods.class_incremental.model_store import load_model
from core.runner.local import LocalRun
from core.stage.events import Metric, Started
from core.stage.folder import ARTIFACT_DIR, EXIT_INTERRUPTED, RESULT_FILE, StageOutcome
from tests.support.local_runs import (
    attempt_of,
    begin_stage,
    copy_of,
    events_of,
    finish,
    in_this_process,
    learned,
    small_run,
    stopping_after,
)

TERMS: dict[str, set[str]] = {
    "ewc": {"ce", "ewc"},
    "lwf": {"ce", "kd"},
    "lwf_mc": {"bce", "kd"},
    "ilt": {"ce", "kd", "features"},
    "mib": {"uce", "ukd"},
    "plop": {"ce", "pod"},
    "dkd": {"mbce", "kd", "positive", "negative", "ac"},
    "dkd_m": {"mbce", "kd", "positive", "negative", "ac"},
    "ssul": set(),
    "ssul_m": set(),
}
"""Method -> terms of its loss at later steps."""
OUTPUTS: dict[str, set[str]] = {
    "ewc": {"model", "importance"},
    "dkd_m": {"model", "memory"},
    "ssul_m": {"model", "memory"},
}
SIGMOIDS = ("dkd", "dkd_m")


def two_steps(folder: Path, method: str) -> LocalRun:
    run = small_run(folder, method, optim={"iterations": 4}, execution={"checkpoint_every": 2, "log_every": 2})
    finish(run)
    return run


@pytest.mark.parametrize("method", TERMS)
def test_two_steps_end_and_a_stop_in_between_changes_nothing(method: str, tmp_path: Path) -> None:
    run = two_steps(tmp_path, method)

    second = attempt_of(run, 1)
    outcome = StageOutcome.model_validate_json((second / RESULT_FILE).read_bytes())
    record = load_model(second / ARTIFACT_DIR / "model").record
    terms = {name.removeprefix("loss_") for name in events_of(second, Metric)[0].values if name.startswith("loss_")}
    rule = "threshold" if method in SIGMOIDS else "argmax_all"
    assert set(outcome.outputs) == OUTPUTS.get(method, {"model"})
    assert (record.method, record.rule, record.learning_order) == (method, rule, (1, 2, 3, 4))
    assert terms == TERMS[method]

    copied, attempts, codes = copy_of(run, tmp_path / "copied", num_stages=1), [], []
    for _ in range(2):
        attempts.append(begin_stage(copied, 1))
        with stopping_after(3) as flag:
            codes.append(in_this_process(attempts[-1], flag))

    assert codes == [EXIT_INTERRUPTED, 0]
    assert events_of(attempts[-1], Started)[-1].resumed_iteration == 3
    assert learned(attempts) == learned([second])


def test_thresholds_of_plop_are_found_once_and_kept_in_checkpoints(tmp_path: Path) -> None:
    run = two_steps(tmp_path, "plop")

    (checkpoint,) = (attempt_of(run, 1) / "checkpoint").glob("4/checkpoint.json")

    (values,) = json.loads(checkpoint.read_text())["tallies"]["thresholds"].values()
    # Background and the two classes of the first step; every entropy is in [0.001, 1].
    assert len(values) == 3
    assert all(0.001 <= value <= 1 for value in values)
