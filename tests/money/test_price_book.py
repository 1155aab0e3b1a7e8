"""The bundled prices, and the validation of price files."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.money import price_book
from s3_monitor.money.other_prices import bucket_fee
from s3_monitor.money.price_book import (
    Charge,
    PoolPrice,
    PriceBook,
    Source,
    Tier,
    bundled_prices,
    exact_tiers,
)
from s3_monitor.money.usage_types import requests_of

PRICES = bundled_prices()


@pytest.mark.parametrize(
    ("region", "pool", "tiers"),
    [
        ("us-east-1", "StandardStorage", [("51200", "0.023"), ("512000", "0.022"), (None, "0.021")]),
        ("us-east-1", "IntelligentTieringFAStorage", [("51200", "0.023"), ("512000", "0.022"), (None, "0.021")]),
        ("us-east-1", "StandardIAStorage", [(None, "0.0125")]),
        ("us-east-1", "DeepArchiveStorage", [(None, "0.00099")]),
        ("us-east-1", "ExpressOneZoneStorage", [(None, "0.11")]),
        ("us-east-1", "ReducedRedundancyStorage", [(None, "0.024")]),
        ("eu-central-1", "StandardStorage", [("51200", "0.0245"), ("512000", "0.0235"), (None, "0.0225")]),
        ("sa-east-1", "GlacierStorage", [(None, "0.00765")]),
        ("eu-central-2", "GlacierStorage", [(None, "0.004455")]),
        ("ap-east-2", "StandardStorage", [("51200", "0.0225")]),
        ("ap-east-2", "StandardIAStorage", [(None, "0.01242")]),
        ("mx-central-1", "StandardStorage", [("51200", "0.02415")]),
        ("mx-central-1", "IntelligentTieringFAStorage", [("51200", "0.02415")]),
        ("ap-southeast-6", "GlacierStorage", [(None, "0.004725")]),
        ("ap-southeast-7", "DeepArchiveStorage", [(None, "0.0018")]),
        ("us-east-2", "ReducedRedundancyStorage", [(None, "0.024")]),
        ("sa-east-1", "ReducedRedundancyStorage", [(None, "0.0326")]),
        ("us-gov-west-1", "StandardStorage", [("51200", "0.039"), ("512000", "0.037"), (None, "0.0355")]),
        ("us-gov-east-1", "ReducedRedundancyStorage", [(None, "0.0312")]),
    ],
)
def test_the_bundled_prices_are_those_of_aws(region: str, pool: str, tiers: list[tuple[str | None, str]]) -> None:
    expected = tuple(Tier(None if upto is None else Decimal(upto), Decimal(price)) for upto, price in tiers)
    known = PRICES.pool(region, pool)
    assert known is not None
    assert known.tiers == expected


@pytest.mark.parametrize(
    ("region", "pool"),
    [
        ("eu-west-1", "ExpressOneZoneStorage"),
        ("ap-east-2", "IntelligentTieringIAStorage"),
        ("mx-central-1", "IntelligentTieringAIAStorage"),
        ("cn-north-1", "StandardStorage"),
    ],
)
def test_unknown_prices_are_absent(region: str, pool: str) -> None:
    assert PRICES.pool(region, pool) is None


def test_every_price_has_a_source_and_every_source_a_date() -> None:
    used = {
        price.source for part in (PRICES.regions, PRICES.charges) for named in part.values() for price in named.values()
    }
    assert used == set(PRICES.sources)
    assert all(source.title and source.day.year >= 2024 for source in PRICES.sources.values())


@pytest.mark.parametrize(
    ("region", "key", "tiers"),
    [
        ("us-east-1", "Requests-Tier1", [(None, "0.000005")]),
        ("us-east-1", "Requests-GIR-Tier2", [(None, "0.00001")]),
        ("us-east-1", "DataTransfer-Out-Bytes", [(None, "0.09")]),
        ("ap-northeast-2", "Requests-Tier2", [(None, "0.00000035")]),
        ("sa-east-1", "Requests-Tier1", [(None, "0.000007")]),
        ("sa-east-1", "DataTransfer-Out-Bytes", [(None, "0.15")]),
        ("eu-south-1", "Requests-GLACIER-Tier2", [(None, "0.00000043")]),
        ("eu-west-2", "Standard-Retrieval-Bytes:RestoreObject", [(None, "0.0105")]),
        ("us-gov-east-1", "Standard-Retrieval-Bytes:DeepArchiveRestoreObject", [(None, "0.026")]),
        ("cn-north-1", "Requests-Tier1", None),
    ],
)
def test_the_bundled_charges_are_those_of_aws(
    region: str, key: str, tiers: list[tuple[str | None, str]] | None
) -> None:
    known = PRICES.charge(region, key)
    expected = tiers and tuple(Tier(upto and Decimal(upto), Decimal(price)) for upto, price in tiers)
    assert (known and known.tiers) == expected


def test_every_region_has_request_retrieval_and_egress_prices() -> None:
    regions = [region for region in PRICES.regions if region in PRICES.charges]
    assert len(regions) == len(PRICES.regions) == 36
    for region in regions:
        kinds = {charge.kind for charge in PRICES.charges[region].values()}
        assert kinds >= {"requests", "retrieval", "egress"}
        for storage_class in ("STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "GLACIER"):
            keys = requests_of(storage_class)
            assert PRICES.charge(region, *keys.put)
            assert PRICES.charge(region, *keys.get)
            is_free = storage_class in ("STANDARD", "INTELLIGENT_TIERING")
            assert is_free or PRICES.charge(region, *keys.retrieval)


def test_prices_of_the_first_band_only_are_marked() -> None:
    for region, named in PRICES.regions.items():
        assert named["ReducedRedundancyStorage"].exact_to == 1024
        assert PRICES.charges[region]["DataTransfer-Out-Bytes"].exact_to == 10240
        assert exact_tiers(named["ReducedRedundancyStorage"])[-1].upto == 1024
    exact = [price for named in PRICES.regions.values() for name, price in named.items() if "Redundancy" not in name]
    assert all(price.exact_to is None for price in exact)


def test_prices_decrease_from_tier_to_tier() -> None:
    for pools in PRICES.regions.values():
        for pool in pools.values():
            assert [tier.price for tier in pool.tiers] == sorted((tier.price for tier in pool.tiers), reverse=True)


def file(**changes: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "source": "me",
        "published": "2026-01-01",
        "sources": {"s": {"title": "t", "date": "2026"}},
        "regions": {"us-east-1": {"StandardStorage": {"source": "s", "tiers": [["10", "2"], [None, "1"]]}}},
    } | changes


def bound(exact_to: object, *rows: list[object]) -> dict[str, Any]:
    price = {"source": "s", "tiers": rows, "exact_to": exact_to}
    return file(regions={"us-east-1": {"StandardStorage": price}})


def tiers(*rows: list[object], source: str = "s") -> dict[str, Any]:
    return file(regions={"us-east-1": {"StandardStorage": {"source": source, "tiers": rows}}})


def test_a_price_file_of_the_current_format_is_read(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(file()))
    read = price_book.read_price_book(path)
    assert (read.source, read.currency) == ("me", "USD")
    assert read.pool("us-east-1", "StandardStorage") is not None


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (file(format=99), "a newer version"),
        (file(published="yesterday"), "published"),
        (file(surprise=1), "surprise"),
        (tiers(), "at least one tier"),
        (tiers([None, "1"], ["10", "2"]), "limits must increase"),
        (tiers(["10", "2"], ["10", "1"]), "limits must increase"),
        (tiers(["20", "2"], ["10", "1"]), "limits must increase"),
        (tiers(["0", "2"], [None, "1"]), "limits must increase"),
        (tiers([None, "-1"]), "the price of a tier must be a number from 0 to below 10^15"),
        (tiers([None, "-0.0001"]), "got '-0.0001'"),
        (tiers([None, "NaN"]), "got 'NaN'"),
        (tiers([None, "1e999999999"]), "got '1E+999999999'"),
        (tiers([None, "1e-999999999"]), "got '1E-999999999'"),
        (tiers([None, "0." + "1" * 40]), "at most 20 decimals"),
        (tiers([None, "1" * 100_000]), "got '1111"),
        (tiers(["Infinity", "1"]), "the limit of a tier"),
        (tiers(["1e15", "1"]), "the limit of a tier"),
        (file(currency="DOLLARS"), "a code of three letters"),
        (file(currency="$\u001b[31m"), "a code of three letters"),
        (bound("1e99", [None, "1"]), "exact_to must be a number"),
        (bound("0", [None, "1"]), "exact_to must be above"),
        (bound("10", ["10", "2"], [None, "1"]), "exact_to must be above"),
        (bound("10", ["20", "1"]), "exact_to must be above"),
        (file(sources={"s": {"title": "t", "date": "2026-13"}}), "date must be a day, month or year, got"),
        (file(sources={"s": {"title": "t", "date": "soon"}}), "date"),
        (tiers([None, "cheap"]), "is not a price file"),
        (tiers([None, "1"], source="hearsay"), "source must be a key of sources, got 'hearsay'"),
    ],
)
def test_an_invalid_price_file_is_rejected_by_name(content: dict[str, Any], what: str) -> None:
    with pytest.raises(InvalidFileError, match=r"mine\.json") as caught:
        price_book.decode_price_book(json.dumps(content).encode(), "mine.json")
    assert what in str(caught.value)
    assert len(str(caught.value)) < 300
    assert caught.value.advice


def test_limits_may_be_fractions_of_a_unit() -> None:
    for content in (tiers(["0.5", "2"], [None, "1"]), bound("0.5", [None, "1"])):
        assert price_book.decode_price_book(json.dumps(content).encode(), "mine.json").regions


ENCODED = """{
  "format": 3,
  "currency": "EUR",
  "note": "mine",
  "source": "me",
  "published": "2026-01-01",
  "sources": {
    "r": {"title":"u","date":"2025-07","service":"AmazonS3","version":"1"},
    "s": {"title":"t","date":"2026"}
  },
  "regions": {
    "r1": {
    },
    "r2": {
      "A": {"source":"s","tiers":[["10","2"],[null,"0.0000001"]],"exact_to":"20"},
      "B": {"source":"r","tiers":[[null,"1"]]}
    }
  },
  "charges": {
    "r1": {
      "Requests-Tier1": {"kind":"requests","unit":"Requests","source":"s","tiers":[[null,"0.5"]]}
    }
  }
}
"""


def test_a_price_file_is_sorted_and_has_a_price_per_line() -> None:
    once = PriceBook(
        source="me",
        published=date(2026, 1, 1),
        sources={"s": Source("t", "2026"), "r": Source("u", "2025-07", service="AmazonS3", version="1")},
        regions={
            "r2": {
                "B": PoolPrice("r", (Tier(None, Decimal(1)),)),
                "A": PoolPrice("s", (Tier(Decimal(10), Decimal(2)), Tier(None, Decimal("1E-7"))), Decimal(20)),
            },
            "r1": {},
        },
        charges={"r1": {"Requests-Tier1": Charge("requests", "Requests", "s", (Tier(None, Decimal("0.5")),))}},
        currency="EUR",
        note="mine",
    )
    assert price_book.encode_price_book(once).decode() == ENCODED
    assert price_book.decode_price_book(ENCODED.encode(), "mine.json") == once


def test_a_price_file_without_a_note_explains_its_units() -> None:
    written = price_book.encode_price_book(msgspec.structs.replace(PRICES, note=""))
    assert price_book.decode_price_book(written, "mine.json").note.startswith("List prices: of storage per GB-month")


@pytest.mark.parametrize(("exact_to", "exact"), [(None, None), ("20", "20")])
def test_the_last_tier_is_exact_up_to_the_last_tier_of_the_source(exact_to: str | None, exact: str | None) -> None:
    listed = (Tier(Decimal(10), Decimal(3)), Tier(Decimal(15), Decimal(2)), Tier(None, Decimal(1)))
    price = PoolPrice("s", listed, exact_to and Decimal(exact_to))  # type: ignore[arg-type]
    assert exact_tiers(price) == (*listed[:2], Tier(exact and Decimal(exact), Decimal(1)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("currency", "listed", "fee"),
    [
        ("USD", [], "0.02"),
        ("CNY", [], None),
        ("CNY", [("2000", "0"), (None, "0.03")], "0.03"),
        ("USD", [(None, "0.04")], "0.04"),
    ],
)
def test_the_fee_for_buckets_is_that_of_the_price_list_or_a_known_one_in_usd(
    currency: str, listed: list[tuple[str | None, str]], fee: str | None
) -> None:
    of_list = tuple(Tier(None if upto is None else Decimal(upto), Decimal(price)) for upto, price in listed)
    charges = {"global": {"Global-Bucket-Hrs": Charge("buckets", "Bucket-Mo", "s", of_list)}} if listed else {}
    book = msgspec.structs.replace(PRICES, currency=currency, charges=charges)
    assert bucket_fee(book) == (None if fee is None else Decimal(fee))


def test_a_missing_price_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InvalidFileError, match="cannot be read"):
        price_book.read_price_book(tmp_path / "none.json")
