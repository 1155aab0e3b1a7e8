"""`prices` with files: what is read, rejected, written and printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from s3_monitor.money.price_book import bundled_prices, encode_price_book, read_price_book
from tests.cli.commands import Commands
from tests.money.lists import bulk, complete


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.chdir(tmp_path)
    return Commands(capsys)


def lists(
    name: str, *, factor: str = "1", regions: tuple[str, ...] = ("us-east-1",), version: str = "20260728131000"
) -> str:
    """Write the price lists of some regions; return the name of the file."""
    sold = [product for region in regions for product in complete(region, factor)]
    published = f"{version[:4]}-{version[4:6]}-{version[6:8]}T13:10:00Z"
    Path(name).write_bytes(bulk(*sold, version=version, published=published))
    return name


TWO = ("us-east-1", "eu-west-1")


def test_read_writes_a_price_book_and_counts_what_was_not_used(run: Commands) -> None:
    done = run("prices", "read", lists("list.json", regions=TWO), "-o", "prices.json")
    assert (done.status, done.out) == (0, "")
    assert done.err.startswith("s3-monitor: read ") and ", could not use 0" in done.err
    assert set(read_price_book(Path("prices.json")).regions) == set(TWO)
    some = run("prices", "read", "list.json", "-r", "eu-west-1", "-q")
    assert (some.status, some.err) == (0, "")
    Path("some.json").write_text(some.out)
    assert set(read_price_book(Path("some.json")).regions) == {"eu-west-1"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["read", "list.json", "-r", "us-west-2"], "in us-west-2"),
        (["read", "list.json", "-r", "eu-wst-1"], "-r eu-wst-1: no such region"),
        (["read", "absent.json"], "absent.json"),
        (["refresh", "--to", "bundled"], "the bundled prices cannot be replaced"),
        (["refresh", "--to", "x/prices.json"], "there is no folder"),
        (["show", "-r", "eu-wst-1"], "-r eu-wst-1: the prices do not include this region"),
        (["show", "--as-of", "2026-08-01"], "has the prices of one day only"),
        (["diff", "bundled", "absent.json"], "absent.json"),
        (["diff", "bundled", "bundled", "-r", "zzz"], "-r zzz: the prices do not include this region"),
    ],
)
def test_a_mistake_is_wrong_usage(run: Commands, arguments: list[str], message: str) -> None:
    lists("list.json")
    done = run("prices", *arguments)
    assert (done.status, done.out) == (2, "")
    assert message in done.err


def test_refresh_writes_a_new_file_with_the_selected_regions_and_a_message(run: Commands) -> None:
    done = run("prices", "refresh", "--to", "prices.json", "--from", lists("list.json", regions=TWO), "-r", "eu-west-1")
    assert done.status == 0
    lines = done.err.splitlines()
    assert lines[-2] == "s3-monitor: prices.json: prices of 2026-07-28, 1 regions refreshed, 1 in total"
    assert lines[-1].startswith("s3-monitor: prices.json is new and has only the regions named with -r")
    both = run("prices", "refresh", "--to", "prices.json", "--from", "list.json", "-r", "us-east-1")
    assert both.err.splitlines()[-1].endswith("1 regions refreshed, 2 in total")
    assert set(read_price_book(Path("prices.json")).regions) == set(TWO)


def test_large_changes_are_accepted_only_on_request(run: Commands) -> None:
    first = ("prices", "refresh", "--to", "prices.json", "-r", "us-east-1", "--from")
    assert run(*first, lists("old.json")).status == 0
    before = Path("prices.json").read_bytes()
    moved = run(*first, lists("new.json", factor="1.3", version="20260828131000"))
    assert moved.status == 1
    assert "s3-monitor: rejected: us-east-1: " in moved.err
    assert "prices.json: the prices in use stay; --accept-changes accepts the new ones" in moved.err
    assert Path("prices.json").read_bytes() == before
    accepted = run(*first, "new.json", "--accept-changes")
    assert accepted.status == 0
    assert "s3-monitor: accepted: us-east-1: " in accepted.err and "rejected" not in accepted.err
    small = run(*first, lists("small.json", factor="1.31", version="20260928131000"))
    assert small.status == 0
    assert "accepted" not in small.err and "is new" not in small.err


def test_lists_without_a_usable_price_leave_those_in_use(run: Commands) -> None:
    Path("empty.json").write_bytes(bulk())
    done = run("prices", "refresh", "--to", "prices.json", "--from", "empty.json", "-r", "us-east-1")
    assert done.status == 1
    assert "rejected: the lists have no usable price of S3 in us-east-1: products read: 0" in done.err
    assert "prices.json: the prices in use stay" in done.err
    assert not Path("prices.json").exists()


@pytest.mark.parametrize(
    ("regions", "named"), [(5, "us-east-1, us-east-2, us-west-1, us-west-2, eu-west-1"), (6, "6 regions")]
)
def test_up_to_five_regions_are_named(run: Commands, regions: int, named: str) -> None:
    Path("empty.json").write_bytes(bulk())
    names = ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2")[:regions]
    done = run("prices", "read", "empty.json", *(word for name in names for word in ("-r", name)))
    assert f"no usable price of S3 in {named}: " in done.err


def test_show_prints_the_prices_of_a_region(run: Commands) -> None:
    done = run("prices", "show", "-r", "eu-west-1")
    assert (done.status, done.err) == (0, "")

    def regions(text: str) -> set[str]:
        return {line.split()[0] for line in text[text.index("\n\n") :].splitlines()[3:]}

    assert regions(done.out) == {"eu-west-1"}
    assert regions(run("prices", "show").out) > set(TWO)


def test_diff_prints_the_changed_prices_or_that_there_are_none(run: Commands) -> None:
    for name, factor in (("a", "1"), ("b", "1.1")):
        run("prices", "read", lists(f"{name}.json", factor=factor, regions=TWO), "-o", f"{name}-prices.json")
    same = run("prices", "diff", "a-prices.json", "a-prices.json")
    assert (same.status, same.out, same.err) == (0, "", "s3-monitor: no differences\n")
    changed = run("prices", "diff", "a-prices.json", "b-prices.json")
    assert changed.out.splitlines()[0].split() == ["region", "price", "before", "after", "move"]
    assert {line.split()[0] for line in changed.out.splitlines()[1:]} == set(TWO)
    some = run("prices", "diff", "a-prices.json", "b-prices.json", "-r", "eu-west-1")
    assert {line.split()[0] for line in some.out.splitlines()[1:]} == {"eu-west-1"}


@pytest.mark.parametrize(
    ("version", "status", "text"),
    [
        ("20260728131000", 0, "no newer list is published"),
        ("20260829131000", 4, "a newer list of AmazonS3 is published"),
    ],
)
def test_check_shows_whether_a_newer_list_is_published(run: Commands, version: str, status: int, text: str) -> None:
    run("prices", "read", lists("list.json"), "-o", "prices.json")
    done = run("prices", "check", "--prices", "prices.json", "--from", lists("now.json", version=version))
    assert done.status == status, done.err
    assert text in done.err


def test_prices_of_two_currencies_are_not_compared(run: Commands) -> None:
    book = bundled_prices()
    Path("usd.json").write_bytes(encode_price_book(book))
    text = encode_price_book(book).replace(b'"USD"', b'"CNY"', 1)
    Path("cny.json").write_bytes(text)
    done = run("prices", "diff", "usd.json", "cny.json")
    assert done.status == 2
    assert "prices must have the same currency, got USD in usd.json and CNY in cny.json" in done.err
