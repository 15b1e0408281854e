import numpy as np
import torch

from core.data.transforms.presets import eir_train
from core.methods.class_incremental.config import DataConfig
from core.methods.eir.replay import blank_background, class_mask, crop_view, keep_instances, replay_item
from tests.support.instances import label_with_box, rectangle_entry

CROP = DataConfig(crop_px=16, area_min=0.5, area_max=1.0)


def test_replayed_item_is_the_augmented_canvas_with_the_instance_alone() -> None:
    entry = rectangle_entry(3, (2, 4, 12, 15))
    augmented = eir_train(entry.canvas_image(), entry.canvas_label(), np.random.default_rng(5), CROP)
    is_instance = augmented.label == 3

    image, labels = replay_item(entry, {3: 6, 9: 1}, np.random.default_rng(5), CROP)

    assert 0 < is_instance.sum() < is_instance.numel()
    assert torch.equal(labels, is_instance * 6)
    assert torch.equal(image, augmented.image * is_instance)


def test_class_zero_of_a_dataset_without_background_is_replayed() -> None:
    entry = rectangle_entry(0, (2, 4, 12, 15), background=5)

    _, labels = replay_item(entry, {0: 1, 5: 2}, np.random.default_rng(0), CROP)

    assert labels.unique().tolist() == [0, 1]


def test_filter_may_judge_a_seeded_crop_of_the_label() -> None:
    labels = label_with_box(1, (0, 0, 24, 20))
    labels[:, ::2] = 2
    view = crop_view(CROP, np.random.default_rng)

    first, again, other = view(labels, 1), view(labels, 1), view(labels, 2)

    assert first.shape == (16, 16)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_image_is_exactly_zero_where_no_kept_class_is() -> None:
    images = torch.full((2, 3, 1, 4), -1.5)
    labels = torch.tensor([[[1, 2, 0, 255]], [[2, 2, 1, 255]]])

    kept_images, kept_labels = keep_instances(images, labels, (2, 255))

    assert kept_labels.tolist() == [[[0, 2, 0, 0]], [[2, 2, 0, 0]]]
    assert kept_images[:, 1].tolist() == [[[0.0, -1.5, 0.0, 0.0]], [[-1.5, -1.5, 0.0, 0.0]]]


def test_blanking_leaves_every_instance_of_a_batch() -> None:
    images = torch.ones(1, 3, 1, 3)

    assert blank_background(images, torch.tensor([[[4, 0, 255]]]))[0, 0].tolist() == [[1.0, 0.0, 0.0]]


def test_mask_of_no_class_is_empty() -> None:
    assert class_mask(torch.tensor([[0, 1, 255]]), ()).tolist() == [[0, 0, 0]]
