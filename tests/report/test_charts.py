"""Charts: small, deterministic, safe SVG files."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from s3_monitor.report import charts, glossary
from s3_monitor.report.charts import AreaChart, Band, Layer, Mark, axis_ticks

SVG = "{http://www.w3.org/2000/svg}"
SIZE = (600, 240)
DAYS = [date(2026, 10, 20) + timedelta(days=index) for index in range(40)]
FORECAST = Band(date(2026, 12, 1), date(2026, 12, 31), 90.0, 100.0, 140.0)


def chart(*values: list[float | None], **changes: object) -> AreaChart:
    layers = [Layer(glossary.CLASSES[index], index, line) for index, line in enumerate(values or ([50.0] * 40,))]
    plain: dict[str, object] = {"name": "cost", "title": "Cost", "alt": "Areas", "days": DAYS, "unit": "money"}
    return AreaChart(**(plain | {"layers": layers} | changes))  # type: ignore[arg-type]


def drawn(one: AreaChart) -> ElementTree.Element:
    return ElementTree.fromstring(charts.render_svg(one, SIZE))


def areas(one: AreaChart) -> list[list[tuple[float, float]]]:
    """Return the points of each area, the top layer first."""
    paths = [path.get("d", "") for path in drawn(one).iter(f"{SVG}path") if "reactive" in path.get("class", "")]
    return [[(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)] for path in paths]


def texts(one: AreaChart) -> list[str]:
    return [element.text or "" for element in drawn(one).iter(f"{SVG}text")]


def test_equal_charts_have_equal_bytes() -> None:
    assert charts.render_svg(chart(band=FORECAST), SIZE) == charts.render_svg(chart(band=FORECAST), SIZE)


def test_a_chart_contains_no_script_comment_id_or_address() -> None:
    text = charts.render_svg(chart(band=FORECAST, marks=[Mark(3, "1")]), SIZE).decode()
    root = ElementTree.fromstring(text)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "defs", "style", "g", "rect", "path", "text", "circle",
    }  # fmt: skip
    assert not [element for element in root.iter() if element.get("id") or element.get("style") or element.get("href")]
    assert "<!--" not in text
    assert text.count("http") == 1, "the namespace alone"


def test_layers_are_stacked_and_the_axis_begins_at_0() -> None:
    top, bottom = areas(chart([30.0] * 40, [60.0] * 40))
    zero = max(y for _, y in bottom)
    assert max(y for _, y in top) == zero
    height = {y for _, y in top} - {zero}, {y for _, y in bottom} - {zero}
    (sum_,), (first,) = height
    assert (zero - first) / (zero - sum_) == pytest.approx(30 / 90, abs=0.01)
    assert texts(chart())[0] == "$0"


def test_a_missing_day_interrupts_the_areas() -> None:
    gap: list[float | None] = [50.0] * 40
    gap[20] = None
    left, right = areas(chart(gap))
    assert max(x for x, _ in left) < min(x for x, _ in right)
    assert len(areas(chart([None, 50.0, *[None] * 38]))) == 1, "a single day is drawn too"


def test_a_class_without_bytes_in_a_period_is_not_drawn() -> None:
    assert len(areas(chart([5.0] * 40, [0.0] * 40))) == 1


def test_the_axis_shows_months_and_the_days_of_short_periods() -> None:
    assert [text for text in texts(chart(band=FORECAST)) if text.isalpha()] == ["Nov", "Dec"]
    assert "15" in texts(chart())
    year = [date(2026, 3, 1) + timedelta(days=index) for index in range(330)]
    shown = texts(chart([1.0] * 330, days=year))
    assert [text for text in shown if not text.startswith("$")] == [
        "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "2027",
    ]  # fmt: skip


def test_marks_and_the_forecast_are_drawn() -> None:
    plain = chart()
    shown = chart(band=FORECAST, marks=[Mark(3, "1"), Mark(9, "2")])
    assert len(list(drawn(shown).iter(f"{SVG}circle"))) == 2
    assert {"1", "2"} <= set(texts(shown))
    assert len(areas(shown)) == len(areas(plain)) + 2


def test_every_storage_class_has_its_own_color_in_both_themes() -> None:
    assert len(glossary.PALETTE) == len(glossary.CLASSES)
    for theme in zip(*glossary.PALETTE, strict=True):
        assert len(set(theme)) == len(theme)


@pytest.mark.parametrize(
    ("highest", "about", "binary", "expected"),
    [
        (0, 5, False, [0, 1]),
        (100, 5, False, [0, 20, 40, 60, 80, 100]),
        (2150.2, 5, False, [0, 500, 1000, 1500, 2000, 2500]),
        (2150.2, 2, False, [0, 2000, 4000]),
        (3e-6, 3, False, [0, 1e-6, 2e-6, 3e-6]),
        (1536, 3, True, [0, 512, 1024, 1536]),
        (900, 3, True, [0, 500, 1000]),
        (21, 3, False, [0, 10, 20, 30]),
        (15, 3, False, [0, 5, 10, 15]),
        (7.5, 3, False, [0, 2.5, 5, 7.5]),
        (900 * 2**30, 3, True, [0, 500 * 2**30, 1000 * 2**30]),
    ],
)
def test_ticks_are_round_and_include_the_highest_value(
    highest: float, about: int, binary: bool, expected: list[float]
) -> None:
    assert axis_ticks(highest, about, binary=binary) == pytest.approx(expected)


def test_a_chart_of_a_single_day_or_of_zeros_is_rendered() -> None:
    assert charts.render_svg(chart([7.0], days=DAYS[:1]), SIZE).startswith(b"<?xml")
    assert charts.render_svg(chart([0.0] * 40), SIZE).startswith(b"<?xml")


@pytest.mark.parametrize(
    ("days", "width", "labels"),
    [
        (30, 501, ["Oct", "8", "15", "22"]),
        (30, 500, ["Oct", "15"]),
        (101, 600, ["Oct", "8", "15", "22", "Nov", "8", "15", "22", "Dec", "8", "15", "22", "2027", "8"]),
        (102, 600, ["Oct", "Nov", "Dec", "2027"]),
        (401, 600, ["Oct", "Nov", "Dec", "2027", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]),
        (402, 600, ["Oct", "2027", "Apr", "Jul", "Oct"]),
    ],
)
def test_the_axis_has_as_many_labels_as_it_has_room_for(days: int, width: int, labels: list[str]) -> None:
    period = [date(2026, 10, 1) + timedelta(days=index) for index in range(days)]
    root = ElementTree.fromstring(charts.render_svg(chart([50.0] * days, days=period), (width, 240)))
    shown = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert [text for text in shown if not text.startswith("$")] == labels
    assert (root.get("width"), root.get("height")) == (str(width), "240")


@pytest.mark.parametrize(
    ("start", "days", "labels"),
    [(date(2026, 10, 3), 1, ["3 Oct"]), (date(2026, 10, 2), 13, ["8 Oct"]), (date(2026, 10, 2), 14, ["15 Oct"])],
)
def test_a_chart_without_the_first_day_of_a_month_names_a_month(start: date, days: int, labels: list[str]) -> None:
    period = [start + timedelta(days=index) for index in range(days)]
    root = ElementTree.fromstring(charts.render_svg(chart([50.0] * days, days=period), (390, 240)))
    shown = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert [text for text in shown if not text.startswith("$")] == labels


@pytest.mark.parametrize(("height", "ticks"), [(139, 3), (279, 3), (280, 5), (350, 6)])
def test_the_axis_has_a_tick_for_about_70_pixels(height: int, ticks: int) -> None:
    root = ElementTree.fromstring(charts.render_svg(chart([100.0] * 40), (600, height)))
    shown = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert len([text for text in shown if text.startswith("$")]) == ticks


def test_the_axis_covers_the_range_of_the_forecast() -> None:
    assert texts(chart(band=FORECAST))[:4] == ["$0", "$50", "$100", "$150"]
    assert texts(chart())[:4] == ["$0", "$20", "$40", "$60"]
    assert max(x for area in areas(chart(band=FORECAST)) for x, _ in area) > max(
        x for x, _ in areas(chart(band=FORECAST))[0]
    )


def test_a_chart_of_bytes_has_units_of_1024() -> None:
    assert texts(chart([3.0 * 2**30] * 40, unit="size"))[:4] == ["0 B", "1 GiB", "2 GiB", "3 GiB"]
    assert texts(chart([3.0 * 2**10] * 40, unit="size"))[:4] == ["0 B", "1 KiB", "2 KiB", "3 KiB"]


def test_two_days_are_drawn_from_the_first_to_the_second() -> None:
    two, three = (areas(chart([50.0] * days + [None] * (3 - days), days=DAYS[:3]))[0] for days in (2, 3))
    left, middle, right = (min(x for x, _ in three), max(x for x, _ in two), max(x for x, _ in three))
    assert min(x for x, _ in two) == left
    assert middle - left == pytest.approx((right - left) / 2, abs=0.2)


def test_a_single_day_is_drawn_half_a_day_wide() -> None:
    (day,) = areas(chart([None, 50.0, None], days=DAYS[:3]))
    left, right = min(x for x, _ in day), max(x for x, _ in day)
    (line,) = areas(chart([50.0] * 3, days=DAYS[:3]))
    width = max(x for x, _ in line) - min(x for x, _ in line)
    assert right - left == pytest.approx(width / 4, abs=0.3)
    assert (left + right) / 2 == pytest.approx((min(x for x, _ in line) + max(x for x, _ in line)) / 2, abs=0.2)


def test_a_forecast_has_a_style_after_those_of_the_layers() -> None:
    with_band, without = (
        charts.render_svg(chart([5.0] * 40, [6.0] * 40, **some), SIZE).decode() for some in ({"band": FORECAST}, {})
    )
    assert ".color-2 path{fill:#4a5563;fill-opacity:.14}.color-3 path{stroke:#4a5563;stroke-dasharray:4 4}" in with_band
    assert "fill-opacity:.14" not in without
    for text in (with_band, without):
        assert f".color-0 path{{fill:{glossary.PALETTE[1][0]};stroke:#fff}}" in text
        assert f".color-1 path{{fill:{glossary.PALETTE[0][0]};stroke:#fff}}" in text
        assert f".color-1 path{{fill:{glossary.PALETTE[0][1]};stroke:#1a2029}}" in text
