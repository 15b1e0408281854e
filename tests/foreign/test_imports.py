"""Archives as other tools pack them, imported into a round that waits for labels."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from server.db.lifecycle import Cause
from server.db.session import Database
from server.errors import InvalidRequestError
from server.schemas.exchange import ImportReport, ImportTerms
from server.services.rounds.importing import ImportOrder, import_answers
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.exported import zip_of
from tests.support.foreign import grey_png
from tests.support.label_rounds import HEIGHT, WIDTH, filled, make_waiting_round, png

IMAGES = ("ulm_1", "sub/b", "Zürich_1")
ROAD, SKY = 3, 7
WHOLE = [0, 0, WIDTH, 0, WIDTH, HEIGHT, 0, HEIGHT]
Files = Mapping[str, bytes]


class Round:
    """A round that waits, and takes archives in a rehearsal."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self._database, self._storage = database, LocalStorage(settings.storage_folder)
        self._stage = make_waiting_round(database, self._storage, folder / "asked", IMAGES)

    def rehearse(self, files: Files, form: str, **terms: Any) -> ImportReport:
        """Return what would become of the files."""
        wanted = ImportTerms(**{"author": "ann", "format": form, "dry_run": True, "allow_unsure": True} | terms)
        return import_answers(
            self._database, self._storage, self._stage.id, zip_of(files), ImportOrder(wanted, Cause("user:ann"))
        )


@pytest.fixture
def waiting(settings: Settings, database: Database, tmp_path: Path) -> Round:
    """A round about three images of 8 x 6 pixels."""
    return Round(settings, database, tmp_path)


def coco(*annotations: Mapping[str, Any], name: str = "annotations/instances.json", **image: Any) -> Files:
    """Return an archive of one document about `ulm_1`."""
    document = {
        "images": [{"id": 1, "file_name": "ulm_1.png", "width": WIDTH, "height": HEIGHT} | image],
        "annotations": [{"id": n, "image_id": 1, "category_id": 1} | dict(one) for n, one in enumerate(annotations, 1)],
        "categories": [{"id": 1, "name": "road"}, {"id": 5, "name": "sky"}],
    }
    return {name: json.dumps(document).encode()}


def colours() -> np.ndarray:
    """Return road in a colour of somebody else's, and black."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:3] = (51, 221, 255)
    return picture


def trailing_blanks(files: Files) -> Files:
    """Return documents whose category is called `road `."""
    return {name: content.replace(b'"road"', b'"road "') for name, content in files.items()}


LABEL_MAP = b"# label:color_rgb:parts:actions\nbackground:0,0,0::\nroad:51,221,255::\n"
TAKEN: dict[str, tuple[str, Files, dict[str, int]]] = {
    "packed on a Mac": (
        "index_png",
        {"labels/ulm_1.png": png(filled()), "__MACOSX/labels/._ulm_1.png": b"\0\5\26\7", ".DS_Store": b"x"},
        {"7": 48},
    ),
    "segmentation masks of CVAT": (
        "index_png",
        {
            "labelmap.txt": LABEL_MAP,
            "SegmentationClass/ulm_1.png": png(colours()),
            "SegmentationObject/ulm_1.png": png(colours()),
            "ImageSets/Segmentation/default.txt": b"ulm_1",
            "JPEGImages/ulm_1.png": b"",
        },
        {"3": 24},
    ),
    "names taken apart": (
        "index_png",
        {f"labels/{unicodedata.normalize('NFD', 'Zürich_1')}.png": png(filled())},
        {"7": 48},
    ),
    "names with backslashes": ("index_png", {"labels\\sub\\b.png": png(filled())}, {"7": 48}),
    "labels of 4 bits": ("index_png", {"ulm_1.png": grey_png(filled(), 4)}, {"7": 48}),
    "COCO with a Windows path": ("coco", coco({"segmentation": [WHOLE]}, file_name="images\\ulm_1.png"), {"3": 48}),
    "COCO with a flat polygon": ("coco", coco({"segmentation": WHOLE}), {"3": 48}),
    "COCO with numbers as text": (
        "coco",
        coco({"segmentation": [WHOLE], "category_id": "5", "image_id": 1.0}, width=float(WIDTH), height=str(HEIGHT)),
        {"7": 48},
    ),
    "COCO with blanks behind its names": (
        "coco",
        trailing_blanks(coco({"segmentation": [WHOLE]}, file_name="ulm_1.png ")),
        {"3": 48},
    ),
    "names with blanks behind them": (
        "index_png",
        {"labels/ulm_1.png ": png(filled()), "labels/Thumbs.db": b"x", "labels/desktop.ini": b"x"},
        {"7": 48},
    ),
    "COCO with its suffix in capitals": ("coco", coco({"segmentation": [WHOLE]}, name="instances.JSON"), {"3": 48}),
}
"""What is sent, in which format, and the pixels of each class that are taken."""


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_clear_is_taken_without_another_word(waiting: Round, case: str) -> None:
    form, files, pixels = TAKEN[case]

    report = waiting.rehearse(files, form)

    assert [(row.status, row.class_pixels) for row in report.files] == [("would_accept", pixels)]


NOTED: dict[str, tuple[Files, dict[str, int], str]] = {
    "a piece of two points": (
        coco({"segmentation": [WHOLE, [1, 1, 2, 2]]}),
        {"3": 48},
        "1 pieces of fewer than three vertices left out",
    ),
    "a box without an outline": (
        coco({"segmentation": [], "bbox": [1, 1, 5, 5]}, {"segmentation": [WHOLE]}),
        {"3": 48},
        "1 annotations that enclose no pixel left out",
    ),
    "three pixels outside": (
        coco({"segmentation": [[-3, 0, WIDTH, 0, WIDTH, HEIGHT, -3, HEIGHT]]}),
        {"3": 48},
        "1 annotations cut at the border of the image",
    ),
}


@pytest.mark.parametrize("case", NOTED)
def test_what_is_good_is_taken_and_the_rest_is_told(waiting: Round, case: str) -> None:
    files, pixels, said = NOTED[case]

    [row] = waiting.rehearse(files, "coco").files

    assert (row.status, row.class_pixels) == ("would_accept", pixels)
    assert said in (row.message or "")


@pytest.mark.parametrize(
    ("overlap", "pixels"),
    [("last", {"7": 48}), ("smallest", {"3": 24, "7": 24}), ("ignore", {"7": 24})],
)
def test_classes_that_overlap_are_refused_unless_it_is_said_which_wins(
    waiting: Round, overlap: str, pixels: dict[str, int]
) -> None:
    half = [0, 0, WIDTH / 2, 0, WIDTH / 2, HEIGHT, 0, HEIGHT]
    files = coco({"segmentation": [half]}, {"segmentation": [WHOLE], "category_id": 5})

    [refused] = waiting.rehearse(files, "coco").files
    [taken] = waiting.rehearse(files, "coco", overlap=overlap).files

    assert (refused.code, "overlap=last, smallest or ignore" in (refused.message or "")) == ("overlap", True)
    assert (taken.status, taken.class_pixels) == ("would_accept", pixels)


@pytest.mark.parametrize("form", ["index_png", "coco", "cityscapes"])
def test_brush_masks_of_label_studio_are_one_message_that_says_what_to_export(waiting: Round, form: str) -> None:
    files = {f"task-1-annotation-2-by-1-tag-{name}-0.png": png(filled(255)) for name in ("road", "sky")}

    with pytest.raises(InvalidRequestError) as refused:
        waiting.rehearse(files, form)

    [entry] = refused.value.errors
    assert "2 brush masks of Label Studio" in entry.message
    assert "export the project as COCO" in entry.message


def test_a_label_of_cvat_that_is_no_class_is_named(waiting: Round) -> None:
    files = {"labelmap.txt": LABEL_MAP.replace(b"road", b"kerb"), "SegmentationClass/ulm_1.png": png(colours())}

    [row] = waiting.rehearse(files, "index_png").files

    assert row.code == "unknown_colour"
    assert "is 'kerb' by labelmap.txt, which is no class of the round" in (row.message or "")


def test_many_bad_entries_are_a_short_answer(waiting: Round) -> None:
    document = json.dumps({"images": [], "annotations": [{}] * 200_000})

    report = waiting.rehearse({"a.json": document.encode()}, "coco")

    assert report.counts.refused == 200_000
    assert (len(report.files), [one.model_dump() for one in report.unlisted]) == (
        50,
        [{"code": "no_image", "files": 199_950}],
    )
    assert len(report.model_dump_json()) < 20_000


def test_many_files_of_no_query_are_counted_and_not_listed(waiting: Round) -> None:
    report = waiting.rehearse({f"labels/other_{number:04}.png": b"" for number in range(1000)}, "index_png")

    assert (report.counts.unknown, len(report.files)) == (1000, 50)
    assert [one.model_dump() for one in report.unlisted] == [{"code": "no_query", "files": 950}]
