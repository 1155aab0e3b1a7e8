"""A shard collected from the simulated account over real HTTP, by real clients with short timeouts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader

from s3_monitor.aws import fast_parsers, response_checks, retries
from s3_monitor.aws.account import AwsAccount
from s3_monitor.aws.api_calls import report_requests
from s3_monitor.aws.rate_limiter import RateLimits
from s3_monitor.aws.session import caller_identity
from s3_monitor.collect.shard import collect_shard
from s3_monitor.model.identity import Identity
from s3_monitor.model.part import CollectedBucket, Part, UnitData
from s3_monitor.model.plan import Access, ListingRule, ObjectsRule, Plan, Quotas, Selection, Shard, Unit
from s3_monitor.model.series import Window

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ACCOUNT = "123456789012"
OFF = ListingRule(mode="off")
AUTO = ListingRule()
_MODELS = create_loader()  # shared, as in Connection: service models are slow to read
UNPACED = Quotas(list_metrics=1e9, get_metric_data=1e9, datapoints=1e12, configurations=1e9)


def read_timeout(action: str) -> float:
    """Return a time limit in seconds that only a response that never comes exceeds, also on a busy machine."""
    return 2.0 if action == "hang" else 60.0


class Clients:
    """Replaces a Connection, with few retries: the default retries would take minutes."""

    def __init__(self, url: str, attempts: int = 1, read_timeout: float = 60.0) -> None:
        self._session = botocore.session.Session()
        self._session.register_component("data_loader", _MODELS)
        for module in (response_checks, fast_parsers, retries):
            module.install(self._session.get_component("event_emitter"))
        self._session.set_credentials("AKIASIMULATED00000001", "simulated-secret-of-nobody")
        self._url = url
        self._config = Config(
            connect_timeout=10,
            read_timeout=read_timeout,
            max_pool_connections=32,
            retries={"mode": "standard", "total_max_attempts": attempts},
        )
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str | None = None) -> Any:
        key = (service, region or "us-east-1")
        with self._lock:
            if key not in self._clients:
                client = self._session.create_client(
                    service, region_name=key[1], endpoint_url=self._url, config=self._config
                )
                self._clients[key] = report_requests(client)
            return self._clients[key]

    def identity(self) -> Identity:
        return caller_identity(self.client("sts"))


def unit(region: str = "us-east-1", **fields: Any) -> Unit:
    """Return a unit that requests all data of a region; the fields override this."""
    settings: dict[str, Any] = {"rest": True, "account": ACCOUNT, "partition": "aws", "access": 0, "weight": 1}
    settings |= fields
    settings.setdefault("id", "/".join([region, *(settings.get("types") or ()), "rest" * settings["rest"]]))
    return Unit(region=region, **settings)


def plan_of(
    units: Sequence[Unit],
    *,
    as_of: datetime = NOW,
    days: int = 4,
    listing: ListingRule = OFF,
    objects: ObjectsRule | None = None,
    details: bool = False,
) -> Plan:
    """Return a plan of one shard. The program `collect` reads the clock: a plan for it needs the present as `as_of`."""
    return Plan(
        tool="0",
        as_of=as_of,
        window=Window(as_of.date() - timedelta(days=days), days + 1),
        selection=Selection(),
        listing=listing,
        objects=objects or ObjectsRule(),
        accesses=(Access(),) * (1 + max(unit.access for unit in units)),
        shards=(Shard("s", "agent", "", 30, tuple(units)),),
        details=details,
    )


def collected(
    url: str,
    *units: Unit,
    days: int = 4,
    listing: ListingRule = OFF,
    objects: ObjectsRule | None = None,
    attempts: int = 1,
    read_timeout: float = 60.0,
    quotas: Quotas = UNPACED,
    stop: threading.Event | None = None,
    log: Callable[[str], None] = lambda line: None,
    details: bool = False,
) -> Part:
    plan = plan_of(units, days=days, listing=listing, objects=objects, details=details)
    clients, paces = Clients(url, attempts, read_timeout), RateLimits(quotas)
    return collect_shard(
        plan,
        "digest",
        plan.shards[0],
        lambda access: AwsAccount(clients, paces),
        now=lambda: NOW,
        stop=stop or threading.Event(),
        log=log,
    )


def facts(part: Part, unit: Unit) -> UnitData:
    return next(facts for facts in part.units if facts.unit == unit.id)


def buckets(part: Part, unit: Unit) -> dict[str, CollectedBucket]:
    return {bucket.name: bucket for bucket in facts(part, unit).buckets}


def sizes(part: Part, bucket: CollectedBucket) -> dict[str, dict[date, float]]:
    """Return {storage type: {day: bytes}}."""
    return {
        part.types[index]: {part.window.day(day): value for day, value in series.points()}
        for index, series in bucket.sizes
    }
