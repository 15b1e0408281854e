"""The defaults are the published values."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.experiment import InvalidExperiment, resolve
from core.methods.stal.config import CompatOptions, StalConfig


def test_defaults_are_the_published_ones() -> None:
    config = StalConfig()

    assert (config.data.crop_px, config.data.scale_min, config.data.scale_max) == (769, 0.5, 2.0)
    assert (config.optim.lr, config.optim.head_lr_factor, config.optim.epochs) == (0.0025, 10.0, 200)
    assert (config.optim.momentum, config.optim.weight_decay, config.optim.batch_size) == (0.9, 1e-4, 4)
    assert (config.supervised.loss, config.supervised.thresh, config.supervised.min_kept) == ("ohem", 0.7, 100_000)
    assert (config.self_training.weight, config.contrast.weight) == (1.0, 0.1)
    assert (config.contrast.start_epoch, config.contrast.queries, config.contrast.negatives) == (20, 256, 50)
    assert (config.contrast.memory, config.contrast.memory_first) == (30_000, 50_000)
    assert (config.mix.area_share, config.mix.presence_share) == (0.005, 0.01)
    assert config.bank_momentum == 0.999


def test_the_mode_of_a_test_is_told() -> None:
    assert StalConfig().testing_in_words(has_background=False) == (
        "tested on whole images in one pass (mode whole); a pixel gets the best class"
    )
    sliding = StalConfig.model_validate({"eval": {"mode": "sliding", "scales": [0.5, 1], "flip": True}})
    assert sliding.testing_in_words(has_background=False) == (
        "tested in sliding windows at scale 0.5, 1 and mirrored (mode sliding); a pixel gets the best class"
    )


def test_nothing_of_the_references_slips_is_on_by_default() -> None:
    assert not any(CompatOptions().model_dump().values())


@pytest.mark.parametrize(
    "wrong", [{"mix": {"kind": "mosaic"}}, {"contrast": {"temperature": 0}}, {"acquisition": {"name": "best"}}]
)
def test_values_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StalConfig.model_validate(wrong)


def test_a_label_space_that_is_not_the_targets_is_refused_before_anything_is_trained() -> None:
    document = {
        "method": "stal",
        "dataset": {"world": "objects"},
        "stream": {"kind": "active_rounds", "initial_images": 2, "budgets": []},
        "config": {"data": {"label_space": "contiguous16"}},
    }

    with pytest.raises(InvalidExperiment) as refused:
        resolve(document)

    assert [fault.pointer for fault in refused.value.faults] == ["/config/data/label_space"]


@pytest.mark.parametrize(
    ("supervised", "pointer", "message"),
    [
        (
            {"weights_by_name": {"ball": 1, "kit": 2}},
            "weights_by_name",
            "has no class 'kit' to weigh; did you mean 'kite'",
        ),
        ({"class_weights": True}, "class_weights", "published for the 19 classes of Cityscapes, not for"),
    ],
)
def test_weights_of_classes_that_are_not_there_are_refused_before_anything_is_trained(
    supervised: dict[str, object], pointer: str, message: str
) -> None:
    document = {
        "method": "stal",
        "dataset": {"world": "objects"},
        "stream": {"kind": "active_rounds", "initial_images": 2, "budgets": []},
        "config": {"supervised": supervised},
    }

    with pytest.raises(InvalidExperiment, match=message) as refused:
        resolve(document)

    assert [fault.pointer for fault in refused.value.faults] == [f"/config/supervised/{pointer}"]


@pytest.mark.parametrize(
    ("options", "used"),
    [
        ({"name": "stal"}, {"stratify", "quota", "score_input"}),
        ({"name": "random", "stratify": False}, {"stratify"}),
        ({"name": "entropy"}, {"stratify", "quota", "aggregation"}),
        ({"name": "bald", "aggregation": "top"}, {"stratify", "quota", "aggregation", "top_fraction", "passes"}),
        ({"name": "coreset"}, set()),
        ({"name": "ripu_ra"}, {"unit", "radius"}),
        ({"name": "bald", "unit": "region"}, {"unit", "radius", "passes"}),
    ],
)
def test_a_round_tells_the_settings_that_play_a_part(options: dict[str, object], used: set[str]) -> None:
    found = StalConfig.model_validate({"acquisition": options}).acquisition.in_use()

    assert found.keys() == {"name", *used}
    assert found["name"] == options["name"]


def test_windows_are_as_large_as_published_unless_said_otherwise() -> None:
    radius = [
        StalConfig.model_validate({"acquisition": options}).acquisition.in_use()["radius"]
        for options in ({"name": "ripu_ra"}, {"name": "ripu_pa"}, {"name": "margin", "unit": "region", "radius": 4})
    ]
    assert radius == [1, 32, 4]


@pytest.mark.parametrize("options", [{"name": "coreset", "unit": "region"}, {"name": "ripu_ra", "unit": "image"}])
def test_functions_without_values_of_pixels_ask_for_what_they_were_published_for(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="leave unit 'auto', or take one of random, entropy"):
        StalConfig.model_validate({"acquisition": options})


@pytest.mark.parametrize("name", ["source_size", "target_size"])
@pytest.mark.parametrize("size", [[2048], [2048, 1024, 3], [8, 1024], [2048, 20_000]])
def test_a_size_is_a_width_and_a_height(name: str, size: list[int]) -> None:
    with pytest.raises(ValidationError, match=name):
        StalConfig.model_validate({"data": {name: size}})
