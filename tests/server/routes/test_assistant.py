"""The assistant over HTTP: which model, its files for a query, and masks from clicks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from pycocotools import mask as coco_mask
from safetensors.torch import save
from sqlalchemy import update

from core.data.decoding import decode_label
from core.models.sam.clicks import EmbeddedImage, answer, embed
from core.models.sam.embedding_order import ModelFacts
from core.models.sam.export import export_decoder, exported_features
from core.models.sam.exported import read_features
from core.models.sam.frozen import FrozenSam, open_sam
from core.models.sam.questions import Click, Question
from server.db import assistants
from server.db.assistants import AssistantState, EmbeddedFile
from server.db.models import Query, Run, Stage
from server.db.session import Database
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.label_rounds import HEIGHT, WIDTH, make_waiting_round, query_ids
from tests.support.rows import make_run
from tests.support.serving import pointers, problem

IMAGES = ("ulm_1", "bonn_2")
EVE = {"author": "eve"}
PICTURE = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
FACTS = ModelFacts(
    digest="d" * 64, backbone="tiny", placing="padded", image_px=64, adapters=("pits", "pills"), has_head=False
)


@pytest.fixture(scope="module")
def sam() -> FrozenSam:
    return open_sam("tiny")


@pytest.fixture
def make(database: Database, storage: LocalStorage, tmp_path: Path) -> Callable[..., Stage]:
    """Make a round of two queries, with an assistant or without."""

    def made(**assistant: str) -> Stage:
        hand_out = {"assistant": assistant} if assistant else {}
        return make_waiting_round(database, storage, tmp_path / "asked", IMAGES, hand_out=hand_out)

    return made


@pytest.fixture
def prepared(make: Callable[..., Stage], database: Database, storage: LocalStorage, sam: FrozenSam) -> tuple[str, str]:
    """The two queries of a round; the image of the first is embedded."""
    stage = make(model="built_in")
    first, second = query_ids(stage.run_id, IMAGES)
    features = save(exported_features(embed(sam, PICTURE, torch.device("cpu"), "padded").features, None))
    decoder = export_decoder(sam, None)
    files = [(storage.put_bytes(content), len(content)) for content in (features, decoder)]
    with database.write() as session:
        # The pictures of these queries are the same.
        session.execute(update(Query).where(Query.id == second).values(picture_sha256="e" * 64))
        image = session.get_one(Query, first).picture_sha256
        claim = assistants.claim_assistant(session, stage.id, worker_id="w", lease_ttl_s=60, max_claims=3)
        assert claim is not None
        assistants.record_model(session, claim, FACTS)
        assistants.record_embedding(session, claim, FACTS.digest, EmbeddedFile(image, "pits", *files))
    return first, second


def test_without_a_model_the_assistant_is_off(http: httpx.Client, make: Callable[..., Stage]) -> None:
    stage = make()
    key = query_ids(stage.run_id, IMAGES)[0]

    shown = http.get(f"/stages/{stage.id}/assistant").json()

    assert (shown["state"], shown["title"], shown["choice"]["model"]) == ("off", None, "off")
    assert http.get(f"/queries/{key}/assistant").json()["state"] == "off"
    problem(http.get(f"/queries/{key}/assistant/decoder"), 409, "assistant-not-ready")
    body = {"clicks": [{"x": 1, "y": 1}]}
    problem(http.post(f"/queries/{key}/assistant/masks", json=body), 409, "assistant-not-ready")


def test_a_query_is_ready_as_soon_as_its_image_is(http: httpx.Client, prepared: tuple[str, str]) -> None:
    first, second = (http.get(f"/queries/{key}/assistant").json() for key in prepared)

    assert (first["state"], first["adapter"], first["title"]) == ("ready", "pits", "the tiny SAM of Palimpsest")
    assert (first["files"]["rows"], first["files"]["columns"], first["files"]["image_px"]) == (48, 64, 64)
    assert (second["state"], second["files"]) == ("preparing", None)


def test_files_never_change_and_are_read_as_they_were_stored(
    http: httpx.Client, prepared: tuple[str, str], sam: FrozenSam
) -> None:
    files = http.get(f"/queries/{prepared[0]}/assistant").json()["files"]
    found = [http.get(files[name].removeprefix("/api/v1")) for name in ("features_url", "decoder_url")]

    for one in found:
        assert one.status_code == 200
        assert "immutable" in one.headers["cache-control"]
        again = http.get(one.request.url, headers={"If-None-Match": one.headers["etag"]})
        assert again.status_code == 304
    assert found[1].content == export_decoder(sam, None)
    assert read_features(found[0].content, "features")["embeddings"].shape == (1, 32, 8, 8)


def test_masks_over_http_are_those_of_the_model(http: httpx.Client, prepared: tuple[str, str], sam: FrozenSam) -> None:
    body = {"clicks": [{"x": 6, "y": 1}, {"x": 0, "y": 5, "is_positive": False}], "box": [4, 0, 7, 3], "candidates": 3}

    given = http.post(f"/queries/{prepared[0]}/assistant/masks", json=body).json()
    picture = http.post(f"/queries/{prepared[0]}/assistant/masks", json=body, headers={"Accept": "image/png"})

    asked = Question([Click(6, 1), Click(0, 5, is_positive=False)], (4, 0, 7, 3))
    whole = embed(sam, PICTURE, torch.device("cpu"), "padded")
    kept = EmbeddedImage(whole.features._replace(embeddings=whole.features.embeddings.half().float()), whole.fit)
    expected = answer(sam, None, kept, asked, 3)
    masks = [coco_mask.decode(one["rle"]).astype(bool) for one in given["candidates"]]
    assert given["adapter"] == "pits"
    assert [one["score"] for one in given["candidates"]] == pytest.approx([one.score for one in expected], abs=1e-2)
    assert all(np.array_equal(mask, one.mask) for mask, one in zip(masks, expected, strict=True))
    assert np.array_equal(decode_label(picture.content, "mask", (WIDTH, HEIGHT)) == 255, expected[0].mask)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "nothing is asked"),
        ({"clicks": [{"x": 8, "y": 0}]}, "x 8, y 0 lies outside the image of 8x6"),
        ({"box": [5, 5, 4, 5]}, "ends before it begins"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    http: httpx.Client, prepared: tuple[str, str], body: dict[str, object], words: str
) -> None:
    reply = problem(http.post(f"/queries/{prepared[0]}/assistant/masks", json=body), 422, "validation-failed")

    assert words in reply["detail"]


def test_a_damaged_file_is_told(http: httpx.Client, prepared: tuple[str, str], storage: LocalStorage) -> None:
    files = http.get(f"/queries/{prepared[0]}/assistant").json()["files"]
    path = storage.path(files["features_url"].rpartition("=")[2])
    path.chmod(0o644)
    path.write_bytes(b"x" * path.stat().st_size)

    reply = http.post(f"/queries/{prepared[0]}/assistant/masks", json={"clicks": [{"x": 1, "y": 1}]})

    problem(reply, 410, "content-missing")


def test_a_researcher_chooses_the_model_of_a_round(
    http: httpx.Client, make: Callable[..., Stage], database: Database
) -> None:
    stage = make()
    choose = partial(http.put, f"/stages/{stage.id}/assistant")

    chosen = choose(json={**EVE, "choice": {"model": "built_in"}}).json()
    assert (chosen["state"], chosen["images"], chosen["embedded"]) == ("preparing", 2, 0)
    off = choose(json={**EVE, "choice": {"model": "off"}}).json()

    assert off["state"] == "off"
    with database.read() as session:
        assert not assistants.waiting_assistants(session)


def test_models_that_cannot_be_used_are_refused(
    http: httpx.Client, make: Callable[..., Stage], database: Database, settings: Settings
) -> None:
    stage = make()
    choose = partial(http.put, f"/stages/{stage.id}/assistant")
    outside = {"model": "checkpoint", "checkpoint": "/etc/sam.pth"}
    assert pointers(choose(json={**EVE, "choice": outside})) == ["/choice/checkpoint"]
    both = {"model": "built_in", "checkpoint": str(settings.data_roots[0])}
    assert "leave checkpoint out" in problem(choose(json={**EVE, "choice": both}), 422, "validation-failed")["detail"]
    for run, words in (
        ("01890000-0000-7000-8000-000000000000", "does not exist"),
        (make_run(database).id, "is queued"),
    ):
        reply = choose(json={**EVE, "choice": {"model": "run", "run": run}})
        assert words in problem(reply, 422, "validation-failed")["detail"]
        assert pointers(reply) == ["/choice/run"]


def test_a_closed_round_keeps_its_model(http: httpx.Client, make: Callable[..., Stage], database: Database) -> None:
    stage = make()
    http.post(f"/stages/{stage.id}/close", json={**EVE, "allow_empty": True})

    problem(
        http.put(f"/stages/{stage.id}/assistant", json={**EVE, "choice": {"model": "built_in"}}), 409, "round-closed"
    )


def test_a_failed_job_is_told_for_every_query(
    http: httpx.Client, make: Callable[..., Stage], database: Database
) -> None:
    stage = make(model="built_in")
    with database.write() as session:
        claim = assistants.claim_assistant(session, stage.id, worker_id="w", lease_ttl_s=60, max_claims=3)
        assert claim is not None
        assistants.finish_assistant(session, claim, AssistantState.FAILED, "sam.pth: no such file")

    shown = http.get(f"/queries/{query_ids(stage.run_id, IMAGES)[1]}/assistant").json()

    assert (shown["state"], shown["message"]) == ("failed", "sam.pth: no such file")


def test_a_run_that_succeeded_may_be_chosen_and_is_named(
    http: httpx.Client, make: Callable[..., Stage], database: Database
) -> None:
    stage, run = make(), make_run(database)
    with database.write() as session:
        session.get_one(Run, run.id).state = "succeeded"

    chosen = http.put(f"/stages/{stage.id}/assistant", json={**EVE, "choice": {"model": "run", "run": run.id}}).json()

    assert chosen["title"].startswith("run ")
    assert chosen["title"].endswith(", seed 0")
