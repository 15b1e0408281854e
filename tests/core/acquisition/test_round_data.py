"""What a round has: which images are labelled, partly labelled, or open."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.acquisition.catalog import QueryUnit
from core.acquisition.manifest import Answer, AnsweredQuery, join_answers
from core.acquisition.round_data import open_round
from core.acquisition.round_plan import LABELS
from core.streams.first_images import draw_initial
from tests.support.rounds import pictures, round_context

NAMES = pictures(6).ids


def answered(name: str, unit: QueryUnit) -> AnsweredQuery:
    labels = np.full((32, 32), 255, np.uint8)
    labels[:16] = 3
    answer = Answer(query="0" * 16, image=name, unit=unit, round=0, author="a", pixels=512, clicks=1, seconds=0)
    return AnsweredQuery(answer, labels)


def test_whole_images_leave_the_pool_and_partly_labelled_ones_stay(tmp_path: Path) -> None:
    start = draw_initial(NAMES, 2, seed=1)
    whole, part = [index for index in range(6) if index not in start][:2]
    join_answers(
        tmp_path / "labels", [answered(NAMES[whole], QueryUnit.IMAGE), answered(NAMES[part], QueryUnit.REGION)]
    )

    context = round_context(tmp_path, inputs={LABELS: tmp_path / "labels"})
    data = open_round(context, 0)
    pool = data.pool()

    assert list(data.whole) == sorted([*start, whole])
    assert list(data.partly) == [part]
    assert data.unlabelled == pool.open == [index for index in range(6) if index not in (*start, whole)]
    assert pool.groups == ["a", "b", "a", "b", "a", "b"]
    # The upper half of the partly labelled image is known; of the others nothing is.
    assert pool.read(part).is_open.sum(axis=1).tolist() == [0] * 16 + [32] * 16
    assert all(pool.read(index).is_open.all() for index in pool.open if index != part)


def test_a_wholly_labelled_pool_is_used_as_unlabelled_images_and_asked_no_more(tmp_path: Path) -> None:
    context = round_context(tmp_path, stream={"initial_images": 6, "budgets": []})

    data = open_round(context, 0)

    assert data.unlabelled == [0, 1, 2, 3, 4, 5]
    assert data.pool().open == []


def test_a_list_of_first_images_replaces_the_draw(tmp_path: Path) -> None:
    for name in (NAMES[1], NAMES[4]):
        (tmp_path / "leftImg8bit" / "few" / name[0]).mkdir(parents=True, exist_ok=True)
        (tmp_path / "leftImg8bit" / "few" / name[0] / f"{name}_leftImg8bit.png").touch()
    context = round_context(tmp_path, stream={"initial_images": 30, "initial_list": "few", "budgets": [4]})

    data = open_round(context, 0)

    assert list(data.whole) == [1, 4]
    assert data.pool().open == [0, 2, 3, 5]
