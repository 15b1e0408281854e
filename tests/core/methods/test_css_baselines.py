"""Two small steps of each baseline end to end, and its second step stopped and resumed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.files import index_png
from core.methods.class_incremental.model_store import load_model
from core.runner.local import LocalRun
from core.stage.events import Metric, Scores, Started
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


def with_saliency(folder: Path, method: str) -> LocalRun:
    """Return a run that has not begun, with a saliency map for every image: the upper half is salient."""
    root = folder / "saliency"
    run = small_run(
        folder,
        method,
        optim={"iterations": 4},
        execution={"checkpoint_every": 2, "log_every": 2},
        ssul={"unknown": True, "saliency_root": str(root)},
    )
    root.mkdir()
    for path in (folder / "dataset").rglob("*.jpg"):
        with Image.open(path) as picture:
            saliency = np.zeros(picture.size[::-1], np.uint8)
        saliency[: len(saliency) // 2] = 255
        (root / f"{path.stem}.png").write_bytes(index_png(saliency))
    return run


@pytest.mark.parametrize("method", ["ssul", "ssul_m"])
def test_the_unknown_is_learned_over_two_steps_and_a_stop_changes_nothing(method: str, tmp_path: Path) -> None:
    run = with_saliency(tmp_path, method)
    finish(run)

    stored = [load_model(attempt_of(run, index) / ARTIFACT_DIR / "model") for index in (0, 1)]
    first, second = (one.build(torch.device("cpu")) for one in stored)
    assert first.unknown is not None
    assert second.unknown is not None
    # The trunk and the heads of step 0 are fixed; the head of the unknown learns on.
    assert all(map(torch.equal, first.aspp.state_dict().values(), second.aspp.state_dict().values()))
    assert all(map(torch.equal, first.cls.heads[1].state_dict().values(), second.cls.heads[1].state_dict().values()))
    assert not torch.equal(first.unknown.weight, second.unknown.weight)
    (scores,) = events_of(attempt_of(run, 1), Scores)
    assert scores.scores

    copied, attempts = copy_of(run, tmp_path / "copied", num_stages=1), []
    for _ in range(2):
        attempts.append(begin_stage(copied, 1))
        with stopping_after(3) as flag:
            in_this_process(attempts[-1], flag)
    assert learned(attempts) == learned([attempt_of(run, 1)])


def test_thresholds_of_plop_are_found_once_and_kept_in_checkpoints(tmp_path: Path) -> None:
    run = two_steps(tmp_path, "plop")

    (checkpoint,) = (attempt_of(run, 1) / "checkpoint").glob("4/checkpoint.json")

    (values,) = json.loads(checkpoint.read_text())["tallies"]["thresholds"].values()
    # Background and the two classes of the first step; every entropy is in [0.001, 1].
    assert len(values) == 3
    assert all(0.001 <= value <= 1 for value in values)
