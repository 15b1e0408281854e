"""Where the files of panels go."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.engine.panel_files import PANEL_DIR, panel_folder, write_panel


@pytest.mark.parametrize("domain", ["city", "../..", "a/b", "x" * 200, "größte Stadt"])
def test_every_domain_has_a_folder_of_its_own_below_that_of_the_panels(domain: str):
    folder = Path(panel_folder(domain))

    assert folder.parent == Path(PANEL_DIR)
    assert folder.name not in {"", ".", "..", Path(panel_folder("other")).name}


def test_without_a_domain_panels_lie_in_the_folder_itself():
    assert panel_folder(None) == PANEL_DIR


def test_files_are_named_by_the_place_of_the_image(tmp_path: Path):
    paths = write_panel(tmp_path, "panels", 3, {"image.png": b"picture", "labels.json": b"[]"})

    assert paths == {"image": "panels/03-image.png", "labels": "panels/03-labels.json"}
    assert (tmp_path / paths["labels"]).read_bytes() == b"[]"
