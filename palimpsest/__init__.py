"""Palimpsest from a script: `from palimpsest import Client`."""

from palimpsest.client.client import Client
from palimpsest.client.errors import ApiError, PalimpsestError, ServiceUnreachableError

__all__ = ["ApiError", "Client", "PalimpsestError", "ServiceUnreachableError"]
