"""The built-in lists, through the adapters, against the published ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.data.adapters import cityscapes, gta5, synthia
from tests.support.parity import load_case

POOL = {
    "aachen": 174, "bochum": 96, "bremen": 316, "cologne": 154, "darmstadt": 85, "dusseldorf": 221, "erfurt": 109,
    "hamburg": 248, "hanover": 196, "jena": 119, "krefeld": 99, "monchengladbach": 94, "strasbourg": 365,
    "stuttgart": 196, "tubingen": 144, "ulm": 95, "weimar": 142, "zurich": 122,
}  # fmt: skip
"""City -> training images of Cityscapes, in alphabetical order (STAL 2.1)."""
BUDGETS = (30, 65, 150)


def names_of(root: Path, task: str, budget: int) -> list[str]:
    return [pair.id for pair in cityscapes.list_pairs(root, f"{task}-{budget}")]


@pytest.mark.parametrize("task", ["gtav", "synthia"])
@pytest.mark.parametrize("budget", BUDGETS)
def test_target_lists_are_the_published_ones(tmp_path: Path, task: str, budget: int) -> None:
    rows = load_case("stal", "published_lists")[f"{task}_target_{budget}"]
    cities = list(POOL)

    published = {f"{cities[city]}_{sequence:06d}_{frame:06d}" for city, sequence, frame in rows.astype(np.int64)}

    assert len(published) == budget
    assert set(names_of(tmp_path, task, budget)) == published


@pytest.mark.parametrize(
    ("adapter", "array", "digits"), [(gta5, "gtav_source", 5), (synthia, "synthia_source", 7)], ids=["gta5", "synthia"]
)
def test_source_lists_are_the_published_ones(tmp_path: Path, adapter: object, array: str, digits: int) -> None:
    published = {f"{number:0{digits}d}" for number in load_case("stal", "published_lists")[array].tolist()}

    listed = {pair.id for pair in adapter.list_pairs(tmp_path, "stal-2000")}  # type: ignore[attr-defined]

    assert len(published) == 2000
    assert listed == published


@pytest.mark.parametrize("task", ["gtav", "synthia"])
def test_each_budget_holds_the_one_before_it(tmp_path: Path, task: str) -> None:
    small, middle, large = (set(names_of(tmp_path, task, budget)) for budget in BUDGETS)

    assert small < middle < large


def test_both_tasks_start_alike_and_part_later(tmp_path: Path) -> None:
    common = [
        len(set(names_of(tmp_path, "gtav", budget)) & set(names_of(tmp_path, "synthia", budget))) for budget in BUDGETS
    ]

    assert common == [30, 37, 72]


@pytest.mark.parametrize("budget", BUDGETS)
def test_all_other_images_are_unlabelled(tmp_path: Path, budget: int) -> None:
    labelled = [name.partition("_")[0] for name in names_of(tmp_path, "gtav", budget)]
    left = {city: images - labelled.count(city) for city, images in POOL.items()}

    assert sum(POOL.values()) == 2975
    assert min(left.values()) > 0
    assert sum(left.values()) == {30: 2945, 65: 2910, 150: 2825}[budget]
