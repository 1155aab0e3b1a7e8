"""Records written straight away are the bytes that their Buckets would be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from s3_monitor.merge import BucketRecord
from s3_monitor.model import bucket
from s3_monitor.model.bucket import Kind, State
from s3_monitor.model.details import Details
from s3_monitor.report import spreadsheet
from s3_monitor.report.priced import by_types, in_buckets
from s3_monitor.report.texts import texts
from tests.merge.world import plan, unit

PLAN = plan([unit("a")])
DAYS = [PLAN.window.day(offset) for offset in range(PLAN.window.days)]
USUAL, HOSTILE = ("a", "logs-2", "x--x-s3", "Old_one.2"), ('"', "a,b", "=1", "%s", "ключ", "a\\b", "\x00", "\u2028", "")
PLACES = (("111122223333", "us-east-1"), ("111122223333", "eu-west-1"), ('"%s', "100 %, 0e0"))
TYPES = ("GlacierObjectOverhead", "GlacierStorage", "StandardStorage", "%d%%", '": 0e0,\n', "=a,0e0")
rates = st.fixed_dictionaries(
    {
        place: st.fixed_dictionaries({name: st.none() | st.integers(0, 10**70) for name in TYPES if name.isalnum()})
        for place in PLACES
    }
)
amounts = st.integers(0, 2**63) | st.floats(0, 2.0**63)
seconds = st.none() | st.integers(0, 253_402_300_799)


@st.composite
def records(draw: st.DrawFn) -> BucketRecord:
    account, region = draw(st.sampled_from(PLACES))
    types = tuple(sorted(draw(st.lists(st.sampled_from(TYPES), unique=True))))
    return BucketRecord(
        account,
        region,
        draw(st.sampled_from(USUAL) | st.sampled_from(HOSTILE)),
        draw(seconds),
        draw(st.sampled_from(Kind.__args__)),
        draw(st.sampled_from(State.__args__)),
        draw(st.none() | st.integers(0, len(DAYS) - 1)),
        types,
        tuple([draw(amounts) for _ in types]),
        draw(st.none() | amounts),
        draw(seconds),
        {},
        None,
        details=draw(st.sampled_from([UNSET, UNSET, UNSET, None, Details(tags={})])),
    )


@given(st.lists(records(), min_size=1, max_size=4), rates)
def test_records_are_written_as_their_buckets_are(
    some: list[BucketRecord], known: dict[tuple[str, str], dict[str, int | None]]
) -> None:
    all_rates = {place: dict.fromkeys(TYPES) | of_place for place, of_place in known.items()}
    buckets = list(in_buckets(some, by_types(all_rates), DAYS))
    assert texts(all_rates, PLAN)(some) == (bucket.members(buckets), spreadsheet.rows(buckets, billed=False))
