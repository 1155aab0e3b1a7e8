"""Keys, versions and unfinished uploads by pages, in the simulated account and in other emulators."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.aws import list_xml
from s3_monitor.aws.account import AwsAccount
from s3_monitor.aws.object_keys import ObjectKeysApi
from s3_monitor.aws.rate_limiter import RateLimits
from s3_monitor.collect.shard import collect_shard
from s3_monitor.model.call_counts import CallCounter, RequestBudget
from s3_monitor.model.errors import AwsError, RequestBudgetExhausted
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.plan import Access, KeyPattern, ListingRule, ObjectsRule, Plan, Selection, Shard, Unit
from s3_monitor.model.responses import KeysPage, ListKeysRequest
from s3_monitor.model.series import Window
from s3_monitor.objects.key_interpolator import LAST
from s3_monitor.simulator import Bucket, ObjectList, Simulator
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.versions import StoredVersion, Upload, VersionedObjects
from tests.collect import fixtures
from tests.collect.canned_responses import s3_error, server
from tests.e2e import fakes

PART = 5 * 1024 * 1024  # the minimum size of a part in AWS


@pytest.fixture(scope="module", params=["moto", "ministack"])
def fake(request: pytest.FixtureRequest) -> Iterator[str]:
    with fakes.running(request.param) as url:
        client = fakes.client("s3", url, "us-east-1")
        client.create_bucket(Bucket="held")
        client.put_bucket_versioning(Bucket="held", VersioningConfiguration={"Status": "Enabled"})
        for key, body in (("a/1 +%&ü", b"12345"), ("a/1 +%&ü", b"123"), ("b", b"1"), ("gone", b"12")):
            client.put_object(Bucket="held", Key=key, Body=body)
        client.put_object(Bucket="held", Key="cold", Body=b"1234", StorageClass="GLACIER")
        client.delete_object(Bucket="held", Key="gone")
        upload = client.create_multipart_upload(Bucket="held", Key="a/big")["UploadId"]
        client.upload_part(Bucket="held", Key="a/big", UploadId=upload, PartNumber=1, Body=b"x" * PART)
        client.create_multipart_upload(Bucket="held", Key="begun")
        client.create_bucket(Bucket="many")
        for number in range(23):
            client.put_object(Bucket="many", Key=f"k/{number:02d}", Body=b"x" * number)
        yield url


def found(url: str, bucket: str, rule: ObjectsRule) -> ObjectStats:
    """Return the object statistics that a shard collects of a bucket there."""
    clients, paces = fixtures.Clients(url), RateLimits(fixtures.UNPACED)
    account = AwsAccount(clients, paces).identity()
    unit = Unit("u", account.account, account.partition, "us-east-1", 0, (bucket,), rest=True, weight=1)
    plan = Plan(
        *("0", fixtures.NOW, Window(fixtures.TODAY, 1), Selection(), ListingRule("off"), (Access(),)),
        shards=(Shard("s", "", "", 1, (unit,)),),
        objects=rule,
    )
    part = collect_shard(
        *(plan, "digest", plan.shards[0], lambda access: AwsAccount(clients, paces)),
        now=lambda: fixtures.NOW,
        stop=threading.Event(),
        log=lambda line: None,
    )
    assert [problem for problem in part.problems if bucket in problem.place] == []
    return dict(part.units[0].objects)[bucket]


def test_versions_markers_and_uploads_are_distinguished_with_other_emulators_too(fake: str) -> None:
    got = found(fake, "held", ObjectsRule("listing", versions=True))
    assert (got.current, got.noncurrent, got.delete_markers) == (Amount(3, 8), Amount(2, 7), 1)
    assert got.classes == {"GLACIER": Amount(1, 4), "STANDARD": Amount(2, 4)}
    assert got.multipart == Amount(2, PART)


def test_current_objects_alone_are_listed_with_the_same_result(fake: str) -> None:
    assert found(fake, "held", ObjectsRule("listing")).current == Amount(3, 8)


def test_only_keys_with_the_prefix_are_requested(fake: str) -> None:
    rule = ObjectsRule("listing", keys=(KeyPattern("many", "k/1*"),))
    assert found(fake, "many", rule).current == Amount(10, sum(range(10, 20)))


def names_behind(url: str, bucket: str, prefix: str, after: str, versions: bool) -> list[str]:
    """List the keys in pages of four."""
    clients, names, token = fixtures.Clients(url), [], ()
    while True:
        question = ListKeysRequest(prefix, after, token, 4, versions)
        page = ObjectKeysApi(clients).keys_page(bucket, "us-east-1", question)
        names += page.keys
        token = page.token
        if not token:
            return names


def test_pages_continue_from_their_token_and_start_after_any_text(fake: str) -> None:
    # Versions are excluded: after a marker that is not a key, moto omits the first version, and ministack repeats some.
    names = names_behind(fake, "many", "k/", "k/05" + LAST, False)
    assert names == [f"k/{number:02d}" for number in range(6, 23)]


@pytest.mark.parametrize("versions", [False, True])
@pytest.mark.parametrize("versioned", [False, True])
def test_pages_of_versions_start_after_any_text(versions: bool, versioned: bool) -> None:
    plain = ObjectList(23, fixtures.NOW, folders=("k/",))
    names = [one.key for one in plain]
    kept = VersionedObjects.of(StoredVersion(name, 1, fixtures.NOW) for name in names) if versioned else plain
    bucket = Bucket("many", "us-east-1", fixtures.NOW, objects=kept)
    with Simulator(make_account(fixtures.ACCOUNT, [bucket]), today=fixtures.TODAY) as simulator:
        assert names_behind(simulator.url, "many", "k/", names[5] + LAST, versions) == names[6:]
        assert names_behind(simulator.url, "many", "", names[5], versions) == names[6:]


def test_uploads_with_any_characters_in_their_keys_are_found() -> None:
    names = ["\x01", "a\rb", "a\nb", "a b+c%2F&<ü>", "日本"]
    kept = VersionedObjects.of((), [Upload(name, (size,), fixtures.NOW) for size, name in enumerate(names, start=1)])
    bucket = Bucket("many", "us-east-1", fixtures.NOW, objects=kept)
    with Simulator(make_account(fixtures.ACCOUNT, [bucket]), today=fixtures.TODAY) as simulator:
        api = ObjectKeysApi(fixtures.Clients(simulator.url))
        page = api.uploads_page("many", "us-east-1", "", ())
        assert sorted(name for name, _ in page.uploads) == sorted(names)
        sizes = [api.parts_page("many", "us-east-1", one, ()).size for one in page.uploads if one[0] > " "]
        assert sorted(sizes) == [2, 3, 4, 5]  # XML cannot contain the first key, and ListParts has no other encoding


HEAD = "<EncodingType>{encoding}</EncodingType><IsTruncated>true</IsTruncated>"
CHECKSUM = "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
OWNER = "<Owner><ID>75aa57f0</ID><DisplayName>somebody</DisplayName></Owner>"
BOTH = [
    (
        list_xml.objects,
        f"<ListBucketResult>{HEAD}<NextContinuationToken>a&amp;b</NextContinuationToken>"
        "<Contents><Key>{0}</Key><LastModified>2026-11-21T03:04:05.000Z</LastModified><ETag>&quot;0&quot;</ETag>"
        f"{CHECKSUM}<Size>5</Size><StorageClass>GLACIER</StorageClass></Contents>"
        "<Contents><Key>{1}</Key><LastModified>2025-11-21T03:04:05.000Z</LastModified>"
        "<Size>0</Size><StorageClass></StorageClass></Contents></ListBucketResult>",
        ("a&b",),
    ),
    (
        list_xml.versions,
        f"<ListVersionsResult>{HEAD}<NextKeyMarker>a%2520</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>"
        "<Version><Key>{0}</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest>"
        f"<LastModified>2026-11-21T03:04:05.000Z</LastModified><ETag>&quot;0&quot;</ETag>{CHECKSUM}<Size>5</Size>"
        f"{OWNER}<StorageClass>GLACIER</StorageClass></Version>"
        "<DeleteMarker><Key>{1}</Key><VersionId>v9</VersionId><IsLatest>true</IsLatest>"
        f"<LastModified>2026-11-21T03:04:05.000Z</LastModified>{OWNER}</DeleteMarker>"
        "<Version><Key>{1}</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest>"
        "<LastModified>2025-11-21T03:04:05.000Z</LastModified><Size>0</Size><StorageClass></StorageClass>"
        f"{OWNER}</Version></ListVersionsResult>",
        ("a%20", "v1"),
    ),
]


@pytest.mark.parametrize(("read", "xml", "token"), BOTH, ids=["objects", "versions"])
@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (("a%20b+c", "d"), ["a b c", "d"]),
        (("a%00%0A", "%E2%82"), ["a\0\n", "\ufffd"]),
        (("plain/1", "plain/2"), ["plain/1", "plain/2"]),
    ],
)
def test_the_fast_parser_and_the_xml_tree_give_the_same_page(
    read: Callable[[bytes], KeysPage | None], xml: str, token: tuple[str, ...], sent: tuple[str, str], keys: list[str]
) -> None:
    text = xml.format(*sent, encoding="url")
    quick, slow = read(text.encode()), read(text.replace("<Size>", "\n<Size>").encode())
    assert quick is not None and slow is not None
    assert [list(items or ()) for items in quick] == [list(items or ()) for items in slow]
    assert (list(quick.keys), list(quick.sizes), quick.token) == (keys, [5, 0], token)
    assert list(quick.classes) == ["GLACIER", "STANDARD"]
    assert list(quick.times) == ["2026-11-21T03:04:05.000Z", "2025-11-21T03:04:05.000Z"]
    assert list(quick.markers) == (keys[1:] if quick.latest else [])


@pytest.mark.parametrize(("read", "xml", "token"), BOTH, ids=["objects", "versions"])
def test_keys_that_are_not_encoded_are_read_as_xml(
    read: Callable[[bytes], KeysPage | None], xml: str, token: tuple[str, ...]
) -> None:
    page = read(xml.format("a%20&amp;+b", "c", encoding="").encode())
    assert page is not None and list(page.keys) == ["a%20&+b", "c"]


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8), min_size=1, max_size=5))
def test_any_keys_are_read_as_they_were_sent(keys: list[str]) -> None:
    sent = "".join(
        f"<Contents><Key>{quote_plus(key)}</Key><LastModified>2026-11-21T03:04:05.000Z</LastModified><Size>1</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
        for key in keys
    )
    page = list_xml.objects(f"<ListBucketResult><EncodingType>url</EncodingType>{sent}</ListBucketResult>".encode())
    assert page is not None and list(page.keys) == keys


def test_times_of_other_forms_are_normalized() -> None:
    _, xml, _ = BOTH[0]
    text = xml.format("a", "b", encoding="url").replace("2025-11-21T03:04:05.000Z", "2025-11-21T03:04:05+01:00")
    page = list_xml.objects(text.encode())
    assert page is not None and list(page.times) == ["2026-11-21T03:04:05.000Z", "2025-11-21T02:04:05.000Z"]


@pytest.mark.parametrize(
    "answer",
    [
        '<ListBucketResult xmlns="x"><Contents><Key>a</Key><LastModified>2026-11-21T03:04:05.000Z</LastModified>',
        '<ListBucketResult xmlns="x"><Contents><Key>a</Key></Contents></ListBucketResult>',
        '<ListBucketResult xmlns="x"><Contents><Key>a</Key><LastModified>yesterday</LastModified><Size>1</Size>'
        "</Contents></ListBucketResult>",
        '<ListBucketResult xmlns="x"><Contents><Key>a</Key><LastModified>2026-11-21T03:04:05.000Z</LastModified>'
        "<Size>-1</Size></Contents></ListBucketResult>",
        '<ListBucketResult xmlns="x"><Contents><Key>a</Key><LastModified>2026-11-21T03:04:05.000Z</LastModified>'
        "<Size></Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>",
        '<ListBucketResult xmlns="x"><Contents><Key></Key><LastModified>2026-11-21T03:04:05.000Z</LastModified>'
        "<Size>1</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>",
        *(
            '<ListBucketResult xmlns="x"><Contents><Key>a</Key><LastModified>2026-11-21T03:04:05.000Z</LastModified>'
            f"<Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"
            for size in (2**50 + 1, 2**64, "9" * 400, "9" * 5000, "1e3", "5.5", "+5", "0x10", "١")
        ),
        "<Other/>",
        "",
    ],
    ids=lambda answer: answer[-140:-100],
)
def test_an_invalid_response_is_broken(answer: str) -> None:
    with server(lambda operation, asked: (200, answer)) as url, pytest.raises(AwsError) as failure:
        ObjectKeysApi(fixtures.Clients(url)).keys_page("b", "us-east-1", ListKeysRequest())
    assert failure.value.kind == "broken"


def one_page(answer: str, ask: Callable[..., Any], *arguments: Any) -> None:
    """Request a page from a server that sends this response."""
    with server(lambda operation, asked: (200, answer)) as url:
        ask(ObjectKeysApi(fixtures.Clients(url)), "b", "us-east-1", *arguments)


def truncated(root: str, **values: str) -> str:
    entries = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    return f'<{root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>{entries}</{root}>'


@pytest.mark.parametrize(
    ("ask", "arguments", "answer"),
    [
        (ObjectKeysApi.keys_page, (ListKeysRequest(),), truncated("ListBucketResult")),
        (ObjectKeysApi.keys_page, (ListKeysRequest(versions=True),), truncated("ListVersionsResult")),
        (ObjectKeysApi.uploads_page, ("", ()), truncated("ListMultipartUploadsResult")),
        (ObjectKeysApi.parts_page, (("k", "u"), ()), truncated("ListPartsResult")),
    ],
)
def test_a_truncated_page_without_a_token_is_not_the_last(
    ask: Callable[..., Any], arguments: tuple[Any, ...], answer: str
) -> None:
    with pytest.raises(AwsError, match="could not read the response") as failure:
        one_page(answer, ask, *arguments)
    assert failure.value.kind == "broken"


@pytest.mark.parametrize(
    ("ask", "arguments", "answer"),
    [
        (
            ObjectKeysApi.keys_page,
            (ListKeysRequest(token=("t",)),),
            truncated("ListBucketResult", NextContinuationToken="t"),
        ),
        (
            ObjectKeysApi.keys_page,
            (ListKeysRequest(token=("k", "v"), versions=True),),
            truncated("ListVersionsResult", NextKeyMarker="k", NextVersionIdMarker="v"),
        ),
        (
            ObjectKeysApi.uploads_page,
            ("", ("k", "u")),
            truncated("ListMultipartUploadsResult", NextKeyMarker="k", NextUploadIdMarker="u"),
        ),
        (ObjectKeysApi.parts_page, (("k", "u"), ("7",)), truncated("ListPartsResult", NextPartNumberMarker="7")),
    ],
)
def test_repeated_pages_are_neither_counted_nor_requested_again(
    ask: Callable[..., Any], arguments: tuple[Any, ...], answer: str
) -> None:
    with pytest.raises(AwsError, match="the pages repeat") as failure:
        one_page(answer, ask, *arguments)
    assert failure.value.kind == "broken"


def test_retries_do_not_exceed_the_budget() -> None:
    sent: list[str] = []

    def script(operation: str, asked: dict[str, Any]) -> tuple[int, Any]:
        sent.append(operation)
        return 503, s3_error("SlowDown")

    calls = CallCounter()
    with server(script) as url, pytest.raises(RequestBudgetExhausted):
        account = ObjectKeysApi(fixtures.Clients(url, attempts=5)).metered(calls, RequestBudget(2))
        account.keys_page("b", "us-east-1", ListKeysRequest())
    assert len(sent) == calls.calls().total == 2
