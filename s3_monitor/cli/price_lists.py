"""AWS's price lists for `prices refresh` and `prices check`: by the Query API, from files or by URL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from s3_monitor.model.files import read_bytes
from s3_monitor.model.safe_text import public_url
from s3_monitor.money.price_list import (
    DEEP_ARCHIVE,
    STORAGE,
    TRANSFER,
    InvalidEntry,
    PriceListVersion,
    Product,
    parse_date,
)
from s3_monitor.money.price_list_files import read_price_list, read_versions
from s3_monitor.money.price_list_json import ADVICE, read_documents
from s3_monitor.money.usage_types import BUCKETS

if TYPE_CHECKING:
    from s3_monitor.aws.session import Connection

_AT_ONCE = 4  # regions
Entries = Iterable[Product | InvalidEntry]


def read_sources(sources: Sequence[str]) -> Iterator[Entries]:
    """The products of files and URLs, one in memory at a time."""
    for source in sources:
        yield read_price_list(fetch_source(source), public_url(source))


def fetch_source(source: str) -> bytes:
    """BadFile or UserError where it cannot be had; AwsFailure where a server did not give it."""
    if "://" not in source:
        return read_bytes(Path(source), ADVICE)
    from s3_monitor.aws.download import download

    return download(source)


def query_price_lists(profile: str | None, regions: Sequence[str]) -> Iterator[Entries]:
    """The products that AWS's Query API names for these regions. AwsFailure."""
    connection, endpoint = _connect(profile)

    def of_region(region: str) -> list[Product | InvalidEntry]:
        return list(_of_region(connection, endpoint, region))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(of_region, regions)
    yield _products(connection, endpoint, STORAGE, {"usagetype": BUCKETS})


def _of_region(connection: Connection, endpoint: str, region: str) -> Iterator[Product | InvalidEntry]:
    """AWS: transfer is listed by the name of the location, which S3's products have beside the code."""
    locations: dict[str, int] = {}
    for service in (STORAGE, DEEP_ARCHIVE):
        for one in _products(connection, endpoint, service, {"regionCode": region}):
            if isinstance(one, Product) and one.location:
                locations[one.location] = locations.get(one.location, 0) + 1
            yield one
    if locations:
        location = max(sorted(locations), key=lambda name: locations[name])
        wanted = {"fromLocation": location, "toLocation": "External", "transferType": "AWS Outbound"}
        yield from _products(connection, endpoint, TRANSFER, wanted)


def _products(connection: Connection, endpoint: str, service: str, wanted: dict[str, str]) -> Entries:
    from s3_monitor.aws.pricing import products

    return read_documents(products(connection, endpoint, service, wanted), f"GetProducts of {service}")


def published_versions(
    profile: str | None, sources: Sequence[str], services: Sequence[str], currency: str, now: datetime
) -> list[PriceListVersion]:
    """The newest lists of these services: as the sources say, or as AWS's API says."""
    if sources:
        return [issue for source in sources for issue in read_versions(fetch_source(source), public_url(source))]
    from s3_monitor.aws.pricing import newest_version

    connection, endpoint = _connect(profile)
    found = []
    for service in services:
        version = newest_version(connection, endpoint, service, now, currency)
        if version is not None and (date := parse_date(version)) is not None:
            found.append(PriceListVersion(service, version, date))
    return found


def _connect(profile: str | None) -> tuple[Connection, str]:
    from s3_monitor.aws.pricing import endpoint_region
    from s3_monitor.aws.session import Connection
    from s3_monitor.model.plan import Access

    connection = Connection(Access(profile=profile))
    return connection, endpoint_region(connection.partition, connection.home_region)
