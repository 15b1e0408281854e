"""What acquisition functions say of images, with a teacher whose logits are known."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
import torch

from core.methods.stal.config import NetworkOptions
from core.methods.stal.networks import build_network
from core.methods.stal.pool_values import PoolImage, PoolValues, Valuer, histogram, uncertainty_picture
from tests.support.rounds import pictures, stal_config


def valued(name: str, count: int = 2, classes: int = 4, closed: tuple[int, ...] = (), **options: object) -> PoolValues:
    """Value pictures with a teacher that gives all classes the same logit."""
    teacher = build_network(NetworkOptions(name="tiny"), classes, seed=0).eval()
    torch.nn.init.zeros_(teacher.decoder.classifier[8].weight)
    torch.nn.init.zeros_(teacher.decoder.classifier[8].bias)
    compat = {"log19": options.pop("log19", False)}
    config = stal_config(acquisition={"name": name, "passes": 2, **options}, compat=compat)
    valuer = Valuer(teacher, config, torch.float32, lambda name: int(name[-2:]))
    shown = pictures(count)
    read = [
        partial(PoolImage, shown.ids[index], shown.image(index), np.full((32, 32), index not in closed))
        for index in range(count)
    ]
    return valuer.pool(read, torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("entropy", 1.0),
        ("least_confidence", 0.75),
        ("margin", 1.0),
        ("bvsb", 1.0),
        ("mc_entropy", math.log(4)),
        ("bald", 0.0),
        ("stal", -math.log(0.25 + 1e-6) / math.log(4)),
    ],
)
def test_values_of_a_teacher_that_knows_nothing(name: str, expected: float) -> None:
    assert valued(name).values == pytest.approx([expected] * 2, abs=1e-6)


def test_constant_of_the_reference_is_that_of_19_classes() -> None:
    ours, theirs = (valued("stal", log19=flag).values[0] for flag in (False, True))

    assert theirs == pytest.approx(ours * math.log(4) / math.log(19))


@pytest.mark.parametrize("score_input", ["resize", "native"])
def test_score_sees_the_image_squeezed_or_as_it_is(score_input: str) -> None:
    found = valued("stal", score_input=score_input)

    # Pixels are counted at stride 4 of what the teacher saw, 32 x 32 in either case.
    assert found.class_pixels.tolist() == [2 * 8 * 8, 0, 0, 0]


def test_sum_counts_open_pixels() -> None:
    assert valued("entropy", aggregation="sum").values == pytest.approx([1024.0, 1024.0])


@pytest.mark.parametrize("name", ["random", "entropy", "stal", "coreset"])
def test_an_image_without_open_pixels_has_no_value(name: str) -> None:
    values = valued(name, closed=(1,)).values

    assert np.isnan(values).tolist() == [False, True]


def test_random_values_come_from_the_generator_alone() -> None:
    first, second = valued("random").values, valued("random").values

    assert first.tolist() == second.tolist()
    assert first[0] != first[1]


def test_dropout_passes_of_an_image_do_not_depend_on_the_others() -> None:
    teacher = build_network(NetworkOptions(name="tiny"), 4, seed=0).eval()
    valuer = Valuer(
        teacher, stal_config(acquisition={"name": "bald", "passes": 3}), torch.float32, lambda name: int(name[-2:])
    )
    shown = pictures(3)
    read = [partial(PoolImage, shown.ids[i], shown.image(i), np.ones((32, 32), bool)) for i in range(3)]

    together, alone = (valuer.pool(part, torch.Generator()).values for part in (read, read[2:]))

    assert together[2] == alone[0] > 0


def test_features_are_kept_for_core_set_alone() -> None:
    features = valued("coreset").features

    assert features is not None
    assert features.shape == (2, 32)
    assert valued("entropy").features is None


def test_uncertainty_is_shown_as_a_share_of_the_most_that_there_can_be() -> None:
    entropy = torch.tensor([[0.0, math.log(4) / 2, math.log(4)]])

    assert uncertainty_picture(entropy, 4).tolist() == [[0, 128, 255]]


def test_histogram_leaves_out_what_has_no_value() -> None:
    assert histogram(np.array([0.0, 1.0, 1.0, np.nan]), bins=2) == ([1, 2], (0.0, 1.0))
    assert histogram(np.array([np.nan]), bins=2) == ([0, 0], (0.0, 1.0))
