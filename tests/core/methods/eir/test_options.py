import pytest
from pydantic import ValidationError

from core.errors import ConfigError
from core.methods.eir.options import BetaBlend, PasteOptions


def test_lambda_is_written_as_it_is_read() -> None:
    options = PasteOptions.model_validate({"lambda": {"beta": [2, 3]}})

    assert options.lambda_ == BetaBlend(beta=(2.0, 3.0))
    assert options.model_dump(mode="json")["lambda"] == {"beta": [2.0, 3.0]}
    assert PasteOptions.model_validate_json(options.model_dump_json()) == options


def test_lambda_may_be_a_fixed_number() -> None:
    assert PasteOptions.model_validate({"lambda": 1}).lambda_ == 1.0


@pytest.mark.parametrize("value", [0, 1.5, {"beta": [1]}, {"beta": [0, 1]}, {"gamma": [1, 1]}])
def test_lambda_out_of_range_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="lambda"):
        PasteOptions.model_validate({"lambda": value})


@pytest.mark.parametrize(("crop_px", "expected"), [(512, 250), (96, 46), (32, 15), (16, 7)])
def test_cell_is_a_share_of_the_crop_unless_set(crop_px: int, expected: int) -> None:
    assert PasteOptions().cell_px(crop_px) == expected
    assert PasteOptions(cell=12).cell_px(crop_px) == 12


def test_cell_larger_than_the_crop_is_an_error_of_the_config() -> None:
    with pytest.raises(ConfigError, match=r"paste\.cell is 40 px but the training crop has 32 px") as caught:
        PasteOptions(cell=40).cell_px(32)

    assert caught.value.pointer == "/paste/cell"
