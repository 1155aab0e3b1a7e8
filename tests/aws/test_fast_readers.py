"""The fast readers compared with botocore's parsers: for any bytes, the same figures or an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

import botocore.session
import msgspec
import pytest
from botocore.parsers import ResponseParserFactory
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.aws import list_xml, metrics_json
from s3_monitor.aws.timestamps import parse_timestamp, seconds
from tests.collect.canned_responses import bucket_list

_SESSION = botocore.session.Session()
TIMES = ["2026-11-21T03:04:05.000Z", "2026-02-30T03:04:05.000Z", "2026-11-21T03:04:05Z", "x"]
NS = "http://s3.amazonaws.com/doc/2006-03-01/"


def by_botocore(service: str, operation: str, body: bytes) -> dict[str, Any] | None:
    """Return the result of botocore, or None if it cannot parse the response."""
    model = _SESSION.get_service_model(service)
    factory = ResponseParserFactory()
    factory.set_parser_defaults(timestamp_parser=parse_timestamp)
    parser = factory.create_parser(model.resolved_protocol)
    try:
        return parser.parse(  # type: ignore[no-any-return]
            {"status_code": 200, "headers": {}, "body": body}, model.operation_model(operation).output_shape
        )
    except Exception:
        return None


def outcome(read: Callable[[Any], Any], body: Any) -> Any:
    """Return the result, or None for an error or a response that is left to botocore's stricter parser."""
    try:
        return read(body)
    except Exception:
        return None


# ---- XML in forms that AWS does not write, built from fragments

SPACE = st.sampled_from(["", "", "", " ", "\n  ", "\t", "\r\n", "<!-- <Contents> -->", "<?pi x?>", "<![CDATA[ ]]>"])
TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=4),
    st.sampled_from(["a", "b/c", "%2F+", "&amp;", "&lt;", "&#65;", "&bad;", "<![CDATA[<Key>]]>", "a<!-- b -->c", ""]),
    st.just("]]>"),
)
BOOLEAN = st.sampled_from(["true", "false", "true", "false", " true ", "TRUE", "", "1", "<b>true</b>"])
SIZE = st.sampled_from(["1", "0", "123456789", " 5", "-1", "1e3", "0x10", "٣", "", "1_0"])
TIME = st.sampled_from([TIMES[0]] * 4 + TIMES)


@st.composite
def element(draw: st.DrawFn, name: str, content: str) -> str:
    form = draw(st.integers(0, 14))
    before, after = draw(SPACE), draw(SPACE)
    opened = {
        0: f'<{name} a="1">',
        1: f"<{name} >",
        2: f"<{name}\n>",
        3: f"<{name} b='&lt;'>",
        4: f'<{name} xmlns="other">',
        5: f"<s3:{name}>",
    }.get(form, f"<{name}>")
    if form == 6 and not content:
        return f"<{name}/>"
    closed = {5: f"</s3:{name}>", 7: f"</{name} >"}.get(form, f"</{name}>")
    if form == 8:
        closed = ""
    return f"{before}{opened}{content}{closed}{after}" if form in (0, 1, 9, 10) else f"{opened}{content}{closed}"


@st.composite
def entry(draw: st.DrawFn, name: str) -> str:
    fields = [("Key", draw(TEXT)), ("LastModified", draw(TIME)), ("ETag", "&quot;0&quot;"), ("Size", draw(SIZE))]
    if name == "Version":
        fields[1:1] = [("VersionId", "v"), ("IsLatest", draw(BOOLEAN))]
    if name == "DeleteMarker":
        fields = [("Key", draw(TEXT)), ("VersionId", "v"), ("IsLatest", "true"), ("LastModified", draw(TIME))]
    else:
        fields.append(("StorageClass", draw(st.sampled_from(["STANDARD", "GLACIER", ""]))))
    match draw(st.integers(0, 9)):
        case 0:
            fields = draw(st.permutations(fields))
        case 1:
            fields.append(draw(st.sampled_from(fields)))
        case 2:
            fields.pop(draw(st.integers(0, len(fields) - 1)))
    return draw(element(name, "".join(draw(element(field, text)) for field, text in fields)))


@st.composite
def keys_document(draw: st.DrawFn, root: str, names: list[str], token: str) -> bytes:
    head = [("Name", "b"), ("Prefix", ""), ("IsTruncated", draw(BOOLEAN))]
    if draw(st.booleans()):
        head.append((token, draw(TEXT)))
    if draw(st.booleans()):
        head.append(("EncodingType", "url"))
    parts = [draw(element(name, text)) for name, text in head]
    parts += draw(st.lists(st.sampled_from(names).flatmap(entry), max_size=3))
    if draw(st.integers(0, 5)) == 0:
        parts = draw(st.permutations(parts))
    prolog = draw(st.sampled_from(['<?xml version="1.0" encoding="UTF-8"?>\n', "", "\ufeff", "<!-- c -->"]))
    space = draw(st.sampled_from([f' xmlns="{NS}"', "", f' xmlns:s3="{NS}"', f' xmlns:s3="{NS}" xmlns="{NS}"']))
    text = f"{prolog}<{root}{space}>{''.join(parts)}</{root}>{draw(SPACE)}"
    return draw(damaged(text.encode()))


@st.composite
def damaged(draw: st.DrawFn, body: bytes) -> bytes:
    """Return the same bytes in most cases, and damaged bytes otherwise."""
    at = draw(st.integers(0, len(body)))
    match draw(st.integers(0, 11)):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + draw(st.binary(min_size=1, max_size=2)) + body[at:]
        case 2:
            return body[:at] + body[at + draw(st.integers(1, 12)) :]
        case 3:
            return body[:at] + body[max(0, at - 9) :]
        case _:
            return body


def keys_of(parsed: dict[str, Any], member: str) -> list[tuple[Any, ...]]:
    read = unquote_plus if parsed.get("EncodingType") == "url" else str
    return [
        (read(one["Key"]), one["Size"], one.get("StorageClass") or "STANDARD", one["LastModified"].timestamp())
        for one in parsed.get(member, [])
    ]


def check_keys(body: bytes, operation: str, read: Callable[[bytes], Any], member: str) -> None:
    page, parsed = outcome(read, body), by_botocore("s3", operation, body)
    if page is None:
        return
    assert parsed is not None, "botocore rejects this document"
    found = [
        (key, size, kind, parse_timestamp(time).timestamp())
        for key, size, kind, time in zip(page.keys, page.sizes, page.classes, page.times, strict=True)
    ]
    assert found == keys_of(parsed, member)
    assert not parsed.get("CommonPrefixes")
    if parsed.get("IsTruncated"):
        assert page.token
    if member == "Versions":
        read_key = unquote_plus if parsed.get("EncodingType") == "url" else str
        assert list(page.latest) == [one["IsLatest"] for one in parsed.get("Versions", [])]
        assert list(page.markers) == [read_key(one["Key"]) for one in parsed.get("DeleteMarkers", [])]
    else:
        assert (page.token or ("",))[0] == (parsed.get("NextContinuationToken") or "")


ONE = (
    "<Contents><Key>k</Key><LastModified>2026-11-21T03:04:05.000Z</LastModified><ETag>&quot;0&quot;</ETag>"
    "<Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>"
)


ODD = [
    ONE.replace("<Contents>", '<Contents a="1">'),
    f"<IsTruncated >true</IsTruncated >{ONE}",
    f"<!-- {ONE} -->",
    f"<Name><![CDATA[{ONE}]]></Name>",
    f"{ONE}<!-- </Contents><Contents> -->{ONE}",
    f"{ONE}<Contents/>{ONE}",
    f"{ONE}</ListBucketResult><ListBucketResult>",
    ONE.replace("0&quot;", "0&nbsp;"),
    ONE.replace(">k<", ">\x01<"),
    f"{ONE}<CommonPrefixes a='1'><Prefix>p</Prefix></CommonPrefixes>",
    ONE.replace("<Contents>", "<Contents xmlns='other'>"),
]


@pytest.mark.parametrize("inner", ODD)
def test_unusual_forms_are_read_as_botocore_reads_them(inner: str) -> None:
    for space in ("", f' xmlns="{NS}"'):
        body = f"<ListBucketResult{space}>{inner}</ListBucketResult>".encode()
        check_keys(body, "ListObjectsV2", list_xml.objects, "Contents")


@given(keys_document("ListBucketResult", ["Contents"], "NextContinuationToken"))
def test_objects_are_those_that_botocore_reads(body: bytes) -> None:
    check_keys(body, "ListObjectsV2", list_xml.objects, "Contents")


@given(keys_document("ListVersionsResult", ["Version", "DeleteMarker"], "NextKeyMarker"))
def test_versions_are_those_that_botocore_reads(body: bytes) -> None:
    check_keys(body, "ListObjectVersions", list_xml.versions, "Versions")


@st.composite
def buckets_document(draw: st.DrawFn) -> bytes:
    listed = []
    for _ in range(draw(st.integers(0, 3))):
        fields = [
            ("Name", draw(TEXT)),
            ("CreationDate", draw(TIME)),
            ("BucketRegion", draw(st.sampled_from(["r", ""]))),
        ]
        listed.append(draw(element("Bucket", "".join(draw(element(name, text)) for name, text in fields))))
    parts = [draw(element("Owner", "<ID>1</ID>")), draw(element("Buckets", "".join(listed)))]
    if draw(st.booleans()):
        parts.append(draw(element("ContinuationToken", draw(TEXT))))
    root = "ListAllMyBucketsResult"
    return draw(damaged(f'<{root} xmlns="{NS}" xmlns:s3="{NS}">{"".join(parts)}</{root}>'.encode()))


@given(st.one_of(buckets_document(), damaged(bucket_list(("a", "us-east-1"), ("b", None), token="t").encode())))
def test_buckets_are_those_that_botocore_reads(body: bytes) -> None:
    page, parsed = outcome(list_xml.buckets, body), by_botocore("s3", "ListBuckets", body)
    if page is None:
        return
    try:
        found = [(one["Name"], seconds(one["CreationDate"]), one.get("BucketRegion") or "") for one in page.buckets]
    except (KeyError, ValueError):  # a failure later
        return
    if parsed is None:
        assert page.unreadable, "botocore rejects this document"  # such as for the date of a bucket without a name
        return
    if page.unreadable:
        return
    assert found == [
        (one["Name"], one["CreationDate"].timestamp(), one.get("BucketRegion") or "") for one in parsed["Buckets"]
    ]
    assert (page.token or "") == (parsed.get("ContinuationToken") or "")


# ---- JSON of CloudWatch

METRICS = json.dumps(
    {
        "Metrics": [
            {
                "Namespace": "AWS/S3",
                "MetricName": "BucketSizeBytes",
                "Dimensions": [
                    {"Name": "BucketName", "Value": "b"},
                    {"Name": "StorageType", "Value": "StandardStorage"},
                ],
            }
        ],
        "NextToken": "t",
        "OwningAccounts": ["1"],
    }
).encode()
POINTS = json.dumps(
    {
        "MetricDataResults": [
            {"Id": "m0", "Label": "ü", "Timestamps": [1764000000, 1764086400.0], "Values": [1.0, 2.5],
             "StatusCode": "Complete"},
            {"Id": "m1", "Timestamps": ["2026-11-21T00:00:00Z"], "Values": ["NaN"], "StatusCode": "PartialData"},
        ],
        "NextToken": "t",
        "Messages": [{"Code": "c", "Value": "v"}],
    },
    ensure_ascii=False,
).encode()  # fmt: skip


@pytest.mark.parametrize("operation", ["ListMetrics", "GetMetricData"])
@given(data=st.data())
def test_metrics_are_those_that_botocore_reads(operation: str, data: st.DataObject) -> None:
    decode = metrics_json.decode_metrics if operation == "ListMetrics" else metrics_json.decode_results
    body = data.draw(damaged(METRICS if operation == "ListMetrics" else POINTS))
    page, parsed = outcome(decode, body), by_botocore("cloudwatch", operation, body)
    if page is None:
        return
    ours = comparable(msgspec.to_builtins(page))
    if any(not 0 <= time < 253_402_300_800 for one in ours.get("MetricDataResults", []) for time in one["Timestamps"]):
        return  # such a point is dropped with a problem
    assert parsed is not None, "botocore rejects this document"
    parsed.pop("ResponseMetadata")
    for results in filter(None, [parsed.get("MetricDataResults")]):
        results[:] = filter(None, map(metrics_json._result_or_none, results))
    record = metrics_json.MetricsPage if operation == "ListMetrics" else metrics_json.ResultsPage
    assert ours == comparable(msgspec.to_builtins(msgspec.convert(parsed, record)))


def comparable(page: Any) -> Any:
    for result in page.get("MetricDataResults", []):
        raw = result["Timestamps"]
        result["Timestamps"] = metrics_json.seconds(msgspec.Raw(raw.encode()) if isinstance(raw, str) else raw)
        result["Values"] = [str(float(value)) for value in result["Values"]]
    return page
