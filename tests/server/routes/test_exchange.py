from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from server.db.models import Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.exported import zip_of
from tests.support.label_rounds import HEIGHT, WIDTH, filled, make_rounds_run, make_waiting_round, png, query_ids
from tests.support.rows import load_run
from tests.support.serving import pointers, problem
from tests.support.zips import ZIP, export, rows, send, unpack

IMAGES = ("ulm_1", "bonn_2")
UNKNOWN_ID = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def stage(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    """A label stage that waits for people; the whole images are asked for."""
    return make_waiting_round(database, storage, tmp_path / "asked", IMAGES)


@pytest.fixture
def twin(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    """The same round of another run."""
    return make_waiting_round(database, storage, tmp_path / "twin", IMAGES)


def ringed() -> np.ndarray:
    """Return sky with a ring of road, an island in its hole, and a pixel that nobody can tell."""
    labels = filled(7)
    labels[1:5, 1:6] = 3
    labels[2:4, 2:5] = 7
    labels[3, 3] = 3
    labels[0, 7] = 255
    return labels


def answer(http: httpx.Client, key: str, labels: np.ndarray, **terms: Any) -> None:
    """Answer a query with labels."""
    sent = http.post(
        f"/queries/{key}/annotations",
        content=png(labels),
        headers={"Content-Type": "image/png"},
        params={"author": "ann", "allow_unsure": True, **terms},
    )
    assert sent.status_code == 201, sent.text


def answer_all(http: httpx.Client, stage: Stage) -> None:
    """Answer both queries of a round."""
    for key, labels in zip(query_ids(stage.run_id, IMAGES), (ringed(), filled(3)), strict=True):
        answer(http, key, labels)


def test_an_export_is_an_artifact_whose_download_can_be_resumed(http: httpx.Client, stage: Stage) -> None:
    answer_all(http, stage)

    made = http.post(f"/stages/{stage.id}/exports", json={"author": "ann", "format": "index_png", "images": True})

    assert made.status_code == 201
    reply = made.json()
    artifact = reply["artifact"]
    assert (reply["answers"], reply["files"]) == (2, 6)
    assert artifact["name"] == f"exports/index_png-{artifact['sha256'][:12]}.zip"
    assert (artifact["kind"], artifact["media_type"], artifact["stage_id"]) == ("export", "application/zip", stage.id)
    address = f"/artifacts/{artifact['id']}/content"
    whole = http.get(address)
    assert whole.headers["etag"] == f'"{artifact["sha256"]}"'
    assert hashlib.sha256(whole.content).hexdigest() == artifact["sha256"]
    rest = http.get(address, headers={"Range": "bytes=100-", "If-Range": whole.headers["etag"]})
    assert (rest.status_code, rest.content) == (206, whole.content[100:])
    listed = http.get(f"/stages/{stage.id}/artifacts").json()["items"]
    assert [one["id"] for one in listed] == [artifact["id"]]


def test_the_same_answers_give_the_same_artifact(http: httpx.Client, stage: Stage) -> None:
    answer_all(http, stage)
    body = {"author": "ann", "format": "coco"}

    first, second = (http.post(f"/stages/{stage.id}/exports", json=body).json() for _ in range(2))

    assert first == second


@pytest.mark.parametrize("form", ["index_png", "coco", "cityscapes", "json"])
def test_every_format_names_whose_labels_it_holds(http: httpx.Client, stage: Stage, form: str) -> None:
    answer(http, query_ids(stage.run_id, IMAGES)[0], ringed(), seconds=12.5)

    manifest = json.loads(export(http, stage.id, form)["manifest.json"])

    assert (manifest["run"], manifest["stage"], manifest["round"]) == (stage.run_id, stage.id, 0)
    assert manifest["acquisition"]["name"] == "stal"
    assert manifest["classes"][0] == {"id": 3, "name": "road", "colour": "#000003"}
    [reply] = manifest["answers"]
    assert (reply["query"], reply["image"], reply["version"]) == (query_ids(stage.run_id, IMAGES)[0], "ulm_1", 1)
    assert (reply["author"], reply["source"], reply["pixels"], reply["seconds"]) == ("ann", "person", 47, 12.5)


def test_index_pngs_come_back_byte_by_byte(http: httpx.Client, stage: Stage, twin: Stage) -> None:
    answer_all(http, stage)
    first = export(http, stage.id, images=True)
    made = http.post(f"/stages/{stage.id}/exports", json={"author": "ann", "format": "index_png", "images": True})
    archive = http.get(f"/artifacts/{made.json()['artifact']['id']}/content").content

    report = send(http, twin.id, archive, allow_unsure=True)
    second = export(http, twin.id, images=True)

    assert rows(report) == {"labels/bonn_2.png": ("accepted", None), "labels/ulm_1.png": ("accepted", None)}
    assert set(first) == set(second)
    assert {name for name in first if first[name] != second[name]} == {"manifest.json"}


@pytest.mark.parametrize("form", ["coco", "cityscapes"])
def test_other_formats_come_back_pixel_by_pixel(http: httpx.Client, stage: Stage, twin: Stage, form: str) -> None:
    answer_all(http, stage)

    report = send(http, twin.id, export(http, stage.id, form, images=True), form, allow_unsure=True)

    assert report.json()["counts"] == {"would_accept": 0, "accepted": 2, "refused": 0, "unknown": 0}
    before, after = export(http, stage.id), export(http, twin.id)
    assert before["labels/ulm_1.png"] == after["labels/ulm_1.png"]
    assert before["labels/bonn_2.png"] == after["labels/bonn_2.png"]


def test_the_last_imported_answer_closes_the_round_and_says_that_it_was_imported(
    http: httpx.Client, database: Database, stage: Stage
) -> None:
    files = {"labels/ulm_1.png": png(filled(7)), "labels/bonn_2.png": png(filled(3))}

    reply = send(http, stage.id, files, author="eve").json()

    assert reply["is_round_closed"] is True
    assert (reply["queries"]["accepted"], reply["queries"]["open"]) == (2, 0)
    assert reply["class_pixels"] == [
        {"id": 3, "name": "road", "pixels": 48},
        {"id": 7, "name": "sky", "pixels": 48},
    ]
    assert [one.state for one in load_run(database, stage.run_id).stages[2:]] == ["succeeded", "queued"]
    [annotation] = http.get(f"/queries/{query_ids(stage.run_id, IMAGES)[0]}").json()["annotations"]
    assert (annotation["source"], annotation["author"], annotation["seconds"]) == ("import", "eve", 0.0)


def test_a_dry_run_says_the_same_and_stores_nothing(
    http: httpx.Client, database: Database, storage: LocalStorage, stage: Stage, tmp_path: Path
) -> None:
    files = {"labels/ulm_1.png": png(filled(7)), "labels/bonn_2.png": png(filled(9)), "labels/rome_3.png": b""}
    before = sorted(
        path for path in (tmp_path / "home").rglob("*") if path.is_file() and "palimpsest.db" not in path.name
    )

    report = send(http, stage.id, files, dry_run=True)

    assert rows(report) == {
        "labels/bonn_2.png": ("refused", "unknown_id"),
        "labels/rome_3.png": ("unknown", "no_query"),
        "labels/ulm_1.png": ("would_accept", None),
    }
    reply = report.json()
    assert [one["pixels"] for one in reply["class_pixels"]] == [0, 48]
    assert (reply["dry_run"], reply["queries"]["open"], reply["is_round_closed"]) == (True, 2, False)
    assert [row["class_pixels"] for row in reply["files"]] == [{"9": 48}, {}, {"7": 48}]
    after = sorted(
        path for path in (tmp_path / "home").rglob("*") if path.is_file() and "palimpsest.db" not in path.name
    )
    assert after == before
    assert rows(send(http, stage.id, files))["labels/ulm_1.png"] == ("accepted", None)


def test_a_file_that_is_refused_does_not_stop_the_others(http: httpx.Client, stage: Stage) -> None:
    wide = png(np.zeros((HEIGHT, WIDTH + 1), np.uint8))

    report = send(http, stage.id, {"labels/bonn_2.png": wide, "labels/ulm_1.png": png(filled()), "notes.md": b""})

    assert rows(report) == {
        "labels/bonn_2.png": ("refused", "size_mismatch"),
        "labels/ulm_1.png": ("accepted", None),
        "notes.md": ("unknown", "not_a_label"),
    }
    [refused, _, _] = report.json()["files"]
    assert "labels/bonn_2.png: is 9x6, its image is 8x6" in refused["message"]
    assert refused["image"] == "bonn_2"


def test_what_was_never_asked_is_not_there(http: httpx.Client, database: Database, stage: Stage) -> None:
    other = make_rounds_run(database).stages[2]

    for stage_id in (UNKNOWN_ID, other.id):
        exported = http.post(f"/stages/{stage_id}/exports", json={"author": "ann", "format": "json"})
        problem(exported, 404, "not-found")
        problem(send(http, stage_id, {"a.png": b""}), 404, "not-found")


def test_a_round_without_an_answer_has_nothing_to_export(http: httpx.Client, stage: Stage) -> None:
    for which in ("accepted", "all_versions"):
        body = {"author": "ann", "format": "json", "which": which}
        reply = problem(http.post(f"/stages/{stage.id}/exports", json=body), 409, "round-empty")
        assert reply["detail"] == "no query of stage label-0 is answered, so there is nothing to export"


def test_an_import_is_sent_as_a_zip(http: httpx.Client, stage: Stage) -> None:
    sent = http.post(
        f"/stages/{stage.id}/imports",
        content=b"x",
        headers={"Content-Type": "application/json"},
        params={"author": "ann", "format": "coco"},
    )

    assert "expected application/zip" in problem(sent, 415, "unsupported-media")["detail"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"text", "is no ZIP archive"),
        ({"../a.png": b""}, "leads out of the archive"),
        (zip_of({"zeros.png": bytes(2**21)}, zipfile.ZIP_DEFLATED).getvalue(), "more than 200 times its size"),
        ({"classes.json": b"{}"}, "holds nothing in the format index_png"),
    ],
)
def test_a_bad_archive_is_refused_as_a_whole(
    http: httpx.Client, stage: Stage, data: dict[str, bytes] | bytes, words: str
) -> None:
    reply = problem(send(http, stage.id, data), 422, "validation-failed")

    assert reply["errors"][0]["code"] == "bad_archive"
    assert words in reply["errors"][0]["message"]


def test_terms_are_checked(http: httpx.Client, stage: Stage) -> None:
    refused = http.post(f"/stages/{stage.id}/imports", content=b"", headers=ZIP, params={"format": "json"})
    assert pointers(refused) == ["/author", "/format"]
    words = "must be 'index_png', 'coco' or 'cityscapes'; found 'json'"
    assert refused.json()["errors"][1]["message"] == words

    refused = http.post(f"/stages/{stage.id}/exports", json={"author": "ann", "format": "gif"})
    assert pointers(refused) == ["/format"]


def test_an_archive_may_be_larger_than_a_mask(http: httpx.Client, stage: Stage) -> None:
    noise = np.random.default_rng(0).integers(0, 256, 3 * 2**20, dtype=np.uint8).tobytes()

    report = send(http, stage.id, {"images/ulm_1.jpg": noise, "labels/ulm_1.png": png(filled())})

    assert rows(report) == {"labels/ulm_1.png": ("accepted", None)}


def test_all_versions_have_names_of_their_own(http: httpx.Client, stage: Stage) -> None:
    [key, _] = query_ids(stage.run_id, IMAGES)
    answer(http, key, filled(3))
    answer(http, key, filled(7))

    assert [name for name in export(http, stage.id) if name.startswith("labels")] == ["labels/ulm_1.png"]
    files = export(http, stage.id, which="all_versions")
    assert [name for name in files if name.startswith("labels")] == ["labels/ulm_1.v1.png", "labels/ulm_1.v2.png"]
    # Two versions of one image contradict each other, so that neither is taken.
    assert set(rows(send(http, stage.id, files)).values()) == {("refused", "image_twice")}


def test_answers_about_regions_carry_the_ignore_id_outside(
    http: httpx.Client, database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    left = np.zeros((HEIGHT, WIDTH), np.bool_)
    left[:, :4] = True
    stage = make_waiting_round(database, storage, tmp_path / "regions", IMAGES, region=left)
    twin = make_waiting_round(database, storage, tmp_path / "again", IMAGES, region=left)
    for key in query_ids(stage.run_id, IMAGES):
        answer(http, key, np.where(left, 7, 255).astype(np.uint8))

    document = json.loads(export(http, stage.id, "coco")["annotations.json"])

    assert [(one["area"], one["bbox"]) for one in document["annotations"]] == [(24, [0.0, 0.0, 4.0, 6.0])] * 2
    assert send(http, twin.id, export(http, stage.id, "coco"), "coco").json()["counts"]["accepted"] == 2
    outside = send(http, twin.id, {"ulm_1.png": png(filled())})
    assert rows(outside) == {"ulm_1.png": ("refused", "outside_region")}


def test_odd_ids_become_safe_names_and_find_their_way_back(
    http: httpx.Client, database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    odd = ("../../up_1", "city/up_1", "Zürich_2", "nul")
    stage = make_waiting_round(database, storage, tmp_path / "odd", odd)
    twin = make_waiting_round(database, storage, tmp_path / "again", odd)
    for value, key in enumerate(query_ids(stage.run_id, odd)):
        answer(http, key, filled((3, 7)[value % 2]))

    for form in ("cityscapes", "coco", "index_png"):
        files = export(http, stage.id, form, images=True)
        assert not any(".." in name or not name.isascii() for name in files)
        assert send(http, twin.id, files, form).json()["counts"]["accepted"] == 4

    first, second = export(http, stage.id), export(http, twin.id)
    assert len([name for name in first if name.startswith("labels/")]) == 4
    assert all(second[name] == data for name, data in first.items() if name != "manifest.json")
    # Without its manifest the same archive says the same.
    del first["manifest.json"]
    assert send(http, twin.id, first, dry_run=True).json()["counts"]["would_accept"] == 4


def test_what_is_downloaded_is_what_was_packed(http: httpx.Client, stage: Stage) -> None:
    answer_all(http, stage)
    made = http.post(f"/stages/{stage.id}/exports", json={"author": "ann", "format": "json"}).json()

    files = unpack(http.get(f"/artifacts/{made['artifact']['id']}/content").content)

    listed = {one["path"]: one["sha256"] for one in json.loads(files.pop("manifest.json"))["files"]}
    assert listed == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
