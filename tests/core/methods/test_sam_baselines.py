"""The baselines on frozen SAM end to end: what each learns, keeps and repeats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import ConfigError
from core.experiment import plan, resolve
from core.memory.store import load_memory
from core.runner.local import LocalRun, run_experiment
from core.stage.events import Predictions, Started
from core.stage.folder import ARTIFACT_DIR, RESULT_FILE, StageOutcome
from tests.support.domain_runs import domain_document, domain_run, model_of, per_image, scores_of
from tests.support.local_runs import NAMING_THE_RUN, attempt_of, events_of, finish, in_this_process, stopping_after

SEQUENCES = ("sam_naive", "sam_lwf", "sam_er", "sam_ewc", "sam_l2p")
DOMAINS = ("pits", "pills", "polyps")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, home: Path) -> dict[str, LocalRun]:
    """One finished run of every baseline."""
    folder = tmp_path_factory.mktemp("runs")
    found = {method: domain_run(folder, method, home) for method in (*SEQUENCES, "sam_joint", "sam_zero_shot")}
    for run in found.values():
        finish(run)
    return found


def outputs_of(run: LocalRun, index: int) -> dict[str, str]:
    outcome = StageOutcome.model_validate_json((attempt_of(run, index) / RESULT_FILE).read_bytes())
    return {file.path: file.sha256 for file in outcome.files if Path(file.path).name not in NAMING_THE_RUN}


@pytest.mark.parametrize("method", SEQUENCES)
def test_every_domain_is_tested_after_each(runs: dict[str, LocalRun], method: str) -> None:
    for index in range(3):
        scores = scores_of(runs[method], index)

        assert set(scores) == {*DOMAINS, "natural", None}
        assert all(0 <= (scores[name]["mask_iou"] or 0) <= 1 for name in DOMAINS)
        assert scores[None].keys() >= {"last_iou", "average_iou", "ff_iou", "ff_max_biou", "natural_iou"}


def test_the_numbers_of_a_run_follow_from_its_table(runs: dict[str, LocalRun]) -> None:
    run = runs["sam_naive"]
    table = [[scores_of(run, step)[name]["mask_iou"] or 0.0 for name in DOMAINS] for step in range(3)]
    numbers = scores_of(run, 2)[None]

    assert numbers["last_iou"] == pytest.approx(sum(table[2]) / 3)
    assert numbers["ff_iou"] == pytest.approx(sum(table[d][d] - table[2][d] for d in range(2)) / 2)
    assert scores_of(run, 0)[None]["ff_iou"] is None


def test_methods_learn_in_ways_of_their_own(runs: dict[str, LocalRun]) -> None:
    heads = {method: model_of(runs[method], 2).part("head") for method in SEQUENCES}
    firsts = {method: model_of(runs[method], 0).part("head") for method in SEQUENCES}
    weight = "hf_mlp.layers.0.weight"

    assert torch.equal(firsts["sam_naive"][weight], firsts["sam_lwf"][weight])
    for method in ("sam_lwf", "sam_er", "sam_ewc"):
        assert not torch.equal(heads["sam_naive"][weight], heads[method][weight]), method
    assert torch.equal(heads["sam_l2p"][weight], firsts["sam_l2p"][weight])


def test_prompts_of_a_domain_are_learned_there_alone(runs: dict[str, LocalRun]) -> None:
    before, after = (model_of(runs["sam_l2p"], index).part("pool")["prompt"] for index in (0, 1))

    moved = (before != after).flatten(1).any(dim=1)

    assert moved[5:10].all()
    assert not moved[:5].any()
    assert not moved[10:].any()


def test_joint_learns_all_at_once_and_says_nothing_of_forgetting(runs: dict[str, LocalRun]) -> None:
    numbers = scores_of(runs["sam_joint"], 0)[None]
    joint, naive = (model_of(runs[method], 0).part("head") for method in ("sam_joint", "sam_naive"))

    assert len(plan(runs["sam_joint"].experiment)) == 1
    assert numbers["last_iou"] is not None
    assert numbers["ff_iou"] is numbers["average_iou"] is None
    assert model_of(runs["sam_joint"], 0).record.domains == DOMAINS
    assert not torch.equal(joint["hf_token.weight"], naive["hf_token.weight"])


def test_zero_shot_trains_nothing(runs: dict[str, LocalRun]) -> None:
    run = runs["sam_zero_shot"]

    assert set(scores_of(run, 0)) == {*DOMAINS, "natural", None}
    assert model_of(run, 0).parts == {}
    assert "random weights of seed 0" in events_of(attempt_of(run, 0), Started)[-1].deviations[0]


def test_replay_keeps_images_of_every_domain(runs: dict[str, LocalRun]) -> None:
    memory = load_memory(attempt_of(runs["sam_er"], 1) / ARTIFACT_DIR / "memory")

    assert [(entry.source.split("/")[0], entry.step_added) for entry in memory.entries] == [
        ("pits", 0),
        ("pits", 0),
        ("pills", 1),
        ("pills", 1),
    ]
    assert memory.entries[0].canvas_image().shape == (32, 32, 3)


def test_a_checkpoint_names_frozen_weights_and_does_not_hold_them(runs: dict[str, LocalRun]) -> None:
    attempt = attempt_of(runs["sam_naive"], 0)
    newest = max((attempt / "checkpoint").iterdir(), key=lambda folder: int(folder.name))

    assert (newest / "model.safetensors").stat().st_size < 60_000
    assert '"random weights of seed 0"' in (newest / "checkpoint.json").read_text()


def test_panels_are_binary_and_the_same_after_every_domain(runs: dict[str, LocalRun]) -> None:
    sources = []
    for index in range(3):
        shown = {event.domain: event for event in events_of(attempt_of(runs["sam_naive"], index), Predictions)}
        assert {event.kind for event in shown.values()} == {"binary"}
        sources.append([item.source for item in shown["pits"].items])

    assert sources[0] == sources[1] == sources[2]
    assert len(sources[0]) == 3


@pytest.mark.parametrize("method", ["sam_er", "sam_ewc"])
def test_a_stopped_stage_ends_as_one_that_never_stopped(
    runs: dict[str, LocalRun], tmp_path: Path, home: Path, method: str
) -> None:
    run = domain_run(tmp_path, method, home)
    with stopping_after(8) as stop:  # in the second domain
        code = run_experiment(run, stop, in_this_process, lambda _text: None)
    assert code == 75

    finish(run)

    for index in range(3):
        assert outputs_of(run, index) == outputs_of(runs[method], index)
        assert scores_of(run, index) == scores_of(runs[method], index)


def test_kept_features_change_no_score(runs: dict[str, LocalRun], tmp_path: Path) -> None:
    exact = [
        domain_run(tmp_path / mode, "sam_naive", domains=1, features={"precision": mode}) for mode in ("off", "float")
    ]
    for run in exact:
        finish(run)

    texts = [per_image(run, 0, "pits") for run in exact]

    assert texts[0] == texts[1]
    half = scores_of(runs["sam_naive"], 0)["pits"]["mask_iou"]
    assert half == pytest.approx(scores_of(exact[0], 0)["pits"]["mask_iou"], abs=2e-3)


@pytest.mark.parametrize(
    ("method", "settings", "pointer"),
    [
        ("sam_naive", {"optim": {"best_lr": True}}, "/config/optim/best_lr"),
        ("sam_lwf", {"optim": {"domain_lr": [0.1]}}, "/config/optim/domain_lr"),
        ("sam_l2p", {"prompts": 10}, "/config/prompts"),
    ],
)
def test_settings_that_do_not_go_with_the_domains_are_refused(
    method: str, settings: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        plan(resolve(domain_document(method, **settings)))
    assert caught.value.pointer == pointer
