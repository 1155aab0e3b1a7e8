"""Prices in DynamoDB, against two AWS fakes: readers always get one complete version, even if a writer fails."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from s3_monitor.aws.dynamodb import Table
from s3_monitor.aws.session import Connection
from s3_monitor.cli.price_location import open_table
from s3_monitor.cli.price_table import load_prices, read_pointer, store_prices, version_of
from s3_monitor.model.errors import AwsError, InvalidFileError, UserError
from s3_monitor.model.plan import Access
from s3_monitor.money.price_book import PoolPrice, PriceBook, Tier
from tests.e2e import fakes
from tests.e2e.conftest import ROOT, Program
from tests.e2e.proxy import Proxy, run_proxy
from tests.money.lists import bulk, complete, read

REGIONS = ("us-east-1", "eu-west-1", "us-west-2")
PRICES = {"old": "1", "new": "1.1", "newer": "1.2", "wild": "1.3"}
DAYS = {"old": "20260105", "new": "20260528", "newer": "20260728", "wild": "20260901"}
Refresh = Callable[..., Any]


@cache
def offer(name: str) -> bytes:
    day = DAYS[name]
    sold = [one for region in REGIONS for one in complete(region, PRICES[name])]
    return bulk(*sold, version=f"{day}131000", published=f"{day[:4]}-{day[4:6]}-{day[6:]}T13:10:00Z")


@cache
def price_book(name: str) -> PriceBook:
    return read(offer(name)).price_book


FAKES = ("moto", "ministack")


@pytest.fixture(scope="module", params=FAKES)
def fake(request: pytest.FixtureRequest) -> Iterator[str]:
    with fakes.running(request.param) as url:
        yield url


@pytest.fixture
def proxy(fake: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    with run_proxy(fake) as server:
        for name, value in fakes.environment(server.url).items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def empty(proxy: Proxy) -> str:
    """Return a table without prices."""
    name = f"prices-{uuid.uuid4().hex[:12]}"
    assert open_table(name, None).create()
    return name


@pytest.fixture
def table(empty: str) -> str:
    """Create a table with the old prices."""
    assert store_prices(open_table(empty, None), price_book("old"), None, "the test", datetime(2026, 1, 6, tzinfo=UTC))
    return empty


@pytest.fixture
def options(proxy: Proxy, table: str, tmp_path: Path) -> Callable[..., list[str]]:
    """Return the options of a `prices refresh` with one of the lists."""

    def refresh_options(name: str, *more: str) -> list[str]:
        path = tmp_path / f"{name}.json"
        path.write_bytes(offer(name))
        regions = [word for region in REGIONS for word in ("-r", region)]
        return ["prices", "refresh", "--to", f"dynamodb:{table}", "--from", str(path), *regions, *more]

    return refresh_options


@pytest.fixture
def start(proxy: Proxy, options: Callable[..., list[str]]) -> Refresh:
    """Start a refresh, for tests that interfere with it."""

    def run(name: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "s3_monitor", *options(name)],
            env={**fakes.environment(proxy.url), "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


@pytest.fixture
def refresh(proxy: Proxy, options: Callable[..., list[str]], monitor: Program) -> Refresh:
    def run(name: str, *more: str, status: int = 0) -> str:
        done = monitor(*options(name, *more), env=fakes.environment(proxy.url))
        assert done.status == status, done.err
        return done.err

    return run


def same(left: PriceBook, right: PriceBook) -> bool:
    return (left.regions, left.charges, left.sources, left.published, left.currency, left.source) == (
        (right.regions, right.charges, right.sources, right.published, right.currency, right.source)
    )


def held(table: str) -> PriceBook:
    return load_prices(open_table(table, None))


def test_a_table_is_created_once_with_on_demand_billing(monitor: Program, proxy: Proxy) -> None:
    env, table = fakes.environment(proxy.url), f"prices-{uuid.uuid4().hex[:12]}"
    assert "created" in monitor("prices", "table", "create", table, env=env).err
    described = monitor("prices", "table", "describe", table, env=env)
    assert (described.status, "PAY_PER_REQUEST" in described.out, "no prices yet" in described.out) == (0, True, True)
    assert "exists already" in monitor("prices", "table", "create", table, env=env).err
    nowhere = monitor("prices", "show", "--prices", "dynamodb:not-there", env=env)
    assert (nowhere.status, "there is no table not-there in us-east-1" in nowhere.err) == (2, True)
    missing = monitor("prices", "table", "describe", "not-there", env=env)
    assert (missing.status, "prices table create not-there" in missing.err) == (2, True)
    assert monitor("prices", "table", "create", "no/table", env=env).status == 2
    empty = monitor("prices", "show", "--prices", f"dynamodb:{table}", env=env)
    assert (empty.status, "has no prices yet" in empty.err) == (2, True)


def test_stored_prices_are_read_back_unchanged(refresh: Refresh, table: str, proxy: Proxy) -> None:
    assert same(held(table), price_book("old"))
    refresh("new")
    assert same(held(table), price_book("new"))
    proxy.counts.clear()
    some = load_prices(open_table(table, None), ["eu-west-1"])
    assert some.regions == {"eu-west-1": price_book("new").regions["eu-west-1"]}
    assert proxy.counts == {"GetItem": 2, "Query": 1}  # the pointer, the head, the region
    refresh("new")
    assert len(read_pointer(open_table(table, None)).history) == 2  # type: ignore[union-attr]


def test_the_policy_for_prices_allows_exactly_the_requests_to_the_table(
    refresh: Refresh, table: str, fake: str, proxy: Proxy
) -> None:
    refresh("new")
    held(table)
    fakes.client("dynamodb", fake, "us-east-1").delete_item(TableName=table, Key=key("CURRENT", "CURRENT"))
    assert "the pointer to the current version is missing" in refresh("new")
    policy = json.loads((ROOT / "docs" / "iam" / "prices.json").read_text())
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    sent = {f"dynamodb:{operation}" for operation in proxy.counts}
    assert sent == {action for action in allowed if action.startswith("dynamodb:")}


def test_prices_of_a_past_day_can_be_read(refresh: Refresh, monitor: Program, proxy: Proxy, table: str) -> None:
    refresh("new")
    refresh("newer")
    env = fakes.environment(proxy.url)
    for day, price in (("2026-01-05", "0.0125"), ("2026-06-30", "0.01375"), ("2026-12-31", "0.015")):
        said = monitor("prices", "show", "--prices", f"dynamodb:{table}", "--as-of", day, "-r", "us-east-1", env=env)
        assert price in next(line for line in said.out.splitlines() if "StandardIAStorage" in line).split()
        at = monitor("prices", "diff", f"dynamodb:{table}@{day}", f"dynamodb:{table}@2026-06-30", env=env)
        assert (at.out == "") == (day == "2026-06-30")
    early = monitor("prices", "show", "--prices", f"dynamodb:{table}@2025-01-01", env=env)
    assert (early.status, "its oldest list is of 2026-01-05" in early.err) == (2, True)
    described = monitor("prices", "table", "describe", table, env=env).out
    assert [day for day in ("2026-01-05", "2026-05-28", "2026-07-28") if day in described]


@pytest.fixture
def killed(start: Refresh, proxy: Proxy) -> Callable[[str, str, int], None]:
    """Start a refresh and kill it while its Nth request of an operation has no response."""

    def run(name: str, fatal: str, number: int) -> None:
        before, stalled, over = proxy.counts[fatal], threading.Event(), threading.Event()

        def stall(operation: str, body: Any, forward: Callable[[Any], Any]) -> Any:
            if operation != fatal or proxy.counts[fatal] != before + number:
                return forward(body)
            stalled.set()
            over.wait(120)
            return None

        proxy.intercept = stall
        process = start(name)
        assert stalled.wait(120)
        process.kill()
        process.communicate()
        over.set()
        proxy.intercept = lambda operation, body, forward: forward(body)

    return run


def test_a_refresh_killed_while_writing_leaves_the_old_prices_complete(
    killed: Callable[[str, str, int], None], refresh: Refresh, table: str
) -> None:
    killed("new", "BatchWriteItem", 2)
    assert same(held(table), price_book("old"))
    refresh("new")
    assert same(held(table), price_book("new"))


def test_a_refresh_killed_before_it_updates_the_pointer_leaves_the_old_prices_complete(
    killed: Callable[[str, str, int], None], table: str
) -> None:
    killed("new", "PutItem", 1)
    assert same(held(table), price_book("old"))


def test_only_one_of_two_concurrent_refreshes_is_used_and_readers_always_get_complete_prices(
    start: Refresh, table: str, proxy: Proxy
) -> None:
    together = threading.Barrier(2, timeout=120)

    def meet(operation: str, body: Any, forward: Callable[[Any], Any]) -> Any:
        if operation == "PutItem":  # both have written all items, and neither has updated the pointer
            together.wait()
        return forward(body)

    proxy.intercept = meet
    processes = {name: start(name) for name in ("new", "newer")}
    seen: list[PriceBook] = []
    while any(process.poll() is None for process in processes.values()):
        seen.append(held(table))
    errors = {name: process.communicate(timeout=60)[1] for name, process in processes.items()}
    seen.append(held(table))
    known = {version_of(price_book(name)): name for name in PRICES}
    assert all(version_of(one) in known for one in seen)
    winner = known[version_of(seen[-1])]
    statuses = {name: process.returncode for name, process in processes.items()}
    loser = ({"new", "newer"} - {winner}).pop()
    assert statuses == {winner: 0, loser: 1}, errors
    assert "another refresh finished first" in errors[loser]
    assert len(read_pointer(open_table(table, None)).history) == 2  # type: ignore[union-attr]


def test_unprocessed_items_are_sent_again_in_batches_of_at_most_25(refresh: Refresh, table: str, proxy: Proxy) -> None:
    sizes: list[int] = []

    def process_partly(operation: str, body: Any, forward: Callable[[Any], Any]) -> Any:
        """Process nothing of each batch, then half, then all the remaining items: so the pauses stay short."""
        if operation != "BatchWriteItem":
            return forward(body)
        requests = body["RequestItems"][table]
        sizes.append(len(requests))
        if len(sizes) % 3 == 1:
            return 200, {"UnprocessedItems": {table: requests}}
        kept = requests[: len(requests) // 2] if len(sizes) % 3 == 2 else requests
        status, answer = forward({**body, "RequestItems": {table: kept}})
        return status, {**answer, "UnprocessedItems": {table: requests[len(kept) :]} if requests[len(kept) :] else {}}

    proxy.intercept = process_partly
    refresh("new")
    assert max(sizes) <= 25
    assert same(held(table), price_book("new"))


def test_a_table_that_processes_no_item_is_given_up_after_increasing_pauses(table: str, proxy: Proxy) -> None:
    def process_nothing(operation: str, body: Any, forward: Callable[[Any], Any]) -> Any:
        return 200, {"UnprocessedItems": body["RequestItems"]}

    proxy.intercept = process_nothing
    pauses: list[float] = []
    opened = Table(Connection(Access()), table, sleep=pauses.append, jitter=lambda: 1.0)
    with pytest.raises(AwsError) as caught:
        opened.put_all([{"pk": "a", "sk": str(number)} for number in range(30)])
    assert (caught.value.kind, caught.value.operation) == ("throttled", "BatchWriteItem")
    assert "25 items were not taken" in caught.value.message
    assert pauses == sorted(pauses)
    assert (len(pauses), max(pauses)) == (11, 20.0)


def test_two_refreshes_with_the_same_prices_do_not_conflict(table: str, proxy: Proxy) -> None:
    opened, now = open_table(table, None), datetime(2026, 7, 1, tzinfo=UTC)
    seen = read_pointer(opened)
    assert store_prices(opened, price_book("new"), seen, "one", now)
    assert store_prices(opened, price_book("new"), seen, "another", now)
    assert not store_prices(opened, price_book("newer"), seen, "a third", now)
    assert same(held(table), price_book("new"))


def test_a_pointer_update_whose_response_is_lost_counts_as_done(refresh: Refresh, table: str, proxy: Proxy) -> None:
    def lose(operation: str, body: Any, forward: Callable[[Any], Any]) -> Any:
        answer = forward(body)
        return None if operation == "PutItem" and proxy.counts["PutItem"] == 1 else answer

    proxy.counts.clear()
    proxy.intercept = lose
    refresh("new")
    assert proxy.counts["PutItem"] == 2
    assert same(held(table), price_book("new"))


def test_rejected_prices_leave_the_table_unchanged(refresh: Refresh, table: str) -> None:
    log = refresh("wild", status=1)
    assert "us-east-1: StandardStorage: 30.0% more expensive" in log
    assert same(held(table), price_book("old"))
    refresh("wild", "--accept-changes")
    assert same(held(table), price_book("wild"))


def key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


VERSION = version_of(price_book("old"))
NEW = next(iter(price_book("new").sources))
POINTER, HEAD, PRICE = ("CURRENT", "CURRENT"), (VERSION, "HEAD"), (f"{VERSION}#us-east-1", "storage#StandardStorage")
Item = dict[str, Any]
DAMAGES: dict[str, tuple[tuple[str, str], Callable[[Item], Item | None]]] = {
    "the pointer is deleted": (POINTER, lambda item: None),
    "the pointer has other attributes": (POINTER, lambda item: {"mine": {"S": "hello"}}),
    "the pointer has no history": (POINTER, lambda item: {**item, "history": {"L": []}}),
    "the pointer's history is a text": (POINTER, lambda item: {**item, "history": {"S": "x"}}),
    "the pointer's serial is a text": (POINTER, lambda item: {**item, "serial": {"S": "1"}}),
    "the pointer's format is a text": (POINTER, lambda item: {**item, "format": {"S": "three"}}),
    "the pointer names another version": (POINTER, lambda item: {**item, "version": {"S": "20200101-0123"}}),
    "the head is deleted": (HEAD, lambda item: None),
    "the head has no digests": (HEAD, lambda item: {n: v for n, v in item.items() if n != "digests"}),
    "the head's date is a number": (HEAD, lambda item: {**item, "published": {"N": "20260105"}}),
    "the head's currency is changed": (HEAD, lambda item: {**item, "currency": {"S": "EUR"}}),
    "a price is deleted": (PRICE, lambda item: None),
    "a price is changed": (PRICE, lambda item: {**item, "source": {"S": "AmazonS3-20200101000000"}}),
    "a price is a text": (PRICE, lambda item: {**item, "tiers": {"S": "0.023"}}),
    "a price has no tiers": (PRICE, lambda item: {n: v for n, v in item.items() if n != "tiers"}),
    "a tier is a text": (
        PRICE,
        lambda item: {**item, "tiers": {"L": [{"M": {"upto": {"NULL": True}, "price": {"S": "cheap"}}}]}},
    ),
    "a tier is negative": (
        PRICE,
        lambda item: {**item, "tiers": {"L": [{"M": {"upto": {"NULL": True}, "price": {"N": "-1"}}}]}},
    ),
    "a tier is huge": (
        PRICE,
        lambda item: {**item, "tiers": {"L": [{"M": {"upto": {"NULL": True}, "price": {"N": "1E+120"}}}]}},
    ),
    "a foreign item is among the prices": ((PRICE[0], "hello"), lambda item: {"mine": {"N": "1"}}),
    "a price more": ((PRICE[0], "storage#Zzz"), lambda item: {"source": {"S": "x"}, "tiers": {"L": []}}),
    "keys are swapped": (PRICE, lambda item: {**item, "pk": {"S": PRICE[1]}, "sk": {"S": PRICE[0]}}),
}


@pytest.fixture
def damage(fake: str, table: str) -> Callable[[str], None]:
    """Damage the table that holds the old prices."""

    def run(name: str) -> None:
        client = fakes.client("dynamodb", fake, "us-east-1")
        where, change = DAMAGES[name]
        item = client.get_item(TableName=table, Key=key(*where)).get("Item", {})
        changed = change(item)
        if item:
            client.delete_item(TableName=table, Key=key(*where))
        if changed is not None:
            client.put_item(TableName=table, Item={**key(*where), **changed})

    return run


def test_prices_are_stored_however_their_zeros_are_written(table: str) -> None:
    tiers = (Tier(Decimal("51200.00"), Decimal("0.02300")), Tier(None, Decimal("1E-7")))
    prices = replace(price_book("new"), regions={"us-east-1": {"StandardStorage": PoolPrice(NEW, tiers)}}, charges={})
    opened = open_table(table, None)
    assert store_prices(opened, prices, read_pointer(opened), "the test", datetime(2026, 7, 1, tzinfo=UTC))
    assert held(table).regions == prices.regions


def alternating(first: int) -> list[tuple[str, str]]:
    """Return each damage with one of the two fakes."""
    return [(FAKES[(first + number) % 2], name) for number, name in enumerate(DAMAGES)]


@pytest.mark.parametrize(("fake", "name"), alternating(0), indirect=["fake"])
def test_a_damaged_table_is_reported_and_a_refresh_repairs_it(
    damage: Callable[[str], None], refresh: Refresh, monitor: Program, proxy: Proxy, table: str, name: str
) -> None:
    damage(name)
    with pytest.raises((InvalidFileError, UserError)) as caught:
        held(table)
    assert f"dynamodb:{table}" in str(caught.value)
    assert f"s3-monitor prices refresh --to dynamodb:{table}" in caught.value.advice
    shown = monitor("prices", "show", "--prices", f"dynamodb:{table}", env=fakes.environment(proxy.url))
    assert (shown.status, shown.out, "Traceback" in shown.err) == (2, "", False)
    log = refresh("old")
    assert "damaged" in log
    assert same(held(table), price_book("old"))
    assert "damaged" not in refresh("new")
    assert same(held(table), price_book("new"))


@pytest.mark.parametrize(("fake", "name"), alternating(1), indirect=["fake"])
def test_a_repair_of_one_region_keeps_the_undamaged_regions(
    damage: Callable[[str], None], monitor: Program, proxy: Proxy, table: str, tmp_path: Path, name: str
) -> None:
    damage(name)
    (tmp_path / "old.json").write_bytes(offer("old"))
    arguments = ["prices", "refresh", "--to", f"dynamodb:{table}", "--from", tmp_path / "old.json", "-r", "eu-west-1"]
    done = monitor(*arguments, env=fakes.environment(proxy.url))
    assert done.status == 0, done.err
    if name.startswith("the head"):  # without it no price can be checked
        assert "damaged: the item" in done.err
        assert set(held(table).regions) == {"eu-west-1"}
    else:
        assert held(table).regions == price_book("old").regions


def test_a_region_damaged_in_the_current_version_is_taken_from_the_previous_version(
    refresh: Refresh, monitor: Program, proxy: Proxy, fake: str, table: str, tmp_path: Path
) -> None:
    refresh("new")
    current = version_of(price_book("new"))
    client = fakes.client("dynamodb", fake, "us-east-1")
    client.delete_item(TableName=table, Key=key(f"{current}#us-east-1", "storage#StandardStorage"))
    (tmp_path / "new.json").write_bytes(offer("new"))
    arguments = ["prices", "refresh", "--to", f"dynamodb:{table}", "--from", tmp_path / "new.json", "-r", "eu-west-1"]
    done = monitor(*arguments, env=fakes.environment(proxy.url))
    assert (done.status, f"the items of {current}#us-east-1" in done.err) == (0, True), done.err
    repaired = held(table)
    assert repaired.regions["us-east-1"] == price_book("old").regions["us-east-1"]
    assert repaired.oldest("us-east-1") == price_book("old").published
    assert repaired.regions["us-west-2"] == price_book("new").regions["us-west-2"]


def test_a_table_of_a_newer_format_is_not_repaired(
    monitor: Program, proxy: Proxy, fake: str, table: str, options: Callable[..., list[str]]
) -> None:
    client = fakes.client("dynamodb", fake, "us-east-1")
    item = client.get_item(TableName=table, Key=key(*POINTER))["Item"]
    client.put_item(TableName=table, Item={**item, "format": {"N": "99"}})
    done = monitor(*options("new"), env=fakes.environment(proxy.url))
    assert (done.status, "use a newer version" in done.err) == (2, True)
    assert client.get_item(TableName=table, Key=key(*POINTER))["Item"]["format"] == {"N": "99"}


@pytest.mark.parametrize(
    ("keys", "types", "found"),
    [
        ([("sk", "HASH"), ("pk", "RANGE")], "SS", "partition key sk (S), sort key pk (S)"),
        ([("pk", "HASH")], "S", "partition key pk (S)"),
        ([("id", "HASH"), ("sk", "RANGE")], "SS", "partition key id (S), sort key sk (S)"),
        ([("pk", "HASH"), ("sk", "RANGE")], "SN", "partition key pk (S), sort key sk (N)"),
    ],
)
def test_a_table_with_other_keys_is_rejected(
    monitor: Program, proxy: Proxy, fake: str, keys: list[tuple[str, str]], types: str, found: str, tmp_path: Path
) -> None:
    name = f"prices-{uuid.uuid4().hex[:12]}"
    fakes.client("dynamodb", fake, "us-east-1").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": kind} for (key, _), kind in zip(keys, types, strict=True)
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    (tmp_path / "new.json").write_bytes(offer("new"))
    for arguments in (
        ["show", "--prices", f"dynamodb:{name}"],
        ["refresh", "--to", f"dynamodb:{name}", "--from", tmp_path / "new.json", "-r", "us-east-1"],
        ["table", "create", name],
        ["table", "describe", name],
    ):
        done = monitor("prices", *arguments, env=fakes.environment(proxy.url))
        assert done.status == 2, done.err
        assert f"it must have partition key pk (S), sort key sk (S), got {found}" in done.err
        assert "prices table create NAME" in done.err


def test_a_run_uses_the_prices_of_the_table_and_names_them(
    refresh: Refresh, monitor: Program, table: str, fake: str, tmp_path: Path
) -> None:
    refresh("newer")
    s3 = fakes.client("s3", fake, "us-east-1")
    s3.create_bucket(Bucket=f"bucket-of-{table}")
    s3.put_object(Bucket=f"bucket-of-{table}", Key="a", Body=b"x")  # a bucket without objects costs nothing
    day = fakes.yesterday()
    fakes.put_series(fake, "us-east-1", f"bucket-of-{table}", "StandardIAStorage", 2.0**40, day)
    out = tmp_path / "out"
    arguments = ["run", "--out", out, "--as-of", str(day.date()), "--prices", f"dynamodb:{table}", "-r", "us-east-1"]
    done = monitor(*arguments, env=fakes.environment(fake))
    assert done.status == 0, done.err
    buckets = {bucket["name"]: bucket for bucket in json.loads((out / "report" / "buckets.json").read_text())}
    cost = buckets[f"bucket-of-{table}"]["storage"]["StandardIAStorage"]["cost"]
    assert cost == pytest.approx(1024 * 0.0125 * 1.2, abs=2e-6)
    summary = json.loads((out / "report" / "summary.json").read_text())
    assert summary["prices"]["published"] == "2026-07-28"
    assert "AmazonS3 20260728131000" in summary["prices"]["source"]


def test_the_report_uses_the_bundled_prices_if_the_table_cannot_be_read(
    monitor: Program, table: str, fake: str, proxy: Proxy, tmp_path: Path
) -> None:
    env = fakes.environment(fake)
    out = tmp_path / "out"
    assert monitor("run", "--out", out, "-r", "us-east-1", env=env).status == 0
    proxy.intercept = lambda operation, body, forward: (400, {"__type": "AccessDeniedException", "message": "no"})
    report = tmp_path / "report"
    arguments = ["aggregate", "--plan", out / "plan/plan.json", "--parts", out / "parts", "--out", report]
    env["AWS_ENDPOINT_URL_DYNAMODB"] = proxy.url
    done = monitor(*arguments, "--prices", f"dynamodb:{table}", env=env)
    assert done.status == 3
    summary = json.loads((report / "summary.json").read_text())
    assert (summary["complete"], summary["prices"]["published"]) == (False, "2024-09-25")
    assert [p["code"] for p in summary["problems"] if p["severity"] == "gap"] == ["price-table-unreadable"]
    assert "dynamodb:GetItem" in done.err
