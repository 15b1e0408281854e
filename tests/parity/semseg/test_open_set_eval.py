"""Precision, recall and open-set errors of a small test set, for boxes and for masks (SemSeg 6.1)."""

from __future__ import annotations

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from core.metrics.instances import Found, Truths
from core.metrics.open_set import OpenSetResult, evaluate_open_set, summarise
from core.metrics.overlaps import box_overlaps, mask_overlaps
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-9


def unpacked(packed: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.unpackbits(packed.astype(np.uint8), axis=1)[:, : size[0] * size[1]].reshape(-1, *size)


def run_lengths(masks: np.ndarray) -> list[dict[str, object]]:
    return [coco_mask.encode(np.asfortranarray(mask)) for mask in masks]


@pytest.fixture(scope="module", params=["bbox", "segm"])
def evaluated(request: pytest.FixtureRequest) -> tuple[str, dict[str, np.ndarray], OpenSetResult]:
    case = load_case("semseg", "open_set_eval")
    gt, det, size = case["gt"], case["det"], (int(case["image_size"][0]), int(case["image_size"][1]))
    truths = Truths(gt[:, 1], gt[:, 2], gt[:, 8].astype(np.float64), gt[:, 7] > 0)
    if request.param == "bbox":
        area = det[:, 4] * det[:, 5].astype(np.float64)
        found = Found(det[:, 0], det[:, 1], case["det_scores"], area)
        overlaps = box_overlaps(truths, found, gt[:, 3:7], det[:, 2:6])
    else:
        masks, true_masks = (unpacked(case[f"{name}_masks_packed"], size) for name in ("det", "gt"))
        found = Found(det[:, 0], det[:, 1], case["det_scores"], masks.sum(axis=(1, 2), dtype=np.float64))
        overlaps = mask_overlaps(truths, found, run_lengths(true_masks), run_lengths(masks))
    return request.param, case, evaluate_open_set(truths, found, overlaps, case["known_ids"].tolist())


def test_the_report(evaluated: tuple[str, dict[str, np.ndarray], OpenSetResult]) -> None:
    kind, case, result = evaluated
    found = np.full(30, -1.0)
    for offset, curves in ((0, result.known), (16, (result.unknown,))):
        summary = summarise(curves)
        values = (summary.ap, summary.ap50, summary.ap75, *summary.ap_by_area, *summary.ar, *summary.ar_by_area)
        found[offset : offset + 14] = [-1 if value is None else value for value in values]
    found[14] = result.open_set_errors.sum()
    wanted = case[f"stats_{kind}"].copy()
    wanted[15] = found[15]  # unused

    assert_close(found, wanted, TOLERANCE)


def test_scores_by_class(evaluated: tuple[str, dict[str, np.ndarray], OpenSetResult]) -> None:
    kind, case, result = evaluated
    found = np.array([curve.precision[0].mean() for curve in result.known])
    recall = np.stack([curve.recall for curve in result.known]).transpose(2, 0, 1, 3)

    np.testing.assert_allclose(found, case[f"per_class_ap_{kind}"], rtol=0, atol=TOLERANCE, equal_nan=True)
    np.testing.assert_array_equal(np.isnan(recall), case[f"recall_known_{kind}"] == -1)
    assert_close(np.nan_to_num(recall, nan=-1), case[f"recall_known_{kind}"], TOLERANCE)
    np.testing.assert_array_equal(result.open_set_errors, np.maximum(case[f"aose_per_class_{kind}"], 0))
    np.testing.assert_array_equal(result.misclassified, np.maximum(case[f"misclass_per_class_{kind}"], 0))


def test_scores_of_the_unknown(evaluated: tuple[str, dict[str, np.ndarray], OpenSetResult]) -> None:
    kind, case, result = evaluated
    recall = np.nan_to_num(result.unknown.recall.transpose(1, 0, 2), nan=-1)

    assert_close(recall, case[f"recall_unknown_{kind}"], TOLERANCE)
    np.testing.assert_array_equal(result.known_as_unknown, case[f"known_as_unknown_{kind}"])
    assert_close(result.wilderness, case[f"wi_{kind}"], TOLERANCE)
