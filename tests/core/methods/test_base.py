from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.data.classes import CITYSCAPES_CLASSES, VOC_CLASSES, ClassTable
from core.methods.base import MethodConfig
from core.methods.catalog import config_class
from core.stage.spec import StageKind, StageSpec
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.base import TaskStream
from core.streams.class_incremental import ClassIncrementalStream


class Settings(MethodConfig):
    """A config with one setting."""

    size: int = 1


def test_unknown_setting_is_an_error() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Settings.model_validate({"sise": 2})


def test_setting_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().size = 2  # type: ignore[misc]


def test_every_method_says_how_its_stages_run_and_shows_it_last_in_a_form() -> None:
    assert Settings().execution.checkpoint_every == 200
    assert list(Settings.model_json_schema()["properties"]) == ["size", "execution"]


def test_advice_on_a_loss_that_is_not_finite_names_the_settings_of_the_method() -> None:
    class Steep(Settings):
        lowered_on_divergence = ("optim.lr", "size")
        set_on_divergence = ("optim.clip_norm",)

    assert Steep.advice_on_divergence() == "lower optim.lr and size, or set optim.clip_norm"
    assert Settings.advice_on_divergence() == ""


def test_stage_of_a_plan_is_found_again_in_json() -> None:
    stage = StageSpec(
        index=1, name="train", kind=StageKind.TRAIN, step=1, noun="step", inputs={"model": "0/model"}, images=5
    )

    assert StageSpec.model_validate_json(stage.model_dump_json()) == stage
    assert stage.model_dump(mode="json")["kind"] == "train"


@pytest.mark.parametrize("wrong", [{"index": -1}, {"kind": "sing"}, {"step": -1}, {"gpu": 1}])
def test_stage_with_a_value_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StageSpec.model_validate({"index": 0, "name": "train", "kind": "train", "step": 0, "noun": "step", **wrong})


STEPS = ClassIncrementalStream(steps=((1, 2), (3,)))
ROUNDS = ActiveRoundsStream()


def found(method: str, classes: ClassTable, **config: Any) -> list[tuple[str, str]]:
    """Return pointer and message of each warning."""
    stream: TaskStream = ROUNDS if method == "stal" else STEPS
    warnings = config_class(method).model_validate(config).warnings(stream, classes)
    return [(fault.pointer, fault.message) for fault in warnings]


@pytest.mark.parametrize(
    "method",
    ["eir", "finetune", "lwf", "lwf_mc", "ilt", "mib", "plop", "ewc", "dkd", "dkd_m", "ssul", "ssul_m", "stal"],
)
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
