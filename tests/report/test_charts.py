"""Charts: small, deterministic, safe SVG files."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from s3_monitor.report import charts, glossary
from s3_monitor.report.charts import Chart, Series, axis_ticks

SVG = "{http://www.w3.org/2000/svg}"


def chart(**changes: object) -> Chart:
    plain: dict[str, object] = {
        "name": "region",
        "title": "Monthly cost",
        "alt": "Bars",
        "categories": ["us-east-1", "eu-west-1"],
        "series": [
            Series("Standard", [100.0, 20.0], 0, ["", ""]),
            Series("Glacier Deep Archive", [1.0, 0.0], 6, ["", ""]),
        ],
        "unit": "money",
        "stacked": True,
    }
    return Chart(**(plain | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("stacked", [True, False])
def test_equal_charts_have_equal_bytes(stacked: bool) -> None:
    one = charts.render_svg(chart(stacked=stacked), charts.WIDE)
    assert one == charts.render_svg(chart(stacked=stacked), charts.WIDE)


def test_a_chart_contains_no_script_comment_id_or_address() -> None:
    text = charts.render_svg(chart(), charts.WIDE).decode()
    root = ElementTree.fromstring(text)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "defs",
        "style",
        "g",
        "rect",
        "path",
        "text",
    }
    assert not [element for element in root.iter() if element.get("id") or element.get("style") or element.get("href")]
    assert "<!--" not in text
    assert text.count("http") == 1, "the namespace alone"


def test_hostile_names_are_text_in_a_chart() -> None:
    names = ["</text><script>alert(1)</script>", "\x00\u202e&amp;"]
    root = ElementTree.fromstring(charts.render_svg(chart(categories=names), charts.WIDE))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "</text><script>alert(1)</s"[:24] in "".join(str(text) for text in texts)
    assert not list(root.iter(f"{SVG}script"))


def test_a_stacked_bar_is_as_long_as_its_sum() -> None:
    root = ElementTree.fromstring(charts.render_svg(chart(), charts.WIDE))
    widths = [
        float(rect.get("width", "0")) for rect in root.iter(f"{SVG}rect") if rect.get("class", "").startswith("rect")
    ]
    second, first, deep_second, deep_first = widths
    assert first / second == pytest.approx(5)
    assert deep_first / first == pytest.approx(0.01)
    assert deep_second == 0


def test_every_storage_class_has_its_own_color_in_both_themes() -> None:
    for palette in (charts.LIGHT, charts.DARK):
        assert len(palette) == len(set(palette)) == len(glossary.CLASSES) + 2


@pytest.mark.parametrize(
    ("largest", "about", "expected"),
    [
        (0, 5, [0]),
        (100, 5, [0, 20, 40, 60, 80, 100]),
        (2150.2, 5, [0, 500, 1000, 1500, 2000]),
        (0.7, 5, [0, 0.2, 0.4, 0.6]),
        (2150.2, 2, [0, 2000]),
        (3e-6, 3, [0, 1e-6, 2e-6, 3e-6]),
    ],
)
def test_ticks_are_round(largest: float, about: int, expected: list[float]) -> None:
    assert axis_ticks(largest, about) == pytest.approx(expected)


def test_a_chart_of_zeros_is_rendered() -> None:
    assert charts.render_svg(chart(series=[Series("Standard", [0.0, 0.0], 0, ["", ""])]), charts.NARROW).startswith(
        b"<?xml"
    )
