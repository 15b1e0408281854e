"""The model of a step: grown from the one before, tested, and handed on."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import StorageError
from core.methods.class_incremental.growing_model import SegmentationModel
from core.methods.class_incremental.model_store import load_model
from core.methods.class_incremental.step_model import (
    classes_per_step,
    evaluate_step,
    grow_model,
    load_previous_model,
    random_start,
    step_of,
    store_step_model,
)
from core.methods.css_baselines.config import FinetuneConfig
from core.methods.eir.config import EirConfig
from core.stage.context import StageContext
from core.stage.events import BACKGROUND_ID, Scores
from core.streams.class_incremental import ClassIncrementalStream
from tests.support.contexts import context_of
from tests.support.local_runs import confusion_of, events_of


def first_model(folder: Path) -> SegmentationModel:
    """Store the first step's model where the second finds it."""
    context = context_of(folder)
    model = grow_model(context, context.config, None)
    store_step_model(context, context.config, model)
    shutil.copytree(folder / "artifacts/model", folder / "inputs/model")
    return model


def second(folder: Path, **sections: object) -> StageContext[FinetuneConfig]:
    return context_of(folder, 1, **sections)


def test_training_stage_belongs_to_the_step_of_its_index(tmp_path: Path) -> None:
    step = step_of(second(tmp_path))

    assert (step.old_classes, step.new_classes) == ((5,), (2,))
    assert classes_per_step(second(tmp_path), step) == (1, 1)


def test_base_step_has_no_model_before_it(tmp_path: Path) -> None:
    context = context_of(tmp_path)

    assert load_previous_model(context, step_of(context)) is None


def test_base_model_depends_on_the_seed_alone(tmp_path: Path) -> None:
    context = context_of(tmp_path)
    other = replace(context, spec=context.spec.model_copy(update={"seed": 8}))

    models = [grow_model(one, one.config, None) for one in (context, context, other)]

    weights = [model.cls.heads[1].weight for model in models]
    assert models[0].training
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_later_model_has_the_weights_of_the_one_before_and_a_head_more(tmp_path: Path) -> None:
    old = first_model(tmp_path)
    context = second(tmp_path)

    model = grow_model(context, context.config, load_previous_model(context, step_of(context)))

    found, expected = model.state_dict(), old.state_dict()
    assert model.classes_per_step == (1, 1)
    assert [name for name in expected if not torch.equal(found[name], expected[name])] == []
    assert set(found) - set(expected) == {"cls.2.weight", "cls.2.bias"}


@pytest.mark.parametrize(("init_new", "is_copied"), [("background", True), ("random", False)])
def test_new_head_starts_as_configured(tmp_path: Path, init_new: str, is_copied: bool) -> None:
    old = first_model(tmp_path)
    context = second(tmp_path, init_new=init_new)

    model = grow_model(context, context.config, load_previous_model(context, step_of(context)))

    assert torch.equal(model.cls.heads[2].weight, old.cls.heads[0].weight) is is_copied


@pytest.mark.parametrize("freeze_bn", [True, False])
def test_batch_norm_is_fixed_at_later_steps_where_configured(tmp_path: Path, freeze_bn: bool) -> None:
    first_model(tmp_path)
    context = second(tmp_path, optim={"freeze_bn": freeze_bn})

    model = grow_model(context, context.config, load_previous_model(context, step_of(context)))

    assert model.training
    assert model.freeze_bn is freeze_bn


def test_model_of_other_classes_is_refused_with_both_lists(tmp_path: Path) -> None:
    first_model(tmp_path)
    context = replace(second(tmp_path), stream=ClassIncrementalStream(steps=((3,), (2,))))

    with pytest.raises(StorageError, match=r"the model knows the classes \(5,\), but those before step 1 are \(3,\)"):
        load_previous_model(context, step_of(context))


def test_model_of_another_architecture_is_refused(tmp_path: Path) -> None:
    first_model(tmp_path)
    context = second(tmp_path, model={"name": "deeplabv3_resnet18"})

    with pytest.raises(StorageError, match="inputs/model: "):
        grow_model(context, context.config, load_previous_model(context, step_of(context)))


def test_evaluation_announces_scores_and_the_matrix_that_they_follow_from(tmp_path: Path) -> None:
    first_model(tmp_path)
    context = second(tmp_path)
    previous = load_previous_model(context, step_of(context))

    model = grow_model(context, context.config, previous)
    evaluate_step(context, context.config, model, 40)

    (scores,) = events_of(tmp_path, Scores)
    assert (scores.step, scores.iteration, scores.split) == (1, 40, "test")
    confusion = confusion_of(tmp_path, scores)
    assert confusion.channels == scores.records[0].channels == [BACKGROUND_ID, 5, 2]
    # The two test pictures with a seen class: a block of 100 pixels each.
    assert np.sum(confusion.matrix, axis=1).tolist() == [2 * (32 * 32 - 100), 100, 100]


def test_stored_model_says_where_it_comes_from(tmp_path: Path) -> None:
    first_model(tmp_path)

    record = load_model(tmp_path / "artifacts/model").record

    assert (record.method, record.run_id, record.seed, record.step) == ("finetune", "run", 7, 0)
    assert (record.learning_order, record.classes_per_step, record.rule) == ((5,), (1,), "argmax_all")
    assert record.architecture.name == "tiny"


def test_random_start_is_a_deviation_of_the_base_step_of_a_published_network(tmp_path: Path) -> None:
    first, later = (context_of(tmp_path).stream.step(index) for index in (0, 1))
    published, given = EirConfig(), EirConfig.model_validate({"model": {"backbone_weights": "resnet101.pth"}})

    assert random_start(published, first) == (
        "trained from random weights: model.backbone_weights names no file of ImageNet weights",
    )
    assert random_start(published, later) == ()
    assert random_start(given, first) == ()
    assert random_start(context_of(tmp_path).config, first) == ()
