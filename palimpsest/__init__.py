"""Palimpsest from a script: `from palimpsest import Client`."""

from palimpsest.client import Client

__all__ = ["Client"]
