"""CoSAM end to end: adapters that stay, routes that are learned, runs that repeat."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from core.memory.store import load_memory
from core.runner.local import LocalRun, run_experiment
from core.stage.events import MemorySnapshot, Metric, Scores
from core.stage.folder import ARTIFACT_DIR
from tests.support.domain_runs import ITERATIONS, domain_run, model_of, per_image, scores_of
from tests.support.local_runs import attempt_of, events_of, finish, in_this_process, stopping_after

DOMAINS = ("pits", "pills", "polyps")
TOKEN = "hf_token.weight"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, home: Path) -> LocalRun:
    found = domain_run(tmp_path_factory.mktemp("run"), "cosam", home)
    finish(found)
    return found


def rows_of(run: LocalRun, index: int, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(per_image(run, index, name))))


def test_adapters_are_never_touched_again(run: LocalRun) -> None:
    first, last = model_of(run, 0), model_of(run, 2)

    assert set(last.parts) == {"head-0", "head-1", "head-2", "tokens", "router"}
    assert set(first.parts) == {"head-0", "tokens"}
    for name, value in first.part("head-0").items():
        assert torch.equal(last.part("head-0")[name], value)
    assert torch.equal(first.part("tokens")["tokens"], last.part("tokens")["tokens"])


def test_images_on_their_own_route_have_the_scores_of_the_day_they_were_learned(run: LocalRun) -> None:
    then, now = rows_of(run, 0, "pits"), rows_of(run, 2, "pits")

    kept = [(old["iou"], new["iou"]) for old, new in zip(then, now, strict=True) if new["route"] == "0"]

    assert kept
    assert all(old == new for old, new in kept)


def test_routes_are_told_by_domain_and_as_a_table(run: LocalRun) -> None:
    scores = scores_of(run, 2)
    (event,) = [event for event in events_of(attempt_of(run, 2), Scores) if event.domain is None]
    table = json.loads((attempt_of(run, 2) / event.records[0].path).read_text())

    assert event.records[0].kind == "routing"
    assert table["adapters"] == list(DOMAINS)
    assert [sum(row) for row in table["images"]] == [3, 3, 3, 3]
    for place, name in enumerate(DOMAINS):
        assert scores[name]["routing_accuracy"] == pytest.approx(table["images"][place][place] / 3)
    assert "routing_accuracy" not in scores["natural"]


def test_separate_domains_are_told_apart(run: LocalRun) -> None:
    accuracies = [scores_of(run, 2)[name]["routing_accuracy"] or 0.0 for name in DOMAINS]

    assert sum(accuracies) / 3 > 0.75


def test_the_memory_grows_by_domain(run: LocalRun) -> None:
    for index in range(3):
        memory = load_memory(attempt_of(run, index) / ARTIFACT_DIR / "memory")
        (event,) = events_of(attempt_of(run, index), MemorySnapshot)
        assert [entry.step_added for entry in memory.entries] == sorted(list(range(index + 1)) * 3)
        assert event.items == len(memory.entries)


@pytest.mark.parametrize("settings", [{}, {"adapter_select": "best_val", "val_share": 0.4}])
def test_a_stopped_stage_ends_as_one_that_never_stopped(tmp_path: Path, home: Path, settings: dict[str, Any]) -> None:
    whole, stopped = (
        domain_run(tmp_path / name, "cosam", home, domains=2, **settings) for name in ("whole", "stopped")
    )
    finish(whole)
    with stopping_after(ITERATIONS + 3) as stop:
        assert run_experiment(stopped, stop, in_this_process, lambda _text: None) == 75
    finish(stopped)

    for name, part in model_of(whole, 1).parts.items():
        for entry, value in part.items():
            assert torch.equal(model_of(stopped, 1).part(name)[entry], value), (name, entry)
    assert scores_of(stopped, 1) == scores_of(whole, 1)


def test_the_best_epoch_is_chosen_on_images_that_are_set_aside(tmp_path: Path, home: Path) -> None:
    optim = {"lr": 0.03, "iterations": 8}
    best = domain_run(tmp_path, "cosam", home, domains=1, adapter_select="best_val", val_share=0.34, optim=optim)
    last = domain_run(tmp_path, "cosam", home, domains=1, optim=optim)
    for run in (best, last):
        finish(run)

    values = [event.values for event in events_of(attempt_of(best, 0), Metric)]
    measured = [found["val_iou"] for found in values if "val_iou" in found]

    assert len(measured) == 4  # 4 of 6 images, 2 a batch
    assert not torch.equal(model_of(best, 0).part("head-0")[TOKEN], model_of(last, 0).part("head-0")[TOKEN])


def test_tokens_may_learn_with_the_router(tmp_path: Path, home: Path, run: LocalRun) -> None:
    found = domain_run(tmp_path, "cosam", home, domains=2, router={"tokens": "learned", "epochs": 2, "lr": 0.01})
    finish(found)

    first, second = (model_of(found, index).part("tokens")["tokens"] for index in range(2))

    assert torch.equal(first, model_of(run, 0).part("tokens")["tokens"])
    assert not torch.equal(first, second)
