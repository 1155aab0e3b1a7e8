from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.aws.timestamps import parse_timestamp

MARCH_8 = datetime(2017, 3, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (1488931200, MARCH_8),
        (1488931200.0, MARCH_8),
        (1488931200.25, MARCH_8 + timedelta(milliseconds=250)),
        ("1488931200", MARCH_8),
        ("1488931200.5", MARCH_8 + timedelta(milliseconds=500)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-86400, datetime(1969, 12, 31, tzinfo=UTC)),
        ("2017-03-08T00:00:00Z", MARCH_8),
        ("2017-03-08T00:00:00.000Z", MARCH_8),
        ("2017-03-08T00:00:00.25Z", MARCH_8 + timedelta(milliseconds=250)),
        ("2017-03-08T02:00:00+02:00", MARCH_8),
        ("2017-03-08T00:00:00+0000", MARCH_8),
        ("2017-03-08T00:00:00", MARCH_8),
        ("2017-03-08T00:00Z", MARCH_8),
        ("20170308T000000Z", MARCH_8),
        ("Wed, 08 Mar 2017 00:00:00 GMT", MARCH_8),
        ("Wed, 08 Mar 2017 02:00:00 +0200", MARCH_8),
    ],
)
def test_every_form_that_aws_writes_is_an_aware_utc_time(written: object, meant: datetime) -> None:
    parsed = parse_timestamp(written)
    assert parsed == meant
    assert parsed.utcoffset() == timedelta(0)


@pytest.mark.parametrize("written", ["", "yesterday", "2017-13-45T00:00:00Z", None, [], float("nan"), float("inf")])
def test_an_invalid_time_is_a_value_error(written: object) -> None:
    with pytest.raises(ValueError):
        parse_timestamp(written)


@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)),
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_iso_times_of_any_zone_mean_the_same_instant(naive: datetime, minutes: int) -> None:
    time = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse_timestamp(time.isoformat()) == time


@pytest.mark.parametrize("text", ["5", "+5", "1e3", "5.5", "1_000", "١٢٣", " 5 ", "-1", "18446744073709551616"])
def test_a_small_or_unusual_number_as_text_is_not_a_time(text: str) -> None:
    with pytest.raises(ValueError, match="not a timestamp"):
        parse_timestamp(text)
