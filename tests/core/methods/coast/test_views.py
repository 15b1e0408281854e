from __future__ import annotations

import numpy as np
import torch

from core.methods.coast.options import ViewOptions
from core.methods.coast.views import DomainOrder, DomainViews, JoinedViews
from tests.support.rounds import NAMES, pictures

CHANNELS = np.full(256, 255, np.uint8)
CHANNELS[sorted(NAMES)] = range(len(NAMES))


def views(count: int = 3, **options: object) -> DomainViews:
    small = {"image_size": (32, 16), "scale_width_px": 32, "crop_size": (16, 16), "cache_mib": 1}
    return DomainViews(pictures(count), CHANNELS, ViewOptions.model_validate({**small, **options}), 1)


def order(num_items: int, batch_size: int, domain: int = 0) -> DomainOrder:
    return DomainOrder(num_items, batch_size, run_seed=1, stage_index=0, domain=domain)


def test_every_pass_shows_every_image_once_across_batches() -> None:
    shown = np.concatenate([order(5, 2).items(iteration) for iteration in range(5)])

    assert sorted(shown[:5]) == sorted(shown[5:]) == list(range(5))
    assert shown[:5].tolist() != shown[5:].tolist()


def test_fewer_images_than_a_batch_come_several_times() -> None:
    assert sorted(order(2, 6).items(3)) == [0, 0, 0, 1, 1, 1]


def test_domains_are_shuffled_and_augmented_apart() -> None:
    first, second = order(50, 50), order(50, 50, domain=1)

    assert first.items(0).tolist() != second.items(0).tolist()
    assert first.augmentation(0, 0).random() != second.augmentation(0, 0).random()
    assert first.augmentation(4, 1).random() == order(50, 50).augmentation(4, 1).random()


def test_images_are_brought_to_one_size_and_cropped_in_unit_range() -> None:
    image, labels = views().labelled(0, np.random.default_rng(1))

    assert (image.shape, labels.shape, image.dtype) == ((3, 16, 16), (16, 16), torch.float32)
    assert 0 <= image.min() < image.max() <= 1
    assert set(labels.unique().tolist()) <= {0, 1, 3, 4, 255}


def test_a_crop_larger_than_the_image_is_padded_and_its_padding_ignored() -> None:
    large = views(crop_size=(128, 128), flip=0)

    image, labels = large.labelled(0, np.random.default_rng(1))

    assert (image.shape, labels.shape) == ((3, 128, 128), (128, 128))
    assert image[:, 64:].max() == image[:, :, 64:].max() == 0
    assert labels[64:].eq(255).all()
    assert labels.ne(255).any()


def test_joined_domains_are_one_list() -> None:
    joined = JoinedViews([views(2), views(3)])
    expected = views(3).labelled(1, np.random.default_rng(5))

    found = joined.labelled(3, np.random.default_rng(5))

    assert len(joined) == len(joined.ids) == 5
    assert torch.equal(found[0], expected[0])
