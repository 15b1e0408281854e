import pytest
from pydantic import ValidationError

from core.methods.base import MethodConfig
from core.stage.spec import StageKind, StageSpec


class Settings(MethodConfig):
    """A config with one setting."""

    size: int = 1


def test_unknown_setting_is_an_error() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Settings.model_validate({"sise": 2})


def test_setting_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().size = 2  # type: ignore[misc]


def test_advice_on_a_loss_that_is_not_finite_names_the_settings_of_the_method() -> None:
    class Steep(Settings):
        lowered_on_divergence = ("optim.lr", "size")
        set_on_divergence = ("optim.clip_norm",)

    assert Steep.advice_on_divergence() == "lower optim.lr and size, or set optim.clip_norm"
    assert Settings.advice_on_divergence() == ""


def test_stage_of_a_plan_is_found_again_in_json() -> None:
    stage = StageSpec(index=1, name="train", kind=StageKind.TRAIN, inputs={"model": "0/model"}, images=5)

    assert StageSpec.model_validate_json(stage.model_dump_json()) == stage
    assert stage.model_dump(mode="json")["kind"] == "train"


@pytest.mark.parametrize("wrong", [{"index": -1}, {"kind": "sing"}, {"gpu": 1}])
def test_stage_with_a_value_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StageSpec.model_validate({"index": 0, "name": "train", "kind": "train", **wrong})
