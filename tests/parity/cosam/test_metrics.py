"""IoU of masks and boundaries, the numbers of a run, and the published log (CoSAM 7)."""

from __future__ import annotations

import numpy as np
import torch

from core.metrics.boundary import boundary, boundary_iou, mask_iou
from core.metrics.domain_sequence import lower_median, summarise_sequence
from core.models.sam.masks import mask_at_size
from tests.support.parity import assert_close, load_case


def undefined_as_nan(value: float | None) -> float:
    return np.nan if value is None else value


def test_scores_of_masks_are_the_recorded_ones() -> None:
    case = load_case("cosam", "metrics")
    cases = sum(name.startswith("logits_") for name in case)
    for index in range(cases):
        truth = case[f"gt_{index}"][0, 0] > 128
        prediction = mask_at_size(torch.from_numpy(case[f"logits_{index}"]), truth.shape)[0, 0].numpy()

        for score, name in ((mask_iou, "iou"), (boundary_iou, "biou")):
            found = undefined_as_nan(score(truth, prediction))
            np.testing.assert_allclose(found, case[f"{name}_{index}"], rtol=1e-5, atol=1e-3, err_msg=f"{name} {index}")
        np.testing.assert_array_equal(boundary(truth), case[f"gt_boundary_{index}"] != 0)
    assert cases


def test_the_numbers_of_a_run_are_the_recorded_ones() -> None:
    case = load_case("cosam", "cl_metrics")

    summary = summarise_sequence(case["matrix"][:, 1:])

    found = [summary.last, summary.average, summary.ff, summary.ff_max, summary.learning, case["matrix"][-1, 0]]
    assert_close(found, [case[name] for name in ("last", "avg", "ff", "ff_max", "learn", "natural")], 1e-9)


def test_the_published_log_shows_lower_medians() -> None:
    case = load_case("cosam", "meter")
    values = case["values"].tolist()

    assert_close(lower_median(values), case["median20"], 1e-6)
    assert_close(lower_median(values[:4]), case["median_first4"], 1e-6)
    assert_close(np.mean(values), case["global_avg"], 1e-6)
