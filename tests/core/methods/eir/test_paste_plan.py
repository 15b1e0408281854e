import numpy as np
import pytest
import torch
from torch import Tensor

from core.memory.store import InstanceMemory
from core.methods.class_incremental.config import DataConfig
from core.methods.eir.instance_bank import InstanceBank
from core.methods.eir.options import BetaBlend, PasteOptions
from core.methods.eir.paste_plan import (
    background_counts,
    cell_corners,
    count_fillers,
    plan_image,
    plan_pastes,
    potential_classes,
    rank_cells,
)
from tests.support.instances import rectangle_entry

SIDE_PX = 16
CELL_PX = 5
OPTIONS = PasteOptions(cell=CELL_PX)
CELLS = [(0, 5), (10, 0), (5, 5)]


def bank_of(*channels: int) -> InstanceBank:
    """Return a bank with one entry a named channel."""
    entries = tuple(rectangle_entry(channel, (2, 2, 9 + n, 9)) for n, channel in enumerate(channels))
    return InstanceBank(InstanceMemory(entries, len(entries)), {c: c for c in channels}, DataConfig(crop_px=SIDE_PX))


def labels_showing(*classes: int) -> Tensor:
    """Return (1, S, S) labels: background, with one pixel of each class in the first row."""
    labels = torch.zeros(1, SIDE_PX, SIDE_PX, dtype=torch.int64)
    labels[0, 0, : len(classes)] = torch.tensor(classes)
    return labels


def rngs(count: int = 1) -> list[np.random.Generator]:
    """Return fresh generators of different seeds."""
    return [np.random.default_rng([7, index]) for index in range(count)]


def test_potential_classes_are_seen_by_the_old_model_only() -> None:
    is_potential = potential_classes(labels_showing(5, 255, 2), labels_showing(5, 255, 2, 1, 4))

    assert is_potential[0].nonzero().flatten().tolist() == [1, 4]


def test_cells_lie_wholly_inside_the_canvas() -> None:
    assert cell_corners(16, 5)[:4] == [(0, 0), (0, 5), (0, 10), (5, 0)]
    assert len(cell_corners(16, 5)) == 9
    assert cell_corners(16, 16) == [(0, 0)]


def test_background_counts_take_zero_and_ignored_pixels() -> None:
    labels = torch.zeros(2, 5, 5, dtype=torch.int64)
    labels[0, :2, :2] = 3
    labels[0, 1, 1] = 255
    labels[1, 4, :] = 9

    assert background_counts(labels, 2).tolist() == [[1, 4, 4, 4], [4, 4, 4, 4]]


def test_equally_empty_cells_stay_in_scan_order() -> None:
    assert rank_cells(np.array([3, 9, 3, 9])) == [1, 3, 0, 2]


@pytest.mark.parametrize(("rule", "expected"), [("lt2", [3, 2, 0, 0]), ("empty", [3, 0, 0, 0]), ("none", [0, 0, 0, 0])])
def test_fillers_bring_an_image_to_three_pastes(rule: str, expected: list[int]) -> None:
    assert [count_fillers(num, rule) for num in range(4)] == expected


def test_potential_classes_take_the_emptiest_cells_and_fillers_the_next() -> None:
    plan = plan_image(0, [4], CELLS, bank_of(1, 4), np.random.default_rng(0), OPTIONS)

    assert [paste.corner for paste in plan] == CELLS
    assert plan[0].channel == 4
    assert {paste.channel for paste in plan[1:]} <= {1, 4}


def test_fillers_pile_up_in_the_emptiest_cell_when_asked_to() -> None:
    options = PasteOptions(cell=CELL_PX, placement="best_cell")

    plan = plan_image(0, [4], CELLS, bank_of(1, 4), np.random.default_rng(0), options)

    assert [paste.corner for paste in plan] == [CELLS[0]] * 3


def test_cells_are_used_again_when_there_are_too_few() -> None:
    plan = plan_image(0, [1, 4], CELLS[:1], bank_of(1, 4), np.random.default_rng(0), OPTIONS)

    assert [(paste.channel, paste.corner) for paste in plan] == [(1, CELLS[0]), (4, CELLS[0])]


def test_classes_without_entries_are_passed_over_everywhere() -> None:
    labels, pseudo_labels = labels_showing(9), labels_showing(9, 1, 2, 3, 4, 5)

    plan = plan_pastes(labels, pseudo_labels, bank_of(2, 5), rngs(), OPTIONS)
    filled = plan_pastes(labels, labels_showing(9, 1), bank_of(2, 5), rngs(), OPTIONS)

    assert [paste.channel for paste in plan] == [2, 5]
    assert len(filled) == 3
    assert {paste.channel for paste in filled} <= {2, 5}


def test_at_most_three_classes_are_pasted() -> None:
    plan = plan_pastes(labels_showing(9), labels_showing(9, 4, 3, 2, 1), bank_of(1, 2, 3, 4), rngs(), OPTIONS)

    assert [paste.channel for paste in plan] == [1, 2, 3]


def test_cells_of_the_plan_avoid_the_objects() -> None:
    labels = torch.zeros(1, SIDE_PX, SIDE_PX, dtype=torch.int64)
    labels[:, :, 5:] = 9

    plan = plan_pastes(labels, labels, bank_of(1), rngs(), OPTIONS)

    assert [paste.corner for paste in plan] == [(0, 0), (5, 0), (10, 0)]


def test_nothing_is_planned_without_entries_or_when_pasting_is_off() -> None:
    labels = labels_showing(9)

    assert plan_pastes(labels, labels, bank_of(), rngs(), OPTIONS) == []
    assert plan_pastes(labels, labels, bank_of(1), rngs(), PasteOptions(enabled=False)) == []


def test_plan_of_an_image_does_not_depend_on_the_rest_of_its_batch() -> None:
    pseudo_labels = torch.cat([labels_showing(9, 1), labels_showing(9), labels_showing(9, 1, 4)])
    labels = labels_showing(9).expand(3, -1, -1)
    bank = bank_of(1, 1, 4)

    whole = plan_pastes(labels, pseudo_labels, bank, rngs(3), OPTIONS)
    alone = plan_pastes(labels[2:], pseudo_labels[2:], bank, rngs(3)[2:], OPTIONS)

    last = [paste for paste in whole if paste.image == 2]
    assert len(last) == 2
    assert [(p.channel, p.entry, p.corner, p.lam, p.view) for p in last] == [
        (p.channel, p.entry, p.corner, p.lam, p.view) for p in alone
    ]


def test_plan_is_a_function_of_the_seed() -> None:
    labels, bank = labels_showing(9), bank_of(1, 1, 4, 4)

    assert plan_pastes(labels, labels, bank, rngs(), OPTIONS) == plan_pastes(labels, labels, bank, rngs(), OPTIONS)
    assert plan_pastes(labels, labels, bank, rngs(), OPTIONS) != plan_pastes(labels, labels, bank, rngs(2)[1:], OPTIONS)


def test_entries_and_filler_classes_are_drawn_uniformly() -> None:
    bank = bank_of(1, 1, 4)

    pastes = [
        paste for seed in range(400) for paste in plan_image(0, [], CELLS, bank, np.random.default_rng(seed), OPTIONS)
    ]

    shares = np.bincount([paste.entry for paste in pastes]) / len(pastes)
    assert np.abs(shares - [0.25, 0.25, 0.5]).max() < 0.05


def test_lambda_is_fixed_or_drawn_from_its_distribution() -> None:
    fixed = PasteOptions(cell=CELL_PX, lambda_=0.25)
    skewed = PasteOptions(cell=CELL_PX, lambda_=BetaBlend(beta=(8.0, 2.0)))

    lams = [
        paste.lam
        for seed in range(200)
        for paste in plan_image(0, [], CELLS, bank_of(1), np.random.default_rng(seed), skewed)
    ]

    assert {p.lam for p in plan_image(0, [], CELLS, bank_of(1), np.random.default_rng(0), fixed)} == {0.25}
    assert abs(np.mean(lams) - 0.8) < 0.02
