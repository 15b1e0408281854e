"""Saliency maps as files: which are missing, and which do not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.data.classes import ClassTable
from core.data.faults import DataFaultError
from core.errors import ConfigError
from core.files import index_png
from core.methods.css_baselines.saliency import SaliencyMaps, free_id

HIDDEN = np.arange(256) == 0


def test_salient_background_is_marked_and_classes_stay(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(index_png(np.array([[1, 200], [0, 255]], np.uint8)))

    marked = SaliencyMaps(tmp_path).marked("a", np.array([[0, 7], [0, 0]], np.uint8), HIDDEN, mark=254)

    assert marked.tolist() == [[254, 7], [0, 254]]


def test_missing_maps_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(index_png(np.zeros((2, 2), np.uint8)))

    with pytest.raises(DataFaultError, match=r"b\.png: no such saliency map, and 2 are missing"):
        SaliencyMaps(tmp_path).require(["a", "b", "c"])


def test_missing_folder_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no folder of this machine") as caught:
        SaliencyMaps(tmp_path / "nowhere").require([])

    assert caught.value.pointer == "/config/ssul/saliency_root"


def test_map_of_another_size_names_both(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(index_png(np.zeros((2, 3), np.uint8)))

    with pytest.raises(DataFaultError, match=r"a\.png: the saliency map has 3x2 pixels and its image 5x4"):
        SaliencyMaps(tmp_path).marked("a", np.zeros((4, 5), np.uint8), HIDDEN, mark=254)


def test_mark_is_no_id_of_the_dataset() -> None:
    assert free_id(ClassTable({1: "a"})) == 254
    assert free_id(ClassTable({254: "a", 253: "b"}, background_id=None)) == 252
    with pytest.raises(ConfigError, match=r"uses all ids from 0 to 255"):
        free_id(ClassTable(dict.fromkeys(range(255), "a")))
