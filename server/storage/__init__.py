"""Files stored under their SHA-256: written once, never changed, checked when copied out (ART-1, ART-6)."""

from functools import lru_cache

from core.errors import DamagedFile
from server.settings import get_settings
from server.storage.base import MissingFile, Storage
from server.storage.local import LocalStorage

__all__ = ["DamagedFile", "LocalStorage", "MissingFile", "Storage", "get_storage"]


@lru_cache(maxsize=1)
def get_storage() -> Storage:
    """Return the storage of this process's settings."""
    return LocalStorage(get_settings().storage_folder)
