from collections.abc import Mapping

import pytest

from core.errors import ConfigError
from core.methods.base import MethodConfig
from core.methods.catalog import (
    METHODS,
    config_class,
    load,
    method_entry,
    plan_function,
    preset_files,
    stage_functions,
)
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.base import StreamKind
from core.streams.class_incremental import ClassIncrementalStream

STREAM = ClassIncrementalStream(steps=((1,), (2,)))


@pytest.mark.parametrize("name", METHODS)
def test_every_row_resolves_to_code_that_fits_together(name: str) -> None:
    config, functions = config_class(name), stage_functions(name)

    stream = STREAM if method_entry(name).stream is StreamKind.CLASS_INCREMENTAL else ActiveRoundsStream()
    stages = plan_function(name)(config(), stream, None)

    assert issubclass(config, MethodConfig)
    assert isinstance(functions, Mapping)
    assert {stage.kind for stage in stages} == set(functions)


@pytest.mark.parametrize("name", METHODS)
def test_what_a_method_says_of_a_loss_that_is_not_finite_are_settings_that_it_has(name: str) -> None:
    config = config_class(name)
    settings = config().model_dump()

    assert config.advice_on_divergence()
    for setting in (*config.lowered_on_divergence, *config.set_on_divergence):
        section, _, key = setting.partition(".")
        assert key in settings[section], setting


def test_presets_are_named_after_their_method_in_alphabetical_order() -> None:
    files = preset_files("eir")

    assert "eir/demo" in files
    assert list(files) == sorted(files)
    assert files["eir/demo"].name == "demo.yaml"


def test_unknown_method_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"method 'finetun' does not exist; did you mean 'finetune'\?") as caught:
        method_entry("finetun")

    assert caught.value.pointer == "/method"


def test_dotted_path_names_module_and_attribute() -> None:
    assert load("core.methods.catalog:METHODS") is METHODS
