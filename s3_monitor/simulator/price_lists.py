"""Price lists as AWS publishes them, with the irregularities of real ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from s3_monitor.money.storage_types import pools
from s3_monitor.simulator.accounts import DEFAULT_REGIONS

Offer = Mapping[str, Any]  # a bulk offer file, decoded
Tiers = Sequence[tuple[str, str]]  # (end of the tier or Inf, USD), from the first unit on
# Region → usage type without its prefix, with :operation if the price depends on it → tiers.
Prices = Mapping[str, Mapping[str, Tiers]]
Lists = Mapping[tuple[str, str, str], Tiers]  # by region, usage type without its prefix, and operation
SERVICES = {
    "AmazonS3": "Amazon Simple Storage Service",
    "AmazonS3GlacierDeepArchive": "Amazon S3 Glacier Deep Archive",
    "AWSDataTransfer": "AWS Data Transfer",
}
# AWS: billing codes, and the names that price lists have for the Regions
_PLACES = {
    "us-east-1": ("", "US East (N. Virginia)"),
    "us-east-2": ("USE2-", "US East (Ohio)"),
    "us-west-1": ("USW1-", "US West (N. California)"),
    "us-west-2": ("USW2-", "US West (Oregon)"),
    "ca-central-1": ("CAN1-", "Canada (Central)"),
    "sa-east-1": ("SAE1-", "South America (Sao Paulo)"),
    "eu-central-1": ("EUC1-", "EU (Frankfurt)"),
    "eu-north-1": ("EUN1-", "EU (Stockholm)"),
    "eu-west-1": ("EU-", "EU (Ireland)"),
    "eu-west-2": ("EUW2-", "EU (London)"),
    "eu-west-3": ("EUW3-", "EU (Paris)"),
    "ap-northeast-1": ("APN1-", "Asia Pacific (Tokyo)"),
    "ap-northeast-2": ("APN2-", "Asia Pacific (Seoul)"),
    "ap-northeast-3": ("APN3-", "Asia Pacific (Osaka)"),
    "ap-south-1": ("APS3-", "Asia Pacific (Mumbai)"),
    "ap-southeast-1": ("APS1-", "Asia Pacific (Singapore)"),
    "ap-southeast-2": ("APS2-", "Asia Pacific (Sydney)"),
}
# AWS's prices of us-east-1 in 2026, USD: usage type, operation, unit, the tiers' (end, price), facts
_STANDARD = (("51200", "0.023"), ("512000", "0.022"), ("Inf", "0.021"))
_SOLD: tuple[tuple[str, str, str, tuple[tuple[str, str], ...], dict[str, str]], ...] = (
    ("TimedStorage-ByteHrs", "", "GB-Mo", _STANDARD, {"storageClass": "General Purpose", "volumeType": "Standard"}),
    ("TimedStorage-INT-FA-ByteHrs", "", "GB-Mo", _STANDARD, {"volumeType": "Intelligent-Tiering Frequent Access"}),
    ("TimedStorage-INT-IA-ByteHrs", "", "GB-Mo", (("Inf", "0.0125"),), {}),
    ("TimedStorage-INT-AIA-ByteHrs", "", "GB-Mo", (("Inf", "0.004"),), {}),
    (
        "TimedStorage-INT-AA-ByteHrs",
        "",
        "GB-Mo",
        (("Inf", "0.0036"),),
        {"volumeType": "IntelligentTieringArchiveAccess"},
    ),
    ("TimedStorage-INT-DAA-ByteHrs", "", "GB-Mo", (("Inf", "0.00099"),), {}),
    ("TimedStorage-SIA-ByteHrs", "", "GB-Mo", (("Inf", "0.0125"),), {"volumeType": "Standard - Infrequent Access"}),
    ("TimedStorage-ZIA-ByteHrs", "", "GB-Mo", (("Inf", "0.01"),), {"volumeType": "One Zone - Infrequent Access"}),
    ("TimedStorage-RRS-ByteHrs", "", "GB-Mo", (("1024", "0.024"), ("Inf", "0.0236")), {}),
    ("TimedStorage-GIR-ByteHrs", "", "GB-Mo", (("Inf", "0.004"),), {"volumeType": "Glacier Instant Retrieval"}),
    ("TimedStorage-GlacierByteHrs", "", "GB-Mo", (("Inf", "0.0036"),), {"volumeType": "Amazon Glacier"}),
    ("TimedStorage-XZ-ByteHrs", "", "GB-Mo", (("Inf", "0.11"),), {"volumeType": "Express One Zone"}),
    # what must not be taken for one of those above
    ("TimedStorage-GDA-Staging", "", "GB-Mo", (("Inf", "0.021"),), {"volumeType": "Glacier Deep Archive"}),
    ("TimedStorage-ByteHrs", "INTAAS3ObjectOverhead", "GB-Mo", (("Inf", "0.021"),), {}),
    ("Tables-TimedStorage-ByteHrs", "", "GB-Mo", (("Inf", "0.0265"),), {}),
    ("Vectors-TimedStorage-ByteHrs", "", "GB-Mo", (("Inf", "0.06"),), {}),
    ("TagStorage-TagHrs", "", "Tag-Mo", (("Inf", "0.00000065"),), {}),
    ("Requests-Tier1", "", "Requests", (("Inf", "0.000005"),), {"group": "S3-API-Tier1"}),
    ("Requests-Tier2", "", "Requests", (("Inf", "0.0000004"),), {"group": "S3-API-Tier2"}),
    ("Requests-SIA-Tier1", "", "Requests", (("Inf", "0.00001"),), {}),
    ("Requests-SIA-Tier2", "", "Requests", (("Inf", "0.000001"),), {}),
    ("Requests-GDA-Tier2", "", "Requests", (("Inf", "0.0000004"),), {}),
    ("Requests-Tier3", "RestoreObject", "Requests", (("Inf", "0.00005"),), {}),
    ("Requests-Tier3", "S3-GlacierTransition", "Requests", (("Inf", "0.00003"),), {}),
    ("Retrieval-SIA", "", "GB", (("Inf", "0.01"),), {}),
    ("Standard-Retrieval-Bytes", "RestoreObject", "GB", (("Inf", "0.01"),), {}),
    ("Monitoring-Automation-INT", "", "Objects", (("Inf", "0.0000025"),), {}),
)
_DEEP = (("TimedStorage-GDA-ByteHrs", "", "GB-Mo", (("Inf", "0.00099"),), {"storageClass": "Archive"}),)
_OTHER_POOLS = tuple(
    (usage_type, "", "GB-Mo", (("Inf", "0.01"),), dict[str, str]())
    for usage_type in pools().keys() - {usage_type for usage_type, *_ in (*_SOLD, *_DEEP)}
)
_EGRESS = (("10240", "0.09"), ("51200", "0.085"), ("153600", "0.07"), ("Inf", "0.05"))


def make_offers(
    published: date,
    regions: Iterable[str] = DEFAULT_REGIONS,
    factor: str = "1",
    *,
    without: Iterable[str] = (),
    prices: Prices = MappingProxyType({}),
) -> list[Offer]:
    """Return the price lists of the three services of one day: ``prices``, otherwise of us-east-1, times a factor.

    ``without``: usage types, prefix and all, that the lists lack.
    """
    scale, left_out = Decimal(factor), frozenset(without)
    by_region = {region: prices.get(region, {}) for region in regions}
    return [
        _offer(service, published, [one for one in sold if one["product"]["attributes"]["usagetype"] not in left_out])
        for service, sold in (
            ("AmazonS3", _storage(by_region, scale, "AmazonS3", (*_SOLD, *sorted(_OTHER_POOLS)))),
            ("AmazonS3GlacierDeepArchive", _storage(by_region, scale, "AmazonS3GlacierDeepArchive", _DEEP)),
            ("AWSDataTransfer", _transfer(by_region, scale)),
        )
    ]


def newest_tiers(offers: Iterable[Offer]) -> Lists:
    """Return the newest tiers of each product."""
    found: dict[tuple[str, str, str], Tiers] = {}
    for offer in sorted(offers, key=lambda offer: str(offer["version"])):
        for sku, product in offer["products"].items():
            (term,) = offer["terms"]["OnDemand"][sku].values()
            sold = sorted(term["priceDimensions"].values(), key=lambda one: Decimal(one["beginRange"]))
            region, facts = region_of(product), product["attributes"]
            key = region, facts["usagetype"].removeprefix(prefix_of(region)), facts["operation"]
            found[key] = [(one["endRange"], one["pricePerUnit"]["USD"]) for one in sold]
    return found


def prefix_of(region: str) -> str:
    """Return the prefix of usage types of a region; empty for us-east-1."""
    return _PLACES[region][0]


def document(offer: Offer, sku: str) -> dict[str, Any]:
    """Return a product in the format of GetProducts."""
    return {
        "product": offer["products"][sku],
        "serviceCode": offer["offerCode"],
        "terms": {"OnDemand": offer["terms"]["OnDemand"].get(sku, {})},
        "version": offer["version"],
        "publicationDate": offer["publicationDate"],
    }


def region_of(product: Mapping[str, Any]) -> str:
    """Return the Region whose file has a product."""
    attributes = product["attributes"]
    named = attributes.get("regionCode") or attributes.get("fromRegionCode")
    location = attributes.get("location") or attributes.get("fromLocation")
    return named or next((region for region, (_, name) in _PLACES.items() if name == location), "")


def _offer(service: str, published: date, sold: Iterable[dict[str, Any]]) -> Offer:
    listed = list(sold)
    return {
        "formatVersion": "v1.0",
        "disclaimer": "Simulated prices.",
        "offerCode": service,
        "version": f"{published:%Y%m%d}131000",
        "publicationDate": f"{published}T13:10:00Z",
        "products": {one["product"]["sku"]: one["product"] for one in listed},
        "terms": {"OnDemand": {one["product"]["sku"]: one["terms"] for one in listed}},
    }


def _storage(prices: Prices, factor: Decimal, service: str, sold: Any) -> Iterator[dict[str, Any]]:
    for region, of_region in prices.items():
        prefix, location = _PLACES[region]
        for place, (usage, operation, unit, tiers, facts) in enumerate(sold):
            attributes = {
                "servicecode": service,
                "location": location,
                "locationType": "AWS Region",
                "regionCode": region,
                "usagetype": prefix + usage,
                "operation": operation,
                "servicename": SERVICES[service],
                **facts,
            }
            own = of_region.get(f"{usage}:{operation}" if operation else usage, tiers)
            yield _sold(f"{service}{region}{place}", attributes, unit, own, factor)


def _transfer(prices: Prices, factor: Decimal) -> Iterator[dict[str, Any]]:
    for region, of_region in prices.items():
        prefix, location = _PLACES[region]
        attributes = {
            "servicecode": "AWSDataTransfer",
            "fromLocation": location,
            "fromLocationType": "AWS Region",
            "toLocation": "External",
            "toLocationType": "Other",
            "transferType": "AWS Outbound",
            "usagetype": f"{prefix}DataTransfer-Out-Bytes",
            "operation": "",
        }
        tiers = of_region.get("DataTransfer-Out-Bytes", _EGRESS)
        yield _sold(f"transfer{region}", attributes, "GB", tiers, factor)


def _sold(name: str, attributes: dict[str, str], unit: str, tiers: Tiers, factor: Decimal) -> dict[str, Any]:
    sku = name.upper().replace("-", "")
    code = f"{sku}.JRTCKXETXF"
    begins = ["0", *(end for end, _ in tiers)]
    dimensions = {
        f"{code}.{end:0>10}": {
            "rateCode": f"{code}.{end:0>10}",
            "description": f"simulated, up to {end}",
            "beginRange": begin,
            "endRange": end,
            "unit": unit,
            "pricePerUnit": {"USD": f"{Decimal(price) * factor:.12f}"},
            "appliesTo": [],
        }
        for begin, (end, price) in zip(begins, tiers, strict=False)
    }
    term = {
        "offerTermCode": "JRTCKXETXF",
        "sku": sku,
        "effectiveDate": "2020-01-01T00:00:00Z",
        "priceDimensions": dict(reversed(dimensions.items())),  # AWS: in arbitrary order
        "termAttributes": {},
    }
    return {"product": {"sku": sku, "attributes": attributes}, "terms": {code: term}}
