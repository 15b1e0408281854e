"""Locations of non-code files: a clone has the originals, an installed package has copies (`setup.py`)."""

from __future__ import annotations

from pathlib import Path

_COPIES = Path(__file__).parent / "_shipped"
_CLONE = Path(__file__).resolve().parents[1]
_IS_INSTALLED = _COPIES.is_dir()

PAGES = _COPIES / "pages" if _IS_INSTALLED else _CLONE / "frontend" / "dist"
"""Folder of the built pages; absent in a clone whose pages are not built."""
MIGRATIONS = _COPIES / "migrations" if _IS_INSTALLED else _CLONE / "migrations"
"""Folder of the migrations of the database."""
DOCUMENTS = _COPIES / "documents" if _IS_INSTALLED else _CLONE / "docs"
"""Folder of the documents that `/docs` shows."""
