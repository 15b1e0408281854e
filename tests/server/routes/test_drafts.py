"""Where labels come from, and what single regions took (ANN-14, AL-2)."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image as PILImage

from server.db.models import Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.label_rounds import HEIGHT, WIDTH, filled, make_waiting_round, png, query_ids
from tests.support.serving import pointers, problem

IMAGES = ("ulm_1", "bonn_2")
LEFT = np.zeros((HEIGHT, WIDTH), np.bool_)
LEFT[:, :4] = True
REGION = {"x": 1, "y": 2, "clicks": 4, "seconds": 2.5}


@pytest.fixture
def stage(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    """A label stage that asks for the left half of each image."""
    return make_waiting_round(database, storage, tmp_path / "asked", IMAGES, region=LEFT)


@pytest.fixture
def key(stage: Stage) -> str:
    """Id of a query, of which the teacher sees class 3 everywhere."""
    return query_ids(stage.run_id, IMAGES)[0]


def encoded(values: np.ndarray) -> str:
    return base64.b64encode(png(values)).decode()


def save(http: httpx.Client, key: str, revision: int, **fields: Any) -> httpx.Response:
    body = {"author": "ann", "tiles": [], **fields}
    return http.put(f"/queries/{key}/draft", json=body, headers={"If-Match": f'"{revision}"'})


def submit(http: httpx.Client, key: str, revision: int, **fields: Any) -> httpx.Response:
    headers = {"If-Match": f'"{revision}"'}
    return http.post(f"/queries/{key}/draft/submit", json={"author": "ann", **fields}, headers=headers)


def painted() -> tuple[np.ndarray, np.ndarray]:
    """Return labels whose two upper rows a person painted and whose third a model drew, and their sources."""
    labels, sources = filled(3), filled(1)
    labels[:3], sources[:2], sources[2] = 7, 2, 3
    return labels, sources


def test_every_pixel_keeps_its_source_and_the_shares_are_told(http: httpx.Client, stage: Stage, key: str) -> None:
    labels, sources = painted()
    tile = {"row": 0, "column": 0, "png": encoded(labels), "sources": encoded(sources)}
    save(http, key, 0, tiles=[tile], regions=[REGION])

    draft = http.get(f"/queries/{key}/draft", params={"author": "ann"}).json()
    answer = submit(http, key, 1).json()["annotation"]

    assert (draft["pngs"], draft["regions"]) == ([tile], [REGION])
    assert answer["sources"] == {"person": 8, "model": 12, "assisted": 4}
    assert answer["regions"] == [REGION]
    kept = np.asarray(PILImage.open(io.BytesIO(http.get(answer["sources_url"].removeprefix("/api/v1")).content)))
    assert np.array_equal(kept, np.where(LEFT, sources, 0))
    [first, *_] = http.get(f"/runs/{stage.run_id}/rounds").json()["rounds"]
    assert first["batch"]["sources"] == {"person": 8, "model": 12, "assisted": 4}


def test_an_answer_that_is_taken_up_again_knows_its_sources(http: httpx.Client, key: str) -> None:
    labels, sources = painted()
    save(http, key, 0, tiles=[{"row": 0, "column": 0, "png": encoded(labels), "sources": encoded(sources)}])
    first = submit(http, key, 1, regions=[REGION]).json()["annotation"]

    http.post(f"/queries/{key}/revise", json={"author": "ann"})
    again = submit(http, key, 1).json()["annotation"]

    assert (again["sources"], again["regions"]) == (first["sources"], [REGION])


def test_without_a_note_what_was_left_as_proposed_is_the_models(http: httpx.Client, key: str) -> None:
    labels, _ = painted()
    save(http, key, 0, tiles=[{"row": 0, "column": 0, "png": encoded(labels)}])

    assert submit(http, key, 1).json()["annotation"]["sources"] == {"person": 12, "model": 12, "assisted": 0}


def test_an_accepted_proposal_is_the_models_and_a_sent_mask_nobodys(http: httpx.Client, stage: Stage, key: str) -> None:
    accepted = submit(http, key, 0).json()["annotation"]
    headers, mask = {"Content-Type": "image/png"}, np.where(LEFT, 7, 255).astype(np.uint8)
    other = query_ids(stage.run_id, IMAGES)[1]
    sent = http.post(f"/queries/{other}/annotations", content=png(mask), headers=headers, params={"author": "ann"})

    assert accepted["sources"] == {"person": 0, "model": 24, "assisted": 0}
    assert (sent.json()["annotation"]["sources"], sent.json()["annotation"]["sources_url"]) == (None, None)
    missing = problem(http.get(f"/annotations/{sent.json()['annotation']['id']}/sources"), 404, "not-found")
    assert "nobody noted them" in missing["detail"]


def test_wrong_sources_and_regions_are_refused_with_their_place(http: httpx.Client, key: str) -> None:
    tile = {"row": 0, "column": 0, "png": encoded(filled(3)), "sources": encoded(filled(4))}

    wrong = problem(save(http, key, 0, tiles=[tile]), 422, "validation-failed")
    outside = save(http, key, 0, regions=[REGION, {**REGION, "x": 6}])

    assert "hold 4; known are 0 none, 1 model, 2 person, 3 assisted" in wrong["errors"][0]["message"]
    assert pointers(outside) == ["/regions/1"]
    assert pointers(save(http, key, 0, regions=[{**REGION, "clicks": -1}])) == ["/regions/0/clicks"]
    assert pointers(submit(http, key, 0, regions=[{**REGION, "y": 60}])) == ["/regions/0"]


def test_an_export_tells_sources_and_regions(http: httpx.Client, stage: Stage, key: str) -> None:
    submit(http, key, 0, regions=[REGION])

    order = {"author": "ann", "format": "json"}
    artifact = http.post(f"/stages/{stage.id}/exports", json=order).json()["artifact"]
    packed = http.get(f"/artifacts/{artifact['id']}/content").content

    [told] = json.loads(zipfile.ZipFile(io.BytesIO(packed)).read("manifest.json"))["answers"]
    assert told["sources"] == {"person": 0, "model": 24, "assisted": 0}
    assert told["regions"] == [REGION]
