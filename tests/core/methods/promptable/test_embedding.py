"""Images that are embedded for the annotator, and the decoders that go with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PILImage

from core.__main__ import main
from core.errors import ConfigError, StorageError
from core.files import file_sha256
from core.methods.promptable.embedding import embed_images
from core.models.sam.build import build_sam
from core.models.sam.clicks import answer, embed
from core.models.sam.embedding_order import DONE_FILE, MODEL_FILE, ORDER_FILE, EmbeddedEntry, ModelFacts
from core.models.sam.exported import ExportedDecoder, read_features
from core.models.sam.frozen import open_sam
from core.models.sam.image_fit import fit_image
from core.models.sam.questions import Click, Question
from core.runner.local import LocalRun
from core.stage.folder import ARTIFACT_DIR
from tests.support.domain_runs import domain_run
from tests.support.local_runs import attempt_of, finish


def write_picture(folder: Path, seed: int, height: int = 40, width: int = 90) -> dict[str, str]:
    """Write a picture of noise; return its entry in an order."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    path = folder / f"{seed}.png"
    PILImage.fromarray(pixels).save(path)
    return {"name": file_sha256(path), "path": str(path)}


def order(folder: Path, model: dict[str, str], images: list[dict[str, object]]) -> Path:
    folder.mkdir()
    (folder / ORDER_FILE).write_text(json.dumps({"model": model, "images": images}))
    return folder


def told(folder: Path) -> tuple[ModelFacts, list[EmbeddedEntry]]:
    lines = (folder / DONE_FILE).read_text().splitlines()
    facts = ModelFacts.model_validate_json((folder / MODEL_FILE).read_bytes())
    return facts, [EmbeddedEntry.model_validate_json(line) for line in lines]


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "sam.pth"
    torch.save(build_sam("tiny", 5).state_dict(), path)
    return path


def test_the_files_of_an_image_answer_as_the_model(tmp_path: Path, checkpoint: Path) -> None:
    picture = write_picture(tmp_path, 1)
    model = {"model": "checkpoint", "path": str(checkpoint), "backbone": "tiny"}
    folder = order(tmp_path / "job", model, [picture])

    assert main(["embed", str(folder)]) == 0

    facts, (entry,) = told(folder)
    assert (facts.placing, facts.image_px, facts.has_head, facts.adapters) == ("padded", 64, False, ())
    assert entry.features is not None
    assert entry.decoder is not None
    features = read_features((folder / entry.features).read_bytes(), "features")
    decoder = ExportedDecoder(folder / entry.decoder)
    fit, question = fit_image(40, 90, 64, "padded"), Question([Click(80, 10)], (60, 0, 89, 20))
    found = decoder.answer(features, fit, question, 3)
    sam = open_sam("tiny", checkpoint=checkpoint)
    pixels = np.asarray(PILImage.open(picture["path"]))
    expected = answer(sam, None, embed(sam, pixels, torch.device("cpu"), "padded"), question, 3)
    for one, other in zip(found, expected, strict=True):
        assert np.abs(one.logits - other.logits).max() < 0.02


def test_what_a_model_has_embedded_is_left_out_and_what_cannot_be_read_is_told(
    tmp_path: Path, checkpoint: Path
) -> None:
    pictures = [write_picture(tmp_path, seed) for seed in (1, 2)]
    broken = {"name": "ab" * 32, "path": str(tmp_path / "broken.png")}
    (tmp_path / "broken.png").write_bytes(b"no picture")
    model = {"model": "checkpoint", "path": str(checkpoint), "backbone": "tiny"}
    first = order(tmp_path / "first", model, [pictures[0]])
    embed_images(first)
    digest = told(first)[0].digest

    second = order(tmp_path / "second", model, [{**pictures[0], "embedded_by": [digest]}, broken, pictures[1]])
    assert embed_images(second) == 2

    facts, entries = told(second)
    assert facts.digest == digest
    assert [entry.name for entry in entries] == [broken["name"], pictures[1]["name"]]
    assert entries[0].fault is not None
    assert entries[0].features is None


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    found = domain_run(tmp_path_factory.mktemp("run"), "cosam", domains=2)
    finish(found)
    return found


def test_the_router_of_a_run_picks_the_decoder_of_each_image(tmp_path: Path, run: LocalRun) -> None:
    pictures = [write_picture(tmp_path, seed, 32, 32) for seed in (1, 2)]
    model = {"model": "run", "folder": str(attempt_of(run, 1) / ARTIFACT_DIR / "model")}

    folder = order(tmp_path / "job", model, [*pictures])
    embed_images(folder)

    facts, entries = told(folder)
    assert (facts.placing, facts.has_head, facts.adapters) == ("stretched", True, ("pits", "pills"))
    for entry in entries:
        assert entry.adapter in facts.adapters
        assert entry.decoder is not None
        assert ExportedDecoder(folder / entry.decoder).has_head


def test_another_order_or_model_is_refused(tmp_path: Path, checkpoint: Path) -> None:
    with pytest.raises(StorageError, match=r"embed\.json: cannot be read as an order"):
        embed_images(tmp_path)
    larger = {"model": "checkpoint", "path": str(checkpoint), "backbone": "vit_b"}
    with pytest.raises(ConfigError, match="not the weights of this SAM"):
        embed_images(order(tmp_path / "job", larger, []))
