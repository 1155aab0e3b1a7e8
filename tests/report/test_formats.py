"""Numbers and dates as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from s3_monitor.report import formats

NOW = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("bytes_", "text", "exact"),
    [
        (0, "0 B", "0 bytes"),
        (1, "1 B", "1 byte"),
        (999, "999 B", "999 bytes"),
        (1000, "0.98 KiB", "1,000 bytes"),
        (1024, "1.00 KiB", "1,024 bytes"),
        (440440195.0, "420 MiB", "440,440,195 bytes"),
        (10 * 2**30, "10.0 GiB", "10,737,418,240 bytes"),
        (9.999 * 2**30, "10.0 GiB", "10,736,344,498 bytes"),
        (999.4 * 2**30, "999 GiB", "1,073,097,578,906 bytes"),
        (999.6 * 2**30, "0.98 TiB", "1,073,312,327,270 bytes"),
        (40 * 2**40, "40.0 TiB", "43,980,465,111,040 bytes"),
        (5e18, "4.34 EiB", "5,000,000,000,000,000,000 bytes"),
    ],
)
def test_bytes_are_formatted_with_three_digits_and_exactly(bytes_: float, text: str, exact: str) -> None:
    assert formats.size(bytes_) == text
    assert formats.exact(bytes_) == exact


@pytest.mark.parametrize(
    ("tebibytes", "text"),
    [
        (9.99, "9.99 TiB"),
        (9.995, "10.0 TiB"),
        (99.9, "99.9 TiB"),
        (99.95, "100 TiB"),
        (999, "999 TiB"),
        (999.5, "0.98 PiB"),
    ],
)
def test_a_size_that_rounds_to_another_digit_has_one_decimal_less(tebibytes: float, text: str) -> None:
    assert formats.size(tebibytes * 2**40) == text


@pytest.mark.parametrize(
    ("bytes_", "text"),
    [(0.5, "<1 B"), (0.51, "1 B"), (999.49, "999 B"), (2.0**90, "1024 YiB"), (2.0**100, "1048576 YiB")],
)
def test_sizes_outside_of_the_units_are_in_the_first_or_last_unit(bytes_: float, text: str) -> None:
    assert formats.size(bytes_) == text


@given(st.floats(min_value=0, max_value=2**80, allow_nan=False))
def test_a_size_never_has_more_than_three_digits(bytes_: float) -> None:
    number = formats.size(bytes_).split()[0]
    assert len(number.replace(".", "")) <= 3


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"),
        (1e-9, "<$0.01"),
        (0.00499, "<$0.01"),
        (0.005, "$0.01"),
        (1628.16, "$1,628.16"),
        (1234567.891, "$1,234,567.89"),
    ],
)
def test_amounts_have_thousands_separators_and_cents(amount: float, text: str) -> None:
    assert formats.money(amount) == text


def test_amounts_in_other_currencies_have_the_code() -> None:
    assert formats.money(1628.16, "CNY") == "CNY 1,628.16"
    assert formats.money(0.001, "CNY") == "<CNY 0.01"
    assert formats.money(1628.16, "EUR") == "EUR 1,628.16"
    assert formats.rate(0.0185, "CNY") == "CNY 0.0185"


FORMS: list[Callable[[float], str]] = [formats.money, formats.size, formats.size_si, formats.share, formats.rate]


@example(0.5, formats.size)
@example(0.5, formats.size_si)
@given(st.floats(min_value=0, max_value=2.0**80, exclude_min=True), st.sampled_from(FORMS))
def test_an_amount_that_is_not_zero_is_never_shown_as_zero(amount: float, form: Callable[[float], str]) -> None:
    shown = form(amount)
    assert shown.startswith("<") or re.search("[1-9]", shown)
    for sign in (1, -1):
        changed = formats.change(sign * amount, form)
        assert changed == {1: "+", -1: "−"}[sign] + shown
    assert formats.money(-amount) == f"−{formats.money(amount)}"


@pytest.mark.parametrize("form", FORMS)
def test_no_change_means_exactly_zero(form: Callable[[float], str]) -> None:
    assert formats.change(0, form) == formats.change(-0.0, form) == "no change"


@pytest.mark.parametrize(
    ("text", "shown"), [("$12.72", "≥ $12.72"), ("<$0.01", "> $0"), ("<CNY 0.01", "> CNY 0"), ("<1 B", "> 0 B")]
)
def test_a_sum_that_excludes_something_is_marked(text: str, shown: str) -> None:
    assert formats.bounded(text, True) == shown
    assert formats.bounded(text, False) == text


@pytest.mark.parametrize(
    ("text", "lower", "upper", "shown"),
    [
        ("$12.72", False, False, "$12.72"),
        ("$12.72", True, False, "≥ $12.72"),
        ("$12.72", False, True, "at most $12.72"),
        ("$12.72", True, True, "about $12.72"),
        ("<$0.01", False, True, "<$0.01"),
        ("<$0.01", True, True, "about $0.01"),
    ],
)
def test_a_sum_with_a_missing_part_and_an_upper_bound_is_about(text: str, lower: bool, upper: bool, shown: str) -> None:
    assert formats.bounded(text, lower, upper) == shown


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "$0"), (250, "$250"), (0.05, "$0.05"), (1500, "$1.5k"), (2e6, "$2M"), (3e9, "$3B")]
)
def test_axis_ticks_are_short(amount: float, text: str) -> None:
    assert formats.short_money(amount) == text


@pytest.mark.parametrize(
    ("price", "text"), [(0.023, "$0.023"), (0.00099, "$0.00099"), (0, "$0"), (1.0, "$1"), (4e-7, "$0.0000004")]
)
def test_a_price_has_the_digits_of_a_price_list(price: float, text: str) -> None:
    assert formats.rate(price) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (658, "658"), (999_499, "999,499"), (1_234_567, "1.23 million"), (4.2e9, "4.20 billion")],
)
def test_large_counts_are_short(number: float, text: str) -> None:
    assert formats.short_count(number) == text


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0, "0.0%"),
        (1e-9, "<0.1%"),
        (0.00049, "<0.1%"),
        (0.0005, "0.1%"),
        (0.1234, "12.3%"),
        (0.99949, "99.9%"),
        (0.9995, ">99.9%"),
        (0.9999, ">99.9%"),
        (1, "100.0%"),
        (25, "2,500.0%"),
    ],
)
def test_only_exact_shares_are_0_or_100_percent(fraction: float, text: str) -> None:
    assert formats.share(fraction) == text


@pytest.mark.parametrize(
    ("then", "text"),
    [
        (date(2026, 11, 23), "in the future"),
        (date(2026, 11, 22), "today"),
        (date(2026, 11, 21), "yesterday"),
        (date(2026, 11, 20), "2 days ago"),
        (date(2026, 11, 2), "20 days ago"),
        (date(2026, 11, 1), "3 weeks ago"),
        (date(2026, 9, 23), "8 weeks ago"),
        (date(2026, 9, 22), "2 months ago"),
        (date(2026, 9, 1), "2 months ago"),
        (date(2024, 11, 23), "23 months ago"),
        (date(2024, 11, 22), "1 year ago"),
        (date(2024, 9, 25), "2 years ago"),
    ],
)
def test_ages_of_days_are_rounded_down(then: date, text: str) -> None:
    assert formats.age(then, NOW) == text


def test_times_and_days_are_independent_of_the_locale() -> None:
    assert formats.moment(datetime(2026, 11, 22, 3, 15, 59, tzinfo=UTC)) == "2026-11-22 03:15 UTC"
    assert formats.weekday(NOW) == "Sunday, 22 November 2026"
    assert formats.day(NOW) == "2026-11-22"


def test_a_shortened_text_ends_with_an_ellipsis() -> None:
    assert formats.clip("short", 5) == "short"
    assert formats.clip("longer one", 8) == "longer…"


@pytest.mark.parametrize(("number", "text"), [(0, "0 buckets"), (1, "1 bucket"), (2000, "2,000 buckets")])
def test_1_is_singular(number: int, text: str) -> None:
    assert formats.plural(number, "bucket") == text
