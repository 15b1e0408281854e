"""The spec of any dataset. Free of torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import ValidatorFunctionWrapHandler, WrapValidator

from core.data.catalog import WORLDS
from core.data.specs import FolderDatasetSpec, WorldDatasetSpec


def _choose_spec(data: Any, _handler: ValidatorFunctionWrapHandler) -> FolderDatasetSpec | WorldDatasetSpec:
    # A plain union would report the faults of every model for one misspelt key, so the key `world` decides.
    if isinstance(data, dict) and "world" in data:
        # The field itself refuses an unknown world, so that the fault points at it.
        entry = WORLDS.get(str(data["world"]))
        form: type[WorldDatasetSpec] = entry.load_spec() if entry is not None else WorldDatasetSpec
        return form.model_validate(data)
    if isinstance(data, dict):
        return FolderDatasetSpec.model_validate(data)
    if isinstance(data, FolderDatasetSpec | WorldDatasetSpec):
        return data
    raise ValueError("a dataset is an object: a built-in one with `world`, or a folder with `adapter` and `root`")


if TYPE_CHECKING:
    DatasetSpec = FolderDatasetSpec | WorldDatasetSpec
else:
    _FORMS = (FolderDatasetSpec, *(entry.load_spec() for entry in WORLDS.values()))
    DatasetSpec = Annotated[Union[_FORMS], WrapValidator(_choose_spec)]  # noqa: UP007 - made from the table
