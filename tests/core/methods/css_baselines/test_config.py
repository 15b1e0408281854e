import pytest
from pydantic import ValidationError

from core.data.classes import ClassTable
from core.errors import ConfigError
from core.methods.css_baselines.config import (
    BaselineConfig,
    EwcConfig,
    FinetuneConfig,
    IltConfig,
    LwfConfig,
    LwfMcConfig,
    MibConfig,
    PlopConfig,
)
from core.methods.css_baselines.dkd_config import DkdMConfig
from core.methods.css_baselines.ssul_config import SsulConfig, SsulMConfig
from core.streams.class_incremental import ClassIncrementalStream


def test_defaults_are_the_published_ones_of_the_softmax_methods() -> None:
    config = FinetuneConfig()

    optim = config.optim
    assert (optim.lr_base, optim.lr_step, optim.head_lr_factor, optim.weight_decay) == (1e-2, 1e-3, 1.0, 1e-4)
    assert (optim.batch_size, optim.epochs, optim.momentum, optim.nesterov) == (24, 30, 0.9, True)
    assert not optim.freeze_bn
    assert not config.model.detach_background_head
    assert config.eval.decision_rule(has_background=True) == "argmax_all"
    assert config.init_new == "random"


def test_settings_of_a_memory_are_unknown() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        FinetuneConfig.model_validate({"memory": {"size": 3}})


def test_section_keeps_the_published_defaults_beside_what_is_set() -> None:
    config = FinetuneConfig.model_validate({"optim": {"lr_base": 0.5}})

    assert (config.optim.lr_base, config.optim.lr_step, config.optim.batch_size) == (0.5, 1e-3, 24)


def idle_names(config: BaselineConfig, steps: tuple[tuple[int, ...], ...]) -> set[str]:
    """Return the settings that the config warns of as without effect."""
    stream = ClassIncrementalStream(steps=steps)
    warnings = config.warnings(stream, ClassTable({1: "a", 2: "b"}, background_id=0))
    return {fault.pointer.removeprefix("/config/") for fault in warnings if "has no effect" in fault.message}


@pytest.mark.parametrize(
    ("config", "names"),
    [
        (LwfConfig(kd_weight=3), {"kd_weight"}),
        (LwfMcConfig(kd_weight=3), {"kd_weight"}),
        (IltConfig(kd_weight=3, feature_weight=4), {"kd_weight", "feature_weight"}),
        (MibConfig(kd_weight=3), {"kd_weight"}),
        (PlopConfig.model_validate({"plop": {"code_compat": True, "tap": "post"}}), {"plop/code_compat", "plop/tap"}),
        (EwcConfig.model_validate({"ewc": {"weight": 3, "batches": 5}}), {"ewc/weight", "ewc/batches"}),
    ],
)
def test_settings_against_forgetting_have_no_effect_in_a_single_step(config: BaselineConfig, names: set[str]) -> None:
    assert idle_names(config, ((1, 2),)) == names
    assert idle_names(config, ((1,), (2,))) == set()


@pytest.mark.parametrize(
    ("config", "names"),
    [
        (
            PlopConfig.model_validate(
                {"plop": {"pseudo_labels": False, "code_compat": True, "feature_factor": 0, "tap": "post"}}
            ),
            {"plop/code_compat", "plop/tap"},
        ),
        (EwcConfig.model_validate({"ewc": {"weight": 0, "batches": 5}}), {"ewc/batches"}),
        (EwcConfig.model_validate({"ewc": {"fisher": "sum", "decay": 0.5}}), {"ewc/decay"}),
    ],
)
def test_settings_of_what_is_off_have_no_effect(config: BaselineConfig, names: set[str]) -> None:
    assert idle_names(config, ((1,), (2,))) == names


@pytest.mark.parametrize(
    ("config", "init_new"),
    [(LwfConfig(), "random"), (MibConfig(), "mib"), (PlopConfig(), "mib"), (EwcConfig(), "random")],
)
def test_new_heads_start_as_published(config: BaselineConfig, init_new: str) -> None:
    assert config.init_new == init_new
    assert config.eval.decision_rule(has_background=True) == "argmax_all"


def test_dkd_trains_as_eir_and_starts_new_heads_from_the_auxiliary_channel() -> None:
    config = DkdMConfig()

    loss = config.loss
    assert (loss.mbce, loss.kd, loss.positive, loss.negative, loss.ac) == (1, 5, 5, 5, 1)
    assert [loss.pos_weight(step) for step in (0, 1, 2)] == [2, 1, 1]
    assert (config.optim.lr_base, config.optim.epochs, config.optim.freeze_bn) == (1e-3, 60, True)
    assert (config.init_new, config.memory.size, config.memory.threshold) == ("background", 100, 0.9)
    assert not config.decays_old_weights
    assert config.eval.decision_rule(has_background=True) == "threshold"


def test_ssul_has_the_published_rates_of_trunk_and_heads() -> None:
    config = SsulMConfig()

    optim = config.optim
    assert (optim.lr_base, optim.lr_base * optim.head_lr_factor, optim.epochs, optim.batch_size) == (1e-3, 1e-2, 50, 32)
    assert optim.lr_step * optim.head_lr_factor == 1e-2
    assert (config.ssul.threshold, config.ssul.background_lr_factor, config.init_new) == (0.7, 1e-4, "unknown")
    assert (config.memory.size, config.memory.threshold) == (100, 0.7)
    assert (config.heads, config.eval.decision_rule(has_background=True)) == ("deep_unknown", "argmax_all")


def test_unknown_without_saliency_maps_is_refused() -> None:
    classes = ClassTable({1: "a", 2: "b"}, background_id=0)

    with pytest.raises(ConfigError, match=r"ssul\.saliency_root names no folder") as caught:
        SsulConfig().check_against(classes)

    assert caught.value.pointer == "/config/ssul/saliency_root"
    SsulConfig.model_validate({"ssul": {"saliency_root": "maps"}}).check_against(classes)
    SsulConfig.model_validate({"ssul": {"unknown": False}}).check_against(classes)


def test_settings_of_an_unknown_that_is_off_have_no_effect() -> None:
    config = SsulConfig.model_validate(
        {"ssul": {"unknown": False, "saliency_root": "maps", "threshold": 0.5}, "init_new": "random"}
    )

    assert idle_names(config, ((1,), (2,))) == {"ssul/saliency_root", "init_new"}
    assert idle_names(config, ((1, 2),)) == {"ssul/saliency_root", "init_new", "ssul/threshold"}


def test_settings_of_an_image_memory_that_play_no_part_are_named() -> None:
    off = DkdMConfig.model_validate({"memory": {"size": 0, "threshold": 0.5}})
    short = DkdMConfig.model_validate({"memory": {"size": 5, "threshold": 0.5}})

    assert idle_names(off, ((1,), (2,), (3,))) == {"memory/threshold"}
    assert idle_names(short, ((1,), (2,))) == {"memory/threshold"}
    assert idle_names(short, ((1,), (2,), (3,))) == set()
    assert idle_names(short, ((1, 2),)) == {"memory/size", "memory/threshold"}
