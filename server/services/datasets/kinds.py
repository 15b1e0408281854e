"""Kinds of datasets: the built-in worlds and the adapters."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from core.data.catalog import ADAPTERS, WORLDS
from core.data.specs import FolderDatasetSpec
from core.errors import nearest
from server.errors import NotFoundError
from server.schemas.dataset_kinds import DatasetKind


def list_kinds() -> list[DatasetKind]:
    """Return the built-in worlds, then the adapters."""
    worlds = [
        DatasetKind(name=name, kind="world", title=entry.title, options=_options(entry.load_spec(), "world", name))
        for name, entry in WORLDS.items()
    ]
    folders = [
        DatasetKind(name=name, kind="folder", title=entry.title, options=_options(FolderDatasetSpec, "adapter", name))
        for name, entry in ADAPTERS.items()
    ]
    return worlds + folders


def show_kind(name: str) -> DatasetKind:
    """Return one world or adapter; raises NotFoundError that suggests the nearest name."""
    kinds = {kind.name: kind for kind in list_kinds()}
    if name not in kinds:
        raise NotFoundError("kind of dataset", name, nearest(name, kinds))
    return kinds[name]


def _options(spec: type[BaseModel], discriminator: str, name: str) -> dict[str, Any]:
    schema = spec.model_json_schema()
    schema["properties"][discriminator] = {
        "const": name,
        "type": "string",
        "description": schema["properties"][discriminator]["description"],
    }
    return schema
