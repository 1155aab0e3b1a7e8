"""Price lists that are damaged or contradictory, and other files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.money.price_book import decode_price_book, encode_price_book
from s3_monitor.money.skip_reasons import SkipReason
from tests.money.lists import (
    GENERAL,
    PLAIN,
    THREE,
    Form,
    Prices,
    Sold,
    as_csv,
    bulk,
    every_form,
    flat,
    left,
    read,
    tiers,
)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"{", "is not a price list of AWS"),
        (bulk(PLAIN)[:-40], "is not a price list of AWS"),
        (b"[1, 2", "is not a price list of AWS"),
        (b'{"a": 1}', "is not a price list of AWS"),
        (b'{"products": 3}', "is not a price list of AWS"),
        (b'{"products": {}, "terms": {}}', "has no publication date"),
        (b'{"offers": {}}', "is an index of price lists"),
        (b'{"regions": {}, "publicationDate": "2026-07-28T13:10:00Z"}', "is an index of price lists"),
        (b'{"format": 1, "regions": {}}', "is already a price file of s3-monitor"),
        (b"\x1f\x8b\x08\x00", "is compressed"),
        (b"[" * 100_000, "is not a price list of AWS"),
        (b'{"products": {"\xff": {}}, "terms": {}}', "is not a price list of AWS"),
        (b"\xff\xfe\x00\x01,", "neither JSON nor CSV"),
        (b"a,b,c\n1,2,3\n", "no row has the column names"),
        (b"<html><body>Not found</body></html>", "no row has the column names"),
        (
            as_csv(PLAIN).replace(b"Publication Date", b"Printed").replace(b'"Version"', b'"V"'),
            "has no publication date",
        ),
    ],
)
def test_an_invalid_price_list_is_rejected_by_name(content: bytes, what: str) -> None:
    with pytest.raises(InvalidFileError, match="list-0") as caught:
        read(content)
    assert what in str(caught.value)
    assert caught.value.advice


def test_a_list_without_s3_products_is_rejected() -> None:
    reading = read(bulk(Sold("BoxUsage:t3.micro", flat("1"), service="AmazonEC2"), offer="AmazonEC2"))
    assert reading.price_book is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda product, terms: product.update(attributes=7),
        lambda product, terms: product["attributes"].update(usagetype=["TimedStorage-ByteHrs"]),
        lambda product, terms: terms.update(x=3),
        lambda product, terms: next(iter(terms.values())).update(priceDimensions=[]),
        lambda product, terms: terms.clear(),
    ],
)
def test_a_damaged_product_is_skipped_alone(damage: Callable[[Any, Any], None]) -> None:
    sold = [PLAIN, Sold("TimedStorage-SIA-ByteHrs", flat("1"))]
    content = json.loads(bulk(*sold))
    damage(content["products"][PLAIN.sku], content["terms"]["OnDemand"][PLAIN.sku])
    reading = read(json.dumps(content).encode())
    assert list(reading.price_book.regions["us-east-1"]) == ["StandardIAStorage"]
    assert sum(left(reading).values()) == 1


def test_a_product_that_is_not_utf_8_is_skipped_alone() -> None:
    sold = [replace(PLAIN, attributes={**GENERAL, "location": "QQ"}), Sold("TimedStorage-SIA-ByteHrs", flat("1"))]
    reading = read(bulk(*sold).replace(b"QQ", b"\xff"))
    assert list(reading.price_book.regions["us-east-1"]) == ["StandardIAStorage"]
    assert reading.skips.lost == 1


def test_a_truncated_row_is_skipped_alone() -> None:
    content = as_csv(PLAIN, Sold("TimedStorage-SIA-ByteHrs", flat("1")))
    lines = content.splitlines(keepends=True)
    reading = read(b"".join([*lines[:-1], lines[-1][:30]]))
    assert tiers(reading, "StandardStorage") == THREE
    assert reading.skips.lost == 1


@pytest.mark.parametrize(
    ("wrong", "reason", "detail"),
    [
        ((("0", "10", "1"), ("20", "Inf", "1")), "tier-gap", "ends at 10, the next starts at 20"),
        ((("0", "51200", "0.023"), ("51201", "Inf", "0.022")), "tier-gap", "ends at 51200, the next starts at 51201"),
        ((("0", "10", "1"),), "tier-gap", "the last tier ends at 10"),
        ((("0", "10", "1"), ("5", "Inf", "1")), "tier-overlap", "from 5 to Inf"),
        ((("0", "Inf", "1"), ("10", "Inf", "1")), "tier-overlap", "from 10 to Inf"),
        ((("1", "Inf", "1"),), "tiers-start-above-zero", "starts at 1"),
        ((("0", "Inf", "1"), ("0", "Inf", "2")), "tier-overlap", "from 0 to Inf"),
        ((("0", "0", "1"), ("0", "Inf", "1")), "tier-overlap", "from 0 to 0"),
        ((("0", "Inf", "free"),), "invalid-price", "free from 0 to Inf"),
        ((("0", "Inf", ""),), "invalid-price", " from 0 to Inf"),
        ((("0", "Inf", "NaN"),), "invalid-price", "NaN"),
        ((("0", "Inf", "-1"),), "invalid-price", "-1"),
        ((("0", "Inf", "1e999999999"),), "invalid-price", "1e999999999"),
        ((("0", "Inf", "1e-999999999"),), "invalid-price", "1e-999999999"),
        ((("0", "Inf", "0." + "3" * 200),), "invalid-price", "0.333"),
        ((("0", "Inf", "1e15"),), "invalid-price", "1e15"),
        ((("nought", "Inf", "1"),), "invalid-price", "from nought"),
        ((("0", "1e999999999", "1"), ("1e999999999", "Inf", "1")), "invalid-price", "1e999999999"),
    ],
)
@every_form
def test_a_price_that_is_not_complete_is_skipped_with_its_reason(
    form: Form, wrong: Prices, reason: str, detail: str
) -> None:
    reading = read(form(Sold("TimedStorage-SIA-ByteHrs", flat("1")), replace(PLAIN, prices=wrong)))
    assert tiers(reading, "StandardStorage") is None
    assert left(reading) == {reason: 1}
    (what,) = reading.skips.entries[SkipReason(reason)]
    assert what.startswith("TimedStorage-ByteHrs in us-east-1")
    assert detail in what
    assert len(what) < 120


@pytest.mark.parametrize(
    ("usage", "unit", "is_read"),
    [
        ("TimedStorage-ByteHrs", "GB-Mo", True),
        ("TimedStorage-ByteHrs", "GB-month", True),
        ("TimedStorage-ByteHrs", "GB-Hours", False),
        ("TimedStorage-ByteHrs", "ByteHrs", False),
        ("TimedStorage-ByteHrs", "TB-Mo", False),
        ("TimedStorage-ByteHrs", "", False),
        ("Requests-Tier1", "Requests", True),
        ("Requests-Tier1", "1000 Requests", False),
        ("Requests-INT-DAA-Tier1", "K-Requests", False),
        ("Retrieval-SIA", "GB", True),
        ("Retrieval-SIA", "TB", False),
        ("Monitoring-Automation-INT", "Objects", True),
        ("Monitoring-Automation-INT", "1000 Objects", False),
    ],
)
@every_form
def test_a_price_in_another_unit_is_skipped_and_never_read_as_the_expected_one(
    form: Form, usage: str, unit: str, is_read: bool
) -> None:
    reading = read(form(Sold("TimedStorage-ZIA-ByteHrs", flat("1")), Sold(usage, flat("0.1"), unit=unit)))
    assert left(reading) == ({} if is_read else {"unexpected-unit": 1})
    if not is_read:
        assert f"the unit is {unit!r}" in next(iter(reading.skips.entries[SkipReason.UNEXPECTED_UNIT]))


@every_form
def test_lists_without_a_usable_price_report_why(form: Form) -> None:
    reading = read(form(replace(PLAIN, unit="GB-Hours")))
    assert reading.price_book is None
    assert list(reading.skips.entries) == [SkipReason.UNEXPECTED_UNIT]


@every_form
def test_contradictory_prices_are_skipped(form: Form) -> None:
    reading = read(form(Sold("TimedStorage-SIA-ByteHrs", flat("1")), PLAIN, replace(PLAIN, prices=flat("9"))))
    assert tiers(reading, "StandardStorage") is None
    assert left(reading) == {"contradiction": 2}


numbers = st.one_of(
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.decimals(0, 10**6, places=10).map(str),
    st.from_regex(r"\A-?[0-9]{0,40}\.?[0-9]{0,40}([eE][+-]?[0-9]{1,12})?\Z"),
    st.sampled_from(["0", "-0", "Inf", "NaN", "1e999999999", "1e-999999999", "0.0230000000", "", " 1 "]),
)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4), st.sampled_from(["GB-Mo", "GB-Hours"]))
def test_an_imported_list_makes_a_valid_price_file(rows: list[tuple[str, str]], unit: str) -> None:
    """For any numbers in a list, the price file is written and read without changing a price."""
    ends = [end for end, _ in rows[:-1]]
    prices = tuple(
        (begin, end, price) for begin, end, (_, price) in zip(["0", *ends], [*ends, "Inf"], rows, strict=True)
    )
    kept = Sold("TimedStorage-SIA-ByteHrs", flat("1"))
    price_book = read(bulk(kept, replace(PLAIN, prices=prices, unit=unit))).price_book
    content = encode_price_book(price_book)
    assert len(content) < 3000
    assert decode_price_book(content, "prices.json").regions == price_book.regions
