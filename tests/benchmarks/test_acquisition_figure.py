from __future__ import annotations

from xml.etree import ElementTree

import pytest

from benchmarks.acquisition_figure import PANELS, Axis, Curve, Point, figure

SVG = "{http://www.w3.org/2000/svg}"


def point(images: float, miou: float) -> Point:
    return Point({"images": images, "pixels": images / 2, "clicks": 10**images}, miou, miou - 0.05, miou + 0.05)


@pytest.mark.parametrize(("axis", "value", "place"), [
    (Axis(0, 10, 100, 300), 5, 200.0),
    (Axis(0, 1, 300, 100), 0.25, 250.0),
    (Axis(1, 100, 0, 200, is_logarithmic=True), 10, 100.0),
])  # fmt: skip
def test_an_axis_maps_values_to_places(axis: Axis, value: float, place: float) -> None:
    assert axis.at(value) == pytest.approx(place)


@pytest.mark.parametrize(("axis", "ticks"), [
    (Axis(0.17, 0.52, 0, 1), [0.2, 0.3, 0.4, 0.5]),
    (Axis(3.5, 12.5, 0, 1), [4, 6, 8, 10, 12]),
    (Axis(2, 2_000, 0, 1, is_logarithmic=True), [10, 100, 1000]),
])  # fmt: skip
def test_ticks_are_round_and_inside(axis: Axis, ticks: list[float]) -> None:
    assert axis.ticks() == pytest.approx(ticks)


def test_the_figure_has_a_line_for_each_function_in_every_panel() -> None:
    curves = [Curve("Random", [point(1, 0.2), point(2, 0.3)]), Curve("A & B", [point(1, 0.2), point(3, 0.4)])]

    root = ElementTree.fromstring(figure(curves, {"all labels": 0.5}))

    lines = root.findall(f"{SVG}polyline")
    assert len(lines) == len(curves) * len(PANELS)
    assert all(len((line.get("points") or "").split()) == 2 for line in lines)
    levels = [line for line in root.findall(f"{SVG}line") if line.get("class") == "level"]
    assert len(levels) == len(PANELS)
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert {"Random", "A & B", "all labels"} <= set(texts)


def test_higher_is_better_and_more_budget_lies_to_the_right() -> None:
    root = ElementTree.fromstring(figure([Curve("Random", [point(1, 0.2), point(2, 0.3)])], {}))

    for line in root.findall(f"{SVG}polyline"):
        (x0, y0), (x1, y1) = (pair.split(",") for pair in (line.get("points") or "").split())
        assert float(x1) > float(x0)
        assert float(y1) < float(y0)
