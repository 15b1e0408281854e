"""Which images are shown, and what is written of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.classes import IGNORE_INDEX, ClassTable
from core.data.truths import PixelCounts
from core.engine.panels import Panel, PanelKey, choose_images, panel_scores, save_panel
from core.streams.class_incremental import ClassIncrementalStream
from core.streams.masking import LabelUse, raw_table
from core.streams.step import Step

CLASSES = ClassTable({2: "two", 5: "five", 7: "seven"})
STREAM = ClassIncrementalStream(steps=((5,), (2,), (7,)))


def counts_of(*images: dict[int, int]) -> PixelCounts:
    """Return the presence of images of 100 pixels, given as raw id -> pixels; the rest is background."""
    pixels = np.zeros((len(images), 256), dtype=np.uint32)
    for row, shown in zip(pixels, images, strict=True):
        row[0] = 100 - sum(shown.values())
        for raw_id, number in shown.items():
            row[raw_id] = number
    return pixels


def key_of(step: Step, classes: ClassTable = CLASSES) -> PanelKey:
    return PanelKey(
        channel_of=STREAM.label_table(step, LabelUse.TEST, classes),
        raw_of=raw_table(step.seen_classes, classes),
        seen_classes=step.seen_classes,
        classes=classes,
    )


def panel_of(labels: list[list[int]], prediction: list[list[int]], source: str = "image-0") -> Panel:
    shape = np.array(labels).shape
    image = np.arange(np.prod(shape) * 3, dtype=np.uint8).reshape(*shape, 3)
    return Panel(source, image, np.array(labels, dtype=np.uint8), np.array(prediction, dtype=np.uint8))


def index_png(path: Path) -> tuple[str, list[list[int]]]:
    with Image.open(path) as image:
        return image.mode, np.asarray(image).tolist()


def test_image_with_most_classes_comes_first_and_then_those_with_what_it_lacks():
    pixels = counts_of({5: 90}, {5: 1, 2: 1}, {7: 2}, {2: 80})

    assert choose_images(pixels, (5, 2, 7), 2) == [1, 2]


def test_of_equals_the_image_whose_classes_are_largest_is_chosen_and_then_the_first():
    assert choose_images(counts_of({5: 10}, {5: 30}, {5: 30}), (5,), 1) == [1]


def test_once_every_class_is_shown_all_count_as_missing_again():
    pixels = counts_of({5: 10}, {5: 20}, {2: 10}, {2: 5})

    assert choose_images(pixels, (5, 2), 4) == [1, 2, 0, 3]


def test_classes_outside_the_stream_and_images_without_any_of_its_classes_are_left_out():
    pixels = counts_of({9: 90}, {}, {5: 1})

    assert choose_images(pixels, (5, 2), 8) == [2]
    assert choose_images(pixels, (2,), 8) == []


def test_choice_is_the_same_whatever_is_asked_before_and_grows_with_the_count():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 2, (40, 256)).astype(np.uint32)

    chosen = choose_images(pixels, range(1, 21), 8)

    assert choose_images(pixels.copy(), range(1, 21), 8) == chosen
    assert choose_images(pixels, range(1, 21), 5) == chosen[:5]
    assert len(set(chosen)) == 8


def test_scores_count_what_is_not_learnt_yet_as_background_and_skip_what_is_not_labelled():
    # After step 1 the channels are background, 5 and 2; class 7 is not learned.
    panel = panel_of([[0, 5, 5, 7], [2, 2, 255, 0]], [[0, 1, 2, 0], [2, 2, 1, 1]])

    scores = panel_scores(panel, key_of(STREAM.step(1)))

    assert scores.pixel_accuracy == pytest.approx(5 / 7)
    assert scores.iou == {5: pytest.approx(1 / 3, abs=1e-6), 2: pytest.approx(2 / 3, abs=1e-6)}


def test_class_that_the_image_does_not_show_has_no_iou_even_where_it_is_predicted():
    scores = panel_scores(panel_of([[0, 0]], [[0, 1]]), key_of(STREAM.step(0)))

    assert (scores.pixel_accuracy, scores.iou) == (0.5, {})


def test_without_a_background_only_pixels_of_learnt_classes_are_counted():
    classes = ClassTable({0: "floor", **CLASSES.names}, background_id=None)

    scores = panel_scores(panel_of([[5, 5, 7]], [[1, 0, 1]]), key_of(STREAM.step(0), classes))
    unlearnt = panel_scores(panel_of([[7, 0]], [[1, 1]]), key_of(STREAM.step(0), classes))

    assert scores.pixel_accuracy == 0.5
    assert (unlearnt.pixel_accuracy, unlearnt.iou) == (None, {})


def test_files_hold_raw_ids_with_background_and_ignored_pixels_as_the_dataset_has_them(tmp_path: Path):
    classes = ClassTable(CLASSES.names, ignore_id=250, background_id=0)
    panel = panel_of([[0, 5, 250], [2, 7, 0]], [[0, 1, 1], [2, 0, 0]], source="<b>street</b>")

    item = save_panel(tmp_path, "artifacts/panels", 3, panel, key_of(STREAM.step(1), classes))

    assert (item.source, item.width, item.height, item.classes) == ("<b>street</b>", 3, 2, [2, 5, 7])
    assert item.prediction == "artifacts/panels/03-prediction.png"
    assert index_png(tmp_path / item.labels) == ("L", [[0, 5, 250], [2, 7, 0]])
    assert index_png(tmp_path / item.prediction) == ("L", [[0, 5, 5], [2, 0, 0]])
    assert index_png(tmp_path / item.image) == ("RGB", panel.image.tolist())


def test_predicted_background_is_ignored_where_the_dataset_has_none(tmp_path: Path):
    classes = ClassTable({0: "floor", **CLASSES.names}, background_id=None)

    item = save_panel(tmp_path, "panels", 0, panel_of([[0, 5]], [[0, 1]]), key_of(STREAM.step(0), classes))

    assert index_png(tmp_path / item.labels) == ("L", [[0, 5]])
    assert index_png(tmp_path / item.prediction) == ("L", [[IGNORE_INDEX, 5]])
    assert item.classes == [0, 5]
