"""Code named by a dotted path, as the tables of methods and streams name theirs. Free of torch."""

from __future__ import annotations

import importlib
from typing import Any


def load_dotted(path: str) -> Any:
    """Import `module:attribute`."""
    module, _, attribute = path.partition(":")
    return getattr(importlib.import_module(module), attribute)
