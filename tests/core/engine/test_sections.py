from typing import Any

import pytest
from pydantic import ValidationError

from core.engine.sections import ExecutionConfig


@pytest.mark.parametrize(
    "values", [{"checkpoint_every": 0}, {"log_every": 0}, {"threads": 0}, {"precision": "float16"}, {"gpus": 1}]
)
def test_value_outside_its_range_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        ExecutionConfig.model_validate(values)

    assert [error["loc"] for error in caught.value.errors()] == [tuple(values)]
