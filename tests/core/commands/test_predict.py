"""`python -m core predict`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as run_lengths

from core.__main__ import main
from core.runner.local import LocalRun
from core.stage.folder import ARTIFACT_DIR
from tests.support.domain_runs import domain_run
from tests.support.local_runs import attempt_of, finish


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    found = domain_run(tmp_path_factory.mktemp("run"), "cosam", domains=1)
    finish(found)
    return found


@pytest.fixture
def question(run: LocalRun, tmp_path: Path) -> list[str]:
    """The command with a model and a picture of 50 x 20 pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (20, 50, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    return ["predict", str(attempt_of(run, 0) / ARTIFACT_DIR / "model"), str(tmp_path / "picture.png")]


def test_an_answer_is_json_with_run_lengths_and_a_mask(
    question: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mask = tmp_path / "mask.png"

    code = main([*question, "--positive", "45,3", "--negative", "2,18", "--candidates", "2", "--mask", str(mask)])

    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found["adapter"] == "pits"
    assert len(found["candidates"]) == 2
    lengths = found["candidates"][0]["rle"]
    assert lengths["size"] == [20, 50]
    np.testing.assert_array_equal(
        run_lengths.decode({**lengths, "counts": lengths["counts"].encode()}) * 255, np.asarray(Image.open(mask))
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([], "nothing is asked: give a click or a box"),
        (["--positive", "3,45"], "x 3, y 45 lies outside the image of 50x20"),
        (["--box", "1,2,3"], "'1,2,3' is no list of 4 whole numbers; write them as in 1,1,1,1"),
        (["--positive", "a,b"], "'a,b' is no list of 2 whole numbers"),
    ],
)
def test_what_cannot_be_asked_is_named(
    question: list[str], asked: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*question, *asked]) == 2
    assert message in capsys.readouterr().err
