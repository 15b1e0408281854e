"""The class list that all datasets of a stream share, and names of datasets (CoaST 2.3). Free of torch."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, JsonValue

from core.data.dataset_spec import DatasetSpec

OWN_CLASSES: Literal["dataset"] = "dataset"


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


ClassChoice = Annotated[Literal["19", "7", "7-consistent", "dataset"], BeforeValidator(_as_text)]
"""A published class list, or the dataset's own classes."""
DatasetName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=40)]


def class_labels(own: str) -> dict[str, JsonValue]:
    """Return the labels of the class lists in forms; `own` says whose classes `dataset` stands for."""
    return {
        "19": "the 19 of Cityscapes",
        "7": "the 7 categories, by the published tables",
        "7-consistent": "the 7 categories, alike in all data sets",
        OWN_CLASSES: own,
    }


def read_as(spec: DatasetSpec, classes: ClassChoice) -> DatasetSpec:
    """Return a dataset's spec with a class list, if its adapter has that list."""
    if classes == OWN_CLASSES or "class_list" not in type(spec).model_fields:
        return spec
    return spec.model_copy(update={"class_list": classes})
