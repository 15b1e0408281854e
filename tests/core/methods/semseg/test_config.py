from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.experiment import load_preset
from core.methods.catalog import config_class
from core.methods.semseg.baseline_config import MaskRcnnConfig
from core.methods.semseg.config import SemsegConfig
from core.streams.open_set import OpenSetStream
from tests.core.streams.test_open_set import CLASSES

STREAM = OpenSetStream(known=("cup",))


@pytest.mark.parametrize(
    ("method", "settings", "idle"),
    [
        ("semseg", {"execution": {"precision": "bfloat16"}}, "/config/execution/precision"),
        ("semseg", {"proposals": {"nms_test": 0.5}}, "/config/proposals/nms_test"),
        ("semseg", {"model": {"name": "tiny", "backbone_weights": "a.pth"}}, "/config/model/backbone_weights"),
        ("mask_rcnn", {"data": {"mask_targets": "bitmaps"}}, "/config/data/mask_targets"),
        (
            "mask_rcnn",
            {"model": {"class_agnostic": True}, "eval": {"unknown_threshold": 0.3}},
            "/config/eval/unknown_threshold",
        ),
    ],
)
def test_settings_that_do_nothing_are_told(method: str, settings: dict[str, Any], idle: str) -> None:
    config = config_class(method).model_validate(settings)

    assert [fault.pointer for fault in config.warnings(STREAM, CLASSES)] == [idle]


@pytest.mark.parametrize("preset", ["semseg/demo", "semseg/voc-coco", "semseg/graspnet", "mask_rcnn/demo"])
def test_presets_have_no_setting_that_does_nothing(preset: str) -> None:
    config = config_class(preset.split("/", maxsplit=1)[0]).model_validate(load_preset(preset).config)

    assert list(config.warnings(STREAM, CLASSES)) == []


def test_bounds_of_an_iou_are_ordered() -> None:
    with pytest.raises(ValidationError, match=r"score_ious has the lower bound 0\.5 above the upper one 0\.3"):
        SemsegConfig.model_validate({"proposals": {"score_ious": [0.5, 0.3]}})


def test_the_baseline_learns_from_bitmaps_and_has_a_threshold_of_its_own() -> None:
    config = MaskRcnnConfig()

    assert (config.mask_targets, config.eval.unknown_threshold) == ("bitmaps", 0.5)
    assert SemsegConfig().mask_targets == "polygons"
