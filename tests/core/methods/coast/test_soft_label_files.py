from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pictures

from core.errors import StorageError
from core.methods.coast.soft_label_files import Bits, decode_soft_label, encode_soft_label, quantised


def probabilities(classes: int = 7) -> np.ndarray:
    logits = 4 * np.random.default_rng(1).normal(size=(classes, 9, 12))
    exponents = np.exp(logits)
    return (exponents / exponents.sum(axis=0)).astype(np.float32)


@pytest.mark.parametrize(("bits", "step"), [(8, 1 / 255), (16, 1 / 65535)])
def test_stored_probabilities_are_half_a_step_off_at_most(bits: Bits, step: float) -> None:
    probs = probabilities()

    found = decode_soft_label(encode_soft_label(quantised(probs, bits)), 7, "one")

    assert found.shape == probs.shape
    assert np.abs(found / np.iinfo(found.dtype).max - probs).max() <= step / 2 + 1e-7


def test_a_label_is_a_grey_picture_of_one_class_below_the_other() -> None:
    label = quantised(probabilities(), 8)

    with Pictures.open(io.BytesIO(encode_soft_label(label))) as picture:
        assert (picture.mode, picture.size) == ("L", (12, 7 * 9))
        assert np.array_equal(np.asarray(picture)[9:18], label[1])


def test_what_is_no_soft_label_is_named() -> None:
    colours = io.BytesIO()
    Pictures.new("RGB", (4, 14)).save(colours, format="PNG")

    with pytest.raises(StorageError, match="one: cannot be read as a soft label"):
        decode_soft_label(b"no picture", 7, "one")
    with pytest.raises(StorageError, match=r"one: a picture of .* is no soft label of 7 classes"):
        decode_soft_label(colours.getvalue(), 7, "one")
    with pytest.raises(StorageError, match="is no soft label of 5 classes"):
        decode_soft_label(encode_soft_label(quantised(probabilities(), 8)), 5, "one")
