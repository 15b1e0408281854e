from __future__ import annotations

from pathlib import Path
from typing import Any

from server.services.experiments.check import check_document
from server.services.experiments.warnings import warnings_of
from tests.support.datasets import write_folder_dataset

WORLD: dict[str, Any] = {"world": "objects", "classes": 4, "size_px": 64}


def _warnings(config: dict[str, Any], steps: list[list[int]]) -> dict[str, str]:
    document = {"method": "eir", "dataset": WORLD, "stream": {"steps": steps}, "config": config}
    nowhere = Path("/dev/null")
    found = warnings_of(check_document(document, data_roots=[nowhere], presence_cache=nowhere))
    return {warning.pointer: warning.message for warning in found}


def test_document_that_fits_its_data_has_no_warning() -> None:
    assert _warnings({"data": {"crop_px": 64}, "memory": {"size": 2}}, [[1, 2], [3, 4]]) == {}


def test_crop_larger_than_the_pictures_is_worth_a_look() -> None:
    found = _warnings({"data": {"crop_px": 65}}, [[1, 2], [3, 4]])

    assert list(found) == ["/document/config/data/crop_px"]
    assert "65 px is larger than the pictures' shorter side of 64 px" in found["/document/config/data/crop_px"]


def test_memory_that_cannot_show_every_old_class_is_worth_a_look() -> None:
    found = _warnings({"data": {"crop_px": 64}, "memory": {"size": 1}}, [[1, 2], [3, 4]])

    assert list(found) == ["/document/config/memory/size"]
    assert "each of the 2 classes" in found["/document/config/memory/size"]


def test_memory_that_is_turned_off_is_no_mistake() -> None:
    assert _warnings({"data": {"crop_px": 64}, "memory": {"size": 0}}, [[1, 2], [3, 4]]) == {}


def test_classes_of_no_step_are_named() -> None:
    found = _warnings({"data": {"crop_px": 64}}, [[1], [3]])

    assert found == {"/document/stream/steps": "in no step, so never learned: 2 crate, 4 star; "
                     "their pixels count as background"}  # fmt: skip


def stal_warnings(tmp_path: Path, config: dict[str, Any]) -> dict[str, str]:
    """Warnings of a run from a folder of a street and a comet to the city."""
    root = tmp_path / "source"
    if not root.exists():
        write_folder_dataset(root, classes=["road", "comet"])
    source = {"adapter": "folder", "root": str(root)}
    document = {
        "method": "stal",
        "dataset": {"world": "streets", "height_px": 96, "width_px": 192},
        "stream": {"source": source, "initial_images": 2, "budgets": [2]},
        "config": {"data": {"crop_px": 64}, **config},
    }
    found = warnings_of(check_document(document, data_roots=[tmp_path], presence_cache=tmp_path))
    return {warning.pointer: warning.message for warning in found}


def test_classes_of_the_source_that_the_target_lacks_are_named(tmp_path: Path) -> None:
    found = stal_warnings(tmp_path, {})

    assert found == {"/document/stream/source": "the target has no class named comet; their pixels in the source are "
                     "ignored"}  # fmt: skip


def test_what_would_begin_after_the_end_is_named(tmp_path: Path) -> None:
    found = stal_warnings(tmp_path, {"optim": {"epochs": 3, "warmup_epochs": 3}})

    assert found["/document/config/optim/warmup_epochs"] == "3 of 3 epochs are warm-up, so the teacher never teaches"
    assert found["/document/config/contrast/start_epoch"].endswith("begins at epoch 20 of 3, so never")
    given = {"optim": {"iterations": 50, "warmup_epochs": 300}}
    assert list(stal_warnings(tmp_path, given)) == ["/document/stream/source"]
