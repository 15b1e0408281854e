"""Finished runs that answer clicks."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.data.opening import open_dataset
from core.data.worlds.domains_world import DomainsDatasetSpec
from core.errors import StorageError
from core.methods.promptable.assistant import open_assistant
from core.models.sam.build import build_sam
from core.models.sam.questions import Click, Question
from core.runner.local import LocalRun
from core.stage.folder import ARTIFACT_DIR
from tests.support.domain_runs import WORLD, domain_run, scores_of
from tests.support.local_runs import attempt_of, finish

CPU = torch.device("cpu")
CLICK = Question([Click(16, 16)], (4, 4, 28, 28))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    found = domain_run(tmp_path_factory.mktemp("run"), "cosam", domains=2)
    finish(found)
    return found


def model(run: LocalRun, index: int) -> Path:
    return attempt_of(run, index) / ARTIFACT_DIR / "model"


def test_the_router_picks_the_adapter_as_it_did_in_the_tests_of_the_run(run: LocalRun) -> None:
    assistant = open_assistant(model(run, 1), CPU)
    for name in ("pits", "pills"):
        images = open_dataset(DomainsDatasetSpec(**{**WORLD, "domain": name}), run.data_home).eval
        picked = [assistant.embed(images.image(index)).adapter for index in range(len(images))]

        assert picked.count(name) / len(picked) == pytest.approx(scores_of(run, 1)[name]["routing_accuracy"])


def test_after_the_first_domain_there_is_one_adapter(run: LocalRun) -> None:
    assistant = open_assistant(model(run, 0), CPU)
    image = open_dataset(DomainsDatasetSpec(**{**WORLD, "domain": "pills"}), run.data_home).eval.image(0)

    asked = assistant.embed(image)

    assert asked.adapter == "pits"
    assert [found.mask.shape for found in assistant.answer(asked, CLICK, 2)] == [(32, 32)] * 2


def test_a_run_with_one_head_and_sam_itself_answer_too(tmp_path: Path, run: LocalRun) -> None:
    image = open_dataset(DomainsDatasetSpec(**{**WORLD, "domain": "pits"}), run.data_home).eval.image(0)
    for method in ("sam_naive", "sam_zero_shot"):
        found = domain_run(tmp_path, method, run.data_home, domains=1)
        finish(found)
        assistant = open_assistant(model(found, 0), CPU)
        asked = assistant.embed(image)

        assert asked.adapter is None
        assert len(assistant.answer(asked, CLICK)) == 1


def test_other_weights_of_sam_than_the_run_had_are_refused(tmp_path: Path, run: LocalRun) -> None:
    torch.save(build_sam("tiny", 9).state_dict(), tmp_path / "other.pth")

    with pytest.raises(StorageError, match="give the file that the run had"):
        open_assistant(model(run, 1), CPU, tmp_path / "other.pth")
    with pytest.raises(StorageError, match=r"model\.json: cannot be read"):
        open_assistant(tmp_path, CPU)
