from __future__ import annotations

import contextlib
import io

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.metrics.instances import Found, Overlaps, Truths, match_greedily, rank
from core.metrics.open_set import evaluate_open_set, summarise
from core.metrics.overlaps import box_overlaps

CLASSES = (1, 2, 3)


def random_set(images: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows image, class, x, y, width, height, crowd of true objects, and rows with a score of found ones."""
    generator = np.random.default_rng(seed)
    true, found = [], []
    for image in range(images):
        for _ in range(generator.integers(0, 7)):
            side = generator.choice([20, 60, 150])
            box = [*generator.integers(0, 200, 2), *(side + generator.integers(0, 20, 2))]
            true.append([image, generator.choice(CLASSES), *box, generator.random() < 0.15])
            for _ in range(generator.integers(0, 4)):
                moved = np.array(box) + generator.integers(-8, 9, 4)
                found.append([image, generator.choice(CLASSES), *moved, generator.integers(1, 20) / 20])
        found.append([image, generator.choice(CLASSES), *generator.integers(1, 90, 4), generator.random()])
    return np.array(true), np.array(found, np.float64)


def by_pycocotools(true: np.ndarray, found: np.ndarray, images: int) -> COCOeval:
    annotations = [
        {
            "id": number,
            "image_id": int(row[0]),
            "category_id": int(row[1]),
            "bbox": row[2:6].tolist(),
            "area": float(row[4] * row[5]),
            "iscrowd": int(row[6]),
        }
        for number, row in enumerate(true, start=1)
    ]
    results = [
        {"image_id": int(row[0]), "category_id": int(row[1]), "bbox": row[2:6].tolist(), "score": float(row[6])}
        for row in found
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": [{"id": image} for image in range(images)],
            "categories": [{"id": class_id} for class_id in CLASSES],
            "annotations": annotations,
        }
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.params.maxDets = [10, 20, 30, 50, 100]
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation


def test_the_closed_set_part_equals_pycocotools() -> None:
    true, found = random_set(60, seed=5)
    truths = Truths(true[:, 0], true[:, 1], (true[:, 4] * true[:, 5]).astype(np.float64), true[:, 6] > 0)
    objects = Found(found[:, 0].astype(int), found[:, 1].astype(int), found[:, 6], found[:, 4] * found[:, 5])

    result = evaluate_open_set(truths, objects, box_overlaps(truths, objects, true[:, 2:6], found[:, 2:6]), CLASSES)

    wanted = by_pycocotools(true, found, 60).eval
    precision = np.stack([curve.precision for curve in result.known])  # (K, A, T, R)
    recall = np.stack([curve.recall for curve in result.known])
    np.testing.assert_allclose(precision.transpose(2, 3, 0, 1), wanted["precision"][..., -1], rtol=0, atol=1e-9)
    np.testing.assert_allclose(recall.transpose(2, 0, 1, 3), wanted["recall"], rtol=0, atol=1e-9)


def test_of_two_equal_overlaps_the_later_true_object_is_taken() -> None:
    image = np.zeros(2, np.int64)
    truths = Truths(image, np.ones(2, np.int64), np.full(2, 100.0), np.zeros(2, np.bool_))
    found = Found(image, np.ones(2, np.int64), np.array([0.9, 0.8]), np.full(2, 100.0))
    # The first meets both alike, the second meets the later one alone, which is then taken.
    overlaps = Overlaps(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([0.8, 0.8, 0.9]))

    matched = match_greedily(rank(found, np.arange(2)), found, truths, overlaps, np.ones(2, np.bool_))

    assert matched.is_hit[0, 0].tolist() == [True, False]


def test_a_crowd_takes_any_number_and_counts_for_nothing() -> None:
    image = np.zeros(2, np.int64)
    truths = Truths(image[:1], image[:1] + 1, np.array([5000.0]), np.array([True]))
    found = Found(image, image + 1, np.array([0.9, 0.8]), np.full(2, 100.0))
    overlaps = Overlaps(np.array([0, 1]), np.array([0, 0]), np.array([1.0, 0.6]))

    matched = match_greedily(rank(found, np.arange(2)), found, truths, overlaps, np.ones(1, np.bool_))

    assert not matched.is_hit.any()
    assert matched.is_ignored[0, 0].tolist() == [True, True]
    assert matched.is_ignored[0, -1].tolist() == [True, False]


def test_only_the_best_of_an_image_are_ranked_and_equal_scores_keep_their_order() -> None:
    found = Found(np.array([1, 0, 0, 0]), np.ones(4, np.int64), np.array([0.5, 0.5, 0.7, 0.5]), np.ones(4))

    ranked = rank(found, np.arange(4), most=2)

    assert ranked.found.tolist() == [2, 1, 0]
    assert ranked.place.tolist() == [0, 1, 0]
    assert summarise([]).ap is None
