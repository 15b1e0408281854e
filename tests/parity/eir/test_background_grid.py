"""Cells of a canvas and the emptiest of them (EIR 4.4, step 4)."""

import numpy as np
import pytest
import torch

from core.methods.eir.paste_plan import background_counts, cell_corners, rank_cells
from tests.support.parity import load_case

CASE = load_case("eir", "background_grid")
SCENARIOS = sorted(name.removesuffix("_S_B") for name in CASE if name.endswith("_S_B"))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_cells_and_their_background_pixels_in_scan_order(scenario: str) -> None:
    side_px, cell_px = CASE[f"{scenario}_S_B"].tolist()
    label = torch.from_numpy(CASE[f"{scenario}_label"])

    counts = background_counts(label[None], cell_px)[0].tolist()

    cells = [(*corner, count) for corner, count in zip(cell_corners(side_px, cell_px), counts, strict=True)]
    assert np.array_equal(cells, CASE[f"{scenario}_cells"])


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_emptiest_cells_with_ties_in_scan_order(scenario: str) -> None:
    cells, expected = CASE[f"{scenario}_cells"], CASE[f"{scenario}_top"]

    best = rank_cells(cells[:, 2])[: len(expected)]

    assert np.array_equal(cells[best], expected)
