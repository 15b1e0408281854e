from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from core.data.classes import ClassTable
from core.data.faults import DataFaultError
from core.data.overlay import LabelOverlay
from core.data.pairing import PairedFiles
from tests.support.datasets import pairs_of, write_folder_dataset

CLASSES = ClassTable({raw_id: f"class {raw_id}" for raw_id in range(7)}, background_id=None)


@pytest.fixture
def base(tmp_path: Path) -> PairedFiles:
    return PairedFiles(pairs_of(write_folder_dataset(tmp_path)), CLASSES)


def write_mask(path: Path, labels: npt.NDArray[np.number]) -> Path:
    Image.fromarray(labels.astype(np.uint8)).save(path)
    return path


def test_only_named_images_have_labels(base: PairedFiles, tmp_path: Path) -> None:
    overlay = LabelOverlay(base, {}, [base.ids[0]])
    np.testing.assert_array_equal(overlay.label(0), base.label(0))
    assert overlay.known(1) is None
    assert (overlay.label(1) == CLASSES.ignore_id).all()
    np.testing.assert_array_equal(overlay.image(1), base.image(1))


def test_a_mask_says_what_is_known(base: PairedFiles, tmp_path: Path) -> None:
    mask = np.full(base.label(1).shape, 255, np.uint8)
    mask[0, 0] = 1
    overlay = LabelOverlay(base, {base.ids[1]: write_mask(tmp_path / "mask.png", mask)})
    np.testing.assert_array_equal(overlay.label(1), mask)


def test_a_mask_of_another_size_is_refused(base: PairedFiles, tmp_path: Path) -> None:
    path = write_mask(tmp_path / "mask.png", np.zeros((3, 5)))
    with pytest.raises(DataFaultError, match="is 5x3 but its image"):
        LabelOverlay(base, {base.ids[0]: path}).label(0)


def test_labels_of_unknown_images_are_refused(base: PairedFiles) -> None:
    with pytest.raises(DataFaultError, match="does not have"):
        LabelOverlay(base, {}, ["nowhere"])
