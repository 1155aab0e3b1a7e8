"""The files of price lists: their versions, numbers, dates and damaged rows."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.money.price_list import PriceListVersion, list_version, parse_date, parse_number
from s3_monitor.money.price_list_csv import read_csv
from s3_monitor.money.price_list_files import read_versions
from s3_monitor.money.price_list_json import read_json
from s3_monitor.money.skip_reasons import SkipReason
from tests.money.lists import PLAIN, THREE, Sold, as_csv, bulk, documents, every_form, flat, read, tiers

INDEX = """{"regions": {
  "us-east-1": {"currentVersionUrl": "/offers/v1.0/aws/AmazonS3/20260728131000/us-east-1/index.json"},
  "eu-west-1": {"currentVersionUrl": "/offers/v1.0/aws/AmazonS3/20261001000000/eu-west-1/index.json"},
  "eu-west-2": {"currentVersionUrl": "/offers/v1.0/aws/AmazonS3/20250728131000/eu-west-2/index.json"}
}}"""
OTHER = Sold("BoxUsage:t3.micro", (("0", "10", "2"), ("10", "Inf", "1")), service="AmazonEC2")
SIA = Sold("TimedStorage-SIA-ByteHrs", flat("1"))


def test_the_version_of_an_index_is_the_newest_of_its_regions() -> None:
    assert read_versions(INDEX.encode(), "index") == [PriceListVersion("AmazonS3", "20261001000000", date(2026, 10, 1))]


@every_form
def test_the_versions_of_a_list_are_those_of_its_products(form: Any) -> None:
    found = read_versions(form(PLAIN, SIA, OTHER), "list")
    assert PriceListVersion("AmazonS3", "20260728131000", date(2026, 7, 28)) in found
    assert len(found) == len({version.service for version in found})


def test_documents_of_several_versions_have_all_of_them() -> None:
    rows = [json.loads(documents(SIA, version=version))["PriceList"][0] for version in ("2", "1", "2")]
    assert [version.version for version in read_versions(json.dumps(["damaged", *rows]).encode(), "list")] == ["1", "2"]


@pytest.mark.parametrize(
    ("version", "published", "day"),
    [
        ("20260728131000", "2026-07-29T13:10:00Z", date(2026, 7, 29)),
        ("20260728131000", None, date(2026, 7, 28)),
        ("20260728131000", "soon", date(2026, 7, 28)),
        ("", "2026-07-29", date(2026, 7, 29)),
    ],
)
def test_the_date_of_a_list_is_that_of_its_publication_or_version(
    version: str, published: str | None, day: date
) -> None:
    assert list_version("AmazonS3", version, published, "list") == PriceListVersion("AmazonS3", version, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-07-28T13:10:00Z", date(2026, 7, 28)),
        ("20260728131000", date(2026, 7, 28)),
        ("2026-02-30", None),
        ("July 28", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_the_start_of_a_time_or_version(text: str | None, day: date | None) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "is_number"),
    [
        ("0", True),
        (" 1.50 ", True),
        ("1e-20", True),
        ("1e-21", False),
        ("0." + "1" * 20, True),
        ("0." + "1" * 21, False),
        ("0" * 99 + "7", True),
        ("0" * 100 + "7", False),
        ("999999999999999", True),
        ("1e15", False),
        ("-0", False),
        ("Inf", False),
        ("", False),
    ],
)
def test_a_number_has_at_most_20_decimals_and_100_characters_and_is_below_10_to_15(text: str, is_number: bool) -> None:
    assert (parse_number(text) is not None) is is_number


def rows_with(*more: bytes, at: int = 6) -> bytes:
    """Return a list with further rows before its tiers."""
    lines = as_csv(PLAIN).splitlines(keepends=True)
    return b"".join([*lines[:at], *more, *lines[at:]])


@pytest.mark.parametrize(
    ("more", "lost"),
    [
        ([], 0),
        ([b"\n"], 0),
        ([b'"a","b"\n'], 1),
        ([as_csv(replace(PLAIN, prices=flat("9"))).splitlines(keepends=True)[6].replace(b"OnDemand", b"Reserved")], 0),
        (as_csv(OTHER).splitlines(keepends=True)[6:], 0),
    ],
)
def test_rows_that_are_not_prices_do_not_hide_those_that_follow(more: list[bytes], lost: int) -> None:
    reading = read(rows_with(*more))
    assert tiers(reading, "StandardStorage") == THREE
    assert reading.skips.lost == lost


def test_a_row_of_another_length_is_described() -> None:
    reading = read(rows_with(b'"' + b"a" * 50 + b'","b"\n'))
    assert list(reading.skips.entries[SkipReason.NOT_A_PRODUCT]) == [f"a row of 2 fields, not 25: {'a' * 40}"]


@every_form
def test_each_product_of_a_list_is_counted_once(form: Any) -> None:
    assert read(form(PLAIN, OTHER, SIA)).skips.read == 3


def test_a_csv_list_needs_only_the_columns_of_prices() -> None:
    lines = ["OfferCode,AmazonS3", "Version,20260728131000", "SKU,usageType,PricePerUnit,StartingRange,EndingRange"]
    (product,) = read_csv([*lines, "A,TimedStorage-SIA-ByteHrs,0.5,0,Inf"], "list")
    assert (product.sku, product.service, product.usage_type) == ("A", "AmazonS3", "TimedStorage-SIA-ByteHrs")
    (term,) = product.terms()
    (dimension,) = term.price_dimensions.values()
    assert (dimension.begin_range, dimension.end_range, dimension.price_per_unit) == ("0", "Inf", {"USD": "0.5"})


@pytest.mark.parametrize(("preamble", "is_read"), [(29, True), (30, False)])
def test_the_column_names_are_in_the_first_30_rows(preamble: int, is_read: bool) -> None:
    content = b"x,y\n" * (preamble - 5) + as_csv(PLAIN)
    if is_read:
        assert tiers(read(content), "StandardStorage") == THREE
    else:
        with pytest.raises(InvalidFileError, match="no row has the column names"):
            read(content)


@pytest.mark.parametrize(("length", "is_read"), [(2**20, True), (2**20 + 1, False)])
def test_a_field_of_a_csv_list_has_at_most_a_mebibyte(length: int, is_read: bool) -> None:
    csv.field_size_limit(100)
    content = b"Disclaimer," + b"x" * length + b"\n" + as_csv(PLAIN)
    if is_read:
        assert tiers(read(content), "StandardStorage") == THREE
    else:
        with pytest.raises(InvalidFileError, match="list-0: line 1: field larger than field limit"):
            read(content)


def test_a_damaged_document_is_named_by_its_number_and_skipped_alone() -> None:
    rows = json.loads(documents(SIA, PLAIN))["PriceList"]
    reading = read(json.dumps([rows[0], "{", rows[1]]).encode())
    assert tiers(reading, "StandardStorage") == THREE
    (what,) = reading.skips.entries[SkipReason.NOT_A_PRODUCT]
    assert what.startswith("document 2: ")


def test_a_damaged_product_is_named_by_its_sku() -> None:
    content = json.loads(bulk(PLAIN, SIA))
    content["products"][SIA.sku] = 7
    (what,) = read(json.dumps(content).encode()).skips.entries[SkipReason.NOT_A_PRODUCT]
    assert what.startswith(f"product {SIA.sku}: ")


@pytest.mark.parametrize(
    ("service_code", "attribute", "expected"),
    [("A", "B", ("A", "B")), ("A", None, ("A", "A")), (None, "B", ("B", "B")), (None, None, ("", ""))],
)
def test_the_service_of_a_document_is_its_own_or_that_of_its_attributes(
    service_code: str | None, attribute: str | None, expected: tuple[str, str]
) -> None:
    row = json.loads(json.loads(documents(SIA))["PriceList"][0])
    row |= {"serviceCode": service_code or ""}
    row["product"]["attributes"]["servicecode"] = attribute
    del row["product"]["sku"]
    (product,) = read_json(json.dumps(row).encode(), "list")
    assert (product.list_version.service, product.service, product.sku) == (*expected, "")


@pytest.mark.parametrize(
    ("dimensions", "reason", "detail"),
    [
        ([{"unit": "GB-Mo"}, {"unit": "GB"}], SkipReason.UNEXPECTED_UNIT, "the units are GB, GB-Mo"),
        ([{"unit": "GB-Mo"}, {"unit": None}], SkipReason.UNEXPECTED_UNIT, "the units are , GB-Mo"),
        ([{"pricePerUnit": {}}, {"pricePerUnit": {}}], SkipReason.OTHER_CURRENCY, "no price"),
        ([{"pricePerUnit": {"EUR": "1"}}, {"pricePerUnit": {"CNY": "1"}}], SkipReason.OTHER_CURRENCY, "CNY, EUR"),
        (
            [{"pricePerUnit": dict.fromkeys("ABCDEFGHIJKLMNOPQ", "1")}, {"pricePerUnit": {}}],
            SkipReason.OTHER_CURRENCY,
            "A, B, C, D, E, F, G, H, I, J, K, L, M, N",
        ),
    ],
)
def test_the_tiers_of_a_price_have_one_unit_and_the_currency_of_the_list(
    dimensions: list[dict[str, Any]], reason: SkipReason, detail: str
) -> None:
    two = replace(SIA, prices=(("0", "10", "1"), ("10", "Inf", "1")))
    content = json.loads(bulk(PLAIN, two))
    (term,) = content["terms"]["OnDemand"][two.sku].values()
    for dimension, changes in zip(term["priceDimensions"].values(), dimensions, strict=True):
        dimension.update(changes)
    reading = read(json.dumps(content).encode())
    assert list(reading.skips.entries.items()) == [(reason, {f"TimedStorage-SIA-ByteHrs in us-east-1: {detail}": 1})]
