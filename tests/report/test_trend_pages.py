"""Trends on the pages."""

from __future__ import annotations

import re

from s3_monitor.model.bucket import StorageLine
from tests.report import builder
from tests.report.builder import bucket, summary
from tests.report.conftest import Write
from tests.report.reader import Reader, text_of


def test_the_index_shows_the_changes_and_the_forecast(write: Write) -> None:
    found = [bucket(f"b-{index}") for index in range(30)]
    out = write(found, summary(found), builder.history(found, holes=0))
    assert re.search(r"\$27.60 [+−]\$[\d,.]+ in 7 days \([+−][\d.]+%\)", text_of(out))
    assert re.search(r"[+−][\d.]+ [GTP]iB in 7 days", text_of(out))
    text = text_of(out, "changes.html")
    assert re.search(r"1-day change since 2026-11-20 [+−]\$[\d,.]+ [+−][\d.]+% [+−][\d.]+ [GTP]iB", text)
    assert re.search(r"7-day change since 2026-11-14 [+−]\$", text)
    assert re.search(r"29-day change since 2026-10-23 [+−]\$", text)
    assert re.search(r"Forecast December 2026 \$[\d,.]+ \$[\d,.]+ to \$[\d,.]+, 80% range", text)


def test_a_day_with_a_gap_is_unknown_in_the_table_and_interrupts_the_line(write: Write) -> None:
    found = [bucket("a"), bucket("b")]
    one = builder.history(found, holes=0.2)
    out = write(found, summary(found), one)
    assert one is not None
    gaps = sum(size is None for size in one.total.sizes)
    assert gaps
    assert text_of(out, "changes.html").count("unknown") >= 2 * gaps
    assert (out / "charts" / "size.svg").read_text(encoding="utf-8").count('class="line reactive') >= 2


def test_without_a_history_there_are_no_empty_sections(write: Write) -> None:
    found = builder.buckets(20)
    for out in (write(found, summary(found)), write(found, summary(found), builder.history(found, days=5))):
        text = text_of(out)
        for word in ("30-day change", "What changed in 7 days", "Show data"):
            assert word not in text, word
        assert not list((out / "charts").glob("*"))
        assert not (out / "buckets" / "growth.html").exists()


def test_buckets_are_sorted_by_their_30_day_change(write: Write) -> None:
    found = builder.buckets(40)
    one = builder.history(found)
    found = builder.with_changes(found, one)
    page = Reader(write(found, summary(found), one) / "buckets" / "growth.html")
    links = [
        re.sub(r"^\.\./buckets/|-[0-9a-f]{16}\.html$", "", link)
        for link in page.links
        if re.search(r"-[0-9a-f]{16}\.html$", link)
    ]
    moved = {bucket.name: bucket.cost_change_30d or 0.0 for bucket in found}
    rising = [name for name in links if moved.get(name, 0) > 0]
    assert rising == sorted(rising, key=lambda name: -moved[name])
    assert links.index(rising[-1]) == len(rising) - 1


def test_new_emptied_and_deleted_buckets_are_listed(write: Write) -> None:
    found = [bucket("a"), bucket("new", creation_date="2026-11-10 00:00:00+00:00")]
    text = text_of(write(found, summary(found), builder.history(found)), "changes.html")
    assert "New buckets 1 Created in this period." in text
    assert "new 2026-11-10 40.0 GiB us-east-1" in text
    assert "Deleted buckets 3" in text
    assert "gone-0" in text


def test_the_causes_of_each_period_are_shown_with_its_buckets(write: Write) -> None:
    found = [bucket("a"), bucket("new", creation_date="2026-11-10 00:00:00+00:00")]
    out = write(found, summary(found), builder.history(found, holes=0))
    text = text_of(out, "changes.html")
    for days in ("7 days", "30 days", "1 day"):
        assert f"In {days}" in text
    assert re.search(r"Buckets deleted 3 −\$[\d.]+ −\d+ GiB", text)
    assert re.search(r"Biggest increases in 30 days .* new us-east-1 created \$0.00 → \$[\d.]+ \+\$", text)
    assert re.search(r"What changed in 7 days .* gone-\d us-east-1 deleted", text_of(out))


def test_a_bucket_that_moved_on_one_day_states_it_and_is_marked_in_the_chart(write: Write) -> None:
    moved = {"GlacierInstantRetrievalStorage": StorageLine(4.0 * 2**40, 16.384)}
    found = [bucket("a", storage=moved, total_size=4.0 * 2**40, total_cost=16.384), bucket("b")]
    record = {"StandardStorage": dict.fromkeys(range(20), 4 * 2**40)}
    record["GlacierInstantRetrievalStorage"] = dict.fromkeys(range(20, 30), 4 * 2**40)
    out = write(found, summary(found), builder.history(found, holes=0, points={"a": record}))
    page = text_of(out, next(f"buckets/{path.name}" for path in (out / "buckets").glob("a-*.html")))
    assert "12 Nov: 4.00 TiB moved from Standard to Glacier Instant Retrieval, −$77.82 per month." in page
    assert "12 Nov a moved 4.00 TiB moved from Standard to Glacier Instant Retrieval" in text_of(out)
    assert ">1</text>" in (out / "charts" / "cost.svg").read_text(encoding="utf-8")
