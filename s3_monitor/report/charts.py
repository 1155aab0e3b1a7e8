"""Area charts over days as SVG files, without scripts or random ids, with colors for light and dark pages.

Pages embed them with <img>, so that the SVG's own <style> applies and not the page's style sheet. The legend and the
data belong to the page. pygal draws areas from zero: a stack is drawn from its top layer, the sum, down to the lowest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import accumulate, groupby
from typing import Literal
from xml.etree import ElementTree

import msgspec
import pygal  # type: ignore[import-untyped]
from pygal.config import Config  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from s3_monitor.report import formats, glossary
from s3_monitor.report.site_folder import GENERATOR_NAME

_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans',sans-serif"
_SVG = "http://www.w3.org/2000/svg"
_OMITTED = {"script", "desc", "title"}
_DECIMALS = re.compile(r"(\.\d)\d+")
_MONTHS_ONLY, _QUARTERS_ONLY = 100, 400  # days from which the axis has only these labels
Size = tuple[int, int]  # width and height in pixels


class Layer(msgspec.Struct, frozen=True):
    """The values of a storage class per day."""

    name: str
    color: int
    """Index of the color of the class."""
    values: Sequence[float | None]
    """One for each day; None: the day is incomplete, in all layers."""


class Band(msgspec.Struct, frozen=True):
    """A forecast for some days: a range and its middle."""

    first: date
    last: date
    low: float
    middle: float
    high: float


class Mark(msgspec.Struct, frozen=True):
    """A numbered point on the sum."""

    index: int
    """Index of the day."""
    label: str


class AreaChart(msgspec.Struct, frozen=True):
    """A chart of stacked areas over days."""

    name: str
    title: str
    alt: str
    days: Sequence[date]
    layers: Sequence[Layer]
    """From the bottom up."""
    unit: Literal["money", "size"]
    currency: str = "USD"
    band: Band | None = None
    marks: Sequence[Mark] = ()

    @property
    def sums(self) -> list[float | None]:
        """Return the sum of the layers per day."""
        return [_sum(values) for values in zip(*(layer.values for layer in self.layers), strict=True)]


def render_svg(chart: AreaChart, size: Size) -> bytes:
    """Return the chart as an SVG file of this natural size."""
    highest = max(value for value in (*chart.sums, chart.band.high if chart.band else 0.0) if value is not None)
    ticks = axis_ticks(highest, max(2, size[1] // 70), binary=chart.unit == "size")
    last = max(chart.days[-1], chart.band.last) if chart.band else chart.days[-1]
    drawing = pygal.XY(
        Config(
            width=size[0],
            height=size[1],
            no_prefix=True,  # pygal's prefix is a random id
            js=[],
            show_legend=False,
            show_dots=False,
            show_x_guides=True,
            fill=True,
            print_labels=True,
            margin=2,
            margin_right=10,
            spacing=7,
            range=(0, ticks[-1]),
            xrange=(chart.days[0].toordinal(), last.toordinal()),
            style=Style(label_font_size=12, major_label_font_size=12, value_label_font_size=12, font_family=_FONT),
        )
    )
    drawing.x_labels = list(_day_labels(chart.days[0], last, size[0]))
    form = formats.short_size if chart.unit == "size" else partial(formats.short_money, currency=chart.currency)
    drawing.y_labels = [{"value": tick, "label": form(tick)} for tick in ticks]
    colors = list(_add_layers(drawing, chart))
    if chart.band:
        _add_band(drawing, chart.band)
    for mark in chart.marks:
        point = (chart.days[mark.index].toordinal(), chart.sums[mark.index])
        drawing.add("mark", [{"value": point, "label": mark.label}], stroke=False, show_dots=True, dots_size=8)
    root = _clean(drawing.render_tree(), _css(colors, chart))
    root.set("width", str(size[0]))
    root.set("height", str(size[1]))
    root.set("data-generator", GENERATOR_NAME)
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _add_layers(drawing: pygal.XY, chart: AreaChart) -> Iterator[int]:
    """Add the sum down to the lowest layer, and yield the color of each series. A missing day interrupts the areas."""
    columns = list(zip(*(layer.values for layer in chart.layers), strict=True))
    stacks = [None if None in values else list(accumulate(values)) for values in columns]
    for level in range(len(chart.layers) - 1, -1, -1):
        for is_known, run in groupby(zip(chart.days, stacks, strict=True), key=lambda pair: pair[1] is not None):
            points = [(day.toordinal(), stack[level]) for day, stack in run if stack is not None]
            if is_known and (level == 0 or any(chart.layers[level].values)):
                drawing.add(chart.layers[level].name, points if len(points) > 1 else _widened(points[0]))
                yield chart.layers[level].color


def _widened(point: tuple[int, float]) -> list[tuple[float, float]]:
    """Return a single day as an area that can be seen."""
    return [(point[0] - 0.25, point[1]), (point[0] + 0.25, point[1])]


def _add_band(drawing: pygal.XY, band: Band) -> None:
    first, last = band.first.toordinal(), band.last.toordinal()
    corners = [(first, band.high), (last, band.high), (last, band.low), (first, band.low)]
    drawing.add("range", corners)
    drawing.add("middle", [(first, band.middle), (last, band.middle)], fill=False)


def _day_labels(first: date, last: date, width: int) -> Iterator[dict[str, object]]:
    """Yield the labels of the axis: months, and days of them if there are few. At least one label names a month."""
    length = (last - first).days
    days = {1} if length > _MONTHS_ONLY else {1, 8, 15, 22} if width > 500 else {1, 15}
    between = [first + timedelta(days=offset) for offset in range(length + 1)]
    labeled = [day for day in between if day.day in days and (length <= _QUARTERS_ONLY or day.month % 3 == 1)]
    labeled = labeled or [between[length // 2]]
    has_month = any(day.day == 1 for day in labeled)
    for day in labeled:
        text = formats.axis_month(day) if day.day == 1 else str(day.day)
        if not has_month and day == labeled[0]:
            text = formats.short_day(day)
        yield {"value": day.toordinal(), "label": text}


def axis_ticks(highest: float, about: int, *, binary: bool = False) -> list[float]:
    """Return round values from 0 to at least ``highest`` in about ``about`` steps; bytes are round in their unit."""
    if highest <= 0:
        return [0.0, 1.0]
    unit = 1024.0 ** max(0, math.floor(math.log(highest, 1024))) if binary else 1.0
    rough = highest / unit / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    return [step * unit * index for index in range(math.ceil(highest / unit / step - 1e-9) + 1)]


def _sum(values: Sequence[float | None]) -> float | None:
    return None if None in values else math.fsum(value for value in values if value is not None)


def _css(colors: Sequence[int], chart: AreaChart) -> str:
    def themed(theme: int, text: str, guide: str, page: str) -> str:
        fills = "".join(
            f".color-{index} path{{fill:{glossary.PALETTE[color][theme]};stroke:{page}}}"
            for index, color in enumerate(colors)
        )
        band = ""
        after = len(colors)
        if chart.band:
            band = f".color-{after} path{{fill:{text};fill-opacity:.14}}"
            band += f".color-{after + 1} path{{stroke:{text};stroke-dasharray:4 4}}"
        return (
            f"text{{fill:{text}}}.guides path,.axis>path{{stroke:{guide}}}{fills}{band}"
            f".dot{{fill:{page};stroke:{text};stroke-width:1.5}}.text-overlay text{{fill:{text};font-weight:600}}"
        )

    return (
        f"text{{font:12px {_FONT};font-variant-numeric:tabular-nums}}path{{fill:none}}"
        ".plot .series path{stroke-width:.4}.background{fill:none}.axis.x text{text-anchor:middle}"
        ".axis.y text{text-anchor:end}.text-overlay text{text-anchor:middle;transform:translate(-16px,-15px)}"
        f"{themed(0, '#4a5563', '#dfe3e8', '#fff')}"
        f"@media (prefers-color-scheme:dark){{{themed(1, '#b4bfcb', '#323b47', '#1a2029')}}}"
    )


def _clean(element: ElementTree.Element, css: str) -> ElementTree.Element:
    """Copy an element without scripts, tooltips, comments (one has today's date) and ids, with ``css`` as style."""
    tag = element.tag.removeprefix(f"{{{_SVG}}}")
    attributes = {
        name: _DECIMALS.sub(r"\1", value)
        for name, value in element.attrib.items()
        if name != "id" and not name.startswith("{")
    }
    copy = ElementTree.Element(tag, dict(sorted(attributes.items())))
    if tag == "svg":
        copy.set("xmlns", _SVG)
    copy.text = css if tag == "style" else (element.text or "").strip() or None
    for child in element:
        name = child.tag.removeprefix(f"{{{_SVG}}}") if isinstance(child.tag, str) else "script"
        if name not in _OMITTED and "tooltip" not in child.get("class", "").split():
            copy.append(_clean(child, css))
    return copy
