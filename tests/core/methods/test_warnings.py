"""Settings that do nothing, or look unintended, are named before anything is trained."""

from __future__ import annotations

from typing import Any

import pytest

from core.data.classes import CITYSCAPES_CLASSES, VOC_CLASSES, ClassTable
from core.methods.catalog import config_class
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.base import TaskStream
from core.streams.class_incremental import ClassIncrementalStream

STEPS = ClassIncrementalStream(steps=((1, 2), (3,)))
ROUNDS = ActiveRoundsStream()


def found(method: str, classes: ClassTable, **config: Any) -> list[tuple[str, str]]:
    """Return pointer and message of each warning."""
    stream: TaskStream = ROUNDS if method == "stal" else STEPS
    warnings = config_class(method).model_validate(config).warnings(stream, classes)
    return [(fault.pointer, fault.message) for fault in warnings]


@pytest.mark.parametrize("method", ["eir", "finetune", "stal"])
def test_defaults_warn_of_nothing(method: str) -> None:
    assert found(method, CITYSCAPES_CLASSES if method == "stal" else VOC_CLASSES) == []


@pytest.mark.parametrize("method", ["eir", "finetune"])
def test_a_rule_that_answers_background_is_named_where_every_pixel_has_a_class(method: str) -> None:
    config = {"eval": {"rule": "argmax_all"}}

    ((pointer, message),) = found(method, CITYSCAPES_CLASSES, **config)

    assert pointer == "/config/eval/rule"
    assert "Leave the rule at auto, or take best_class" in message
    assert found(method, VOC_CLASSES, **config) == []


def test_scales_and_flips_of_whole_images_are_named() -> None:
    config = {"eval": {"scales": [0.5, 1.0], "flip": True}}

    assert [pointer for pointer, _ in found("stal", CITYSCAPES_CLASSES, **config)] == [
        "/config/eval/scales",
        "/config/eval/flip",
    ]
    assert found("stal", CITYSCAPES_CLASSES, eval={**config["eval"], "mode": "sliding"}) == []


def test_a_frequent_class_that_the_target_has_not_is_named_with_the_nearest() -> None:
    ((pointer, message),) = found("stal", CITYSCAPES_CLASSES, copy_paste={"frequent": ["road", "bulding"]})

    assert pointer == "/config/copy_paste/frequent/1"
    assert message == "'bulding' does nothing: the target has no such class; did you mean 'building'?"


def test_usual_frequent_classes_pass_on_other_data() -> None:
    assert found("stal", VOC_CLASSES) == []
