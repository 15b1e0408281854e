from collections.abc import Mapping
from itertools import chain
from typing import Any

import pytest

from core.errors import ConfigError
from core.experiment import load_preset, plan, resolve
from core.methods.base import MethodConfig
from core.methods.catalog import (
    METHODS,
    config_class,
    method_entry,
    plan_function,
    preset_files,
    stage_functions,
)
from core.stage.spec import StageKind
from core.streams.catalog import read_stream

STREAMS = {
    "class_incremental": {"steps": [[1], [2]]},
    "active_rounds": {},
    "domain_sequence": {"further": [{"name": "a", "dataset": {"world": "domains", "domain": "polyps"}}]},
    "open_set": {"known": ["ball"]},
    "checkpoint_test": {},
    "multi_target": {
        "target_labels": True,
        "targets": [{"name": "a", "dataset": {"world": "streets"}}, {"name": "b", "dataset": {"world": "streets"}}],
    },
}
"""A stream of each kind."""

GIVEN: Mapping[str, Mapping[str, Any]] = {name: {"ssul": {"saliency_root": "maps"}} for name in ("ssul", "ssul_m")}
"""Method -> settings that have no published value and must be given."""

PEERS = ("ewc", "lwf", "lwf_mc", "ilt", "mib", "plop", "dkd", "dkd_m", "ssul", "ssul_m")
ADE_SCHEDULES = ("100-50", "100-10", "100-5", "50-50")
VOC_SCHEDULES = ("19-1", "15-5", "15-1", "10-1", "5-3")


@pytest.mark.parametrize("name", METHODS)
def test_every_row_resolves_to_code_that_fits_together(name: str) -> None:
    config, functions = config_class(name), stage_functions(name)

    kind = method_entry(name).stream
    stream = read_stream({"kind": kind, **STREAMS[kind]})
    stages = plan_function(name)(config(), stream, None)

    assert issubclass(config, MethodConfig)
    assert isinstance(functions, Mapping)
    assert {stage.kind for stage in stages} == set(functions)


@pytest.mark.parametrize("name", [name for name in METHODS if StageKind.TRAIN in stage_functions(name)])
def test_what_a_method_says_of_a_loss_that_is_not_finite_are_settings_that_it_has(name: str) -> None:
    config = config_class(name)
    settings = config().model_dump()

    assert config.advice_on_divergence()
    for setting in (*config.lowered_on_divergence, *config.set_on_divergence):
        section, _, key = setting.partition(".")
        assert key in settings[section], setting


@pytest.mark.parametrize("name", [name for name in METHODS if preset_files(name)])
def test_the_demo_of_a_method_gives_its_published_settings_a_dataset_and_a_stream(name: str) -> None:
    demo = load_preset(f"{name}/demo")

    given = GIVEN.get(name, {})

    experiment = resolve({"method": name, "dataset": demo.dataset, "stream": demo.stream, "config": given})

    assert experiment.stream.kind == method_entry(name).stream
    assert experiment.config == config_class(name).model_validate(given)
    assert plan(experiment)


def test_presets_are_named_after_their_method_in_alphabetical_order() -> None:
    files = preset_files("eir")

    assert "eir/demo" in files
    assert list(files) == sorted(files)
    assert files["eir/demo"].name == "demo.yaml"


def test_every_preset_fixes_the_threads_and_so_the_bits() -> None:
    presets = {name: load_preset(name) for method in METHODS for name in preset_files(method)}

    assert [name for name, preset in presets.items() if not preset.config.get("execution", {}).get("threads")] == []


@pytest.mark.parametrize(
    ("below", "above"),
    [
        ("finetune/camvid", "eir/camvid"),
        *((f"finetune/voc-{s}-overlap", f"eir/voc-{s}-overlap") for s in VOC_SCHEDULES),
        *((f"{name}/demo", "eir/demo") for name in ("finetune", *PEERS)),
        *((f"{name}/voc-{s}-overlap", f"eir/voc-{s}-overlap") for name in PEERS for s in VOC_SCHEDULES[:4]),
        *(
            (f"{name}/voc-{s}-disjoint", f"eir/voc-{s}-disjoint")
            for name in ("finetune", "mib", "plop", "dkd", "dkd_m")
            for s in VOC_SCHEDULES[:3]
        ),
        *((f"finetune/voc-{s}-sequential", f"eir/voc-{s}-sequential") for s in VOC_SCHEDULES),
        *(
            (f"{m}/ade-{s}-overlap", f"eir/ade-{s}-overlap")
            for m in ("finetune", "mib", "plop", "ssul", "ssul_m")
            for s in ADE_SCHEDULES
        ),
        *((f"{m}/ade-{s}-overlap", f"eir/ade-{s}-overlap") for m in ("dkd", "dkd_m") for s in ("100-50", "50-50")),
    ],
)
def test_a_method_to_compare_with_has_the_same_data_and_stream(below: str, above: str) -> None:
    lower, upper = load_preset(below), load_preset(above)

    assert (lower.dataset, lower.stream) == (upper.dataset, upper.stream)


@pytest.mark.parametrize("name", ["camvid", "demo"])
def test_joint_training_sees_all_classes_at_once_with_the_updates_of_all_steps(name: str) -> None:
    steps, joint = load_preset(f"finetune/{name}"), load_preset(f"finetune/{name}-joint")

    assert joint.stream["steps"] == [sorted(chain.from_iterable(steps.stream["steps"]))]
    assert joint.config["optim"]["iterations"] == len(steps.stream["steps"]) * steps.config["optim"]["iterations"]


@pytest.mark.parametrize("schedule", ADE_SCHEDULES)
def test_ade20k_warms_up_over_a_fifth_of_every_step(schedule: str) -> None:
    preset = load_preset(f"eir/ade-{schedule}-overlap")
    config = config_class("eir").model_validate(preset.config)

    optim, loss = config.optim, config.loss
    assert preset.is_published
    assert (optim.lr_base, optim.lr_step, optim.epochs, optim.batch_size) == (2.5e-3, 2.5e-4, 100, 24)
    assert (optim.warmup_fraction, config.memory.size) == (0.2, 300)
    assert [loss.pos_weight_at(step) for step in (0, 1, 2)] == [2, 1, 1]
    assert preset.stream["schedule"] == f"ade20k/{schedule}"


def test_unknown_method_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"method 'finetun' does not exist; did you mean 'finetune'\?") as caught:
        method_entry("finetun")

    assert caught.value.pointer == "/method"
