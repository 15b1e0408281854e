from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.exchange import zip_reading
from core.data.exchange.manifest import ExportFormat
from core.data.exchange.zip_reading import ZipLimits
from server.db import annotations as db
from server.db.lifecycle import Cause
from server.db.models import Stage
from server.db.session import Database
from server.errors import InvalidRequestError
from server.schemas.exchange import ImportReport, ImportTerms
from server.services.rounds.importing import ImportOrder, import_answers
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.exported import zip_of
from tests.support.label_rounds import filled, make_waiting_round, png, query_ids

IMAGES = ("ulm_1", "bonn_2")
ANN = Cause("user:ann")


@pytest.fixture
def storage(settings: Settings) -> LocalStorage:
    """Storage below the test's folder."""
    return LocalStorage(settings.storage_folder)


@pytest.fixture
def stage(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    """A label stage that waits for people."""
    return make_waiting_round(database, storage, tmp_path / "asked", IMAGES)


class Importer:
    """Imports into one round."""

    def __init__(self, database: Database, storage: LocalStorage, stage: Stage) -> None:
        self.database, self.storage, self.stage = database, storage, stage
        self.keys = query_ids(stage.run_id, IMAGES)

    def send(self, files: dict[str, bytes], form: str = "index_png", **terms: Any) -> ImportReport:
        """Import files."""
        wanted = ImportTerms(**{"author": "ann", "format": form, **terms})
        return import_answers(self.database, self.storage, self.stage.id, zip_of(files), ImportOrder(wanted, ANN))

    def codes(self, files: dict[str, bytes], form: str = "index_png", **terms: Any) -> dict[str, str | None]:
        """Import files, and return why each is not taken."""
        return {row.file: row.code for row in self.send(files, form, **terms).files}


@pytest.fixture
def importer(database: Database, storage: LocalStorage, stage: Stage) -> Importer:
    """Imports into the round."""
    return Importer(database, storage, stage)


def coco(*annotations: dict[str, Any], **members: Any) -> dict[str, bytes]:
    """Return an archive of one document about the image ulm_1."""
    image = {"id": 1, "file_name": "ulm_1.jpg", "width": 8, "height": 6}
    document = {"images": [image], "annotations": list(annotations), **members}
    return {"annotations.json": json.dumps(document).encode()}


def square(number: int, category: int, left: int, right: int) -> dict[str, Any]:
    polygon = [left, 0, right, 0, right, 6, left, 6]
    return {"id": number, "image_id": 1, "category_id": category, "segmentation": [polygon]}


def test_answers_of_others_are_replaced_only_when_that_is_meant(importer: Importer) -> None:
    importer.send({"labels/ulm_1.png": png(filled())}, author="bob")

    for dry_run in (True, False):
        assert importer.codes({"labels/ulm_1.png": png(filled(3))}, dry_run=dry_run) == {
            "labels/ulm_1.png": "already_answered"
        }
    assert importer.codes({"labels/ulm_1.png": png(filled(3))}, author="bob") == {"labels/ulm_1.png": None}
    assert importer.codes({"labels/ulm_1.png": png(filled(7))}, replace_others=True) == {"labels/ulm_1.png": None}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (png(np.zeros((6, 9), np.uint8)), "size_mismatch"),
        (png(filled(9)), "unknown_id"),
        (png(filled(255)), "no_label"),
        (png(np.full((6, 8, 3), 200, np.uint8)), "unknown_colour"),
        (png(np.zeros((6, 8), np.uint16)), "not_an_index"),
        (b"text", "unreadable"),
    ],
)
def test_a_wrong_label_is_refused_by_name(importer: Importer, data: bytes, code: str) -> None:
    report = importer.send({"labels/ulm_1.png": data})

    [row] = report.files
    assert (row.status, row.code) == ("refused", code)
    assert "labels/ulm_1.png" in (row.message or "")
    assert report.queries.open == 2


def test_unsure_pixels_must_be_meant(importer: Importer) -> None:
    labels = filled(7)
    labels[0, :2] = 255
    files = {"ulm_1.png": png(labels)}

    assert importer.codes(files) == {"ulm_1.png": "unlabelled_pixels"}
    assert importer.codes(files, allow_unsure=True) == {"ulm_1.png": None}


def test_colours_are_read_through_the_map_and_an_archive_may_mix_both(importer: Importer) -> None:
    colours = np.zeros((6, 8, 3), np.uint8)
    colours[..., 2] = 7
    colours[:3, :, 2] = 3

    report = importer.send({"gtFine/train/ulm/ulm_1_gtFine_color.png": png(colours)}, "cityscapes")

    assert [(row.status, row.class_pixels) for row in report.files] == [("accepted", {"3": 24, "7": 24})]


def test_an_image_twice_is_refused_both_times(importer: Importer) -> None:
    files = {"a/ulm_1.png": png(filled(3)), "b/ulm_1.png": png(filled(7)), "bonn_2.png": png(filled(7))}

    report = importer.send(files)

    assert [(row.file, row.code) for row in report.files] == [
        ("a/ulm_1.png", "image_twice"), ("b/ulm_1.png", "image_twice"), ("bonn_2.png", None),
    ]  # fmt: skip
    assert "see b/ulm_1.png" in (report.files[0].message or "")


def test_a_query_of_somebody_else_is_refused_even_in_a_rehearsal(importer: Importer, database: Database) -> None:
    with database.write() as session:
        leased = db.lease_next(session, importer.stage.id, "bob", lease_s=900, cause=ANN).query
    assert leased is not None
    assert leased.image == "ulm_1"

    for dry_run in (True, False):
        assert importer.codes({"ulm_1.png": png(filled())}, dry_run=dry_run) == {"ulm_1.png": "lease_lost"}


def test_a_correction_counts_although_the_same_archive_closes_the_round(importer: Importer, database: Database) -> None:
    importer.send({"ulm_1.png": png(filled(3))})

    # By name the last answer that is waited for would come first, and close the round before the correction.
    report = importer.send({"bonn_2.png": png(filled(3)), "ulm_1.png": png(filled(7))})

    assert report.is_round_closed
    with database.read() as session:
        _, query = db.lock_query(session, importer.keys[0])
    assert query.version == 2


def test_a_closed_round_takes_corrections_only(importer: Importer, database: Database, storage: LocalStorage) -> None:
    importer.send({"ulm_1.png": png(filled(3))})
    db.close_round(database, storage, importer.stage.id, cause=ANN)
    files = {"bonn_2.png": png(filled(3)), "ulm_1.png": png(filled(7))}

    for dry_run in (True, False):
        assert importer.codes(files, dry_run=dry_run) == {"bonn_2.png": "round_closed", "ulm_1.png": None}


def test_an_archive_that_is_sent_again_changes_nothing(importer: Importer, database: Database) -> None:
    for _ in range(2):
        assert importer.codes({"ulm_1.png": png(filled(3))}) == {"ulm_1.png": None}

    with database.read() as session:
        _, query = db.lock_query(session, importer.keys[0])
    assert query.version == 1


def test_polygons_become_answers(importer: Importer) -> None:
    report = importer.send(coco(square(1, 3, 0, 3), square(2, 7, 3, 8)), "coco")

    [row] = report.files
    assert (row.file, row.status, row.class_pixels) == (
        "annotations.json: ulm_1.jpg", "accepted", {"3": 18, "7": 30},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("annotations", "code", "words"),
    [
        ([square(1, 3, 0, 4), square(2, 7, 3, 8)], "overlap", "annotations 1 and 2 overlap"),
        ([square(1, 5, 0, 8)], "unknown_category", "the category 5 is no class"),
        ([{**square(1, 3, 0, 8), "segmentation": {"size": [10**9, 10**9], "counts": "x"}}], "size_mismatch", "1:"),
        ([square(1, 3, 0, 3)], "unlabelled_pixels", "30 pixels"),
    ],
)
def test_annotations_that_make_no_answer_are_refused(
    importer: Importer, annotations: list[dict[str, Any]], code: str, words: str
) -> None:
    [row] = importer.send(coco(*annotations), "coco").files

    assert (row.status, row.code) == ("refused", code)
    assert words in (row.message or "")


def test_half_a_surrogate_pair_in_a_document_can_be_reported(importer: Importer) -> None:
    image = {"id": 2, "file_name": "\ud800.jpg", "width": 8, "height": 6}
    document = json.dumps({"images": [image], "annotations": []}).encode()

    [row] = importer.send({"a.json": document}, "coco").files

    assert (row.file, row.status) == ("a.json: ?.jpg", "unknown")
    assert "a.json: ?.jpg" in importer.send({"a.json": document}, "coco").model_dump_json()


def test_limits_of_archives_are_those_of_the_module(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_reading, "LIMITS", ZipLimits(entries=1))

    with pytest.raises(InvalidRequestError, match="more than 1 entries") as error:
        importer.send({"ulm_1.png": b"", "bonn_2.png": b""})
    assert error.value.errors[0].code == "bad_archive"


def test_what_is_no_archive_is_refused(importer: Importer, database: Database, storage: LocalStorage) -> None:
    terms = ImportTerms(author="ann", format=ExportFormat.COCO)

    with pytest.raises(InvalidRequestError, match="is no ZIP archive"):
        import_answers(database, storage, importer.stage.id, io.BytesIO(b"text"), ImportOrder(terms, ANN))


def test_a_report_sums_up_what_was_left_out_of_the_files_that_are_taken(importer: Importer) -> None:
    outside = {"id": 1, "image_id": 1, "category_id": 3, "segmentation": [[0, 0, 8, 0, 8, 6, -3, 6], [1, 1, 2, 2]]}

    report = importer.send(coco(outside, square(2, 7, 4, 8)), "coco", overlap="last", dry_run=True)

    assert report.losses.model_dump() == {"pieces": 1, "empty": 0, "clipped": 1, "overlapping": 24}
    half = square(1, 3, 0, 4) | {"segmentation": [[0, 0, 4, 0, 4, 6, 0, 6], [1, 1, 2, 2]]}
    refused = importer.send(coco(half), "coco", dry_run=True)
    assert (refused.counts.refused, refused.losses.pieces) == (1, 0)
