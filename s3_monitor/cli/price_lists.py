"""AWS's price lists for `prices read`, `refresh` and `check`: from the Price List Query API, files or URLs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s3_monitor.model.files import read_bytes
from s3_monitor.model.safe_text import public_url
from s3_monitor.money.price_list import (
    ADVICE,
    DEEP_ARCHIVE,
    STORAGE,
    TRANSFER,
    InvalidEntry,
    PriceListVersion,
    Product,
    parse_date,
)
from s3_monitor.money.price_list_files import read_price_list, read_versions
from s3_monitor.money.price_list_json import read_documents
from s3_monitor.money.usage_types import BUCKETS

if TYPE_CHECKING:
    from s3_monitor.aws.session import Connection

_CONCURRENT_REGIONS = 4
Entries = Iterable[Product | InvalidEntry]


def read_sources(sources: Sequence[str]) -> Iterator[Entries]:
    """Yield the entries of each file or URL. One source is in memory at a time."""
    for source in sources:
        yield read_price_list(fetch_source(source), public_url(source))


def fetch_source(source: str) -> bytes:
    """Return the content of a file or URL. Raises InvalidFileError, UserError, or AwsError if a server fails."""
    if "://" not in source:
        return read_bytes(Path(source), ADVICE)
    from s3_monitor.aws.download import download

    return download(source)


def query_price_lists(profile: str | None, regions: Sequence[str]) -> Iterator[Entries]:
    """Yield the entries of these regions from AWS's Query API. Raises AwsError."""
    connection, endpoint = _connect(profile)

    def query_region(region: str) -> list[Product | InvalidEntry]:
        return list(_query_region(connection, endpoint, region))

    with ThreadPoolExecutor(_CONCURRENT_REGIONS) as pool:
        yield from pool.map(query_region, regions)
    yield _query_products(connection, endpoint, STORAGE, {"usagetype": BUCKETS})


def _query_region(connection: Connection, endpoint: str, region: str) -> Iterator[Product | InvalidEntry]:
    """Yield the entries of a region.

    AWS: data transfer is listed by location name. The products of S3 have both this name and the region code.
    """
    locations: Counter[str] = Counter()
    for service in (STORAGE, DEEP_ARCHIVE):
        for entry in _query_products(connection, endpoint, service, {"regionCode": region}):
            if isinstance(entry, Product) and entry.location:
                locations[entry.location] += 1
            yield entry
    if locations:
        location = max(sorted(locations), key=lambda name: locations[name])
        attributes = {"fromLocation": location, "toLocation": "External", "transferType": "AWS Outbound"}
        yield from _query_products(connection, endpoint, TRANSFER, attributes)


def _query_products(connection: Connection, endpoint: str, service: str, attributes: dict[str, str]) -> Entries:
    from s3_monitor.aws.pricing import products

    return read_documents(products(connection, endpoint, service, attributes), f"GetProducts of {service}")


def published_versions(
    profile: str | None, sources: Sequence[str], services: Sequence[str], currency: str, now: datetime
) -> list[PriceListVersion]:
    """Return the newest published list of each service: from the sources, or without any from AWS's API."""
    if sources:
        return [version for source in sources for version in read_versions(fetch_source(source), public_url(source))]
    from s3_monitor.aws.pricing import newest_version

    connection, endpoint = _connect(profile)
    versions = []
    for service in services:
        name = newest_version(connection, endpoint, service, now, currency)
        if name is not None and (published := parse_date(name)) is not None:
            versions.append(PriceListVersion(service, name, published))
    return versions


def _connect(profile: str | None) -> tuple[Connection, str]:
    """Return a connection, and the region of its price list endpoint."""
    from s3_monitor.aws.pricing import endpoint_region
    from s3_monitor.aws.session import Connection
    from s3_monitor.model.plan import Access

    connection = Connection(Access(profile=profile))
    return connection, endpoint_region(connection.partition, connection.home_region)
