"""Maps of pixels and their aggregation (6.2)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.acquisition.aggregation import has_valid, valid_mean, valid_top_mean
from core.acquisition.catalog import ACQUISITIONS, AcquisitionName, Evidence
from core.acquisition.dropout_passes import DropoutSums
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-5


def dropout_sums(case: dict[str, np.ndarray]) -> DropoutSums:
    passes = torch.from_numpy(case["mc_logits"])
    sums = DropoutSums.of(passes[0])
    for logits in passes[1:]:
        sums = sums.plus(logits)
    return sums


@pytest.mark.parametrize("name", [name for name, row in ACQUISITIONS.items() if row.evidence is Evidence.LOGITS])
def test_maps_of_one_pass_equal_the_recording(name: AcquisitionName) -> None:
    case = load_case("stal", "acquisition")

    assert_close(ACQUISITIONS[name].load()(torch.from_numpy(case["logits"])), case[name], TOLERANCE)


@pytest.mark.parametrize("name", [AcquisitionName.MC_ENTROPY, AcquisitionName.BALD])
def test_maps_of_dropout_passes_equal_the_recording(name: AcquisitionName) -> None:
    case = load_case("stal", "acquisition")

    assert_close(ACQUISITIONS[name].load()(dropout_sums(case)), case[name], TOLERANCE)


def test_means_over_valid_pixels_equal_the_recording() -> None:
    case = load_case("stal", "acquisition")
    valid = torch.from_numpy(case["valid"]).bool()
    entropy = ACQUISITIONS[AcquisitionName.ENTROPY].load()(torch.from_numpy(case["logits"]))
    bald = ACQUISITIONS[AcquisitionName.BALD].load()(dropout_sums(case))

    assert_close(valid_mean(entropy, valid), case["entropy_mean"], TOLERANCE)
    assert_close(valid_mean(bald, valid), case["bald_mean"], TOLERANCE)
    assert has_valid(valid).tolist() == case["valid"].any(axis=(1, 2)).tolist()


def test_means_of_the_largest_values_equal_the_recording() -> None:
    case = load_case("stal", "acquisition")
    entropy = ACQUISITIONS[AcquisitionName.ENTROPY].load()(torch.from_numpy(case["logits"]))

    top = valid_top_mean(entropy, torch.from_numpy(case["valid"]).bool(), float(case["top_fraction"]))

    assert_close(top, case["entropy_top"], TOLERANCE)
