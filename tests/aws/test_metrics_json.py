"""Responses of CloudWatch as typed records, for any form of the numbers and times."""

from __future__ import annotations

import json
import math

import pytest

from s3_monitor.aws.metrics_json import decode_metrics, decode_results, seconds


def answer(*values: str) -> bytes:
    results = [f'{{"Id":"m{place}","Timestamps":[1.0],"Values":[{value}]}}' for place, value in enumerate(values)]
    return f'{{"MetricDataResults":[{",".join(results)}]}}'.encode()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (["29.0", "3.1357476E7", "0.0", "-0.0", "12"], [29, 31_357_476, 0, 0, 12]),
        ([f"{2**53 - 1}.0", f"{2**53}"], [2**53 - 1, 2**53]),
        # If one value is not an integer that a float holds exactly, all values are floats.
        (["29.0", "0.5"], [29.0, 0.5]),
        (["29.0", "-1.0"], [29.0, -1.0]),
        (["29", f"{2**53 + 1}"], [29.0, 2.0**53]),
        (["29.0", "1e300"], [29.0, 1e300]),
        (["29.0", '"Infinity"'], [29.0, math.inf]),
        ([], []),
    ],
)
def test_integral_amounts_are_integers_and_others_are_floats(sent: list[str], expected: list[float]) -> None:
    page = decode_results(answer(*sent))
    values = [value for result in page.metric_data_results for value in result.values]
    assert values == expected
    assert list(map(type, values)) == list(map(type, expected))


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ('"NaN"', math.nan), ("NaN", math.nan), ("null", math.nan), ('"many"', math.nan), ("[]", math.nan),
        ("1e999", math.inf), ("-1e999", -math.inf), ("9" * 400, math.inf), ("9" * 5000, math.inf),
    ],
)  # fmt: skip
def test_an_invalid_number_invalidates_only_itself(sent: str, value: float) -> None:
    page = decode_results(answer("1.0", sent))
    one, other = page.metric_data_results
    assert list(one.values) == [1.0]
    assert list(other.values) == [pytest.approx(value, nan_ok=True)]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", answer("1.0")[:-2], b'{"MetricDataResults":[{"Values":[]}]}'])
def test_a_response_of_another_form_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        decode_results(body)


def test_absent_messages_may_be_null() -> None:
    page = decode_results(answer("1.0")[:-1] + b',"Messages":null,"NextToken":null}')
    assert (page.messages, page.next_token) == (None, None)


@pytest.mark.parametrize(
    "time",
    [
        "1588605188",
        "1588605188.0",
        "1.588605188E9",
        '"1588605188"',
        '"2020-05-04T17:13:08+02:00"',
        '"20200504T151308Z"',
    ],
)
def test_times_of_any_form_become_seconds(time: str) -> None:
    page = decode_results(answer("1.0").replace(b"[1.0]", f"[{time}]".encode(), 1))
    assert seconds(page.metric_data_results[0].timestamps) == [1_588_605_188]


@pytest.mark.parametrize("time", ["null", "[]", '"yesterday"', "NaN", "{}"])
def test_an_invalid_time_invalidates_only_itself(time: str) -> None:
    page = decode_results(answer("1.0").replace(b"[1.0]", f"[86400,{time}]".encode(), 1))
    one, other = seconds(page.metric_data_results[0].timestamps)
    assert one == 86_400
    assert math.isnan(other)


@pytest.mark.parametrize("times", ["1", '"x"', "{}"])
def test_times_that_are_not_a_list_are_none(times: str) -> None:
    page = decode_results(answer("1.0").replace(b"[1.0]", times.encode(), 1))
    assert seconds(page.metric_data_results[0].timestamps) == []


@pytest.mark.parametrize(
    "odd",
    ["null", '""', "[]", "{}", '{"Id":1}', '{"Id":"m1","StatusCode":5}', '{"Id":"m1","Values":null}',
     '{"Id":"m1","Messages":[1]}'],
)  # fmt: skip
def test_a_malformed_result_invalidates_only_itself(odd: str) -> None:
    page = decode_results(answer("1.0", "2.0").replace(b',{"Id":"m1"', f',{odd},{{"Id":"m2"'.encode()))
    assert [result.id for result in page.metric_data_results] == ["m0", "m2"]


def test_a_name_that_cannot_be_encoded_is_not_a_name() -> None:
    dimension = {"Name": "BucketName", "Value": "\ud800"}
    with pytest.raises(ValueError):
        decode_metrics(json.dumps({"Metrics": [{"Dimensions": [dimension]}]}).encode())
