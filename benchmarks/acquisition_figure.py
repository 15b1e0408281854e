"""The figure of `benchmarks.acquisition`: mIoU against labelled pixels, images and clicks, for light and dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

PANELS = (("pixels", "labelled pixels, %", False), ("images", "labelled images", True), ("clicks", "clicks", True))
"""Key of a point's budget, title of the axis, and whether its scale is logarithmic."""
COLOURS = (
    "#8c8c8c",
    "#1f77b4",
    "#17a2b8",
    "#2ca02c",
    "#8fae1b",
    "#9467bd",
    "#c377e0",
    "#a8652d",
    "#e5483b",
    "#e08a00",
    "#e0569b",
)
"""Of the lines, in their order; each reads on white and on near-black."""
LEFT, TOP, PANEL_WIDTH, PANEL_HEIGHT, GAP, LEGEND_WIDTH = 62, 44, 310, 320, 34, 230
WIDTH = LEFT + len(PANELS) * (PANEL_WIDTH + GAP) + LEGEND_WIDTH
HEIGHT = TOP + PANEL_HEIGHT + 58
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f } .page { fill: #ffffff }
.grid { stroke: #d8dee4; stroke-width: 1 } .level { stroke: #57606a; stroke-width: 1.5; stroke-dasharray: 6 4 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .page { fill: #0d1117 } .grid { stroke: #30363d } .level { stroke: #9198a1 }
}
"""


@dataclass(frozen=True)
class Point:
    """One round: budgets by their key, mean mIoU over the seeds, and the least and largest."""

    budgets: Mapping[str, float]
    miou: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """One function's rounds."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Axis:
    """Maps [low, high] to [start, end] in pixels; a logarithmic one needs positive values."""

    low: float
    high: float
    start: float
    end: float
    is_logarithmic: bool = False

    def at(self, value: float) -> float:
        """Return the place of a value."""
        low, high, value = (self._scaled(number) for number in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return round values inside the axis: powers of ten, or four to eight multiples of 1, 2 or 5."""
        if self.is_logarithmic:
            powers = range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
            return [10.0**power for power in powers]
        rough = (self.high - self.low) / 5
        power = 10.0 ** math.floor(math.log10(rough))
        pace = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
        count = range(math.ceil(self.low / pace - 1e-9), math.floor(self.high / pace + 1e-9) + 1)
        return [number * pace for number in count]

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.is_logarithmic else value


def figure(curves: Sequence[Curve], levels: Mapping[str, float]) -> str:
    """Return an SVG document: a panel for each kind of budget, a line for each function, a legend.

    Args:
        curves: at least one, of at least one point each.
        levels: name -> mIoU of a reference, drawn across every panel.
    """
    points = [point for curve in curves for point in curve.points]
    values = [*(point.low for point in points), *(point.high for point in points), *levels.values()]
    vertical = Axis(min(values) - 0.02, max(values) + 0.02, TOP + PANEL_HEIGHT, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>mIoU of the teacher against labelled pixels, images and clicks</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
    ]
    for number, (key, title, is_logarithmic) in enumerate(PANELS):
        left = LEFT + number * (PANEL_WIDTH + GAP)
        budgets = [point.budgets[key] for point in points]
        horizontal = _padded(min(budgets), max(budgets), left, is_logarithmic)
        parts += _frame(horizontal, vertical, title, levels, is_first=number == 0)
        for index, curve in enumerate(curves):
            parts += _line(curve, key, horizontal, vertical, index)
    has_spans = any(point.low < point.high for point in points)
    parts += _legend([curve.name for curve in curves], has_levels=bool(levels), has_spans=has_spans)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _padded(low: float, high: float, left: float, is_logarithmic: bool) -> Axis:
    if is_logarithmic:
        return Axis(low / 1.5, high * 1.5 if high > low else low * 10, left, left + PANEL_WIDTH, True)
    margin = 0.06 * (high - low) or 1.0
    return Axis(low - margin, high + margin, left, left + PANEL_WIDTH)


def _frame(
    horizontal: Axis, vertical: Axis, title: str, levels: Mapping[str, float], *, is_first: bool
) -> Iterator[str]:
    for value in vertical.ticks():
        y = vertical.at(value)
        yield f'<line class="grid" x1="{horizontal.start}" x2="{horizontal.end}" y1="{y:.1f}" y2="{y:.1f}"/>'
        if is_first:
            yield f'<text x="{horizontal.start - 8}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>'
    for value in horizontal.ticks():
        x = horizontal.at(value)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{vertical.start}" y2="{vertical.start + 5}"/>'
        yield f'<text x="{x:.1f}" y="{vertical.start + 20}" text-anchor="middle">{value:,g}</text>'
    for name, value in levels.items():
        y = vertical.at(value)
        yield f'<line class="level" x1="{horizontal.start}" x2="{horizontal.end}" y1="{y:.1f}" y2="{y:.1f}"/>'
        if is_first:
            yield f'<text x="{horizontal.start + 4}" y="{y - 5:.1f}">{escape(name)}</text>'
    middle = (horizontal.start + horizontal.end) / 2
    yield f'<text x="{middle}" y="{vertical.start + 42}" text-anchor="middle">{title}</text>'
    if is_first:
        yield f'<text x="{horizontal.start - 40}" y="{TOP - 18}">mIoU over present classes, teacher</text>'


def _line(curve: Curve, key: str, horizontal: Axis, vertical: Axis, index: int) -> Iterator[str]:
    """Draw a line with its markers, and the span of the seeds at every point."""
    colour = COLOURS[index % len(COLOURS)]
    places = [(horizontal.at(point.budgets[key]), vertical.at(point.miou)) for point in curve.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for (x, y), point in zip(places, curve.points, strict=True):
        low, high = vertical.at(point.low), vertical.at(point.high)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}" stroke="{colour}" stroke-opacity="0.5"/>'
        yield _marker(index, x, y, colour)


def _circle(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"'


def _square(x: float, y: float) -> str:
    return f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"'


def _diamond(x: float, y: float) -> str:
    return f'<path d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z"'


def _triangle(x: float, y: float) -> str:
    return f'<path d="M{x:.1f} {y - 5:.1f}l5 9h-10z"'


SHAPES: tuple[Callable[[float, float], str], ...] = (_circle, _square, _diamond, _triangle)


def _marker(index: int, x: float, y: float, colour: str) -> str:
    return f'{SHAPES[index % len(SHAPES)](x, y)} fill="{colour}"/>'


def _legend(names: Sequence[str], *, has_levels: bool, has_spans: bool) -> Iterator[str]:
    left = WIDTH - LEGEND_WIDTH - 4
    for index, name in enumerate(names):
        y, colour = TOP + 10 + 22 * index, COLOURS[index % len(COLOURS)]
        yield f'<line x1="{left}" x2="{left + 26}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>'
        yield _marker(index, left + 13, y, colour)
        yield f'<text x="{left + 34}" y="{y + 4}">{escape(name)}</text>'
    y = TOP + 10 + 22 * len(names)
    note = ["Marks: mean over the seeds;", "bars: least and largest."] if has_spans else ["One seed."]
    note += ["Dashed: the same updates without", "labels of the city, and with all."] if has_levels else []
    for row, text in enumerate(note):
        yield f'<text x="{left}" y="{y + 14 + 16 * row}">{text}</text>'
