"""What the dry run calls a setting without effect changes no bit of what is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.data.classes import CITYSCAPES_CLASSES, ClassTable
from core.methods.stal.config import StalConfig
from core.methods.stal.model_files import load_teacher
from core.methods.stal.stages import train_round
from core.streams.active_rounds import TARGET, ActiveRoundsStream
from tests.support.rounds import laid_over, round_context

Sections = Mapping[str, Mapping[str, Any]]
STREAM = {"initial_images": 2, "budgets": []}

WITHOUT_TEACHER: tuple[Sections, Sections] = (
    {
        "optim": {"name": "adam", "lr": 0.001},
        "self_training": {"weight": 0},
        "copy_paste": {"enabled": False},
    },
    {
        "model": {"checkpoint_state": "student", "checkpoint_partial": True, "init": "previous_round"},
        "data": {"source_size": (64, 48), "source_resize": "lanczos", "target_resize": "lanczos"},
        "optim": {"epochs": 3, "momentum": 0.5, "cosine_floor": 0.5},
        "supervised": {"thresh": 0.2, "min_kept": 5, "separate_domains": True},
        "self_training": {
            "loss": "plain", "gamma": 1, "sample": False, "sample_gamma": 2, "threshold": 0.5,
            "unreliable_percent": 50, "drop_percent": 10, "symmetric_labelled": True, "symmetric_unlabelled": True,
        },
        "bank_momentum": 0.5,
        "copy_paste": {"probability": 1, "classes_drawn": 1, "scale_min": 0.9, "frequent": ("road",)},
        "mix": {"area_share": 0.3, "presence_share": 0.2, "smooth": True},
        "contrast": {
            "temperature": 0.1, "max_probability": 0.5, "high_rank": 4, "low_percent": 1, "high_percent": 99,
            "anneal": True, "any_negative": True, "anchor_ema": True, "conf_weight": True, "half_precision": True,
        },
        "ripu": {"consistency_form": "kl", "negative_threshold": 0.5},
        "acquisition": {"name": "entropy", "stratify": False, "quota": "published"},
        "eval": {"base_size": 64, "scales": (1.0, 2.0), "flip": True, "between": "centre", "restrict": True},
        "compat": {
            "drop_low_entropy": True, "key_needs_label": True, "positional_index": True, "onehot_batch0": True,
            "proto_reset": True, "decay_absent": True, "log19": True,
        },
    },
)  # fmt: skip
U2PL: tuple[Sections, Sections] = (
    {"self_training": {"loss": "u2pl"}, "mix": {"kind": "cutmix"}, "contrast": {"anneal": True}},
    {
        "self_training": {
            "gamma": 1, "sample": False, "sample_gamma": 2, "threshold": 0.5, "symmetric_labelled": True,
        },
        "mix": {"area_share": 0.3, "presence_share": 0.2, "smooth": True},
        "contrast": {"low_percent": 1, "high_percent": 99},
        "compat": {"proto_reset": True},
    },
)  # fmt: skip
PLAIN: tuple[Sections, Sections] = (
    {
        "supervised": {"loss": "ohem", "min_kept": 0},
        "self_training": {"loss": "plain"},
        "copy_paste": {"probability": 0},
        "mix": {"kind": "none"},
        "contrast": {"weight": 0},
    },
    {
        "supervised": {"thresh": 0.2},
        "self_training": {"gamma": 1, "sample": False, "sample_gamma": 2, "drop_percent": 10},
        "bank_momentum": 0.5,
        "copy_paste": {"classes_drawn": 1, "scale_min": 0.9, "frequent": ("road",)},
        "contrast": {"temperature": 0.1, "anneal": True, "conf_weight": True},
        "compat": {"key_needs_label": True, "positional_index": True, "onehot_batch0": True, "decay_absent": True},
    },
)  # fmt: skip


def pointers(sections: Mapping[str, Any]) -> Iterator[str]:
    for section, values in sections.items():
        if isinstance(values, Mapping):
            yield from (f"/config/{section}/{name}" for name in values)
        else:
            yield f"/config/{section}"


def named(config: StalConfig, classes: ClassTable, **stream: Any) -> dict[str, str]:
    rounds = ActiveRoundsStream.model_validate({**STREAM, **stream})
    return {
        fault.pointer: fault.message for fault in config.warnings(rounds, classes) if fault.code == "without_effect"
    }


@pytest.mark.parametrize("case", [WITHOUT_TEACHER, U2PL, PLAIN], ids=["without teacher", "u2pl", "plain"])
def test_what_is_named_changes_nothing_and_all_of_it_is_named(tmp_path: Path, case: tuple[Sections, Sections]) -> None:
    base, changed = case
    plain = round_context(tmp_path / "plain", stream=STREAM, **base)
    other = round_context(tmp_path / "other", stream=STREAM, **laid_over(base, changed))

    trained = [
        load_teacher(context.folder / train_round(context).outputs["model"], context.device)[1]
        for context in (plain, other)
    ]

    assert trained[0].teacher_sha256 == trained[1].teacher_sha256
    assert trained[0].student_sha256 == trained[1].student_sha256
    quiet, found = (set(named(each.config, each.datasets[TARGET].classes)) for each in (plain, other))
    assert sorted(found - quiet) == sorted(pointers(changed))


def test_a_setting_that_does_something_is_not_named() -> None:
    config = StalConfig.model_validate(
        {
            "eval": {"mode": "sliding", "scales": [1, 1.5], "flip": True, "restrict": True, "every_epochs": 2},
            "contrast": {"high_percent": 70, "anchor_ema": True},
            "compat": {"proto_reset": True, "log19": True},
            "acquisition": {"quota": "published", "score_input": "native"},
        }
    )

    assert named(config, CITYSCAPES_CLASSES, budgets=[2]) == {}


@pytest.mark.parametrize(
    ("options", "idle"),
    [
        ({"name": "random", "passes": 5, "score_input": "native"}, {"passes", "score_input"}),
        ({"name": "ripu_ra", "stratify": False, "quota": "published"}, {"stratify", "quota"}),
        ({"name": "bald", "top_fraction": 0.5, "radius": 3}, {"top_fraction", "radius"}),
        ({"name": "bald", "aggregation": "top", "top_fraction": 0.5, "passes": 5}, set()),
    ],
)
def test_settings_of_other_questions_are_named(options: dict[str, Any], idle: set[str]) -> None:
    found = named(StalConfig.model_validate({"acquisition": options}), CITYSCAPES_CLASSES, budgets=[2])

    assert found.keys() == {f"/config/acquisition/{name}" for name in idle}


def test_the_reason_is_said() -> None:
    config = StalConfig.model_validate({"supervised": {"loss": "ce", "thresh": 0.5}})

    assert named(config, CITYSCAPES_CLASSES, budgets=[2]) == {
        "/config/supervised/thresh": "0.5 has no effect: supervised.loss is ce, which counts every pixel"
    }
