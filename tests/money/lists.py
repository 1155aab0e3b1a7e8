"""Small price lists in every format that AWS publishes, built from short product descriptions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from s3_monitor.money.price_list_files import read_price_list
from s3_monitor.money.price_list_import import ImportedPrices, import_price_lists

VERSION, PUBLISHED = "20260728131000", "2026-07-28T13:10:00Z"
NAMES = {
    "us-east-1": ("US East (N. Virginia)", ""),
    "eu-west-1": ("Europe (Ireland)", "EU-"),
    "us-west-2": ("US West (Oregon)", "USW2-"),
    "ap-southeast-2": ("Asia Pacific (Sydney)", "APS2-"),
}
Prices = tuple[tuple[str, str, str], ...]  # (begin, end, price), in any order
STANDARD: Prices = (("0", "51200", "0.0230000000"), ("51200", "512000", "0.022"), ("512000", "Inf", "0.021"))


def flat(price: str) -> Prices:
    return (("0", "Inf", price),)


@dataclass(frozen=True)
class Sold:
    """A product and the terms it is sold at. ``usage`` without the region's prefix, unless ``prefix`` is given."""

    usage: str
    prices: Prices
    region: str = "us-east-1"
    service: str = "AmazonS3"
    operation: str = ""
    unit: str = "GB-Mo"
    prefix: str | None = None
    currency: str = "USD"
    effective: str = "2026-07-01T00:00:00Z"
    more: tuple[tuple[str, Prices], ...] = ()  # further terms: (effective date, prices)
    attributes: dict[str, str | None] = field(default_factory=dict)  # None takes one away

    @property
    def sku(self) -> str:
        about = (self.usage, self.region, self.operation, self.effective, *sorted(map(str, self.attributes.items())))
        return f"{abs(hash((about, self.prices, self.prefix, self.service))):016X}"[:16]

    def facts(self) -> dict[str, str]:
        location, prefix = NAMES.get(self.region, (self.region, ""))
        usage = (prefix if self.prefix is None else self.prefix) + self.usage
        facts: dict[str, str | None] = {
            "servicecode": self.service,
            "location": location,
            "locationType": "AWS Region",
            "regionCode": self.region,
            "usagetype": usage,
            "operation": self.operation,
            **self.attributes,
        }
        return {name: value for name, value in facts.items() if value is not None}

    def terms(self) -> dict[str, Any]:
        found = {}
        for number, (effective, prices) in enumerate(((self.effective, self.prices), *self.more)):
            code = f"{self.sku}.JRTCKXETX{number}"
            found[code] = {
                "offerTermCode": f"JRTCKXETX{number}",
                "sku": self.sku,
                "effectiveDate": effective,
                "priceDimensions": {
                    f"{code}.{place:010}": {
                        "rateCode": f"{code}.{place:010}",
                        "description": "described by AWS",
                        "beginRange": begin,
                        "endRange": end,
                        "unit": self.unit,
                        "pricePerUnit": {self.currency: price},
                        "appliesTo": [],
                    }
                    for place, (begin, end, price) in enumerate(prices)
                },
                "termAttributes": {},
            }
        return found


GENERAL: dict[str, str | None] = {"storageClass": "General Purpose", "volumeType": "Standard"}
PLAIN = Sold("TimedStorage-ByteHrs", STANDARD, attributes=GENERAL)
THREE = [("51200", "0.023"), ("512000", "0.022"), (None, "0.021")]  # the tiers of PLAIN, as read


def egress(*prices: Prices, region: str = "us-east-1", **changes: Any) -> Sold:
    """Transfer out to the internet in AWSDataTransfer, which has no region codes."""
    location, prefix = NAMES[region]
    facts = {
        "location": None,
        "locationType": None,
        "regionCode": None,
        "fromLocation": location,
        "fromLocationType": "AWS Region",
        "toLocation": "External",
        "toLocationType": "Other",
        "transferType": "AWS Outbound",
    }
    facts |= changes.pop("attributes", {})
    usage = changes.pop("usage", "DataTransfer-Out-Bytes")
    service = changes.pop("service", "AWSDataTransfer")
    return Sold(usage, prices[0], region, service, unit="GB", prefix=prefix, attributes=facts, **changes)


def bulk(*sold: Sold, offer: str = "AmazonS3", version: str = VERSION, published: str = PUBLISHED) -> bytes:
    """Return a price list file as JSON."""
    return json.dumps(
        {
            "formatVersion": "v1.0",
            "disclaimer": "This pricing list is for informational purposes only.",
            "offerCode": offer,
            "version": version,
            "publicationDate": published,
            "products": {one.sku: {"sku": one.sku, "attributes": one.facts()} for one in sold},
            "terms": {"OnDemand": {one.sku: one.terms() for one in sold}},
        }
    ).encode()


def documents(*sold: Sold, version: str = VERSION, published: str = PUBLISHED) -> bytes:
    """Return a response of GetProducts: JSON in JSON."""
    rows = [
        {
            "product": {"sku": one.sku, "productFamily": "whatever", "attributes": one.facts()},
            "serviceCode": one.service,
            "terms": {"OnDemand": one.terms()},
            "version": version,
            "publicationDate": published,
        }
        for one in sold
    ]
    return json.dumps({"FormatVersion": "aws_v1", "PriceList": [json.dumps(row) for row in rows]}).encode()


COLUMNS = {
    "SKU": "sku", "OfferTermCode": "", "RateCode": "", "TermType": "", "PriceDescription": "", "EffectiveDate": "",
    "StartingRange": "", "EndingRange": "", "Unit": "", "PricePerUnit": "", "Currency": "", "Product Family": "",
    "serviceCode": "servicecode", "Location": "location", "Location Type": "locationType",
    "Storage Class": "storageClass", "Volume Type": "volumeType", "Transfer Type": "transferType",
    "From Location": "fromLocation", "From Location Type": "fromLocationType", "To Location": "toLocation",
    "To Location Type": "toLocationType", "usageType": "usagetype", "operation": "operation",
    "Region Code": "regionCode",
}  # fmt: skip


def as_csv(*sold: Sold, offer: str = "AmazonS3", version: str = VERSION, published: str = PUBLISHED) -> bytes:
    """Return a price list file as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["FormatVersion", "v1.0"])
    writer.writerow(["Disclaimer", "This pricing list is for informational purposes only, and so on."])
    writer.writerow(["Publication Date", published])
    writer.writerow(["Version", version])
    writer.writerow(["OfferCode", offer])
    writer.writerow(COLUMNS)
    for one in sold:
        facts = one.facts()
        for code, term in one.terms().items():
            for dimension in term["priceDimensions"].values():
                ((currency, price),) = dimension["pricePerUnit"].items()
                own = {
                    "SKU": one.sku,
                    "OfferTermCode": code.partition(".")[2],
                    "RateCode": dimension["rateCode"],
                    "TermType": "OnDemand",
                    "PriceDescription": 'described, by "AWS"',
                    "EffectiveDate": term["effectiveDate"][:10],
                    "StartingRange": dimension["beginRange"],
                    "EndingRange": dimension["endRange"],
                    "Unit": dimension["unit"],
                    "PricePerUnit": price,
                    "Currency": currency,
                }
                writer.writerow([own.get(name, facts.get(fact, "")) for name, fact in COLUMNS.items()])
    return text.getvalue().encode()


Form = Callable[..., bytes]
FORMS: dict[str, Form] = {"bulk": bulk, "GetProducts": documents, "CSV": as_csv}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def read(*contents: bytes, regions: Iterable[str] = ()) -> ImportedPrices:
    lists = [read_price_list(content, f"list-{place}") for place, content in enumerate(contents)]
    return import_price_lists(lists, tuple(regions))


def tiers(reading: ImportedPrices, pool: str, region: str = "us-east-1") -> list[tuple[str | None, str]] | None:
    price = reading.price_book.pool(region, pool)
    if price is None:
        return None
    return [(None if tier.upto is None else str(tier.upto), str(tier.price)) for tier in price.tiers]


def charge(reading: ImportedPrices, name: str, region: str = "us-east-1") -> list[tuple[str | None, str]] | None:
    price = reading.price_book.charges.get(region, {}).get(name)
    if price is None:
        return None
    return [(None if tier.upto is None else str(tier.upto), f"{tier.price:f}") for tier in price.tiers]


def left(reading: ImportedPrices) -> dict[str, int]:
    """Return the number of skipped entries by reason."""
    return {str(reason): counter.total() for reason, counter in reading.skips.entries.items()}


def complete(region: str = "us-east-1", factor: str = "1", *, express: bool = True) -> list[Sold]:
    """Return every pool, two kinds of requests and egress of a region, at the prices of us-east-1 times a factor."""
    from decimal import Decimal

    def times(prices: Prices) -> Prices:
        return tuple((begin, end, str(Decimal(price) * Decimal(factor))) for begin, end, price in prices)

    general = {"storageClass": "General Purpose", "volumeType": "Standard"}
    sold = [
        Sold("TimedStorage-ByteHrs", STANDARD, attributes=general),
        Sold("TimedStorage-INT-FA-ByteHrs", STANDARD),
        Sold("TimedStorage-INT-IA-ByteHrs", flat("0.0125")),
        Sold("TimedStorage-INT-AIA-ByteHrs", flat("0.004")),
        Sold("TimedStorage-INT-AA-ByteHrs", flat("0.0036")),
        Sold("TimedStorage-INT-DAA-ByteHrs", flat("0.00099")),
        Sold("TimedStorage-SIA-ByteHrs", flat("0.0125")),
        Sold("TimedStorage-ZIA-ByteHrs", flat("0.01")),
        Sold("TimedStorage-RRS-ByteHrs", flat("0.024")),
        Sold("TimedStorage-GIR-ByteHrs", flat("0.004")),
        Sold("TimedStorage-GlacierByteHrs", flat("0.0036")),
        Sold("TimedStorage-GDA-ByteHrs", flat("0.00099"), service="AmazonS3GlacierDeepArchive"),
        Sold("Requests-Tier1", flat("0.000005"), unit="Requests"),
        Sold("Requests-Tier2", flat("0.0000004"), unit="Requests"),
    ]
    if express:
        sold.append(Sold("TimedStorage-XZ-ByteHrs", flat("0.11")))
        sold.append(Sold("Requests-XZ-Tier1", flat("0.00000113"), unit="Requests"))
    return [replace(one, region=region, prices=times(one.prices)) for one in sold]
