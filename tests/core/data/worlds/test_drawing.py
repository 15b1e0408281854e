"""Shapes, textures, colours and noise."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.worlds.drawing import (
    SHAPE_EXTENT,
    SHAPES,
    TEXTURES,
    blend,
    frame,
    hsv_colours,
    smooth_noise,
)

STEP = 0.005
V, U = np.meshgrid(*[np.arange(-1.25 + STEP / 2, 1.25, STEP, dtype=np.float32)] * 2, indexing="ij")


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        ("disc", np.pi * 0.95**2),
        ("square", 1.64**2),
        ("triangle", 3 * np.sqrt(3) * 0.58**2),
        ("star", 10 * 0.5 * 1.15 * 0.58 * np.sin(np.pi / 5)),
        ("kite", 2 * 0.78 * 1.1),
        ("ring", np.pi * (0.97**2 - 0.35**2)),
        ("plus", 4 * (2 * 0.4 - 0.4**2)),
        ("hexagon", 2 * np.sqrt(3) * 0.85**2),
    ],
)
def test_shape_has_the_area_of_its_outline(shape: str, area: float) -> None:
    inside = np.count_nonzero(SHAPES[shape](U, V) < 0) * STEP**2

    assert inside == pytest.approx(area, rel=0.01)


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_stays_within_its_extent_and_near_the_outline_its_distance_is_true(shape: str) -> None:
    distance = SHAPES[shape](U, V)
    slope = np.hypot(*np.gradient(distance, STEP))

    assert np.hypot(U, V)[distance < 0].max() <= SHAPE_EXTENT
    assert np.median(slope[np.abs(distance) < 0.1]) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("texture", TEXTURES)
def test_texture_uses_both_colours_and_nothing_outside_them(texture: str) -> None:
    share = TEXTURES[texture](U, V)

    assert (share.min(), share.max()) == (0, 1)
    assert 0.25 < share.mean() < 0.75


def test_no_two_textures_agree() -> None:
    shares = [texture(U, V).ravel() for texture in TEXTURES.values()]

    correlations = np.abs(np.corrcoef(shares))[np.triu_indices(len(shares), k=1)]

    assert correlations.max() < 0.5


def test_frame_centres_and_rotates_an_objects_coordinates() -> None:
    rows, columns, u, v = frame((20.5, 30.5), 5, np.pi / 2, 64)

    # Half a turn of a right angle: one radius to the right of the centre is u = 0, v = -1.
    assert (u[30 - rows.start, 20 - columns.start], v[30 - rows.start, 20 - columns.start]) == (0, 0)
    assert u[30 - rows.start, 25 - columns.start] == pytest.approx(0, abs=1e-6)
    assert v[30 - rows.start, 25 - columns.start] == pytest.approx(-1)


def test_frame_is_cut_at_the_canvas_and_may_be_empty() -> None:
    rows, columns, u, _ = frame((0, 0), 5, 0, 64)
    _, _, outside, _ = frame((-50, 10), 5, 0, 64)

    assert (rows, columns, u.shape) == (slice(0, 8), slice(0, 8), (8, 8))
    assert outside.size == 0


@pytest.mark.parametrize(
    ("hsv", "rgb"),
    [
        ((0, 1, 1), (255, 0, 0)),
        ((1 / 3, 1, 1), (0, 255, 0)),
        ((2 / 3, 1, 0.4), (0, 0, 102)),
        ((-5 / 6, 1, 1), (255, 255, 0)),
        ((0.77, 0, 0.2), (51, 51, 51)),
    ],
)
def test_hsv_colours_are_those_of_the_colour_wheel(hsv: tuple[float, float, float], rgb: tuple[int, int, int]) -> None:
    np.testing.assert_allclose(hsv_colours(*hsv), rgb, atol=1e-3)


def test_noise_is_made_of_the_given_colours() -> None:
    colours = np.array([[10, 200, 30]], dtype=np.float32)

    noise = smooth_noise(np.random.default_rng(0), 16, 3, colours)

    np.testing.assert_array_equal(noise, np.broadcast_to(colours, (16, 16, 3)))


def test_blend_mixes_by_opacity_inside_the_part_alone() -> None:
    canvas = np.zeros((4, 4, 3), dtype=np.float32)

    blend(canvas, (slice(0, 2), slice(0, 1)), np.array([100, 50, 0], np.float32), np.array([[1.0], [0.5]], np.float32))

    assert canvas[0, 0].tolist() == [100, 50, 0]
    assert canvas[1, 0].tolist() == [50, 25, 0]
    assert canvas.sum() == 225
