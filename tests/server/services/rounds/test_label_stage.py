from __future__ import annotations

from pathlib import Path

import pytest

from server.db.session import Database
from server.errors import NotFoundError
from server.services.rounds.label_stage import find_label_stage
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.label_rounds import make_waiting_round


def test_a_round_has_its_queries_by_image_and_its_classes(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    storage = LocalStorage(settings.storage_folder)
    stage = make_waiting_round(database, storage, tmp_path / "asked", ("ulm_1", "bonn_2"))

    with database.read() as session:
        found = find_label_stage(session, stage.id)

    assert (found.stage.name, found.batch.ignore_id) == ("label-0", 255)
    assert [query.image for query in found.queries] == ["bonn_2", "ulm_1"]
    assert [(one.id, one.name, one.rgb) for one in found.classes] == [(3, "road", (0, 0, 3)), (7, "sky", (0, 0, 7))]


def test_a_stage_that_asks_nothing_has_no_round(database: Database, settings: Settings, tmp_path: Path) -> None:
    stage = make_waiting_round(database, LocalStorage(settings.storage_folder), tmp_path / "asked")

    with database.read() as session:
        with pytest.raises(NotFoundError, match="no stage"):
            find_label_stage(session, "x")
        select = next(one for one in find_label_stage(session, stage.id).stage.run.stages if one.kind == "select")
        with pytest.raises(NotFoundError, match="no round of labelling"):
            find_label_stage(session, select.id)
