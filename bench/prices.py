"""How fast a price list of AWS's full size is read, and how much memory that takes.

python3 bench/prices.py make FILE [--megabytes N]     a bulk file of AmazonS3, as JSON, or as CSV by FILE's name
python3 bench/prices.py read FILE                     `prices read`: seconds and the peak of resident memory
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_STORAGE = ("", "INT-FA-", "INT-IA-", "INT-AIA-", "INT-AA-", "INT-DAA-", "SIA-", "ZIA-", "RRS-", "GIR-", "XZ-")
_TIERS = (("0", "51200", "0.0230000000"), ("51200", "512000", "0.0220000000"), ("512000", "Inf", "0.0210000000"))
_OFFER = {"formatVersion": "v1.0", "offerCode": "AmazonS3", "version": "20260728131000"}
_PUBLISHED = "2026-07-28T13:10:00Z"


def _products(number: int) -> Iterator[tuple[str, dict[str, str], tuple[tuple[str, str, str], ...]]]:
    """(sku, attributes, tiers): by region the storage and requests that a matrix has, and many usage types besides."""
    for place in range(number):
        region = f"xx-bench-{place // 400 + 1}"
        usage, tiers = _usage(place % 400)
        attributes = {
            "servicecode": "AmazonS3",
            "location": f"Bench ({region})",
            "locationType": "AWS Region",
            "availability": "99.99%",
            "storageClass": "General Purpose" if usage == "TimedStorage-ByteHrs" else "Infrequent Access",
            "volumeType": "Standard" if usage == "TimedStorage-ByteHrs" else "Standard - Infrequent Access",
            "usagetype": f"XXB{place // 400 + 1}-{usage}",
            "operation": "",
            "durability": "99.999999999%",
            "regionCode": region,
            "servicename": "Amazon Simple Storage Service",
        }
        yield f"{place:016X}", attributes, tiers


def _usage(place: int) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    if place < len(_STORAGE):
        return f"TimedStorage-{_STORAGE[place]}ByteHrs", _TIERS if place < 2 else (("0", "Inf", "0.0125000000"),)
    return (f"Requests-Tier{place % 9}" if place < 20 else f"Some-Other-Usage-{place}"), (("0", "Inf", "0.0000050000"),)


def _dimensions(sku: str, tiers: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    return {
        f"{sku}.JRTCKXETXF.{place:010}": {
            "rateCode": f"{sku}.JRTCKXETXF.{place:010}",
            "description": "$0.0125 per GB-Month of storage used in Standard-Infrequent Access",
            "beginRange": begin,
            "endRange": end,
            "unit": "GB-Mo",
            "pricePerUnit": {"USD": price},
            "appliesTo": [],
        }
        for place, (begin, end, price) in enumerate(tiers)
    }


def make(path: Path, megabytes: int) -> None:
    (_make_csv if path.suffix == ".csv" else _make_json)(path, megabytes)
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")


def _make_json(path: Path, megabytes: int) -> None:
    products, terms, each = {}, {}, 1300  # bytes a product takes, as AWS indents it
    for sku, attributes, tiers in _products(megabytes * 2**20 // each):
        products[sku] = {"sku": sku, "attributes": attributes}
        term = {"offerTermCode": "JRTCKXETXF", "sku": sku, "effectiveDate": "2026-07-01T00:00:00Z"}
        terms[sku] = {f"{sku}.JRTCKXETXF": {**term, "priceDimensions": _dimensions(sku, tiers), "termAttributes": {}}}
    offer = {**_OFFER, "publicationDate": _PUBLISHED, "products": products, "terms": {"OnDemand": terms}}
    path.write_text(json.dumps(offer, indent=2))


def _make_csv(path: Path, megabytes: int) -> None:
    names = ["SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange"]
    names += ["EndingRange", "Unit", "PricePerUnit", "Currency", "serviceCode", "Location", "Location Type"]
    names += ["Storage Class", "Volume Type", "usageType", "operation", "Region Code", "serviceName"]
    each = 386  # bytes a row takes
    with path.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([["FormatVersion", "v1.0"], ["Disclaimer", "…"], ["Publication Date", _PUBLISHED]])
        writer.writerows([["Version", _OFFER["version"]], ["OfferCode", _OFFER["offerCode"]], names])
        for sku, about, tiers in _products(megabytes * 2**20 // each):
            for rate, one in _dimensions(sku, tiers).items():
                money = [one["beginRange"], one["endRange"], one["unit"], one["pricePerUnit"]["USD"], "USD"]
                place = [about["servicecode"], about["location"], about["locationType"]]
                kind = [about["storageClass"], about["volumeType"], about["usagetype"], "", about["regionCode"]]
                row = [sku, "JRTCKXETXF", rate, "OnDemand", one["description"], "2026-07-01"]
                writer.writerow([*row, *money, *place, *kind, about["servicename"]])


def read(path: Path) -> None:
    import resource

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "s3_monitor", "prices", "read", str(path), "-o", f"{folder}/prices.json", "-q"]
        began = time.perf_counter()
        status = subprocess.run(command, check=False).returncode
        wall = time.perf_counter() - began
        matrix = json.loads(Path(f"{folder}/prices.json").read_bytes())
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"status {status}, {len(matrix['regions'])} regions, {wall:.2f} s, {used.ru_maxrss / 1024:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["make", "read"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--megabytes", type=int, default=60)
    options = parser.parse_args()
    if options.verb == "make":
        make(options.file, options.megabytes)
    else:
        read(options.file)


if __name__ == "__main__":
    main()
