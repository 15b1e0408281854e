"""Exported decoders answer as the models that they were made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from core.errors import StorageError
from core.models.sam.clicks import EmbeddedImage, answer, embed
from core.models.sam.encoder import ImageFeatures
from core.models.sam.export import export_decoder, exported_features
from core.models.sam.exported import ExportedDecoder, read_features
from core.models.sam.frozen import FrozenSam, open_sam
from core.models.sam.hq_head import HQHead
from core.models.sam.image_fit import fit_image
from core.models.sam.questions import Click, Question

CPU = torch.device("cpu")
QUESTIONS = {
    "a click": Question([Click(80, 10)]),
    "clicks": Question([Click(80, 10), Click(5, 30, is_positive=False), Click(70, 20)]),
    "a box": Question(box=(60, 2, 88, 20)),
    "a click and a box": Question([Click(80, 10)], (60, 2, 88, 20)),
}


def decoder_of(sam: FrozenSam, head: HQHead | None, folder: Path) -> ExportedDecoder:
    path = folder / "decoder.onnx"
    path.write_bytes(export_decoder(sam, head))
    return ExportedDecoder(path)


def assert_same_answers(sam: FrozenSam, head: HQHead | None, folder: Path) -> None:
    """Compare all masks for every kind of question, and for a refinement by an earlier answer."""
    size, draws = sam.size, torch.Generator().manual_seed(0)
    embeddings = torch.randn(1, size.channels, size.grid, size.grid, generator=draws).half().float()
    early = torch.randn(1, size.grid, size.grid, size.width, generator=draws)
    asked = EmbeddedImage(ImageFeatures(embeddings, early), fit_image(40, 90, size.image_px, "padded"))
    features = {name: one.float().numpy() for name, one in exported_features(asked.features, head).items()}
    decoder = decoder_of(sam, head, folder)
    first = answer(sam, head, asked, QUESTIONS["a box"])[0].logits
    # A head's detail is kept in half precision.
    tolerance = 1e-4 if head is None else 5e-3
    for question in (*QUESTIONS.values(), Question([Click(80, 10)], mask=first)):
        expected = answer(sam, head, asked, question, 3)
        found = decoder.answer(features, asked.fit, question, 3)

        assert len(found) == len(expected) == 3
        for one, other in zip(found, expected, strict=True):
            assert np.abs(one.logits - other.logits).max() < tolerance
            assert one.score == pytest.approx(other.score, abs=tolerance)
            assert (one.mask == other.mask).mean() > 0.99


@pytest.mark.parametrize("with_head", [False, True])
def test_a_tiny_decoder_answers_as_the_model(with_head: bool, tmp_path: Path) -> None:
    sam = open_sam("tiny")

    assert_same_answers(sam, sam.new_head(3) if with_head else None, tmp_path)


def test_features_are_read_back_in_single_precision_and_damage_is_named() -> None:
    sam = open_sam("tiny")
    features = embed(sam, np.zeros((8, 8, 3), np.uint8), CPU).features
    tensors = exported_features(features, sam.new_head(0))
    content = save(tensors)

    found = read_features(content, "there")

    assert found["embeddings"].shape == (1, 32, 8, 8)
    assert found["detail"].shape == (1, 4, 32, 32)
    assert np.array_equal(found["embeddings"], tensors["embeddings"].float().numpy())
    for damaged in (b"", content[:-1], content[:20], b"\xff" * 100):
        with pytest.raises(StorageError, match="there: cannot be read as features"):
            read_features(damaged, "there")


def test_a_damaged_decoder_and_a_mask_of_another_size_are_named(tmp_path: Path) -> None:
    sam = open_sam("tiny")
    decoder = decoder_of(sam, None, tmp_path)
    asked = embed(sam, np.zeros((8, 8, 3), np.uint8), CPU)
    features = {name: one.float().numpy() for name, one in exported_features(asked.features, None).items()}
    (tmp_path / "broken.onnx").write_bytes((tmp_path / "decoder.onnx").read_bytes()[:100])

    with pytest.raises(StorageError, match=r"broken\.onnx: cannot be read as a decoder"):
        ExportedDecoder(tmp_path / "broken.onnx")
    with pytest.raises(ValueError, match="the decoder takes 32x32"):
        decoder.answer(features, asked.fit, Question([Click(1, 1)], mask=np.zeros((16, 16), np.float32)))
    with pytest.raises(ValueError, match="x 8, y 0 lies outside the image of 8x8"):
        decoder.answer(features, asked.fit, Question([Click(8, 0)]))


@pytest.mark.slow
def test_a_vit_b_decoder_with_a_head_answers_as_the_model(tmp_path: Path) -> None:
    sam = open_sam("vit_b")

    assert_same_answers(sam, sam.new_head(3), tmp_path)
