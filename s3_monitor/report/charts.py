"""Charts as SVG files without scripts or random ids, with colors for light and dark pages.

Pages embed them with <img>, so that the SVG's own <style> applies and not the page's style sheet. The legend belongs
to the page, where it wraps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree import ElementTree

import msgspec
import pygal  # type: ignore[import-untyped]
from pygal.config import Config  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from s3_monitor.model.safe_text import on_page
from s3_monitor.report import formats
from s3_monitor.report.site_folder import GENERATOR_NAME

WIDE, NARROW = 500, 340  # pixels: next to a table on a wide screen, and on a phone

# The colors of storage classes, in the order of glossary.CLASSES, then of cost and bytes; assets/report.css has the
# same as .c0 to .c9. Neighbors differ in lightness, for color-blind readers. The contrast with the page is 3:1 or more.
LIGHT = ("#0b6bb8", "#d97706", "#0f766e", "#b5488f", "#5293d1", "#8a6d1f", "#4b4f9e", "#7a828c", "#334155", "#8391a5")
DARK = ("#5aaef0", "#f3a64c", "#3fc29c", "#e58ac4", "#a3cdf7", "#d0b45c", "#9a9ef0", "#9aa4b0", "#d5dde6", "#7f8da0")
COST, BYTES = 8, 9
_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans',sans-serif"
_SVG = "http://www.w3.org/2000/svg"
_OMITTED = {"script", "desc", "title"}


class Series(msgspec.Struct, frozen=True):
    """The bars of one color."""

    name: str
    values: list[float]
    """One for each category."""
    color: int
    """Index of the color."""
    texts: list[str]
    """The values in the table below the chart."""


class Chart(msgspec.Struct, frozen=True):
    """A chart of horizontal bars."""

    name: str
    title: str
    alt: str
    categories: list[str]
    series: list[Series]
    unit: str
    """money, or share for fractions."""
    stacked: bool
    currency: str = "USD"

    def format_value(self, value: float) -> str:
        """Return a value as text."""
        return formats.money(value, self.currency) if self.unit == "money" else formats.share(value)

    @property
    def largest(self) -> float:
        """Return the value at the end of the longest bar."""
        if self.stacked:
            return max(math.fsum(bar) for bar in zip(*(series.values for series in self.series), strict=True))
        return max(max(series.values) for series in self.series)


class Line(msgspec.Struct, frozen=True):
    """A line of a chart over days."""

    name: str
    values: Sequence[float | None]
    """One for each day; None is a gap in the line."""
    color: int


class LineChart(msgspec.Struct, frozen=True):
    """A chart of lines over days."""

    name: str
    title: str
    alt: str
    days: list[str]
    lines: list[Line]
    unit: str
    """money, or size for bytes."""
    currency: str = "USD"

    def format_value(self, value: float) -> str:
        """Return a value as text."""
        return formats.money(value, self.currency) if self.unit == "money" else formats.size(value)

    @property
    def axis_range(self) -> tuple[float, float]:
        """Return the lowest and highest value of the axis: from 0 if values are near it, else close around them.

        A range of at least 4% keeps small changes small.
        """
        known = [value for line in self.lines for value in line.values if value is not None]
        low, high = min(known, default=0.0), max(known, default=0.0)
        if low < high / 2:
            return 0.0, high * 1.04 or 1.0
        margin = max((high - low) * 0.15, high * 0.02)
        return low - margin, high + margin


def render_svg(chart: Chart | LineChart, width: int) -> bytes:
    """Return the chart as an SVG file. ``width``: in pixels, at its natural size."""
    drawing, css = _bars(chart, width) if isinstance(chart, Chart) else _lines(chart, width)
    root = _clean(drawing.render_tree(), css)
    root.set("width", str(drawing.config.width))
    root.set("height", str(drawing.config.height))
    root.set("data-generator", GENERATOR_NAME)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _config(width: int, height: int, **options: object) -> Config:
    return Config(
        width=width,
        height=height,
        no_prefix=True,  # pygal's prefix is a random id
        js=[],
        show_legend=False,
        truncate_label=-1,
        margin=4,
        spacing=8,
        style=Style(label_font_size=13, major_label_font_size=13, font_family=_FONT),
        **options,
    )


def _lines(chart: LineChart, width: int) -> tuple[pygal.Line, str]:
    low, high = chart.axis_range
    options = {"show_minor_x_labels": False, "allow_interruptions": True, "dots_size": 1.6}
    drawing = pygal.Line(_config(width, 220, margin_right=44, range=(low, high), **options))
    drawing.x_labels = chart.days
    every = max(1, math.ceil(len(chart.days) / (4 if width == WIDE else 2)))
    drawing.x_labels_major = chart.days[len(chart.days) - 1 :: -every]
    drawing.y_labels = _labels(chart, _ticks_between(low, high, chart.unit == "size"))
    for line in chart.lines:
        drawing.add(on_page(line.name), list(line.values))
    color = ".color-{0} path{{stroke:{1}}}.color-{0} circle{{fill:{1}}}"
    series = ".series path{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
    return drawing, _css(".axis.y path", (series, ""), color, [line.color for line in chart.lines])


def _bars(chart: Chart, width: int) -> tuple[pygal.HorizontalBar, str]:
    options = {"show_y_guides": False, "show_x_guides": True}
    config = _config(width, chart_height(chart), margin_right=24, range=(0, chart.largest), **options)
    drawing = (pygal.HorizontalStackedBar if chart.stacked else pygal.HorizontalBar)(config)
    # pygal draws horizontal bars from the bottom up.
    length = 26 if width == WIDE else 15
    drawing.x_labels = [formats.clip(on_page(name), length) for name in reversed(chart.categories)]
    drawing.y_labels = _labels(chart, axis_ticks(chart.largest, 5 if width == WIDE else 2))
    for series in chart.series:
        drawing.add(on_page(series.name), list(reversed(series.values)))
    borders = ("rect.rect{stroke:#fff;stroke-width:.75}", "rect.rect{stroke:#1a2029}")
    color = ".color-{0}{{fill:{1}}}"
    return drawing, _css(".axis.x .guides path", borders, color, [series.color for series in chart.series])


def _labels(chart: Chart | LineChart, ticks: Sequence[float]) -> list[dict[str, object]]:
    def text(value: float) -> str:
        if chart.unit == "share":
            return f"{value * 100:g}%"
        return formats.short_size(value) if chart.unit == "size" else formats.short_money(value, chart.currency)

    return [{"value": tick, "label": text(tick)} for tick in ticks]


def _css(guides: str, shapes: tuple[str, str], color: str, colors: Sequence[int]) -> str:
    """Return the CSS. ``shapes``: rules for light and dark pages; ``color``: rule for a series' index and color."""

    def series(palette: tuple[str, ...]) -> str:
        return "".join(color.format(index, palette[used % len(palette)]) for index, used in enumerate(colors))

    light, dark = shapes
    return (
        f"text{{font:13px {_FONT};fill:#4a5563;font-variant-numeric:tabular-nums}}"
        ".background{fill:none}.axis.x text{text-anchor:middle}.axis.y text{text-anchor:end}"
        f"path{{fill:none;stroke:none}}{guides}{{stroke:#d5dae1}}{light}{series(LIGHT)}"
        f"@media (prefers-color-scheme:dark){{text{{fill:#b4bfcb}}{guides}{{stroke:#39424e}}{dark}{series(DARK)}}}"
    )


def _ticks_between(low: float, high: float, binary: bool) -> list[float]:
    """Return about four round values from ``low`` to ``high``; bytes are round in their binary unit."""
    unit = 1024.0 ** max(0, math.floor(math.log(max(high, 1), 1024))) if binary else 1.0
    steps = axis_ticks((high - low) / unit, 4)
    step = (steps[1] if len(steps) > 1 else 1.0) * unit
    first = math.ceil(low / step - 1e-9)
    return [step * number for number in range(first, math.floor(high / step + 1e-9) + 1)]


def chart_height(chart: Chart) -> int:
    """Return the height in pixels that makes bars equally thick in all charts."""
    return 40 + len(chart.categories) * (32 if chart.stacked else 16 * len(chart.series) + 14)


def axis_ticks(largest: float, about: int) -> list[float]:
    """Return round values from 0 to ``largest`` in about ``about`` steps."""
    if largest <= 0:
        return [0.0]
    rough = largest / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    return [step * index for index in range(math.floor(largest / step + 1e-9) + 1)]


def _clean(element: ElementTree.Element, css: str) -> ElementTree.Element:
    """Copy an element without scripts, tooltips, comments (one has today's date) and ids, with ``css`` as style."""
    tag = element.tag.removeprefix(f"{{{_SVG}}}")
    attributes = {name: value for name, value in element.attrib.items() if name != "id" and not name.startswith("{")}
    copy = ElementTree.Element(tag, dict(sorted(attributes.items())))
    if tag == "svg":
        copy.set("xmlns", _SVG)
    copy.text = css if tag == "style" else (element.text or "").strip() or None
    for child in element:
        name = child.tag.removeprefix(f"{{{_SVG}}}") if isinstance(child.tag, str) else "script"
        if name not in _OMITTED and "tooltip" not in child.get("class", "").split():
            copy.append(_clean(child, css))
    return copy
