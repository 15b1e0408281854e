"""Built-in worlds, adapters, and the folders that datasets may lie in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from server.dependencies import SettingsDep
from server.routes.answers import failures
from server.schemas.dataset_kinds import DatasetKind, DatasetRoot
from server.schemas.page import Page
from server.services.datasets import kinds, roots

router = APIRouter(tags=["datasets"])


@router.get(
    "/dataset-kinds", operation_id="list_dataset_kinds", summary="List worlds and adapters", responses=failures()
)
def list_dataset_kinds() -> Page[DatasetKind]:
    """Return what the `dataset` part of an experiment document can name, with the schema of each."""
    return Page(items=kinds.list_kinds())


@router.get(
    "/dataset-kinds/{name}",
    operation_id="show_dataset_kind",
    summary="Show a world or an adapter",
    responses=failures(404),
)
def show_dataset_kind(name: Annotated[str, Path(max_length=100, examples=["objects"])]) -> DatasetKind:
    """Return one world or adapter."""
    return kinds.show_kind(name)


@router.get(
    "/dataset-roots",
    operation_id="list_dataset_roots",
    summary="List the folders that datasets may lie in",
    responses=failures(),
)
def list_dataset_roots(settings: SettingsDep) -> Page[DatasetRoot]:
    """Return the allowed roots, each with the folders below it that an adapter recognises."""
    return Page(items=roots.list_roots(settings.data_roots))
