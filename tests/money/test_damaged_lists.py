"""Price lists that are damaged, contradict themselves, or are something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from s3_monitor.model.failure import BadFile
from s3_monitor.money.reading import NothingRead
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
        (b'{"products": {}, "terms": {}}', "when it was published"),
        (b'{"offers": {}}', "is an index of price lists"),
        (b'{"regions": {}, "publicationDate": "2026-07-28T13:10:00Z"}', "is an index of price lists"),
        (b'{"format": 1, "regions": {}}', "is a price file of s3-monitor already"),
        (b"\x1f\x8b\x08\x00", "is compressed"),
        (b"[" * 100_000, "is not a price list of AWS"),
        (b'{"products": {"\xff": {}}, "terms": {}}', "is not a price list of AWS"),
        (b"\xff\xfe\x00\x01,", "neither JSON nor CSV"),
        (b"a,b,c\n1,2,3\n", "no row names the columns"),
        (b"<html><body>Not found</body></html>", "no row names the columns"),
        (as_csv(PLAIN).replace(b"Publication Date", b"Printed").replace(b'"Version"', b'"V"'), "when it was published"),
    ],
)
def test_what_is_no_price_list_is_refused_by_name(content: bytes, what: str) -> None:
    with pytest.raises(BadFile, match="list-0") as caught:
        read(content)
    assert what in str(caught.value)
    assert caught.value.advice


def test_a_list_without_anything_of_s3_says_so() -> None:
    with pytest.raises(NothingRead):
        read(bulk(Sold("BoxUsage:t3.micro", flat("1"), service="AmazonEC2"), offer="AmazonEC2"))


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
def test_a_damaged_product_costs_itself_only(damage: Callable[[Any, Any], None]) -> None:
    sold = [PLAIN, Sold("TimedStorage-SIA-ByteHrs", flat("1"))]
    content = json.loads(bulk(*sold))
    damage(content["products"][PLAIN.sku], content["terms"]["OnDemand"][PLAIN.sku])
    reading = read(json.dumps(content).encode())
    assert list(reading.matrix.regions["us-east-1"]) == ["StandardIAStorage"]
    assert sum(left(reading).values()) == 1


def test_a_product_that_is_not_in_utf_8_costs_itself_only() -> None:
    sold = [replace(PLAIN, attributes={**GENERAL, "location": "QQ"}), Sold("TimedStorage-SIA-ByteHrs", flat("1"))]
    reading = read(bulk(*sold).replace(b"QQ", b"\xff"))
    assert list(reading.matrix.regions["us-east-1"]) == ["StandardIAStorage"]
    assert reading.lost == 1


def test_a_row_that_is_cut_off_costs_itself_only() -> None:
    content = as_csv(PLAIN, Sold("TimedStorage-SIA-ByteHrs", flat("1")))
    lines = content.splitlines(keepends=True)
    reading = read(b"".join([*lines[:-1], lines[-1][:30]]))
    assert tiers(reading, "StandardStorage") == THREE
    assert reading.lost == 1


@pytest.mark.parametrize(
    "wrong",
    [
        (("0", "10", "1"), ("20", "Inf", "1")),  # a hole
        (("0", "10", "1"), ("5", "Inf", "1")),  # an overlap
        (("1", "Inf", "1"),),  # no beginning
        (("0", "Inf", "1"), ("0", "Inf", "2")),  # twice
        (("0", "Inf", "free"),),
        (("0", "Inf", "NaN"),),
        (("0", "Inf", "-1"),),
        (("nought", "Inf", "1"),),
        (("0", "0", "1"), ("0", "Inf", "1")),
    ],
)
@every_form
def test_tiers_that_make_no_whole_are_left_out_and_said(form: Form, wrong: Prices) -> None:
    reading = read(form(Sold("TimedStorage-SIA-ByteHrs", flat("1")), replace(PLAIN, prices=wrong)))
    assert tiers(reading, "StandardStorage") is None
    assert reading.lost == 1


@every_form
def test_two_prices_for_one_thing_are_no_price(form: Form) -> None:
    reading = read(form(Sold("TimedStorage-SIA-ByteHrs", flat("1")), PLAIN, replace(PLAIN, prices=flat("9"))))
    assert tiers(reading, "StandardStorage") is None
    assert left(reading) == {"with two prices that contradict each other": 2}
