"""The page of a bucket: unknown figures are shown as unknown, never as zero."""

from __future__ import annotations

from datetime import timedelta

import pytest

from s3_monitor.model.bucket import StorageLine
from s3_monitor.model.summary import Group
from s3_monitor.report import glossary
from tests.problems import gap, note
from tests.report import builder
from tests.report.builder import bucket, summary, unknown
from tests.report.conftest import Write
from tests.report.reader import page_of, text_of


@pytest.mark.parametrize("state", ["young", "no-data", "incomplete"])
def test_unknown_figures_of_a_bucket_have_a_reason_and_are_never_zero(write: Write, state: str) -> None:
    found = [unknown("mystery", state)]  # type: ignore[arg-type]
    totals = Group(1, None, None, None, 0.0, 1, 1)
    group = {"us-east-1": totals}
    out = write(found, summary(found, totals=totals, by_region=group))
    page = page_of(out, "mystery")
    assert "Monthly cost list price unknown Stored unknown Objects unknown" in page
    assert f"us-east-1 {state} {glossary.STATES[state]}" in page
    for text in (page, text_of(out, "buckets/cost.html"), text_of(out)):
        assert "$0.00" not in text
        assert " 0 B" not in text
    assert "unknown" in text_of(out, "regions/" + next((out / "regions").iterdir()).name)


def test_an_empty_bucket_shows_zero_and_its_state(write: Write) -> None:
    found = [bucket("nothing", state="empty", storage={}, total_size=0.0, total_cost=0.0, num_objects=0.0, as_of=None)]
    page = page_of(write(found, summary(found)), "nothing")
    assert "Monthly cost list price $0.00 Stored 0 B Objects 0" in page
    assert "None: the bucket is empty." in page


def test_a_bucket_page_shows_facts_storage_types_and_problems(write: Write) -> None:
    storage = {
        "StandardStorage": StorageLine(2.0**40, 23.552),
        "GlacierObjectOverhead": StorageLine(32768.0 * 1000, 0.00011, 1000.0),
    }
    found = [bucket("logs", storage=storage, total_size=2.0**40 + 32768000, total_cost=23.55211), bucket("other")]
    problems = [note("111122223333/us-east-1/logs/GlacierStorage", "has ended", "nothing to do")]
    page = page_of(write(found, summary(found, problems)), "logs")
    assert "Overview Buckets logs" in page
    assert "Created 2020-05-04 15:13 UTC (6 years ago)" in page
    assert "Last modified 2026-11-16 22:53 UTC (6 days ago)" in page
    assert "Standard StandardStorage: objects in S3 Standard $23.55 >99.9% 1.00 TiB $0.023 –" in page
    assert "32 KB of index for each archived object <$0.01 <0.1% 31.2 MiB $0.0036 1,000" in page
    assert "note has ended" in page


def test_a_partly_priced_bucket_shows_a_lower_bound(write: Write) -> None:
    storage = {"StandardStorage": StorageLine(900.0 * 2**40, 19_916.17), "New": StorageLine(1.0, None)}
    found = [
        bucket("big", storage=storage, total_size=900.0 * 2**40 + 1, total_cost=None, known_cost=19_916.17),
        bucket("small"),
    ]
    out = write(found, summary(found))
    page = page_of(out, "big")
    assert "Monthly cost list price ≥ $19,916.17 No known price for New" in page
    assert "Total ≥ $19,916.17 900 TiB" in page
    assert "big ≥ $19,916.17 >99.9% 900 TiB" in text_of(out, "buckets/cost.html")


def test_a_failed_listing_is_the_reason_for_an_unknown_last_modified_date(write: Write) -> None:
    found = [bucket("closed", last_modified=None), bucket("open", last_modified=None)]
    problem = gap("111122223333/us-east-1/closed", "Could not list", "ask", affects=("last_modified",))
    out = write(found, summary(found, [problem]))
    reasons = {
        name: "the listing failed" in text_of(out, f"buckets/{path.name}")
        for path in sorted((out / "buckets").iterdir())
        if (name := path.name.partition("-")[0]) in ("closed", "open") and len(path.stem) > 16
    }
    assert reasons == {"closed": True, "open": False}


def test_an_emptied_bucket_counts_as_0_and_shows_its_last_known_figures(write: Write) -> None:
    found = [bucket("big"), builder.emptied("was", builder.NOW.date() - timedelta(days=12))]
    out = write(found, summary(found), builder.history(found, holes=0))
    assert "was emptied $0.00" in text_of(out, "buckets/cost.html")
    assert "1 bucket emptied: last known cost $0.92, not included" in text_of(out)
    page = next(path for path in (out / "buckets").glob("was-*.html"))
    text = text_of(out, f"buckets/{page.name}")
    assert "Last known on 2026-11-10 (12 days ago): 40.0 GiB, 658 objects, $0.92 per month." in text
    assert "Storage type Monthly cost Stored Standard StandardStorage: objects in S3 Standard $0.92 40.0 GiB" in text
