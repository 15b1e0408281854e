"""How much room the service takes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from server.schemas.values import Moment

StoragePartName = Literal["blobs", "runs", "cache", "database"]


class StoragePart(BaseModel):
    """One kind of stored data."""

    name: StoragePartName = Field(
        description="`blobs`: models, memories and pictures. `runs`: the folders of attempts. `cache`: what can be "
        "made again, such as drawn worlds. `database`: all rows."
    )
    bytes: int = Field(description="A file that several names lead to counts once, where it is met first.")
    files: int | None = Field(description="Null for a database that is not made of files.")


class StorageUse(BaseModel):
    """What lies in the storage, as it was measured last, and how much room there is now."""

    parts: list[StoragePart] = Field(description="Empty until the first measurement has ended.")
    measured_at: Moment | None = Field(description="When the last measurement ended; null before the first.")
    disk_bytes: int = Field(description="Size of the file system that holds the blobs.")
    free_bytes: int = Field(description="Room on it that is left.")
