"""The pages as files: what they hold, that they are valid, safe, small, and always the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urldefrag

import html5lib
import pytest

from s3_monitor.model.bucket import StorageLine
from s3_monitor.model.plan import Selection
from s3_monitor.model.problem import gap, note
from s3_monitor.model.summary import Group, ShardLine, Totals
from s3_monitor.report.pages import INDEX_GROUPS, page_window, paged, write_pages
from tests.report import builder
from tests.report.builder import bucket, summary, unknown

Write = Callable[..., Path]


class Reader(HTMLParser):
    """Tags with their attributes, and the text with all white space made one."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._texts: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("a", "abbr", "bdi", "span", "time", "wbr"):
            self._texts.append(" ")
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self._texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self._texts).split())

    @property
    def links(self) -> list[str]:
        return [attrs[name] for _, attrs in self.tags for name in ("href", "src", "srcset") if name in attrs]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hostile names, every state, several pages of everything."""
    found = builder.buckets(430, accounts=20, hostile=True)
    shards = [ShardLine(f"dev-{index:02}", "complete", 3, 0) for index in range(40)]
    said = summary(found, builder.problems(630, found), shards=shards)
    out = tmp_path_factory.mktemp("pages")
    for name in ("buckets.json", "summary.json", "buckets.csv", "junit.xml"):
        (out / name).write_text("{}", encoding="utf-8")
    write_pages(out, found, said, builder.history(found))
    return out


@pytest.fixture(scope="module")
def pages(report: Path) -> dict[str, Reader]:
    return {str(path.relative_to(report)): Reader(path) for path in sorted(report.rglob("*.html"))}


def ids(page: Reader) -> list[str]:
    return [attributes["id"] for _, attributes in page.tags if "id" in attributes]


def text_of(out: Path, page: str = "index.html") -> str:
    return Reader(out / page).text


def page_of(out: Path, name: str) -> str:
    return text_of(out, next(f"buckets/{path.name}" for path in (out / "buckets").glob(f"{name}-*.html")))


# Under Jenkins' Content-Security-Policy


def test_no_page_has_what_jenkins_blocks(pages: dict[str, Reader]) -> None:
    found = []
    for path, page in pages.items():
        for tag, attributes in page.tags:
            blocked = [name for name in attributes if name in ("style", "target", "download") or name.startswith("on")]
            address = any(attributes.get(name, "").startswith(("data:", "javascript:")) for name in ("href", "src"))
            if blocked or address or tag in ("script", "style", "iframe", "object", "embed", "form", "font", "base"):
                found.append((path, tag, attributes))
    assert found == []


def test_the_style_sheet_loads_nothing(report: Path) -> None:
    css = (report / "assets" / "report.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|@font-face|expression", css)


def test_every_link_leads_to_a_file_of_the_report(report: Path, pages: dict[str, Reader]) -> None:
    dead = []
    for path, page in pages.items():
        for link in page.links:
            name, fragment = urldefrag(link)
            target = (report / path).parent / unquote(name) if name else report / path
            inside = target.resolve().is_relative_to(report.resolve())
            anchors = ids(pages[path if not name else str(target.resolve().relative_to(report))]) if fragment else []
            if ":" in name or not inside or not target.is_file() or (fragment and fragment not in anchors):
                dead.append((path, link))
    assert dead == []


def test_no_link_leads_to_what_jenkins_would_download(pages: dict[str, Reader]) -> None:
    endings = {Path(urldefrag(link)[0]).suffix for page in pages.values() for link in page.links}
    assert endings <= {"", ".html", ".json", ".svg", ".css"}


def test_every_page_can_be_reached_from_the_index(report: Path, pages: dict[str, Reader]) -> None:
    reached, ahead = {"index.html"}, ["index.html"]
    while ahead:
        path = ahead.pop()
        for link in pages[path].links:
            target = str(((report / path).parent / urldefrag(link)[0]).resolve().relative_to(report.resolve()))
            if target in pages and target not in reached:
                reached.add(target)
                ahead.append(target)
    assert set(pages) - reached == set()


def test_pages_are_valid_html(report: Path, pages: dict[str, Reader]) -> None:
    parser = html5lib.HTMLParser(strict=True)
    for path in [
        *(path for path in pages if not path.startswith("buckets/")),
        "buckets/cost.html",
        "buckets/name-3.html",
        "buckets/growth.html",
    ]:
        parser.parse((report / path).read_bytes(), transport_encoding="utf-8")


def test_every_page_has_one_main_heading_a_title_a_language_and_headings_in_order(
    report: Path, pages: dict[str, Reader]
) -> None:
    for path, page in pages.items():
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
        assert ("html", {"lang": "en"}) in page.tags, path
        assert len(ids(page)) == len(set(ids(page))), path


def test_ten_thousand_buckets_with_ten_thousand_problems_leave_the_index_small(tmp_path: Path) -> None:
    found = builder.buckets(10_000, accounts=60, hostile=True)
    write_pages(tmp_path, found, summary(found, builder.problems(10_000, found)), builder.history(found))
    assert (tmp_path / "index.html").stat().st_size < 300_000
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 60_000_000


def test_the_worst_names_and_messages_leave_the_index_small(tmp_path: Path) -> None:
    worst = '"' * 59
    found = [
        bucket(f"{worst}{index:04}", account=f"{index % 300:012}", region=f"us-east-{index % 50}")
        for index in range(600)
    ]
    problems = [
        gap(one.name * 9, f"{'&<>' * 900}{chr(97 + index % 26)}", "'" * 3000) for index, one in enumerate(found)
    ]
    problems += [note(problem.where, problem.what, problem.advice) for problem in problems]
    shards = [ShardLine('"' * 100, "partial", 1, 1)] * 500
    write_pages(tmp_path, found, summary(found, problems, shards=shards), builder.history(found))
    assert (tmp_path / "index.html").stat().st_size < 300_000


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    found = builder.buckets(40, accounts=2)
    said = summary(found, builder.problems(9, found))
    contents = []
    for folder, given in (("one", found), ("other", list(reversed(found)))):
        write_pages(tmp_path / folder, given, said, builder.history(found))
        files = (path for path in sorted((tmp_path / folder).rglob("*")) if path.is_file())
        contents.append({str(path.relative_to(tmp_path / folder)): path.read_bytes() for path in files})
    assert contents[0] == contents[1]


# What is said


def test_a_whole_report_says_so_quietly(write: Write) -> None:
    text = text_of(write([bucket()], summary([bucket()])))
    assert "Complete. Everything that was asked for arrived." in text
    assert "missing" not in text


def test_what_is_missing_comes_first_with_its_place_and_advice(write: Write) -> None:
    problems = [gap("111122223333/eu-west-1", "ListMetrics: Access Denied", "allow cloudwatch:ListMetrics")]
    shards = [ShardLine("dev-eu-west-1", "failed", 0, 1), ShardLine("dev-us-east-1", "complete", 1, 0)]
    text = text_of(write([bucket()], summary([bucket()], problems, shards=shards)))
    assert "1 of 2 shards did not bring everything." in text
    assert text.index("Something is missing") < text.index("ListMetrics: Access Denied") < text.index("Cost a month")
    assert "111122223333/eu-west-1" in text
    assert "allow cloudwatch:ListMetrics" in text
    assert "Complete." not in text


def test_a_place_leads_to_its_page(write: Write) -> None:
    found = [bucket("a"), bucket("b", region="eu-west-1")]
    problems = [
        gap("111122223333/eu-west-1/b/GlacierStorage", "one"),
        gap("111122223333/us-east-1/gone", "two"),
        gap("444455556666", "three"),
        gap("shard dev", "four"),
        gap("parts/x.json", "five"),
    ]
    out = write(found, summary(found, problems))
    links = [link for link in Reader(out / "problems" / "gaps.html").links if "/b-" in link or "/us-east-1-" in link]
    assert [re.sub(r"-[0-9a-f]{16}", "", link) for link in links] == ["../buckets/b.html", "../regions/us-east-1.html"]


def test_problems_that_are_alike_are_told_once_with_the_first_places(write: Write) -> None:
    problems = [gap(f"111122223333/eu-west-1/b-{index}", f"{index} requests denied", "allow it") for index in range(9)]
    text = text_of(write([bucket()], summary([bucket()], problems)))
    assert "0 requests denied 111122223333/eu-west-1/b-0; the like at 111122223333/eu-west-1/b-1," in text
    assert "and 6 more allow it" in text
    assert text.count("allow it") == 1


def test_dates_of_objects_have_a_column_where_any_is_known(write: Write) -> None:
    assert "Created Modified" in text_of(write([bucket()], summary([bucket()])))
    assert "Modified" not in text_of(write([bucket(last_modified=None)], summary([bucket()])))


def test_nothing_at_all_is_said_and_is_no_zero(write: Write) -> None:
    nothing = Totals(0, None, None, None, 0.0, 0)
    problems = [gap("all shards", "no shard brought any data: nothing is known", "see the other problems")]
    shards = [ShardLine("dev", "missing", 0, 1)]
    text = text_of(write([], summary([], problems, totals=nothing, shards=shards)))
    assert "Nothing usable arrived" in text
    assert "$0.00" not in text
    assert text.count("unknown") >= 3
    assert text.startswith("2026-11-22 · S3 Monitor"), "the title"


def test_an_account_without_buckets_is_whole_and_costs_nothing(write: Write) -> None:
    text = text_of(write([], summary([], totals=Totals(0, 0.0, 0.0, 0.0, 0.0, 0))))
    assert "Complete." in text
    assert "the selection holds none" in text
    assert "$0.00" in text


def test_the_headline_has_cost_bytes_objects_and_buckets(write: Write) -> None:
    found = [
        bucket(
            name,
            storage={"StandardStorage": StorageLine(tib * 2.0**40, cost)},
            total_size=tib * 2.0**40,
            total_cost=cost,
        )
        for name, tib, cost in (("a", 40, 930.377143), ("b", 30, 697.782857))
    ]
    out = write(found, summary(found))
    text = text_of(out)
    assert "Cost a month list price $1,628.16" in text
    assert "Stored 70.0 TiB 76,965,813,944,320 bytes" in text
    assert "Objects 1,316" in text
    assert "Buckets 2 1 region" in text
    titles = [attributes.get("title") for _, attributes in Reader(out / "index.html").tags]
    assert "43,980,465,111,040 bytes" in titles, "exact bytes at hand"


def test_what_cost_leaves_out_is_said_where_cost_is_shown(write: Write) -> None:
    out = write([bucket()], summary([bucket()]))
    for text in (text_of(out), page_of(out, "logs")):
        assert "leaves out requests, retrieval, transfer, early deletion, tax and discounts" in text
    assert "AWS price list, published 2024-09-25 (2 years ago)" in text_of(out)


def test_a_narrowed_selection_is_said_to_be_priced_on_itself(write: Write) -> None:
    selection = Selection(profile="user1-dev", regions=("eu-west-1",), buckets=("logs-*",))
    text = text_of(write([bucket()], summary([bucket()], selection=selection)))
    assert "A narrowed selection. Volume tiers were filled by what was selected alone" in text
    assert "Profile user1-dev. Regions eu-west-1. Buckets logs-*." in text
    assert "A narrowed selection" not in text_of(write([bucket()], summary([bucket()])))


def test_the_age_of_the_data_and_the_price_of_asking_are_told(write: Write) -> None:
    text = text_of(write([bucket()], summary([bucket()])))
    assert "Age of the data figures of 2026-11-21 (yesterday)" in text
    assert "Asking AWS 1,234 requests, $0.40 at list price" in text


def test_bytes_without_a_price_are_told_beside_the_cost(write: Write) -> None:
    found = [
        bucket("a"),
        bucket("b", storage={"TomorrowsStorage": StorageLine(2.0**40, None)}, total_size=2.0**40, total_cost=None),
    ]
    out = write(found, summary(found))
    assert "without 1.00 TiB that no price is known for" in text_of(out)
    assert "no price is known for TomorrowsStorage" in (out / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("state", ["young", "no-data", "incomplete"])
def test_a_bucket_that_is_not_known_is_unknown_with_the_reason_and_never_zero(write: Write, state: str) -> None:
    found = [unknown("mystery", state)]  # type: ignore[arg-type]
    totals = Totals(1, None, None, None, 0.0, 1)
    group = {"us-east-1": Group(1, None, None, None)}
    out = write(found, summary(found, totals=totals, by_region=group))
    page = page_of(out, "mystery")
    assert "Cost a month unknown Stored unknown Objects unknown" in page
    assert f"State {state}" in page
    for text in (page, text_of(out, "buckets/cost.html"), text_of(out)):
        assert "$0.00" not in text
        assert " 0 B" not in text
    assert "unknown" in text_of(out, "regions/" + next((out / "regions").iterdir()).name)


def test_buckets_that_are_not_in_the_sum_of_bytes_are_counted_beside_it(write: Write) -> None:
    found = [bucket("a"), unknown("b", "young")]
    text = text_of(write(found, summary(found)))
    assert "Stored 40.0 GiB 42,949,672,960 bytes 1 bucket not or not wholly known" in text
    assert "Objects 658 without 1 bucket whose count is unknown" in text


def test_an_empty_bucket_is_zero_and_says_that_it_is_empty(write: Write) -> None:
    found = [bucket("nothing", state="empty", storage={}, total_size=0.0, total_cost=0.0, num_objects=0.0, as_of=None)]
    page = page_of(write(found, summary(found)), "nothing")
    assert "Cost a month $0.00 Stored 0 B Objects 0" in page
    assert "None: the bucket is empty." in page


def test_a_buckets_page_tells_its_facts_its_storage_and_its_problems(write: Write) -> None:
    storage = {
        "StandardStorage": StorageLine(2.0**40, 23.552),
        "GlacierObjectOverhead": StorageLine(32768.0 * 1000, 0.00011, 1000.0),
    }
    found = [bucket("logs", storage=storage, total_size=2.0**40 + 32768000, total_cost=23.55211), bucket("other")]
    problems = [note("111122223333/us-east-1/logs/GlacierStorage", "has ended", "nothing to do")]
    page = page_of(write(found, summary(found, problems)), "logs")
    assert "Overview Buckets logs" in page
    assert "Created 2020-05-04 15:13 UTC (6 years ago)" in page
    assert "Newest object 2026-11-16 22:53 UTC (6 days ago)" in page
    assert "StandardStorage Standard: objects in S3 Standard $23.55 >99.9 % 1.00 TiB $0.023 –" in page
    assert "32 KB of index an archived object <$0.01 <0.1 % 31.2 MiB $0.0036 1,000" in page
    assert "note has ended" in page


def test_sorted_pages_hold_every_bucket_once_in_order(pages: dict[str, Reader], report: Path) -> None:
    for order in ("cost", "size", "objects", "name", "created", "modified"):
        rows = []
        for number in ("", "-2", "-3"):
            html = (report / "buckets" / f"{order}{number}.html").read_text(encoding="utf-8")
            rows += re.findall(r"<tr><th scope=\"row\">.*?</tr>", html, re.DOTALL)
        assert len(rows) == 430
        assert len(set(rows)) == 430
    first = pages["buckets/size.html"].text
    assert "1 to 200 of 430" in first
    sorts = [attributes["aria-sort"] for _, attributes in pages["buckets/name.html"].tags if "aria-sort" in attributes]
    assert sorts == ["ascending"]


def test_few_buckets_come_without_furniture(write: Write) -> None:
    out = write([bucket()], summary([bucket()]))
    page = Reader(out / "index.html")
    assert not (out / "charts").exists(), "one region, one storage class: nothing to compare"
    assert "By account" not in page.text
    assert not [tag for tag, _ in page.tags if tag in ("details", "figure")]


def test_many_accounts_are_cut_on_the_index_and_whole_on_their_own_page(pages: dict[str, Reader]) -> None:
    links = [link for link in pages["index.html"].links if link.startswith("accounts/")]
    assert len(links) == INDEX_GROUPS + 1
    assert len([link for link in pages["accounts/all.html"].links if link.startswith("../accounts/1")]) == 20


def test_a_chart_has_its_numbers_in_a_table(write: Write) -> None:
    found = [bucket("a", total_cost=0.92), bucket("b", region="eu-west-1", total_cost=0.92)]
    text = text_of(write(found, summary(found)))
    assert (
        "The same as numbers Monthly cost by region and storage class Standard eu-west-1 $0.92 us-east-1 $0.92" in text
    )


def test_writing_over_an_older_report_removes_its_pages_and_nobody_elses(write: Write) -> None:
    out = write([bucket("old")], summary([bucket("old")]))
    (old,) = (out / "buckets").glob("old-*.html")
    foreign = out / "buckets" / "notes.html"
    foreign.write_text("<p>mine", encoding="utf-8")
    write([bucket("new")], summary([bucket("new")]))
    assert not old.exists()
    assert foreign.exists()
    assert list((out / "buckets").glob("new-*.html"))


def test_the_index_is_written_last(tmp_path: Path) -> None:
    (tmp_path / "buckets").write_text("a file where a folder must be", encoding="utf-8")
    with pytest.raises(OSError):
        write_pages(tmp_path, [bucket()], summary([bucket()]))
    assert not (tmp_path / "index.html").exists()


@pytest.mark.parametrize(
    ("number", "last", "window"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (1, 50, [1, 2, 3, None, 50]),
        (25, 50, [1, None, 23, 24, 25, 26, 27, None, 50]),
        (50, 50, [1, None, 48, 49, 50]),
    ],
)
def test_a_pager_shows_the_ends_and_the_neighbours(number: int, last: int, window: list[int | None]) -> None:
    assert page_window(number, last) == window


def test_long_tables_are_cut_into_pages_and_nothing_is_one_page() -> None:
    assert [(number, last, len(part)) for number, last, part in paged(range(450))] == [
        (1, 3, 200),
        (2, 3, 200),
        (3, 3, 50),
    ]
    assert list(paged([])) == [(1, 1, [])]


# Trends


def test_the_index_says_what_changed_since_a_day_a_week_and_a_month_ago_and_what_comes(write: Write) -> None:
    found = [bucket(f"b-{index}") for index in range(30)]
    text = text_of(write(found, summary(found), builder.history(found, holes=0)))
    assert re.search(r"In a day since 2026-11-20 [+−]\$[\d,.]+ [+−][\d.]+ % [+−][\d.]+ [GTP]iB", text)
    assert re.search(r"In 7 days since 2026-11-14 [+−]\$", text)
    assert re.search(r"In 29 days since 2026-10-23 [+−]\$", text)
    assert re.search(r"Forecast December 2026 \$[\d,.]+ \$[\d,.]+ to \$[\d,.]+ in 4 of 5 cases", text)


def test_a_day_with_a_gap_is_unknown_in_the_table_and_breaks_the_line(write: Write) -> None:
    found = [bucket("a"), bucket("b")]
    one = builder.history(found, holes=0.2)
    out = write(found, summary(found), one)
    assert one is not None
    gaps = sum(size is None for size in one.whole.sizes)
    assert gaps
    assert text_of(out, "trends.html").count("unknown") >= 2 * gaps
    assert (out / "charts" / "trend-size.svg").read_text(encoding="utf-8").count(' class="line reactive') >= 2


def test_without_a_history_there_is_no_empty_furniture(write: Write) -> None:
    found = builder.buckets(20)
    for out in (write(found, summary(found)), write(found, summary(found), builder.history(found, days=5))):
        text = text_of(out)
        for word in ("Trends", "Growth", "Course", "Forecast", "Rose most"):
            assert word not in text, word
        assert not (out / "trends.html").exists()
        assert not list((out / "charts").glob("trend-*"))
        assert not (out / "buckets" / "growth.html").exists()


def test_buckets_in_the_order_of_their_growth(write: Write) -> None:
    found = builder.buckets(40)
    one = builder.history(found)
    assert one is not None
    page = Reader(write(found, summary(found), one) / "buckets" / "growth.html")
    links = [
        re.sub(r"^\.\./buckets/|-[0-9a-f]{16}\.html$", "", link)
        for link in page.links
        if re.search(r"-[0-9a-f]{16}\.html$", link)
    ]
    growth = {key[2]: trend.growth for key, trend in one.buckets.items() if trend.growth is not None}
    assert links[: len(growth)] == sorted(growth, key=lambda name: -growth[name])


def test_what_is_new_emptied_or_gone_is_told(write: Write) -> None:
    found = [bucket("a"), bucket("new", creation_date="2026-11-10 00:00:00+00:00")]
    text = text_of(write(found, summary(found), builder.history(found)), "trends.html")
    assert "New buckets 1 Made in these days." in text
    assert "new 2026-11-10 40.0 GiB us-east-1" in text
    assert "Deleted buckets 3" in text
    assert "gone-0" in text


def test_so_many_buckets_have_a_page_each_as_the_plan_says(tmp_path: Path) -> None:
    found = builder.buckets(30)
    write_pages(tmp_path, found, summary(found), top=7)
    assert len([path for path in (tmp_path / "buckets").glob("*.html") if len(path.stem) > 16]) == 7


def test_an_emptied_bucket_is_marked_wherever_its_last_figures_stand(write: Write) -> None:
    found = [bucket("big"), bucket("was", as_of=builder.NOW.date() - timedelta(days=12))]
    out = write(found, summary(found), builder.history(found, holes=0))
    assert "was emptied" in text_of(out, "buckets/cost.html")
    assert "$0.92 of it in 1 bucket emptied since" in text_of(out)
    page = next(path for path in (out / "buckets").glob("was-*.html"))
    assert "Emptied. CloudWatch has no figures of this bucket after 2026-11-10" in text_of(out, f"buckets/{page.name}")


def test_a_listing_that_failed_is_said_where_the_newest_object_would_stand(write: Write) -> None:
    found = [bucket("closed", last_modified=None), bucket("open", last_modified=None)]
    problem = gap("111122223333/us-east-1/closed", "its newest object is unknown: ListObjectsV2: Access Denied", "ask")
    out = write(found, summary(found, [problem]))
    reasons = {
        name: "its listing failed" in text_of(out, f"buckets/{path.name}")
        for path in sorted((out / "buckets").iterdir())
        if (name := path.name.partition("-")[0]) in ("closed", "open") and len(path.stem) > 16
    }
    assert reasons == {"closed": True, "open": False}
