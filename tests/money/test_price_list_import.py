"""The import of AWS's price lists of all formats and years, and the entries that it skips."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.money.price_book import Source, decode_price_book, encode_price_book
from s3_monitor.money.storage_types import pools
from tests.money.lists import (
    FORMS,
    GENERAL,
    PLAIN,
    STANDARD,
    THREE,
    Form,
    Prices,
    Sold,
    as_csv,
    bulk,
    charge,
    complete,
    documents,
    egress,
    every_form,
    flat,
    left,
    read,
    tiers,
)


@every_form
def test_every_pool_is_imported_from_every_format(form: Form) -> None:
    reading = read(form(*complete("us-east-1"), *complete("eu-west-1")))
    for region in ("us-east-1", "eu-west-1"):
        assert set(reading.price_book.regions[region]) == {type_.name for type_ in pools().values()}
        assert tiers(reading, "StandardStorage", region) == THREE
        assert tiers(reading, "DeepArchiveStorage", region) == [(None, "0.00099")]
        assert charge(reading, "Requests-Tier2", region) == [(None, "0.0000004")]
    assert reading.skips.lost == 0
    assert (str(reading.price_book.published), reading.price_book.currency) == ("2026-07-28", "USD")
    assert "20260728131000" in reading.price_book.source


@every_form
def test_the_formats_of_a_list_give_the_same_price_book(form: Form) -> None:
    sold = [*complete("us-east-1"), *complete("ap-southeast-2", "1.0870")]
    of_form, of_bulk = (read(make(*sold)).price_book for make in (form, bulk))
    assert (of_form.regions.keys(), of_form.charges.keys()) == (of_bulk.regions.keys(), of_bulk.charges.keys())
    for region, named in of_bulk.regions.items():
        assert {name: price.tiers for name, price in named.items()} == {
            name: price.tiers for name, price in of_form.regions[region].items()
        }


@every_form
def test_tiers_are_sorted_as_numbers(form: Form) -> None:
    orders = [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)]
    for order in orders:
        shuffled: Prices = tuple(STANDARD[place] for place in order)
        assert tiers(read(form(replace(PLAIN, prices=shuffled))), "StandardStorage") == THREE
    six = (("5120000", "Inf", "0.0220"), ("0", "1024", "0.0240"), ("1024", "51200", "0.0236"))
    six += (("1024000", "5120000", "0.0224"), ("512000", "1024000", "0.0228"), ("51200", "512000", "0.0232"))
    reduced = tiers(read(form(Sold("TimedStorage-RRS-ByteHrs", six))), "ReducedRedundancyStorage")
    ends = [end for end, _ in reduced or ()]
    assert ends == ["1024", "51200", "512000", "1024000", "5120000", None]


@pytest.mark.parametrize(
    "decoy",
    [
        Sold("Tables-TimedStorage-ByteHrs", flat("0.0265"), attributes=GENERAL),
        Sold("Vectors-TimedStorage-ByteHrs", flat("0.06")),
        Sold("Files-TimedStorage-ByteHrs", flat("0.3")),
        Sold("Annotation-TimedStorage-ByteHrs", flat("0.3")),
        Sold("TimedStorage-ByteHrs", flat("0.021"), operation="INTAAS3ObjectOverhead"),
        Sold("TimedStorage-ByteHrs", flat("0.021"), operation="INTDAAS3ObjectOverhead"),
        Sold("TimedStorage-ByteHrs", flat("0.0036"), service="AmazonGlacier"),
        Sold("TimedStorage-ByteHrs", flat("0.3"), service="AmazonEFS"),
        Sold("EarlyDelete-ByteHrs", flat("0.0036")),
        Sold("TimedStorage-ByteHrs-Extra", flat("9")),
        Sold("TimedStorage-ByteHrs", flat("0.05"), attributes={"locationType": "AWS Outposts"}),
        Sold("TimedStorage-ByteHrs", flat("0.05"), attributes={"locationType": "AWS Local Zone"}),
        Sold("TimedStorage-ByteHrs", flat("0.05"), prefix="EU-"),
    ],
    ids=lambda sold: f"{sold.service} {sold.usage} {sold.operation}",
)
@every_form
def test_products_similar_to_standard_storage_are_not_read_as_standard(form: Form, decoy: Sold) -> None:
    ireland = replace(PLAIN, region="eu-west-1")
    for order in ((decoy, PLAIN, ireland), (PLAIN, ireland, decoy)):
        reading = read(form(*order))
        assert tiers(reading, "StandardStorage") == THREE
        assert sum(left(reading).values()) == 1


@every_form
def test_a_similar_product_alone_is_not_a_price(form: Form) -> None:
    kept = Sold("TimedStorage-SIA-ByteHrs", flat("0.0125"))
    for usage in ("Tables-TimedStorage-ByteHrs", "EU-Tables-TimedStorage-ByteHrs", "USE1-EU-TimedStorage-ByteHrs"):
        reading = read(form(kept, Sold(usage, flat("0.0265"))))
        assert list(reading.price_book.regions["us-east-1"]) == ["StandardIAStorage"]


@every_form
def test_deep_archive_has_the_price_of_its_own_list_and_not_of_its_staging(form: Form) -> None:
    decoy = Sold("TimedStorage-GDA-Staging", flat("0.021"), attributes={"volumeType": "Glacier Deep Archive"})
    real = Sold("TimedStorage-GDA-ByteHrs", flat("0.00099"), service="AmazonS3GlacierDeepArchive")
    assert tiers(read(form(PLAIN, decoy)), "DeepArchiveStorage") is None
    assert tiers(read(form(PLAIN, decoy), form(real)), "DeepArchiveStorage") == [(None, "0.00099")]


def test_product_families_are_ignored() -> None:
    content = json.loads(bulk(PLAIN))
    (product,) = content["products"].values()
    for family in (None, "Storage", "API Request", "Nonsense"):
        product["productFamily"] = family
        assert tiers(read(json.dumps(content).encode()), "StandardStorage") == THREE


@every_form
def test_prices_of_a_usage_type_are_distinguished_by_operation(form: Form) -> None:
    sold = [
        Sold("Requests-Tier3", flat("0.00005"), operation="RestoreObject", unit="Requests"),
        Sold("Requests-Tier3", flat("0.00003"), operation="S3-GlacierTransition", unit="Requests"),
        Sold("Standard-Retrieval-Bytes", flat("0.01"), operation="RestoreObject", unit="GB"),
        Sold("Standard-Retrieval-Bytes", flat("0.02"), operation="DeepArchiveRestoreObject", unit="GB"),
    ]
    reading = read(form(PLAIN, *sold))
    assert charge(reading, "Requests-Tier3:RestoreObject") == [(None, "0.00005")]
    assert charge(reading, "Requests-Tier3:S3-GlacierTransition") == [(None, "0.00003")]
    assert charge(reading, "Standard-Retrieval-Bytes:DeepArchiveRestoreObject") == [(None, "0.02")]
    assert charge(reading, "Requests-Tier3") is None


@pytest.mark.parametrize(
    ("usage", "unit", "kind", "region"),
    [
        ("Requests-Tier1", "Requests", "requests", "us-east-1"),
        ("Requests-GLACIER-Tier1", "Requests", "requests", "us-east-1"),
        ("Requests-XZ-Tier2", "Requests", "requests", "us-east-1"),
        ("Retrieval-SIA", "GB", "retrieval", "us-east-1"),
        ("Retrieval-GIR", "GB", "retrieval", "us-east-1"),
        ("Bulk-Retrieval-Bytes", "GB", "retrieval", "us-east-1"),
        ("Monitoring-Automation-INT", "Objects", "monitoring", "us-east-1"),
        ("Global-Bucket-Hrs", "Bucket-Mo", "buckets", "global"),
    ],
)
@every_form
def test_charges_are_kept_with_their_unit(form: Form, usage: str, unit: str, kind: str, region: str) -> None:
    odd = {"location": "Any", "locationType": "Other", "regionCode": "global"} if region == "global" else {}
    reading = read(form(PLAIN, Sold(usage, flat("0.0025"), unit=unit, attributes=dict(odd))))
    found = reading.price_book.charges[region][usage]
    assert (found.kind, found.unit, found.tiers[0].price) == (kind, unit, Decimal("0.0025"))
    assert reading.price_book.charge("us-east-1", "nothing", usage) == found


@every_form
def test_egress_is_the_charged_transfer_out_of_aws(form: Form) -> None:
    paid: Prices = (("10240", "51200", "0.085"), ("0", "10240", "0.09"), ("51200", "Inf", "0.07"))
    reading = read(
        form(
            PLAIN,
            egress(paid),
            egress(flat("0"), operation="allowance"),
            egress(flat("0"), usage="Global-DataTransfer-Out-Bytes"),
            egress(flat("0.02"), attributes={"transferType": "InterRegion Outbound", "toLocation": "Europe (Ireland)"}),
            egress(flat("0"), usage="DataTransfer-In-Bytes", attributes={"transferType": "AWS Inbound"}),
            egress(flat("0.1"), attributes={"fromLocationType": "AWS Local Zone"}),
            egress(flat("0.4"), service="AmazonS3"),
        )
    )
    assert charge(reading, "DataTransfer-Out-Bytes") == [("10240", "0.09"), ("51200", "0.085"), (None, "0.07")]
    assert list(reading.price_book.charges["us-east-1"]) == ["DataTransfer-Out-Bytes"]


SIA = Sold("TimedStorage-SIA-ByteHrs", flat("1"))
PUT = Sold("Requests-Tier1", flat("0.5"), unit="Requests")
BUCKET = Sold("Global-Bucket-Hrs", flat("0.02"), unit="Bucket-Mo", attributes={"locationType": "Other"})
IRELAND = replace(PLAIN, region="eu-west-1")


@pytest.mark.parametrize(
    ("sold", "region", "name", "price", "skipped"),
    [
        # data transfer: a price, then one without an operation
        ([egress(flat("0.09")), egress(flat("0.08"), operation="x")], "us-east-1", "DataTransfer-Out-Bytes", "0.09", 1),
        ([egress(flat("0")), egress(flat("0.08"), operation="x")], "us-east-1", "DataTransfer-Out-Bytes", "0.08", 1),
        # Standard: general purpose, standard volume
        ([PLAIN, replace(PLAIN, prices=flat("9"), attributes={"storageClass": "Archive"})],
         "us-east-1", "StandardStorage", "0.023", 1),
        ([PLAIN, replace(PLAIN, prices=flat("9"), attributes={"volumeType": "Glacier"})],
         "us-east-1", "StandardStorage", "0.023", 1),
        # the prefix is that of Standard
        ([IRELAND, replace(SIA, region="eu-west-1"), replace(SIA, region="eu-west-1", prices=flat("9"), prefix="")],
         "eu-west-1", "StandardIAStorage", "1", 1),
        # charges of all regions: without a prefix if possible
        ([BUCKET, replace(BUCKET, prices=flat("9"), prefix="EU-")], "global", "Global-Bucket-Hrs", "0.02", 1),
        ([IRELAND, replace(BUCKET, prefix="EU-")], "global", "Global-Bucket-Hrs", "0.02", 0),
        # other prices have no preference
        ([PUT, replace(PUT, prices=flat("0"))], "us-east-1", "Requests-Tier1", None, 2),
        ([SIA, replace(SIA, prices=flat("9"), attributes={"storageClass": "Infrequent Access"})],
         "us-east-1", "StandardIAStorage", None, 2),
        ([replace(SIA, more=((SIA.effective, flat("9")),))], "us-east-1", "StandardIAStorage", None, 1),
    ],
)  # fmt: skip
def test_of_several_products_with_a_price_the_most_specific_is_preferred(
    sold: list[Sold], region: str, name: str, price: str | None, skipped: int
) -> None:
    kept = Sold("TimedStorage-ZIA-ByteHrs", flat("1"))
    for order in (sold, sold[::-1]):
        reading = read(bulk(kept, *order))
        found = tiers(reading, name, region) or charge(reading, name, region) or [(None, None)]
        assert found[0][1] == price
        assert left(reading) == ({"superseded" if price else "contradiction": skipped} if skipped else {})


def test_a_price_book_is_named_after_the_list_of_s3() -> None:
    newer = {"offer": "AmazonS3GlacierDeepArchive", "version": "20261001000000", "published": "2026-10-01"}
    archive = Sold("TimedStorage-GDA-ByteHrs", flat("1"), service="AmazonS3GlacierDeepArchive")
    both, only = read(bulk(PLAIN), bulk(archive, **newer)).price_book, read(bulk(archive, **newer)).price_book
    assert (both.source, str(both.published)) == ("AWS's price list AmazonS3 20260728131000", "2026-07-28")
    assert only.source == "AWS's price list AmazonS3GlacierDeepArchive 20261001000000"
    service = "AmazonS3GlacierDeepArchive"
    source = Source(f"AWS's price list {service}", "2026-10-01", service=service, version="20261001000000")
    assert only.sources == {f"{service}-20261001000000": source}
    assert list(both.sources) == sorted(both.sources)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2026-07-01", "2026-01-01"], "1"),
        (["2026-01-01", "2026-07-01"], "2"),
        (["2026-07-01", "2026-12-01"], "1"),  # begins after the list was published
        (["2027-01-01", "2026-12-01"], "2"),  # none has begun: what begins first
        (["2017-01-01", "2026-07-28"], "2"),  # on the day itself
    ],
)
@every_form
def test_the_effective_date_in_force_at_publication_counts(form: Form, dates: list[str], expected: str) -> None:
    first, second = (f"{date}T00:00:00Z" for date in dates)
    sold = replace(PLAIN, prices=flat("1"), effective=first, more=((second, flat("2")),))
    assert tiers(read(form(sold)), "StandardStorage") == [(None, expected)]


@every_form
def test_equal_prices_of_a_product_are_one_price(form: Form) -> None:
    again = replace(PLAIN, attributes={**GENERAL, "location": "somewhere else"})
    assert tiers(read(form(PLAIN, again)), "StandardStorage") == THREE


@every_form
def test_the_newer_of_two_lists_of_a_service_counts(form: Form) -> None:
    old = form(replace(PLAIN, prices=flat("9")), version="20180404165311", published="2018-04-04T16:53:11Z")
    for contents in ((form(PLAIN), old), (old, form(PLAIN))):
        reading = read(*contents)
        assert tiers(reading, "StandardStorage") == THREE
        assert str(reading.price_book.published) == "2026-07-28"
        assert (reading.skips.read, reading.skips.lost, left(reading)) == (2, 0, {"superseded": 1})


@every_form
def test_storage_that_is_not_sold_per_gb_month_is_skipped(form: Form) -> None:
    reading = read(form(Sold("TimedStorage-SIA-ByteHrs", flat("1")), replace(PLAIN, unit="TB-Mo")))
    assert tiers(reading, "StandardStorage") is None
    assert reading.skips.lost == 1


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(FORMS)))
def test_the_import_does_not_depend_on_the_order_of_a_list(shuffle: random.Random, form: str) -> None:
    sold = [*complete("us-east-1"), *complete("eu-west-1", "1.1"), replace(PLAIN, operation="INTAAS3ObjectOverhead")]
    sold += [
        Sold("Tables-TimedStorage-ByteHrs", flat("9")),
        Sold("TimedStorage-SIA-ByteHrs", flat("9"), prefix="USE1-"),
    ]
    sold += [egress(flat("0")), egress(flat("0.09"), operation="x")]
    expected = encode_price_book(read(FORMS[form](*sold)).price_book)
    shuffle.shuffle(sold)
    assert encode_price_book(read(FORMS[form](*sold)).price_book) == expected


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"sep=,\n", b"\xef\xbb\xbfsep=,\r\n"])
def test_csv_saved_by_a_spreadsheet_is_read(start: bytes) -> None:
    content = start + as_csv(PLAIN).replace(b"\n", b"\r\n")
    assert tiers(read(content), "StandardStorage") == THREE


def test_the_rows_of_a_product_need_not_be_adjacent() -> None:
    head, rows = as_csv(PLAIN, *complete("eu-west-1")).splitlines(keepends=True)[:6], None
    rows = as_csv(PLAIN, *complete("eu-west-1")).splitlines(keepends=True)[6:]
    random.Random(7).shuffle(rows)
    assert tiers(read(b"".join([*head, *rows])), "StandardStorage") == THREE


def test_reservations_are_not_on_demand_prices() -> None:
    content = as_csv(PLAIN) + as_csv(replace(PLAIN, prices=flat("9"))).splitlines()[-1].replace(
        b'"OnDemand"', b'"Reserved"'
    )
    assert tiers(read(content), "StandardStorage") == THREE


def test_single_documents_and_lists_of_documents_are_read() -> None:
    rows = json.loads(documents(PLAIN))["PriceList"]
    for content in (rows, [json.loads(rows[0])], json.loads(rows[0])):
        assert tiers(read(json.dumps(content).encode()), "StandardStorage") == THREE


@every_form
def test_an_old_list_without_region_codes_is_read(form: Form) -> None:
    """A list of 2018: fewer classes, the former name of a location, no region codes, transfer prices in the S3 list."""
    then: dict[str, Any] = {"effective": "2018-03-01T00:00:00Z"}
    gone = {"regionCode": None, "location": "EU (Ireland)"}
    sold = [
        replace(PLAIN, **then, region="eu-west-1", attributes={**GENERAL, **gone}),
        Sold("TimedStorage-SIA-ByteHrs", flat("0.0125"), "eu-west-1", attributes=dict(gone), **then),
        Sold("TimedStorage-GlacierByteHrs", flat("0.004"), "eu-west-1", attributes=dict(gone), **then),
        Sold("Requests-Tier3", flat("0.000055"), "eu-west-1", unit="Requests", attributes=dict(gone), **then),
        egress((("0", "1", "0"), ("1", "10240", "0.09"), ("10240", "Inf", "0.085")), region="eu-west-1", **then),
    ]
    reading = read(form(*sold, version="20180404165311", published="2018-04-04T16:53:11Z"))
    assert set(reading.price_book.regions["eu-west-1"]) == {"StandardStorage", "StandardIAStorage", "GlacierStorage"}
    assert charge(reading, "Requests-Tier3", "eu-west-1") == [(None, "0.000055")]
    egress_tiers = charge(reading, "DataTransfer-Out-Bytes", "eu-west-1")
    assert egress_tiers == [("1", "0"), ("10240", "0.09"), (None, "0.085")]
    assert (str(reading.price_book.published), reading.skips.lost) == ("2018-04-04", 0)


def test_an_imported_price_book_is_a_price_file() -> None:
    price_book = read(bulk(*complete("us-east-1"), egress(flat("0.09")))).price_book
    again = decode_price_book(encode_price_book(price_book), "again.json")
    assert (again.regions, again.charges, again.sources) == (price_book.regions, price_book.charges, price_book.sources)
    assert encode_price_book(again) == encode_price_book(price_book)
    assert b"E-" not in encode_price_book(price_book)
    assert encode_price_book(price_book).startswith(b'{\n  "format": 3,\n  "currency": "USD",\n')
