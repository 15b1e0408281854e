"""What is worth a second look across the parts of an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.experiment import load_preset, preset_files, resolve
from core.experiment_warnings import experiment_warnings
from core.methods.catalog import METHODS
from core.streams.known import class_tables, known_datasets
from tests.support.datasets import write_folder_dataset

OWN_WORLD = [name for method in METHODS for name in preset_files(method) if "world" in load_preset(name).dataset]
STREETS: dict[str, Any] = {"world": "streets", "height_px": 96, "width_px": 192}


def found(tmp_path: Path, document: dict[str, Any]) -> dict[str, str]:
    experiment = resolve(document)
    uses = experiment.stream.datasets(experiment.dataset)
    known = known_datasets(uses, tmp_path, tmp_path / "presence")
    warnings = experiment_warnings(experiment, uses, known, class_tables(uses))
    return {fault.pointer: fault.message for fault in warnings}


@pytest.mark.parametrize("preset", OWN_WORLD)
def test_presets_that_run_everywhere_are_quiet(tmp_path: Path, preset: str) -> None:
    assert found(tmp_path, {"method": preset.partition("/")[0], "preset": preset}) == {}


def test_what_the_preset_sets_is_not_held_against_who_changes_another_setting(tmp_path: Path) -> None:
    document = {"method": "eir", "preset": "eir/demo", "config": {"memory": {"size": 0, "border_px": 2}}}

    assert found(tmp_path, document) == {
        "/config/memory/border_px": "2 has no effect: memory.size is 0, so nothing is kept, replayed or pasted"
    }


@pytest.mark.parametrize(
    ("area", "message"),
    [
        ({"area_min": 0.8, "area_max": 0.5}, "the smallest crop, 0.8 of the image, is larger than the largest, 0.5"),
        (
            {"area_min": 1.5, "area_max": 2},
            "no crop of 1.5 times the image fits into it, so every crop is the centred one",
        ),
    ],
)
def test_crops_that_cannot_be_drawn_are_named(tmp_path: Path, area: dict[str, float], message: str) -> None:
    document = {"method": "finetune", "preset": "finetune/demo", "config": {"data": area}}

    assert found(tmp_path, document) == {"/config/data/area_min": message}


def of_folder(tmp_path: Path, **sections: Any) -> dict[str, Any]:
    root = tmp_path / "target"
    if not root.exists():
        write_folder_dataset(root)
    return {
        "method": "stal",
        "dataset": {"adapter": "folder", "root": str(root)},
        "stream": {"initial_images": 2, "budgets": [2]},
        "config": {"data": {"crop_px": 32}, **sections},
    }


def test_a_budget_that_is_shared_among_one_group_is_named(tmp_path: Path) -> None:
    document = of_folder(tmp_path)

    assert found(tmp_path, document) == {
        "/config/acquisition/stratify": "has no effect: the 13 training images are one group, so no budget is shared "
        "among groups; list groups in groups.txt, or set stratify: false"
    }
    assert found(tmp_path, of_folder(tmp_path, acquisition={"stratify": False})) == {}
    assert found(tmp_path, of_folder(tmp_path, acquisition={"name": "coreset"})) == {}
    groups = "".join(f"train_{number} {'ab'[number % 2]}\n" for number in range(13))
    (tmp_path / "target" / "groups.txt").write_text(groups, encoding="utf-8")
    assert found(tmp_path, document) == {}


def test_pixels_that_a_smaller_target_leaves_out_are_named(tmp_path: Path) -> None:
    document = of_folder(tmp_path, acquisition={"name": "ripu_pa"}, data={"crop_px": 32, "target_size": [32, 32]})

    assert found(tmp_path, document)["/config/data/target_size"].startswith("answers are given at the images' own size")


@pytest.mark.parametrize(
    ("stream", "pointer", "message"),
    [
        ({"budgets": [], "unit": "percent_images"}, "/stream/unit", "has no effect: there are no budgets"),
        ({"budgets": [2], "completion": {"share": 0.5}}, "/stream/completion", "has no effect: no people are asked"),
        (
            {"initial_images": 0, "seed": 4, "source": STREETS},
            "/stream/seed",
            "has no effect: no first images are drawn",
        ),
    ],
)
def test_settings_of_a_stream_that_play_no_part_are_named(
    tmp_path: Path, stream: dict[str, Any], pointer: str, message: str
) -> None:
    document = {
        "method": "stal",
        "dataset": STREETS,
        "stream": {"initial_images": 2, "budgets": [2], **stream},
        "config": {"data": {"crop_px": 96}},
    }

    assert found(tmp_path, document) == {pointer: message}
