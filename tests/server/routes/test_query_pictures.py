from __future__ import annotations

import io
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image as PILImage
from sqlalchemy import update

from core.acquisition.catalog import SuperpixelSize
from server.db.models import Query, Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.label_rounds import make_waiting_round, query_ids, squares
from tests.support.serving import pointers, problem

IMAGES = ("ulm_1", "bonn_2")


@pytest.fixture
def stage(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    """A label stage that waits for people."""
    return make_waiting_round(database, storage, tmp_path / "asked", IMAGES)


def test_superpixels_are_served_in_three_sizes_by_the_addresses_of_the_query(http: httpx.Client, stage: Stage) -> None:
    [key, *_] = query_ids(stage.run_id, IMAGES)

    addresses = http.get(f"/queries/{key}").json()["superpixels_url"]

    assert list(addresses) == ["fine", "medium", "coarse"]
    for side_px, address in enumerate(addresses.values(), start=1):
        answer = http.get(address.removeprefix("/api/v1"))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        read = PILImage.open(io.BytesIO(answer.content))
        assert read.mode == "I;16"
        assert np.array_equal(np.asarray(read), squares(side_px))
        known = {"If-None-Match": answer.headers["etag"]}
        assert http.get(address.removeprefix("/api/v1"), headers=known).status_code == 304


def test_superpixels_need_a_size_and_a_query_that_has_some(
    http: httpx.Client, stage: Stage, database: Database
) -> None:
    [key, *_] = query_ids(stage.run_id, IMAGES)
    none = {f"superpixels_{grain}_sha256": None for grain in SuperpixelSize}
    with database.write() as session:
        session.execute(update(Query).where(Query.id == key).values(none))

    assert pointers(http.get(f"/queries/{key}/superpixels")) == ["/grain"]
    assert http.get(f"/queries/{key}").json()["superpixels_url"] is None
    missing = problem(http.get(f"/queries/{key}/superpixels", params={"grain": "fine"}), 404, "not-found")
    assert "where people are to answer" in missing["detail"]
