"""Puts the built pages, the migrations and the documents into the wheel, where `server.shipped` looks for them."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.errors import SetupError

ROOT = Path(__file__).resolve().parent
COPIES = {"pages": ROOT / "frontend" / "dist", "migrations": ROOT / "migrations", "documents": ROOT / "docs"}


class BuildWithCopies(build_py):
    """Builds the packages, and copies the files beside them; an editable installation reads the originals."""

    def run(self) -> None:
        """Build; raises SetupError while the pages are not built."""
        if self.editable_mode:
            super().run()
            return
        if not (COPIES["pages"] / "index.html").is_file():
            raise SetupError(f"{COPIES['pages']}: the pages are not built; run `make wheel`, or `make pages` first")
        # An earlier build may have left modules that are gone by now.
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        for name, source in COPIES.items():
            target = Path(self.build_lib) / "server" / "_shipped" / name
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))


setup(cmdclass={"build_py": BuildWithCopies})
