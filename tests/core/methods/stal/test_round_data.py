"""What a round has: which images are labelled, partly labelled, or open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.acquisition.catalog import QueryUnit
from core.acquisition.manifest import Answer, AnsweredQuery, join_answers
from core.data.classes import CITYSCAPES_CLASSES, SYNTHIA_16, SYNTHIA_CLASSES, ClassTable
from core.errors import ConfigError
from core.methods.stal.round_data import LABELS, channel_tables, open_round
from core.methods.stal.stages import rounds_of
from core.streams.active_rounds import draw_initial
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
    data = open_round(context, rounds_of(context), with_source=False)
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

    data = open_round(context, rounds_of(context), with_source=False)

    assert data.unlabelled == [0, 1, 2, 3, 4, 5]
    assert data.pool().open == []


def test_channels_are_classes_in_the_order_of_their_ids() -> None:
    channel_of, raw_of = channel_tables(ClassTable({7: "b", 2: "a"}, background_id=None))

    assert raw_of.tolist() == [2, 7]
    assert [int(channel_of[raw_id]) for raw_id in (2, 7, 0, 255)] == [0, 1, 255, 255]


def test_the_id_of_no_label_cannot_be_a_class() -> None:
    with pytest.raises(ConfigError, match="raw id 255"):
        channel_tables(ClassTable({255: "a"}, background_id=None, ignore_id=0))


@pytest.mark.parametrize("classes", [CITYSCAPES_CLASSES, SYNTHIA_CLASSES])
def test_contiguous_16_has_a_channel_for_each_class_of_synthia(classes: ClassTable) -> None:
    channel_of, raw_of = channel_tables(classes, "contiguous16")

    assert raw_of.tolist() == list(SYNTHIA_16)
    assert channel_of[list(SYNTHIA_16)].tolist() == list(range(16))
    assert channel_of[[9, 14, 16, 255]].tolist() == [255] * 4


def test_contiguous_16_of_other_classes_is_refused_with_the_way_out() -> None:
    with pytest.raises(ConfigError, match=r"made of Cityscapes' train ids.*use all") as refused:
        channel_tables(ClassTable({0: "cat", 1: "dog"}, background_id=None), "contiguous16")

    assert refused.value.pointer == "/config/data/label_space"


def test_a_list_of_first_images_replaces_the_draw(tmp_path: Path) -> None:
    for name in (NAMES[1], NAMES[4]):
        (tmp_path / "leftImg8bit" / "few" / name[0]).mkdir(parents=True, exist_ok=True)
        (tmp_path / "leftImg8bit" / "few" / name[0] / f"{name}_leftImg8bit.png").touch()
    context = round_context(tmp_path, stream={"initial_images": 30, "initial_list": "few", "budgets": [4]})

    data = open_round(context, rounds_of(context), with_source=False)

    assert list(data.whole) == [1, 4]
    assert data.pool().open == [0, 2, 3, 5]


def test_the_source_is_resized_once_where_that_is_asked_for(tmp_path: Path) -> None:
    sized = round_context(tmp_path, source=pictures(2, first=20), data={"source_size": [64, 48]})
    plain = round_context(tmp_path / "plain", source=pictures(2, first=20))

    resized = open_round(sized, rounds_of(sized), with_source=True)
    as_it_is = open_round(plain, rounds_of(plain), with_source=True)

    assert resized.source is not None
    assert as_it_is.source is not None
    assert (resized.source.image(0).shape, resized.source.label(1).shape) == ((48, 64, 3), (48, 64))
    # What is kept in memory is the resized picture; the target keeps its size.
    assert resized.source.image(0) is resized.source.image(0)
    assert resized.target.image(0).shape == as_it_is.source.image(0).shape == (32, 32, 3)
