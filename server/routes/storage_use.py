"""How much room the service takes."""

from __future__ import annotations

from fastapi import APIRouter

from server.dependencies import StorageMeterDep
from server.routes.answers import failures
from server.schemas.storage_use import StorageUse

router = APIRouter(prefix="/storage", tags=["service"])


@router.get("", operation_id="show_storage", summary="Room that is taken and left", responses=failures())
def show_storage(meter: StorageMeterDep) -> StorageUse:
    """Return the bytes of blobs, run folders, cache and database as measured in the last minutes, and the free space.

    `palimpsest admin gc` lists what nothing refers to any more, and removes it.
    """
    return meter.read()
