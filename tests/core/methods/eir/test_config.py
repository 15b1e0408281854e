from collections.abc import Sequence

import numpy as np
import pytest
from pydantic import ValidationError

from core.data.classes import ClassTable
from core.data.presence import ClassPresence
from core.methods.eir.config import EirConfig
from core.streams.base import MAIN, KnownDataset
from core.streams.class_incremental import ClassIncrementalStream


def test_defaults_are_the_published_ones() -> None:
    config = EirConfig()

    assert (config.memory.size, config.pseudo_labels.threshold) == (100, 0.7)
    assert (config.kd.weight, config.kd.mode, config.kd.alpha, config.kd.rest) == (5.0, "rskd", 1.0, True)
    assert (config.loss.mbce, config.loss.ac, config.loss.pos_weight) == (1.0, 0.0, 1.0)
    assert config.init_new == "background"
    assert config.optim.freeze_bn
    assert config.eval.decision_rule(has_background=True) == "threshold"


def test_cell_must_fit_the_crop() -> None:
    with pytest.raises(ValidationError, match=r"paste\.cell is 300 px but the training crop has 256 px"):
        EirConfig.model_validate({"data": {"crop_px": 256}, "paste": {"cell": 300}})


def test_config_survives_json() -> None:
    config = EirConfig.model_validate({"paste": {"lambda": 0.5}, "memory": {"size": 7}})

    assert EirConfig.model_validate(config.model_dump(mode="json")) == config
    assert config.model_dump(mode="json")["paste"]["lambda"] == 0.5


@pytest.mark.parametrize(
    "wrong", [{"kd": {"weight": -1}}, {"kd": {"mode": "all"}}, {"loss": {"mbce": 0}}, {"init_new": "zero"}]
)
def test_values_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EirConfig.model_validate(wrong)


def _image_warnings(memory: dict[str, object], shown: Sequence[tuple[int, ...]]) -> dict[str, str]:
    """Return the warnings for a stream of classes 1 to 3, then 4, over images that show these classes."""
    steps = ClassIncrementalStream(steps=((1, 2, 3), (4,)))
    pixels = np.zeros((len(shown), 256), np.int64)
    for row, classes in zip(pixels, shown, strict=True):
        row[list(classes)] = 9
    presence = ClassPresence(pixels, ClassTable({1: "a", 2: "b", 3: "c", 4: "d"}))
    known = {MAIN: KnownDataset(train_images=len(shown), presence=presence)}
    config = EirConfig.model_validate({"memory": memory})
    return {fault.pointer: fault.message for fault in config.image_warnings(steps, known)}


def test_a_memory_for_which_the_steps_have_too_few_images_is_worth_a_look() -> None:
    shown = [(1,)] * 35 + [(4,)] * 50

    found = _image_warnings({"size": 40}, shown)

    assert found.keys() == {"/config/memory/size"}
    assert "have 35 training images" in found["/config/memory/size"]
    assert _image_warnings({"size": 35}, shown) == {}


def test_a_filter_that_scenes_of_many_classes_cannot_pass_is_worth_a_look() -> None:
    crowded = [(1, 2, 3)] * 30 + [(1, 2)] * 10 + [(4,)] * 50

    found = _image_warnings({"size": 40}, crowded)

    assert found.keys() == {"/config/memory/filter"}
    assert "shows 2.8 of its step's classes on average" in found["/config/memory/filter"]
    assert _image_warnings({"size": 40, "filter": "class"}, crowded) == {}
    assert _image_warnings({"size": 0}, crowded) == {}


def test_images_that_are_not_counted_yet_say_nothing() -> None:
    steps = ClassIncrementalStream(steps=((1, 2, 3), (4,)))

    assert list(EirConfig().image_warnings(steps, {MAIN: KnownDataset(train_images=5, presence=None)})) == []
