"""`s3-monitor prices`, run as a process against the simulated Price List API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from s3_monitor.money.price_book import bundled_prices, decode_price_book, encode_price_book, read_price_book
from s3_monitor.simulator import Fault, Simulator
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.price_lists import make_offers
from tests.e2e.conftest import ROOT, Program
from tests.money.lists import PLAIN, bulk, complete, egress, flat

JULY, AUGUST = date(2026, 7, 28), date(2026, 8, 28)
TWO_REGIONS = ("-r", "us-east-1", "-r", "eu-west-1")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(make_account("111122223333", []), offers=make_offers(JULY)) as running:
        yield running


def published(simulator: Simulator, day: date, factor: str, **changes: Any) -> None:
    simulator.offers.extend(make_offers(day, factor=factor, **changes))


def test_a_refresh_reads_every_price_of_the_selected_regions(
    monitor: Program, simulator: Simulator, tmp_path: Path
) -> None:
    done = monitor("prices", "refresh", "--to", "prices.json", *TWO_REGIONS, env=simulator.env())
    assert (done.status, done.out) == (0, ""), done.err
    price_book = read_price_book(tmp_path / "prices.json")
    assert set(price_book.regions) == {"us-east-1", "eu-west-1"}
    for region in price_book.regions:
        assert len(price_book.regions[region]) == 13
        standard = price_book.regions[region]["StandardStorage"]
        assert [str(tier.price) for tier in standard.tiers] == ["0.023", "0.022", "0.021"]
        assert len(price_book.charges[region]["DataTransfer-Out-Bytes"].tiers) == 4
    assert {source.version for source in price_book.sources.values()} == {"20260728131000"}
    sent = simulator.counters.by_operation()
    assert sent == {"pricing:GetProducts": 7}  # three services for each region, and the fee for buckets


def test_large_changes_leave_the_prices_in_use_until_they_are_accepted(
    monitor: Program, simulator: Simulator, tmp_path: Path
) -> None:
    arguments = ("prices", "refresh", "--to", "prices.json", *TWO_REGIONS)
    assert monitor(*arguments, env=simulator.env()).status == 0
    before = (tmp_path / "prices.json").read_bytes()
    published(simulator, AUGUST, "1.3")
    rejected = monitor(*arguments, env=simulator.env())
    assert rejected.status == 1
    assert "us-east-1: StandardStorage: 30.0% more expensive: 0.023 to 51200" in rejected.err
    assert (tmp_path / "prices.json").read_bytes() == before
    accepted = monitor(*arguments, "--accept-changes", env=simulator.env())
    assert (accepted.status, "accepted: us-east-1: StandardStorage" in accepted.err) == (0, True)
    assert str(read_price_book(tmp_path / "prices.json").published) == "2026-08-28"


def test_a_list_without_one_pool_is_rejected(monitor: Program, simulator: Simulator, tmp_path: Path) -> None:
    arguments = ("prices", "refresh", "--to", "prices.json", *TWO_REGIONS)
    published(simulator, AUGUST, "1", without=["EU-TimedStorage-GDA-ByteHrs"])
    done = monitor(*arguments, env=simulator.env())
    assert (done.status, "eu-west-1: DeepArchiveStorage: no price" in done.err) == (1, True)
    assert not (tmp_path / "prices.json").exists()


def test_a_list_without_the_region_is_rejected(monitor: Program, simulator: Simulator, tmp_path: Path) -> None:
    done = monitor("prices", "refresh", "-r", "af-south-1", env=simulator.env())
    assert (done.status, "no usable price of S3 in af-south-1" in done.err) == (1, True)
    done = monitor("prices", "refresh", "-r", "af-south-1", "-r", "us-east-1", env=simulator.env())
    assert (done.status, "af-south-1: StandardStorage: no price" in done.err) == (1, True)
    done = monitor("prices", "refresh", "-r", "af-suoth-1", env=simulator.env())
    assert (done.status, "did you mean af-south-1" in done.err) == (2, True)
    assert not (tmp_path / "prices.json").exists()


def test_without_r_the_regions_in_use_are_refreshed(monitor: Program, simulator: Simulator, tmp_path: Path) -> None:
    assert monitor("prices", "refresh", *TWO_REGIONS, env=simulator.env()).status == 0
    published(simulator, AUGUST, "1.1")
    assert monitor("prices", "refresh", env=simulator.env()).status == 0
    price_book = read_price_book(tmp_path / "prices.json")
    assert (set(price_book.regions), str(price_book.published)) == ({"us-east-1", "eu-west-1"}, "2026-08-28")


def test_a_new_file_has_only_the_selected_regions_with_a_message(
    monitor: Program, simulator: Simulator, tmp_path: Path
) -> None:
    done = monitor("prices", "refresh", "-r", "eu-west-1", env=simulator.env())
    assert (done.status, "has only the regions named with -r" in done.err) == (0, True)
    assert set(read_price_book(tmp_path / "prices.json").regions) == {"eu-west-1"}
    again = monitor("prices", "refresh", "-r", "us-east-1", env=simulator.env())
    assert (again.status, "has only the regions" in again.err) == (0, False)
    assert set(read_price_book(tmp_path / "prices.json").regions) == {"eu-west-1", "us-east-1"}


def test_a_refresh_of_one_region_leaves_the_dates_of_the_others(
    monitor: Program, simulator: Simulator, tmp_path: Path
) -> None:
    path = tmp_path / "prices.json"
    path.write_bytes(encode_price_book(bundled_prices()))
    done = monitor("prices", "refresh", "-r", "eu-west-1", "--accept-changes", env=simulator.env())
    assert done.status == 0, done.err
    price_book = read_price_book(path)
    assert set(price_book.regions) == set(bundled_prices().regions)
    assert price_book.oldest("eu-west-1") == JULY
    assert price_book.oldest("us-east-1") == bundled_prices().oldest("us-east-1")
    shown = monitor("prices", "show", "--prices", "prices.json", env={}).out.splitlines()
    dates = {line.split()[0]: line.split()[-1] for line in shown if " StandardStorage " in line}
    assert (dates["eu-west-1"], dates["us-east-1"]) == ("2026-07-28", "2024-09-25")


def test_a_list_in_another_currency_is_written_to_a_separate_file(
    monitor: Program, simulator: Simulator, tmp_path: Path
) -> None:
    sold = [replace(one, currency="CNY", prefix="CNN1-") for one in complete("cn-north-1", express=False)]
    (tmp_path / "yuan.json").write_bytes(bulk(*sold))
    done = monitor("prices", "refresh", "--from", "yuan.json", "--to", "china.json", env={})
    assert done.status == 0, done.err
    price_book = read_price_book(tmp_path / "china.json")
    assert (price_book.currency, set(price_book.regions)) == ("CNY", {"cn-north-1"})
    assert ", in CNY" in monitor("prices", "show", "--prices", "china.json", env={}).out
    differs = monitor("prices", "diff", "china.json", "bundled", env={})
    assert (differs.status, "must have the same currency" in differs.err) == (2, True)


def test_a_free_first_tier_does_not_block_a_refresh(monitor: Program, tmp_path: Path) -> None:
    """In lists of earlier years, the first GB per month is a free tier of the egress price."""
    paid = (("0", "10240", "0.09"), ("10240", "Inf", "0.085"))
    free = (("0", "1", "0"), ("1", "10240", "0.09"), ("10240", "Inf", "0.085"))
    for name, prices_ in (("paid", paid), ("free", free)):
        (tmp_path / f"{name}.json").write_bytes(bulk(*complete(), egress(prices_)))
    for order in (("paid", "free"), ("free", "paid")):
        for name in order:
            arguments = (
                "prices",
                "refresh",
                "--from",
                f"{name}.json",
                "-r",
                "us-east-1",
                "--to",
                f"{order[0]}-first.json",
            )
            done = monitor(*arguments, env={})
            assert done.status == 0, done.err


def test_regions_that_are_not_selected_are_kept(monitor: Program, simulator: Simulator, tmp_path: Path) -> None:
    assert monitor("prices", "refresh", *TWO_REGIONS, env=simulator.env()).status == 0
    published(simulator, AUGUST, "1.1")
    assert monitor("prices", "refresh", "-r", "eu-west-1", env=simulator.env()).status == 0
    price_book = read_price_book(tmp_path / "prices.json")
    rates = {region: str(pools["StandardIAStorage"].tiers[0].price) for region, pools in price_book.regions.items()}
    assert rates == {"us-east-1": "0.0125", "eu-west-1": "0.01375"}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_price_lists_can_be_read_from_urls(monitor: Program, simulator: Simulator, tmp_path: Path, form: str) -> None:
    base = f"{simulator.url}/offers/v1.0/aws"
    sources = [f"{base}/{service}/current/index.{form}" for service in ("AmazonS3", "AmazonS3GlacierDeepArchive")]
    options = [word for source in sources for word in ("--from", source)]
    done = monitor("prices", "refresh", *TWO_REGIONS, *options, env={})  # no credentials
    assert done.status == 0, done.err
    assert set(read_price_book(tmp_path / "prices.json").regions) == {"us-east-1", "eu-west-1"}
    assert simulator.counters.by_operation() == {}


def test_the_exit_status_of_check_shows_whether_a_newer_list_is_published(
    monitor: Program, simulator: Simulator
) -> None:
    assert monitor("prices", "refresh", *TWO_REGIONS, env=simulator.env()).status == 0
    index = f"{simulator.url}/offers/v1.0/aws/AmazonS3/current/region_index.json"
    for options in ([], ["--from", index]):
        assert monitor("prices", "check", "--prices", "prices.json", *options, env=simulator.env()).status == 0
    published(simulator, AUGUST, "1")
    for options in ([], ["--from", index]):
        done = monitor("prices", "check", "--prices", "prices.json", *options, env=simulator.env())
        assert (done.status, "20260828131000" in done.err, done.out) == (4, True, "")
    assert monitor("prices", "check", env=simulator.env()).status == 4  # the bundled prices


def test_read_converts_price_lists_and_lists_the_skipped_entries(
    monitor: Program, simulator: Simulator, tmp_path: Path
) -> None:
    for number, offer in enumerate(make_offers(JULY, ["us-east-1"])):
        (tmp_path / f"{number}.json").write_text(json.dumps(offer))
    files = ("0.json", "1.json", "2.json")
    done = monitor("prices", "read", *files, env={})
    assert done.status == 0
    price_book = decode_price_book(done.out.encode(), "out")
    assert len(price_book.regions["us-east-1"]) == 13
    assert done.err.splitlines() == ["s3-monitor: read 29 products, could not use 0"]
    log = monitor("prices", "read", *files, "-v", "-o", "prices.json", env={}).err
    assert "Tables-TimedStorage-ByteHrs" in log
    assert "TimedStorage-GDA-Staging" in log
    assert read_price_book(tmp_path / "prices.json").regions == price_book.regions


def test_show_and_diff_print_prices(monitor: Program, simulator: Simulator) -> None:
    assert monitor("prices", "refresh", *TWO_REGIONS, env=simulator.env()).status == 0
    shown = monitor("prices", "show", "--prices", "prices.json", "-r", "eu-west-1", env={})
    assert shown.status == 0
    assert "AWS's price list AmazonS3 20260728131000, published 2026-07-28, in USD" in shown.out
    row = next(line for line in shown.out.splitlines() if "StandardStorage" in line)
    assert row.split() == [
        "eu-west-1",
        "StandardStorage",
        "GB-Mo",
        "0.023",
        "to",
        "51200,",
        "0.022",
        "to",
        "512000,",
        "then",
        "0.021",
        "AmazonS3-20260728131000",
        "2026-07-28",
    ]
    assert "us-east-1" not in shown.out
    differs = monitor("prices", "diff", "bundled", "prices.json", "-r", "us-east-1", env={})
    assert differs.status == 0
    row = next(line for line in differs.out.splitlines() if "ReducedRedundancyStorage" in line)
    assert " ".join(row.split()[2:]) == "0.024 to 1024 0.024 to 1024, then 0.0236 no change where both have a price"
    assert monitor("prices", "diff", "prices.json", "prices.json", env={}).out == ""


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("show", "--prices", "nothing.json"), "nothing.json"),
        (("show", "--prices", "dynamodb:"), "the name of the table is missing"),
        (("show", "--prices", "dynamodb:t@soon"), "must be a date"),
        (("show", "--as-of", "2026-01-01"), "one day only"),
        (("show", "-r", "us-esat-1"), "did you mean us-east-1"),
        (("show", "-r", "cn-north-1"), "Available regions: af-south-1, ap-east-1"),
        (("show", "-r", "US-EAST-1"), "did you mean us-east-1"),
        (("diff", "bundled", "bundled", "-r", "moon-1"), "Available regions: af-south-1"),
        (("read", "standard.json", "-r", "af-south-1"), "no usable price of S3 in af-south-1"),
        (("read", "standard.json", "-r", "us-east-1", "-r", "af-south-1"), "Available regions: us-east-1"),
        (("read", "standard.json", "-r", "us-esat-1"), "did you mean us-east-1"),
        (("refresh", "--from", "standard.json", "-r", "Us-East-1"), "did you mean us-east-1"),
        (("read", "gap.json"), "1 entry: tiers leave a gap"),
        (("read", "hours.json"), "1 entry: unit is not the expected one"),
        (
            ("read", "gap.json", "-v"),
            "TimedStorage-ByteHrs in us-east-1: a tier ends at 51200, the next starts at 51201",
        ),
        (("read", "hours.json", "-v"), "TimedStorage-ByteHrs in us-east-1: the unit is 'GB-Hours'"),
        (("read", "huge.json", "-v"), "1e999999999"),
        (("read", "standard.json", "yuan.json"), "different currencies: CNY, USD"),
        (("refresh", "--from", "standard.json", "--from", "yuan.json"), "different currencies: CNY, USD"),
        (
            ("refresh", "--to", "price-file.json", "--from", "yuan.json", "--accept-changes"),
            "a price book has one currency",
        ),
        (("refresh", "--to", "bundled"), "cannot be replaced"),
        (("refresh", "--to", "nowhere/prices.json"), "there is no folder"),
        (("refresh", "--to", "dynamodb:t@2026-01-01"), "only the current prices"),
        (("refresh", "--from", "nothing.json"), "nothing.json"),
        (("refresh", "--from", "http://example.com/index.json"), "https://"),
        (("read", "prices.txt"), "no row has the column names"),
        (("read", "price-file.json"), "is already a price file of s3-monitor"),
        (("read",), "Missing argument"),
        (("diff", "bundled"), "Missing argument"),
        (("refresh", "--to", "broken.json", "-r", "us-east-1"), "broken.json"),
    ],
)
def test_a_mistake_is_explained_and_nothing_is_written(
    monitor: Program, simulator: Simulator, tmp_path: Path, arguments: tuple[str, ...], what: str
) -> None:
    (tmp_path / "prices.txt").write_text("what, is, this\n")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "price-file.json").write_bytes(encode_price_book(bundled_prices()))
    gap = (("0", "51200", "0.023"), ("51201", "Inf", "0.022"))
    lists = {"standard": PLAIN, "gap": replace(PLAIN, prices=gap), "hours": replace(PLAIN, unit="GB-Hours")}
    lists |= {"huge": replace(PLAIN, prices=flat("1e999999999")), "yuan": replace(PLAIN, currency="CNY")}
    for name, sold in lists.items():
        (tmp_path / f"{name}.json").write_bytes(bulk(sold))
    before = sorted(tmp_path.iterdir())
    done = monitor("prices", *arguments, env=simulator.env())
    assert done.status == 2, done.err
    assert what in done.err
    assert "Traceback" not in done.err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (Fault("deny", service="pricing"), "allow pricing:GetProducts"),
        (Fault("malformed", service="pricing"), "GetProducts"),
    ],
)
def test_a_failed_request_leaves_the_prices_in_use(
    monitor: Program, simulator: Simulator, tmp_path: Path, fault: Fault, what: str
) -> None:
    assert monitor("prices", "refresh", *TWO_REGIONS, env=simulator.env()).status == 0
    before = (tmp_path / "prices.json").read_bytes()
    simulator.faults.add(fault)
    done = monitor("prices", "refresh", env={**simulator.env(), "AWS_MAX_ATTEMPTS": "2"})
    assert (done.status, what in done.err) == (1, True), done.err
    assert (tmp_path / "prices.json").read_bytes() == before


def test_throttled_requests_are_retried(monitor: Program, simulator: Simulator) -> None:
    simulator.faults.add(Fault("throttle", service="pricing", every=3))
    assert monitor("prices", "refresh", *TWO_REGIONS, env=simulator.env()).status == 0


def test_the_policy_for_prices_allows_exactly_the_requests_sent(monitor: Program, simulator: Simulator) -> None:
    policy = json.loads((ROOT / "docs" / "iam" / "prices.json").read_text())
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert monitor("prices", "refresh", *TWO_REGIONS, env=simulator.env()).status == 0
    assert monitor("prices", "check", "--prices", "prices.json", env=simulator.env()).status == 0
    sent = set(simulator.counters.by_operation())
    assert sent == {action for action in allowed if action.startswith("pricing:")}


def test_the_report_names_its_price_list(monitor: Program, tmp_path: Path) -> None:
    from s3_monitor.simulator import random_account

    today = datetime.now(UTC).date()
    account = random_account(5, 6, ("us-east-1", "eu-west-1"), today=today)
    with Simulator(account, offers=make_offers(today - timedelta(days=9), factor="1.05")) as simulator:
        env = simulator.env()
        assert monitor("prices", "refresh", *TWO_REGIONS, env=env).status == 0
        assert monitor("run", "--out", "out", "--prices", "prices.json", env=env).status in (0, 3)
    summary = json.loads((tmp_path / "out" / "report" / "summary.json").read_text())
    assert summary["prices"]["published"] == str(today - timedelta(days=9))
    assert "AWS's price list AmazonS3" in summary["prices"]["source"]
