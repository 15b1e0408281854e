"""The tables of adapters and worlds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.data.catalog import ADAPTERS, WORLDS


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_adapter_resolves(name: str) -> None:
    adapter = ADAPTERS[name].load()

    assert callable(adapter.read_classes)
    assert callable(adapter.list_pairs)
    assert callable(adapter.read_label)


@pytest.mark.parametrize("name", WORLDS)
def test_every_world_resolves_and_names_an_adapter(name: str) -> None:
    assert callable(WORLDS[name].load().materialise)
    assert WORLDS[name].load_spec()(world=name).adapter in ADAPTERS


def test_catalog_presence_verification_and_streams_load_without_torch() -> None:
    code = (
        "import sys, core.data.catalog, core.data.presence, core.data.verify, core.data.pairing, core.data.samples;"
        "import core.streams.class_incremental, core.data.worlds.objects_world;"
        "sys.exit('torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3]).returncode == 0
