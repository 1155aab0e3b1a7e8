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
            return max(math.fsum(bar) for bar in zip(*(one.values for one in self.series), strict=True))
        return max(max(one.values) for one in self.series)


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
    root = _bars(chart, width) if isinstance(chart, Chart) else _lines(chart, width)
    root.set("data-generator", GENERATOR_NAME)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _lines(chart: LineChart, width: int) -> ElementTree.Element:
    low, high = chart.axis_range
    config = Config(
        width=width,
        height=220,
        no_prefix=True,
        js=[],
        show_legend=False,
        show_minor_x_labels=False,
        allow_interruptions=True,
        truncate_label=-1,
        dots_size=1.6,
        margin=4,
        margin_right=44,
        spacing=8,
        range=(low, high),
        style=Style(label_font_size=13, major_label_font_size=13, font_family=_FONT),
    )
    drawing = pygal.Line(config)
    drawing.x_labels = chart.days
    every = max(1, math.ceil(len(chart.days) / (4 if width == WIDE else 2)))
    drawing.x_labels_major = chart.days[len(chart.days) - 1 :: -every]
    binary = chart.unit == "size"
    drawing.y_labels = [{"value": tick, "label": _line_tick(chart, tick)} for tick in _ticks_between(low, high, binary)]
    for line in chart.lines:
        drawing.add(on_page(line.name), list(line.values))
    root = _clean(drawing.render_tree(), _line_css(chart))
    root.set("width", str(config.width))
    root.set("height", str(config.height))
    return root


def _ticks_between(low: float, high: float, binary: bool) -> list[float]:
    """Return about four round values from ``low`` to ``high``; bytes are round in their binary unit."""
    unit = 1024.0 ** max(0, math.floor(math.log(max(high, 1), 1024))) if binary else 1.0
    steps = axis_ticks((high - low) / unit, 4)
    step = (steps[1] if len(steps) > 1 else 1.0) * unit
    first = math.ceil(low / step - 1e-9)
    return [step * number for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _line_tick(chart: LineChart, value: float) -> str:
    if chart.unit == "size":
        return formats.short_size(value)
    return formats.short_money(value, chart.currency)


def _line_css(chart: LineChart) -> str:
    def colors(palette: tuple[str, ...]) -> str:
        used = [(index, palette[line.color % len(palette)]) for index, line in enumerate(chart.lines)]
        return "".join(f".color-{index} path{{stroke:{c}}}.color-{index} circle{{fill:{c}}}" for index, c in used)

    return (
        f"text{{font:13px {_FONT};fill:#4a5563;font-variant-numeric:tabular-nums}}"
        ".background{fill:none}.axis.x text{text-anchor:middle}.axis.y text{text-anchor:end}"
        "path{fill:none;stroke:none}.axis.y path{stroke:#d5dae1}"
        ".series path{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
        f"{colors(LIGHT)}"
        "@media (prefers-color-scheme:dark){text{fill:#b4bfcb}.axis.y path{stroke:#39424e}"
        f"{colors(DARK)}}}"
    )


def _bars(chart: Chart, width: int) -> ElementTree.Element:
    config = Config(
        width=width,
        height=chart_height(chart),
        no_prefix=True,  # pygal's prefix is a random id
        js=[],
        show_legend=False,
        show_y_guides=False,
        show_x_guides=True,
        truncate_label=-1,
        margin=4,
        margin_right=24,
        spacing=8,
        range=(0, chart.largest),
        style=Style(label_font_size=13, major_label_font_size=13, font_family=_FONT),
    )
    drawing = (pygal.HorizontalStackedBar if chart.stacked else pygal.HorizontalBar)(config)
    # pygal draws horizontal bars from the bottom up.
    length = 26 if width == WIDE else 15
    drawing.x_labels = [formats.clip(on_page(name), length) for name in reversed(chart.categories)]
    drawing.y_labels = [
        {"value": tick, "label": _tick(chart, tick)} for tick in axis_ticks(chart.largest, 5 if width == WIDE else 2)
    ]
    for one in chart.series:
        drawing.add(on_page(one.name), list(reversed(one.values)))
    root = _clean(drawing.render_tree(), _css(chart))
    root.set("width", str(config.width))
    root.set("height", str(config.height))
    return root


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


def _tick(chart: Chart, value: float) -> str:
    if chart.unit == "share":
        return f"{value * 100:g}%"
    return formats.short_money(value, chart.currency)


def _css(chart: Chart) -> str:
    def colors(palette: tuple[str, ...]) -> str:
        return "".join(
            f".color-{index}{{fill:{palette[one.color % len(palette)]}}}" for index, one in enumerate(chart.series)
        )

    return (
        f"text{{font:13px {_FONT};fill:#4a5563;font-variant-numeric:tabular-nums}}"
        ".background{fill:none}.axis.x text{text-anchor:middle}.axis.y text{text-anchor:end}"
        "path{fill:none;stroke:none}.axis.x .guides path{stroke:#d5dae1}rect.rect{stroke:#fff;stroke-width:.75}"
        f"{colors(LIGHT)}"
        "@media (prefers-color-scheme:dark){"
        "text{fill:#b4bfcb}.axis.x .guides path{stroke:#39424e}rect.rect{stroke:#1a2029}"
        f"{colors(DARK)}}}"
    )


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
