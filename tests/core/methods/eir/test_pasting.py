from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from core.data.transforms.geometry import CropParams
from core.data.transforms.presets import to_normalised
from core.memory.store import InstanceMemory
from core.methods.class_incremental.config import DataConfig
from core.methods.eir.instance_bank import InstanceBank
from core.methods.eir.options import PasteOptions
from core.methods.eir.pasting import (
    MixedBatch,
    PlacedInstance,
    in_host_style,
    mix_batch_styles,
    mix_instances,
    paste_instances,
)
from tests.support.instances import rectangle_entry

SIDE_PX = 16
OPTIONS = PasteOptions(cell=6)


def patch(channel: int, lam: float, corner: tuple[int, int] = (1, 2), image: int = 0) -> PlacedInstance:
    """Return an instance of 2 x 3 pixels of value 5 whose last pixel does not show it."""
    mask = torch.tensor([[True, True, True], [True, True, False]])
    return PlacedInstance(image, channel, corner, lam, torch.full((3, 2, 3), 5.0), mask)


def bank_of(*channels: int) -> InstanceBank:
    """Return a bank with one entry a named channel."""
    entries = tuple(rectangle_entry(channel, (2, 2, 14, 12)) for channel in channels)
    return InstanceBank(InstanceMemory(entries, len(entries)), {c: c for c in channels}, DataConfig(crop_px=SIDE_PX))


def batch(count: int = 2) -> tuple[Tensor, Tensor]:
    """Return images of 1.0 and labels of background with one new class (9) in the middle."""
    labels = torch.zeros(count, SIDE_PX, SIDE_PX, dtype=torch.int64)
    labels[:, 6:10, 6:10] = 9
    return torch.ones(count, 3, SIDE_PX, SIDE_PX), labels


def mix(images: Tensor, labels: Tensor, bank: InstanceBank, options: PasteOptions = OPTIONS) -> MixedBatch:
    """Mix with one generator an image, seeded by its position."""
    rngs = [np.random.default_rng([3, index]) for index in range(len(images))]
    return mix_instances(images, labels, labels, bank, rngs, options)


def test_pixels_and_target_are_blended_inside_the_mask_only() -> None:
    images, labels = torch.ones(1, 3, 4, 6), torch.zeros(1, 4, 6, dtype=torch.int64)

    mixed, target = paste_instances(images, labels, [patch(2, lam=0.25)])

    inside = torch.zeros(4, 6, dtype=torch.bool)
    inside[1, 2:5] = True
    inside[2, 2:4] = True
    dense = target.to_dense(3)[0]
    assert torch.equal(mixed[0, 0], torch.where(inside, 0.25 * 5 + 0.75, 1.0))
    assert torch.equal(dense[2], torch.where(inside, 0.25, 0.0))
    assert torch.equal(dense[0], torch.where(inside, 0.75, 1.0))
    assert images.unique().tolist() == [1.0]


def test_pasted_ignore_pixel_is_labelled_with_weight_lambda() -> None:
    labels = torch.full((1, 4, 6), 255)

    _, target = paste_instances(torch.ones(1, 3, 4, 6), labels, [patch(2, lam=0.5)])

    assert target.to_dense(3)[0, :, 1, 2].tolist() == [0.0, 0.0, 0.5]
    assert target.labelled.sum() == 5


def test_later_paste_acts_on_the_result_of_the_earlier_one() -> None:
    labels = torch.zeros(1, 4, 6, dtype=torch.int64)

    mixed, target = paste_instances(torch.ones(1, 3, 4, 6), labels, [patch(2, lam=0.5), patch(1, lam=0.25)])

    assert target.to_dense(3)[0, :, 1, 2].tolist() == [0.375, 0.25, 0.375]
    assert mixed[0, 0, 1, 2] == 0.25 * 5 + 0.75 * 3


def test_pastes_of_one_class_add_up() -> None:
    labels = torch.zeros(1, 4, 6, dtype=torch.int64)

    _, target = paste_instances(torch.ones(1, 3, 4, 6), labels, [patch(2, lam=0.5), patch(2, lam=0.5)])

    assert target.to_dense(3)[0, :, 1, 2].tolist() == [0.25, 0.0, 0.75]


def test_hard_paste_replaces_pixel_and_label() -> None:
    labels = torch.ones(1, 4, 6, dtype=torch.int64)

    mixed, target = paste_instances(torch.ones(1, 3, 4, 6), labels, [patch(2, lam=1.0)])

    assert mixed[0, :, 2, 3].tolist() == [5.0, 5.0, 5.0]
    assert target.to_dense(3)[0, :, 2, 3].tolist() == [0.0, 0.0, 1.0]


def test_instance_that_would_leave_the_image_ends_one_pixel_before_the_border() -> None:
    images, labels = torch.ones(1, 3, 6, 6), torch.zeros(1, 6, 6, dtype=torch.int64)

    mixed, _ = paste_instances(images, labels, [patch(1, lam=1.0, corner=(5, 3))])

    rows, columns = (mixed[0, 0] == 5).nonzero().T
    assert (rows.min(), rows.max()) == (3, 4)
    assert (columns.min(), columns.max()) == (3, 5)


def test_planes_are_as_many_as_the_most_pastes_of_an_image() -> None:
    labels = torch.zeros(3, 4, 6, dtype=torch.int64)
    instances = [patch(1, 0.5, image=2), patch(2, 0.5, image=0), patch(1, 0.5, (0, 0), image=2)]

    _, target = paste_instances(torch.ones(3, 3, 4, 6), labels, instances)

    assert target.classes.shape == (3, 3, 4, 6)
    assert target.weights[1].sum(dim=0).unique().tolist() == [1.0]
    assert target.to_dense(3)[0, :, 1, 2].tolist() == [0.5, 0.0, 0.5]


def test_mixing_says_which_images_changed() -> None:
    images, labels = batch(3)
    pseudo_labels = labels.clone()
    pseudo_labels[1, 0, 0] = 1
    options = PasteOptions(cell=6, filler="none", **{"lambda": 1})

    mixed = mix_instances(
        images, labels, pseudo_labels, bank_of(1, 2), [np.random.default_rng(1) for _ in range(3)], options
    )

    is_different = (mixed.images != images).flatten(1).any(dim=1)
    assert mixed.changed.tolist() == [False, True, False]
    assert is_different.tolist() == [False, True, False]
    assert [(paste.image, paste.channel, paste.entry) for paste in mixed.pastes] == [(1, 1, 0)]


def test_pasted_pixels_are_those_of_the_augmented_entry_normalised() -> None:
    images, labels = batch(1)
    bank = bank_of(1)
    mixed = mix(images, labels, bank, PasteOptions(cell=6, lambda_=1.0))
    paste = mixed.pastes[0]
    fitted = bank.fit(paste.entry, paste.channel, paste.view, 6)
    (row, column), (height, width) = paste.corner, fitted.mask.shape

    pasted = mixed.images[0, :, row : row + height, column : column + width]

    assert isinstance(paste.view, CropParams)
    assert torch.allclose(pasted, torch.where(torch.from_numpy(fitted.mask), to_normalised(fitted.pixels), 1.0))


def test_weights_of_a_mixed_batch_sum_to_one_where_pixels_are_labelled() -> None:
    images, labels = batch(4)

    mixed = mix(images, labels, bank_of(1, 2, 3))

    assert len(mixed.pastes) == 12
    assert torch.allclose(mixed.target.weights.sum(dim=1), torch.ones(4, SIDE_PX, SIDE_PX))
    assert mixed.target.classes.unique().tolist() == [0, *sorted({p.channel for p in mixed.pastes}), 9]


def test_empty_memory_leaves_images_and_labels_as_they_are() -> None:
    images, labels = batch(2)
    labels[0, 0, 0] = 255

    mixed = mix(images, labels, bank_of())

    assert mixed.images is images
    assert mixed.target.weights.shape[1] == 1
    assert mixed.target.weights[0, 0, 0, 0] == 0
    assert not mixed.changed.any()
    assert mixed.pastes == ()


def test_pasting_can_be_turned_off() -> None:
    images, labels = batch(2)

    mixed = mix(images, labels, bank_of(1), PasteOptions(enabled=False, cell=100))

    assert mixed.images is images
    assert mixed.pastes == ()


def test_mixing_is_a_function_of_the_generators() -> None:
    images, labels = batch(2)
    bank = bank_of(1, 2)

    first, again = mix(images, labels, bank), mix(images, labels, bank)
    alone = mix_instances(images[1:], labels[1:], labels[1:], bank, [np.random.default_rng([3, 1])], OPTIONS)

    assert torch.equal(first.images, again.images)
    assert torch.equal(first.target.weights, again.target.weights)
    assert torch.equal(first.images[1:], alone.images)


def test_channels_last_images_are_mixed_alike() -> None:
    images, labels = batch(2)

    mixed = mix(images.contiguous(memory_format=torch.channels_last), labels, bank_of(1, 2))

    assert torch.equal(mixed.images, mix(images, labels, bank_of(1, 2)).images)


def test_instance_takes_the_mean_and_deviation_of_its_host() -> None:
    host = torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(0)) + 4
    pixels = torch.rand(3, 2, 3, generator=torch.Generator().manual_seed(1))

    styled = in_host_style(replace(patch(2, lam=1.0), pixels=pixels), host)

    torch.testing.assert_close(styled.pixels.mean(dim=(1, 2)), host.mean(dim=(1, 2)))
    torch.testing.assert_close(styled.pixels.std(dim=(1, 2)), host.std(dim=(1, 2)), rtol=1e-3, atol=1e-3)


def test_instance_of_one_pixel_has_no_style_and_stays() -> None:
    one = PlacedInstance(0, 2, (0, 0), 1.0, torch.ones(3, 1, 1), torch.ones(1, 1, dtype=torch.bool))

    assert in_host_style(one, torch.zeros(3, 8, 8)) is one


def test_batch_whose_styles_are_mixed_is_changed_in_every_image() -> None:
    images, labels = batch()
    images = images * torch.rand(images.shape, generator=torch.Generator().manual_seed(0))
    mixed = mix(images, labels, bank_of())
    drawn = [mix_batch_styles(mixed, "crossdomain", np.random.default_rng(seed)) for seed in range(12)]

    changed = [one for one in drawn if one is not mixed]

    assert 0 < len(changed) < 12
    assert all(one.changed.tolist() == [True, True] for one in changed)
    assert all(not torch.equal(one.images, images) for one in changed)
    assert all(one.target is mixed.target for one in changed)
