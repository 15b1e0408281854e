"""Which images are kept, with which labels, and how they are trained on again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.files import index_png
from core.memory.images import labelled_image
from core.memory.store import load_memory
from core.methods.class_incremental.config import DataConfig
from core.methods.class_incremental.step_data import open_training_images
from core.methods.css_baselines.dkd_config import DkdMConfig
from core.methods.css_baselines.image_memory import HalfReplay, ImagesWithReplay, _visible_label
from core.methods.css_baselines.saliency import MarkedImages, SaliencyMaps
from core.runner.local import LocalRun
from core.stage.events import MemorySnapshot
from core.stage.folder import ARTIFACT_DIR
from tests.support.baselines import learner_of
from tests.support.contexts import context_of
from tests.support.local_runs import attempt_of, events_of, finish, small_run, warnings_of

IMAGE = np.full((32, 32, 3), 200, np.uint8)
WHOLE = DataConfig(crop_px=32, area_min=1, area_max=1, flip=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    run = small_run(
        tmp_path_factory.mktemp("dkd_m"), "dkd_m", ((1,), (2,), (3,)), optim={"iterations": 2}, memory={"size": 3}
    )
    finish(run)
    return run


def test_every_class_seen_gets_a_turn(run: LocalRun) -> None:
    memories = [load_memory(attempt_of(run, index) / ARTIFACT_DIR / "memory") for index in range(3)]

    assert [sorted(entry.drawn_class for entry in memory.entries) for memory in memories] == [
        [1, 1, 1],
        [1, 2, 2],
        [1, 2, 3],
    ]
    assert [memory.seen_classes for memory in memories] == [(1,), (1, 2), (1, 2, 3)]
    assert all(entry.box == (0, 0, 32, 32) for memory in memories for entry in memory.entries)


def test_snapshot_of_the_memory_is_announced(run: LocalRun) -> None:
    (snapshot,) = events_of(attempt_of(run, 1), MemorySnapshot)

    assert (snapshot.items, snapshot.path) == (3, "artifacts/memory/index.json")
    assert snapshot.bytes > 0


def test_kept_image_follows_the_images_of_the_step_with_its_own_classes_alone(tmp_path: Path) -> None:
    context = context_of(tmp_path, 1)
    images = open_training_images(context, context.stream.step(1), WHOLE)
    labels = np.full((32, 32), 255, np.uint8)
    labels[:4], labels[4:8] = 5, 2
    entry = labelled_image(IMAGE, labels, (5,), drawn_class=5, source="kept", step=0)

    data = ImagesWithReplay(images, (entry,), context.stream.step(1))
    image, channels = data.item(len(images), np.random.default_rng(0))

    assert len(data) == len(images) + 1
    assert data.name_of(len(images)) == f"memory/{entry.id}"
    assert data.name_of(0) == images.name_of(0)
    # Class 5 is channel 1; class 2 is not the entry's, and what is ignored is background. The image stays whole.
    assert torch.bincount(channels.flatten()).tolist() == [28 * 32, 4 * 32]
    assert image.abs().min() > 0


def test_old_classes_that_the_model_finds_in_the_background_are_kept_as_labels(tmp_path: Path) -> None:
    context = context_of(tmp_path, 1)
    images = open_training_images(context, context.stream.step(1), WHOLE)
    learner = replace(learner_of(DkdMConfig()), step=context.stream.step(1))
    bias = learner.model.cls.heads[1].bias
    assert bias is not None
    with torch.no_grad():
        bias.fill_(50)

    certain = _visible_label(learner, images, 0, 0.9)
    first = replace(learner, step=replace(learner.step, index=0))

    # The old class is 5, the new one 2: the model now finds class 5 everywhere, but never over a label.
    assert (certain == 5).sum() == 32 * 32 - 100
    assert (certain == 2).sum() == 100
    assert (_visible_label(first, images, 0, 0.9) == 255).sum() == 32 * 32 - 100


def test_half_of_a_batch_are_kept_images_that_are_augmented_anew() -> None:
    plan = HalfReplay(num_items=40, batch_size=8, run_seed=1, stage_index=1, num_kept=6)

    batches = np.stack([plan.items(iteration) for iteration in range(plan.per_epoch)])

    assert plan.per_epoch == 5
    assert ((batches >= 40).sum(axis=1) == 4).all()
    assert batches.max() < 46
    assert all(len(set(batch[batch >= 40])) == 4 for batch in batches)
    assert plan.augmentation(0, 41).random() != plan.augmentation(1, 41).random()
    assert plan.augmentation(0, 3).random() == plan.augmentation(1, 3).random()


def test_empty_memory_replaces_nothing() -> None:
    plan = HalfReplay(num_items=8, batch_size=8, run_seed=1, stage_index=1)

    assert sorted(plan.items(0)) == list(range(8))


def test_unknown_of_a_kept_image_is_marked(tmp_path: Path) -> None:
    context = context_of(tmp_path, 1)
    images = open_training_images(context, context.stream.step(1), WHOLE)
    labels = np.full((32, 32), 255, np.uint8)
    labels[:4] = 5
    entry = labelled_image(IMAGE, labels, (5,), drawn_class=5, source="kept", step=0)
    saliency = np.zeros((32, 32), np.uint8)
    saliency[2:7] = 1
    (tmp_path / "kept.png").write_bytes(index_png(saliency))
    marks = MarkedImages(images.dataset, SaliencyMaps(tmp_path), np.zeros(256, bool), 254)

    data = ImagesWithReplay(images, (entry,), context.stream.step(1), marks)
    _, channels = data.item(len(images), np.random.default_rng(0))

    # Two classes are known, so channel 3 is the unknown.
    assert torch.bincount(channels.flatten()).tolist() == [25 * 32, 4 * 32, 0, 3 * 32]


def test_nothing_is_kept_where_the_memory_is_off(tmp_path: Path) -> None:
    run = small_run(tmp_path, "dkd_m", ((1,), (2,)), optim={"iterations": 1}, memory={"size": 0})

    finish(run)

    assert load_memory(attempt_of(run, 1) / ARTIFACT_DIR / "memory").entries == ()
    assert not [text for text in warnings_of(attempt_of(run, 1)) if "memory" in text]


def test_memory_larger_than_the_images_says_so(tmp_path: Path) -> None:
    larger = small_run(tmp_path, "dkd_m", ((1,), (2,)), optim={"iterations": 1}, memory={"size": 99})

    finish(larger)

    assert [text.split(" asked")[0] for text in warnings_of(attempt_of(larger, 0))][-1:] == [
        "memory holds 4 of the 99 images"
    ]
