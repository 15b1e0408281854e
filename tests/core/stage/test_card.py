"""The card of a trained model."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import StorageError
from core.runner.local import LocalRun
from core.stage.card import CARD_FILE, read_card
from tests.support.local_runs import attempt_of, finish, small_run
from tests.support.model_tests import model_of


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    run = small_run(tmp_path_factory.mktemp("trained"), "finetune")
    finish(run)
    return run


def test_a_card_tells_how_the_model_was_trained(trained: LocalRun) -> None:
    card = read_card(model_of(trained, 1))

    assert (card.method, card.run_id, card.seed) == ("finetune", trained.folder.name, trained.seed)
    assert (card.stage.index, card.stage.step) == (1, 1)
    assert card.config == trained.experiment.config.model_dump(mode="json")
    assert card.datasets["main"].spec["root"] == str(trained.experiment.dataset.root)  # type: ignore[union-attr]
    assert card.classes["main"].names[1] == "aeroplane"
    assert card.classes["main"].background_id == 0


def test_a_card_is_an_output_of_the_stage(trained: LocalRun) -> None:
    listed = (attempt_of(trained, 0) / "result.json").read_text()

    assert f"artifacts/model/{CARD_FILE}" in listed


def test_a_damaged_card_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / CARD_FILE).write_text("{}")

    with pytest.raises(StorageError, match=r"card\.json: cannot be read as the card of a model"):
        read_card(tmp_path)
