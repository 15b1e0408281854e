"""Each difference between publication and published code changes the training by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.methods.coast.model_files import LAST_FILE
from core.runner.local import LocalRun
from core.stage.events import Metric
from core.stage.folder import ARTIFACT_DIR
from tests.support.domains import domains_run
from tests.support.local_runs import attempt_of, events_of, finish

REFERENCE = {
    "style_mode": "reference",
    "label_warp": "reference",
    "rectify_mode": "reference",
    "lr_multiplicity": "reference",
    "psl_resample": "chain",
}
BATCH = 4


def self_trained(folder: Path, warmed_up: LocalRun, **flavour: str) -> tuple[bytes, dict[str, float]]:
    """Return the weights after a few iterations from one warm-up, and the losses of the first of them."""
    run = domains_run(
        folder,
        model={"warmed_up": str(attempt_of(warmed_up, 0) / ARTIFACT_DIR / "model")},
        data={"crop_size": [48, 32]},
        optim={"batch_size": BATCH},
        self_training={"iterations": 4},
        eval={"every": 0, "panel_images": 0},
        execution={"log_every": 1},
        flavour=flavour,
    )
    run.data_home.parent.mkdir(parents=True, exist_ok=True)
    if not run.data_home.exists():
        run.data_home.symlink_to(warmed_up.data_home)
    finish(run)
    attempt = attempt_of(run, 0)
    first, *_ = (event.values for event in events_of(attempt, Metric) if "loss" in event.values)
    return (attempt / ARTIFACT_DIR / "model" / LAST_FILE).read_bytes(), dict(first)


@pytest.fixture(scope="module")
def clean(coast_run: LocalRun, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, dict[str, float]]:
    return self_trained(tmp_path_factory.mktemp("clean"), coast_run)


@pytest.mark.parametrize("name", REFERENCE)
def test_every_difference_changes_the_weights_by_itself(
    coast_run: LocalRun, clean: tuple[bytes, dict[str, float]], tmp_path: Path, name: str
) -> None:
    weights, _ = self_trained(tmp_path, coast_run, **{name: REFERENCE[name]})

    assert weights != clean[0]


def test_the_reference_scales_the_loss_of_pseudo_labels_by_about_the_batch(
    coast_run: LocalRun, clean: tuple[bytes, dict[str, float]], tmp_path: Path
) -> None:
    _, first = self_trained(tmp_path, coast_run, rectify_mode="reference")

    assert first["loss_pseudo_label_city-a"] / clean[1]["loss_pseudo_label_city-a"] == pytest.approx(BATCH, rel=0.1)
