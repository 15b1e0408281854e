"""Class names and colours of a stored experiment's dataset."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.data.catalog import DatasetSpec, FolderDatasetSpec, WorldDatasetSpec, dataset_classes
from core.data.classes import ClassTable
from core.errors import CoreError

_SPEC: TypeAdapter[FolderDatasetSpec | WorldDatasetSpec] = TypeAdapter(DatasetSpec)


def classes_of(resolved: Mapping[str, Any]) -> ClassTable | None:
    """Return the class table of a resolved document's dataset; None where the dataset cannot be read any more."""
    try:
        return _read(json.dumps(resolved["dataset"], sort_keys=True))
    except (CoreError, OSError, ValidationError):
        return None


@lru_cache(maxsize=256)
def _read(dataset: str) -> ClassTable:
    # Only successes are kept: a dataset that comes back is found again.
    return dataset_classes(_SPEC.validate_json(dataset))
