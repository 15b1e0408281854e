from __future__ import annotations

import numpy as np

from core.data.decoding import read_label
from core.files import index_png
from server.db.annotations import store_labels
from server.settings import Settings
from server.storage import LocalStorage

PROPOSAL = np.array([[3, 3, 7, 7]], np.uint8)


def test_labels_are_stored_with_what_they_say(settings: Settings) -> None:
    storage = LocalStorage(settings.storage_folder)
    labels = np.array([[3, 7, 7, 255]], np.uint8)

    facts = store_labels(storage, labels, ignore_id=255, proposal=PROPOSAL, earlier=None)

    assert storage.path(facts.mask_sha256).read_bytes() == index_png(labels)
    assert facts.merged_sha256 == facts.mask_sha256
    # The second pixel was corrected; the last bears no class and agrees with nothing.
    assert (facts.pixels, facts.class_pixels, facts.agreeing_pixels) == (3, {"3": 1, "7": 2}, 2)


def test_new_labels_lie_over_earlier_ones(settings: Settings) -> None:
    storage = LocalStorage(settings.storage_folder)
    labels, earlier = np.array([[255, 7, 7, 255]], np.uint8), np.array([[3, 3, 255, 255]], np.uint8)

    facts = store_labels(storage, labels, ignore_id=255, proposal=PROPOSAL, earlier=earlier)

    assert read_label(storage.path(facts.mask_sha256)).tolist() == [[255, 7, 7, 255]]
    assert read_label(storage.path(facts.merged_sha256)).tolist() == [[3, 7, 7, 255]]
    assert (facts.pixels, facts.agreeing_pixels) == (2, 1)


def test_another_id_can_mark_what_nobody_can_tell(settings: Settings) -> None:
    facts = store_labels(
        LocalStorage(settings.storage_folder),
        np.array([[0, 255, 3, 0]], np.uint8),
        ignore_id=0,
        proposal=np.zeros((1, 4), np.uint8),
        earlier=None,
    )

    assert (facts.pixels, facts.class_pixels, facts.agreeing_pixels) == (2, {"3": 1, "255": 1}, 0)
