"""Batches: which images meet, what is known of their pixels, and that a batch depends on its place alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.data.classes import ClassTable
from core.data.loaders import BatchPlan
from core.data.overlay import LabelOverlay
from core.methods.stal.data import (
    BatchMaker,
    StalBatch,
    StalImages,
    draw_classes,
    draw_partner,
    shared_channels,
)
from core.methods.stal.label_space import channel_tables
from core.methods.stal.state import StalState
from core.methods.stal.training import build_state
from tests.support.rounds import pictures, round_context, stal_config


def images_of(source: int = 3, **sections: Any) -> StalImages:
    """Two of six images are labelled."""
    target = pictures(6)
    channel_of, _ = channel_tables(target.classes)
    overlay = LabelOverlay(target, {}, target.ids[:2])
    return StalImages(overlay, [0, 1], [2, 3, 4, 5], pictures(source, first=20), channel_of, stal_config(**sections))


def maker_of(images: StalImages) -> BatchMaker:
    return BatchMaker(images, BatchPlan(4, 2, run_seed=5, stage_index=0), run_seed=5, stage_index=0)


@pytest.fixture
def state(tmp_path: Path) -> StalState:
    return build_state(round_context(tmp_path), 5, 4)


def same(one: StalBatch, other: StalBatch) -> bool:
    assert one.second is not None
    assert other.second is not None
    pairs = zip((*one.labelled, *one.first, *one.second), (*other.labelled, *other.first, *other.second), strict=True)
    return all(torch.equal(*pair) for pair in pairs)


def test_a_batch_depends_on_its_iteration_and_not_on_where_the_training_began(state: StalState) -> None:
    maker = maker_of(images_of())

    through, resumed = list(maker.batches(state, 0, 4)), list(maker.batches(state, 3, 4))

    assert same(through[3], resumed[0])
    assert not same(through[2], resumed[0])


def test_an_epoch_shows_every_unlabelled_image_once(state: StalState) -> None:
    batches = list(maker_of(images_of()).batches(state, 0, 4))

    for epoch in (batches[:2], batches[2:]):
        assert sorted(torch.cat([batch.first_ids for batch in epoch]).tolist()) == [0, 1, 2, 3]


def test_labelled_images_are_shown_as_the_list_says_and_then_anew(state: StalState) -> None:
    """Four slots of the two target images and three of the source make seven: four batches of two begin the second."""
    slots = np.concatenate([batch.items for batch in maker_of(images_of()).batches(state, 0, 4)])

    assert Counter(slots[:7].tolist()) == {0: 2, 1: 2, 2: 1, 3: 1, 4: 1}


def test_later_epochs_show_the_same_list_in_another_order(state: StalState) -> None:
    """Three of eight images are labelled: of six entries five are drawn, once a round."""
    target = pictures(8)
    channel_of, _ = channel_tables(target.classes)
    overlay = LabelOverlay(target, {}, target.ids[:3])
    images = StalImages(overlay, [0, 1, 2], [3, 4, 5, 6, 7], pictures(1, first=20), channel_of, stal_config())
    maker = BatchMaker(images, BatchPlan(5, 2, run_seed=5, stage_index=0), run_seed=5, stage_index=0)

    slots = np.concatenate([batch.items for batch in maker.batches(state, 0, 18)]).reshape(6, 6)

    assert len({tuple(sorted(epoch)) for epoch in slots.tolist()}) == 1
    assert sorted(Counter(slots[0].tolist()).values()) == [1, 1, 2, 2]
    assert len({tuple(epoch) for epoch in slots.tolist()}) > 3
    resumed = np.concatenate([batch.items for batch in maker.batches(state, 9, 18)])
    assert resumed.tolist() == slots[3:].flatten().tolist()


def test_partners_are_drawn_from_the_list_and_so_mostly_of_the_target() -> None:
    """One of 20 images is labelled: 19 slots of it stand against 3 of the source."""
    target = pictures(20)
    channel_of, _ = channel_tables(target.classes)
    config = stal_config(copy_paste={"probability": 1.0}, optim={"batch_size": 1})
    overlay = LabelOverlay(target, {}, target.ids[:1])
    images = StalImages(overlay, [0], list(range(1, 20)), pictures(3, first=20), channel_of, config)
    maker = BatchMaker(images, BatchPlan(19, 1, 5, 0), 5, 0)
    drawn: Counter[int] = Counter()
    shown = StalImages.labelled_view

    def watched(self: StalImages, slot: int, generator: np.random.Generator, scale_min: float) -> Any:
        drawn[slot] += scale_min == config.copy_paste.scale_min
        return shown(self, slot, generator, scale_min)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StalImages, "labelled_view", watched)
        for iteration in range(60):
            maker._batch(iteration, np.zeros((5, 19), np.uint8), np.zeros(5, np.float32))

    # 60 · 19/22 = 51.8, with a standard deviation of 2.7.
    assert drawn.total() == 60
    assert 43 <= drawn[0] <= 60


@pytest.mark.parametrize(("probability", "has_partners"), [(0.0, False), (1.0, True)])
def test_chance_of_partners_is_kept(state: StalState, probability: float, has_partners: bool) -> None:
    images = images_of(copy_paste={"probability": probability})

    batches = list(maker_of(images).batches(state, 0, 2))

    assert [batch.partners is not None for batch in batches] == [has_partners] * 2


def test_padding_is_ignored_and_labelled_as_class_0_where_the_reference_is_followed() -> None:
    smaller = {"scale_min": 0.5, "scale_max": 1.0}
    ours, theirs = (images_of(data=smaller, compat={"pad_label_zero": flag}) for flag in (False, True))

    def label(images: StalImages, seed: int) -> torch.Tensor:
        return images.labelled_view(0, np.random.default_rng(seed), 0.5)[1]

    shrunk = [seed for seed in range(20) if (label(ours, seed) == 255).any()]
    assert shrunk
    for seed in shrunk:
        padded = label(ours, seed) == 255
        assert (label(theirs, seed)[padded] == 0).all()
        assert (label(theirs, seed) != 255).all()


@pytest.mark.parametrize("flag", [False, True])
def test_nothing_is_known_of_an_unlabelled_image_even_where_it_is_padded(flag: bool) -> None:
    images = images_of(data={"scale_min": 0.5, "scale_max": 1.0}, compat={"pad_label_zero": flag})

    for seed in range(8):
        assert (images.unlabelled_view(0, np.random.default_rng(seed))[1] == 255).all()


def test_classes_of_the_source_are_those_of_the_same_name_whatever_their_ids() -> None:
    """The target has 1 pole and 3 car; in the source 1 is a kite, and 7 a pole."""
    target = pictures(1).classes
    channel_of, _ = channel_tables(target)

    source = ClassTable({1: "kite", 7: "pole", 3: "car"}, background_id=None, ignore_id=0)
    table = shared_channels(channel_of, target, source)

    assert [int(table[raw_id]) for raw_id in (0, 1, 3, 7)] == [255, 255, 3, 1]


def test_unknown_classes_are_mixed_in_more_often() -> None:
    """softmax(1 - r) of r = (1, 0): 1/(1 + e) = 0.269 for the first."""
    drawn = draw_classes(np.array([1.0, 0.0], np.float32), 4000, False, np.random.default_rng(0))

    assert abs((drawn == 0).mean() - 0.269) < 0.03


def test_a_partner_showed_the_class_where_any_image_did() -> None:
    generator = np.random.default_rng(0)

    assert {draw_partner(np.array([0, 1, 0, 1], np.uint8), generator) for _ in range(40)} == {1, 3}
    assert {draw_partner(np.zeros(3, np.uint8), generator) for _ in range(40)} == {0, 1, 2}


def test_banks_are_looked_at_once_an_epoch(state: StalState) -> None:
    batches = maker_of(images_of()).batches(state, 0, 4)
    next(batches)
    state.presence.fill_(1)
    next(batches)
    assert state.presence_at_epoch.sum() == 0

    next(batches)
    assert state.presence_at_epoch.sum() == 5 * 4
