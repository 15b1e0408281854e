"""What acquisition functions say of images, with a teacher whose logits are known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pytest
import torch

from core.acquisition.catalog import ACQUISITIONS, AcquisitionName, QueryUnit
from core.acquisition.pool import PoolImage
from core.acquisition.pool_values import PoolBatch, PoolValues, histogram, uncertainty_picture
from tests.support.host_reads import HostReads
from tests.support.rounds import pictures
from tests.support.teachers import ToyTeacher, valuer_of


def valued(name: str, count: int = 2, classes: int = 4, closed: tuple[int, ...] = (), **options: object) -> PoolValues:
    """Value pictures with a teacher that gives all classes the same logit."""
    log19 = bool(options.pop("log19", False))
    teacher = ToyTeacher(classes).knows_nothing()
    valuer = valuer_of(teacher, {"name": name, "passes": 2, **options}, log19=log19)
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


def pool_of(
    name: str,
    batch_size: int,
    order: tuple[int, ...] = (0, 1, 2, 3, 4),
    height: Mapping[int, int] = MappingProxyType({}),
    teacher: ToyTeacher | None = None,
) -> PoolValues:
    """Value pictures with a teacher whose weights are random; some pictures are cut to a height."""
    valuer = valuer_of(teacher or ToyTeacher(), {"name": name, "passes": 3}, batch_size=batch_size)
    shown = pictures(5)
    read = [
        partial(PoolImage, shown.ids[i], shown.image(i)[: height.get(i, 32)], is_open(i)[: height.get(i, 32)])
        for i in order
    ]
    return valuer.pool(read, torch.Generator().manual_seed(0))


def is_open(number: int) -> npt.NDArray[np.bool_]:
    """All pixels of an even picture, and the left half of an odd one's."""
    mask = np.ones((32, 32), bool)
    mask[:, 16:] = number % 2 == 0
    return mask


IMAGE_FUNCTIONS = [name for name, entry in ACQUISITIONS.items() if entry.unit is QueryUnit.IMAGE]


@pytest.mark.parametrize("name", IMAGE_FUNCTIONS)
def test_values_do_not_depend_on_the_batch(name: AcquisitionName) -> None:
    one, two, all_of_them = (pool_of(name, batch_size) for batch_size in (1, 2, 8))

    for other in (two, all_of_them):
        assert other.values == pytest.approx(one.values, abs=1e-6)
        assert other.class_pixels.tolist() == one.class_pixels.tolist()
        if one.features is not None and other.features is not None:
            torch.testing.assert_close(other.features, one.features, atol=1e-6, rtol=0)
    assert len(set(one.values.tolist())) == (1 if name == "coreset" else 5)


@pytest.mark.parametrize("name", ["entropy", "bald"])
def test_values_do_not_depend_on_the_order(name: str) -> None:
    there, back = pool_of(name, 2).values, pool_of(name, 2, order=(4, 3, 2, 1, 0)).values

    # Of the same passes; another seed would be off in the first digit.
    assert back[::-1] == pytest.approx(there, rel=1e-3)
    assert (there > 0).all()


def test_pictures_of_several_sizes_are_batched_with_their_neighbours() -> None:
    same, mixed = pool_of("entropy", 4), pool_of("entropy", 4, height={1: 24, 2: 24})

    assert mixed.values[[0, 3, 4]] == pytest.approx(same.values[[0, 3, 4]], abs=1e-6)
    assert mixed.class_pixels.sum() == 3 * 64 + 2 * 48


def test_representation_is_computed_for_core_set_alone() -> None:
    teacher = ToyTeacher()

    for name in IMAGE_FUNCTIONS:
        pool_of(name, 8, teacher=teacher)

    assert teacher.represented == 1


def test_nothing_is_read_on_the_host_within_a_batch() -> None:
    reads = HostReads()
    teacher = ToyTeacher()
    shown, images = pictures(2), torch.randn(2, 3, 32, 32)
    batch = PoolBatch(list(shown.ids), images, torch.ones(2, 32, 32, dtype=torch.bool))
    for name in IMAGE_FUNCTIONS:
        for aggregation in ("mean", "top", "sum"):
            options = {"name": name, "passes": 2, "aggregation": aggregation}
            valuer = valuer_of(teacher, options)
            with reads:
                valuer.values_of(batch)

    assert reads.found == []


def test_empty_pool_has_no_values() -> None:
    found = pool_of("entropy", 4, order=())

    assert (found.values.shape, found.class_pixels.tolist(), found.features) == ((0,), [0, 0, 0, 0], None)


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
