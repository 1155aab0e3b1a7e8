"""Random accounts and random splits of them into shards, for property tests."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from s3_monitor.model.part import Listing
from s3_monitor.model.plan import Plan, Unit
from tests.merge.fixtures import ACCOUNT, DAYS, OLD, REGION, TODAY, Points, Truth, plan, unit

TYPES = (
    "StandardStorage",
    "StandardIAStorage",
    "GlacierStorage",
    "GlacierObjectOverhead",
    "GlacierStagingStorage",
    "GlacierIRSizeOverhead",
    "GlacierInstantRetrievalSizeOverhead",
    "TomorrowsStorage",
)
PLACES = ((ACCOUNT, REGION), (ACCOUNT, "eu-west-1"), ("444455556666", REGION))
STEMS = ("a", "ab", "b", "logs-1", "logs-2", "x--x-s3")

values = st.one_of(
    st.integers(0, 2**50), st.integers(0, 10).map(lambda n: n * 32768), st.floats(0, 1e15, allow_nan=False)
)
days = st.integers(0, DAYS - 1)


def points(value: st.SearchStrategy[float] = values) -> st.SearchStrategy[Points]:
    """Return points of any days of the window: none, some or all.

    A series without a point in the window is listed, too.
    """
    return st.one_of(st.just({}), st.dictionaries(days, value, max_size=DAYS))


def _moved(sizes: dict[str, Points], moves: list[tuple[str, str, int]]) -> dict[str, Points]:
    """Move bytes from one type to another on a day: the old series ends where the new series begins."""
    for source, target, when in moves:
        if source in sizes and source != target:
            before = {day: value for day, value in sizes[source].items() if day < when}
            after = {day: value for day, value in sizes[source].items() if day >= when}
            sizes = {**sizes, source: before, target: {**after, **sizes.get(target, {})}}
    return sizes


sizes = st.builds(
    _moved,
    st.dictionaries(st.sampled_from(TYPES), points(), max_size=4),
    st.lists(st.tuples(st.sampled_from(TYPES), st.sampled_from(TYPES), days), max_size=2),
)
created = st.one_of(
    st.just(OLD),
    st.none(),
    st.integers(-1, 6).map(
        lambda ago: int(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC).timestamp()) - ago * 86400
    ),
)
listings = st.one_of(
    st.none(),
    st.just(Listing(None, 0)),
    st.just(Listing(None, 0, vacant=True)),
    st.builds(Listing, st.integers(OLD, OLD + 10**8), st.integers(1, 1000)),
)


@st.composite
def accounts(draw: st.DrawFn) -> list[Truth]:
    """Draw a few buckets in a few regions; names are unique in a region, and some are in several regions."""
    places = draw(st.lists(st.sampled_from(PLACES), min_size=1, unique=True))
    buckets = []
    for account, region in places:
        for name in draw(st.lists(st.sampled_from(STEMS), unique=True)):
            directory = name.endswith("--x-s3")
            buckets.append(
                Truth(
                    name,
                    draw(sizes),
                    draw(st.one_of(st.none(), points(st.integers(0, 2000)))),
                    draw(created),
                    not directory and draw(st.booleans()),
                    None if directory else draw(listings),
                    account,
                    region,
                )
            )
    return buckets


def whole(buckets: list[Truth], selected: tuple[str, ...] | None) -> Plan:
    """Return a plan of one shard that requests all data."""
    places = sorted({(bucket.account, bucket.region) for bucket in buckets} or {(ACCOUNT, REGION)})
    return plan(
        [unit(f"{a}/{r}", types=selected, account=a, region=r) for a, r in places], storage_types=selected or ()
    )


@st.composite
def cuts(draw: st.DrawFn, buckets: list[Truth], selected: tuple[str, ...] | None) -> Plan:
    """Split the selection into overlapping units by region, type, pattern and rest, in random shards."""
    places = sorted({(bucket.account, bucket.region) for bucket in buckets} or {(ACCOUNT, REGION)})
    units: list[Unit] = []
    for account, region in places:
        patterns = draw(st.sampled_from([[()], [("a*",), ("[!a]*",)], [("*",), ("logs-1", "x*")]]))
        for number, pattern in enumerate(patterns):
            units += draw(_cut(f"{account}/{region}/{number}", account, region, pattern, selected))
    shuffled = draw(st.permutations(units))
    number = draw(st.integers(1, len(units)))
    return plan(*(shuffled[start::number] for start in range(number)), storage_types=selected or ())


@st.composite
def _cut(
    draw: st.DrawFn, prefix: str, account: str, region: str, pattern: tuple[str, ...], selected: tuple[str, ...] | None
) -> list[Unit]:
    """Draw units that together request the selected types of the matching buckets, some possibly twice."""
    apart = draw(st.lists(st.sampled_from(selected or TYPES), unique=True))
    where = {"account": account, "region": region, "buckets": pattern}
    units = [unit(f"{prefix}/{type_}", types=[type_], rest=False, **where) for type_ in apart]  # type: ignore[arg-type]
    if selected is None:
        units.append(unit(f"{prefix}/rest", except_=apart, **where))  # type: ignore[arg-type]
    else:
        left = [type_ for type_ in selected if type_ not in apart]
        units.append(unit(f"{prefix}/rest", types=left, **where))  # type: ignore[arg-type]
    if draw(st.booleans()):
        units.append(unit(f"{prefix}/again", types=selected, **where))  # type: ignore[arg-type]
    return units
