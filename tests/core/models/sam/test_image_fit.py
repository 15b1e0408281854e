"""Where clicks land in the encoder's view, and masks on the image."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.models.sam.image_fit import Placing, fit_image


@pytest.mark.parametrize(
    ("height", "width", "side", "placing", "click", "expected"),
    [
        (1024, 1024, 1024, "stretched", (0, 0), (0, 0)),
        (1024, 1024, 1024, "padded", (1023, 7), (1023, 7)),
        (512, 512, 1024, "stretched", (0, 511), (0.5, 1022.5)),
        (512, 512, 1024, "padded", (0, 511), (0.5, 1022.5)),
        (512, 512, 64, "padded", (255, 256), (31.4375, 31.5625)),
        (2800, 4400, 1024, "stretched", (4399, 0), (1023.3836, -0.3171)),
        (2800, 4400, 1024, "padded", (4399, 0), (1023.3836, -0.3836)),
        (2800, 4400, 1024, "padded", (0, 2799), (-0.3836, 651.3836)),
        (2800, 4400, 1024, "padded", (2200, 1400), (511.6164, 325.6164)),
        (4400, 2800, 1024, "stretched", (0, 4399), (-0.3171, 1023.3836)),
        (4400, 2800, 1024, "padded", (2799, 4399), (651.3836, 1023.3836)),
        (1, 600, 64, "stretched", (599, 0), (63.4467, 31.5)),
        (1, 600, 64, "padded", (599, 0), (63.4467, 0)),
        (600, 1, 64, "stretched", (0, 599), (31.5, 63.4467)),
        (600, 1, 64, "padded", (0, 599), (0, 63.4467)),
        (100, 300, 1024, "stretched", (150, 20), (513.2067, 209.42)),
        (100, 300, 1024, "padded", (150, 20), (513.2067, 69.405)),
    ],
)
def test_clicks_land_where_the_resized_pixel_is(
    height: int, width: int, side: int, placing: Placing, click: tuple[int, int], expected: tuple[float, float]
) -> None:
    fit = fit_image(height, width, side, placing)

    assert fit.to_view(click).tolist() == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("height", "width", "rows", "columns"),
    [(2800, 4400, 652, 1024), (4400, 2800, 1024, 652), (512, 512, 1024, 1024), (1, 4000, 1, 1024)],
)
def test_a_padded_image_fills_the_longer_side_as_published(height: int, width: int, rows: int, columns: int) -> None:
    fit = fit_image(height, width, 1024, "padded")

    assert (fit.rows, fit.columns) == (rows, columns)


@pytest.mark.parametrize(("height", "width"), [(90, 40), (40, 90), (64, 64), (1, 30)])
@pytest.mark.parametrize("placing", ["padded", "stretched"])
def test_what_is_marked_in_the_mask_lies_under_the_same_click(height: int, width: int, placing: Placing) -> None:
    fit = fit_image(height, width, 64, placing)
    click = (3 * width // 4, height // 3)
    x, y = fit.to_view(click)
    rows, columns = np.mgrid[0:32, 0:32] * 2 + 0.5
    logits = (9 - (columns - x) ** 2 - (rows - y) ** 2).astype(np.float32)

    mask = fit.mask_on_image(logits)

    assert mask.shape == (height, width)
    found_rows, found_columns = mask.nonzero()
    assert found_columns.mean() == pytest.approx(click[0], abs=1.5)
    assert found_rows.mean() == pytest.approx(click[1], abs=1.5)


def test_a_stretched_mask_is_resized_as_in_the_tests_of_runs() -> None:
    logits = np.random.default_rng(0).normal(size=(32, 32)).astype(np.float32)

    mask = fit_image(45, 71, 64, "stretched").mask_on_image(logits)

    resized = F.interpolate(torch.from_numpy(logits)[None, None], (45, 71), mode="bilinear", align_corners=False)
    assert np.array_equal(mask, (resized[0, 0] > 0).numpy())
