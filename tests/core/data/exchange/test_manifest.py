from __future__ import annotations

from core.data.exchange.manifest import ExportFormat, stored_names
from core.data.exchange.zip_reading import opened_archive
from tests.support.exported import Answers, manifest_of, zip_of


def test_classes_become_a_table_with_their_colours() -> None:
    table = manifest_of(ExportFormat.JSON, Answers()).table()

    assert table.names == {3: "road", 7: "sky"}
    assert table.colour(7) == (0x46, 0x82, 0xB4)
    assert (table.ignore_id, table.background_id) == (255, None)


def test_names_of_files_are_read_from_the_manifest() -> None:
    data = manifest_of(ExportFormat.JSON, Answers()).model_dump_json().encode()

    with opened_archive(zip_of({"manifest.json": data})) as archive:
        assert stored_names(archive) == {"bonn_2": "bonn_2", "ulm_1": "ulm_1"}


def test_a_manifest_of_another_tool_says_nothing() -> None:
    for data in (b"{}", b"[", b'{"answers": [{"name": 1}]}'):
        with opened_archive(zip_of({"manifest.json": data})) as archive:
            assert stored_names(archive) == {}
    with opened_archive(zip_of({"a.png": b""})) as archive:
        assert stored_names(archive) == {}
