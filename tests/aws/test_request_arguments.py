"""The arguments of requests that list keys, uploads and parts, and the pages that follow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from s3_monitor.aws.account import AwsAccount
from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.aws.object_keys import ObjectKeysApi
from s3_monitor.model.bounds import MAX_OBJECT
from s3_monitor.model.call_counts import CallCounter, RequestBudget
from s3_monitor.model.errors import AwsError
from s3_monitor.model.responses import KeysPage, ListKeysRequest, UploadPartsPage, UploadsPage
from tests.aws.canned_client import CannedClients

EMPTY = KeysPage([], [], [], [])


@pytest.mark.parametrize(
    ("request_", "arguments"),
    [
        (ListKeysRequest(), {}),
        (ListKeysRequest("p"), {"Prefix": "p"}),
        (ListKeysRequest(after="a"), {"StartAfter": "a"}),
        (ListKeysRequest("p", "a", ("t",)), {"Prefix": "p", "ContinuationToken": "t"}),
        (ListKeysRequest(most=999), {"MaxKeys": 999}),
        (ListKeysRequest(most=1000), {}),
        (ListKeysRequest(versions=True), {}),
        (ListKeysRequest(after="a", versions=True), {"KeyMarker": "a"}),
        (ListKeysRequest("p", "a", ("k", "v"), 1, True),
         {"Prefix": "p", "KeyMarker": "k", "VersionIdMarker": "v", "MaxKeys": 1}),
        (ListKeysRequest(token=("k", ""), versions=True), {"KeyMarker": "k"}),
    ],
)  # fmt: skip
def test_a_page_of_keys_is_requested_after_a_text_or_by_its_token(
    request_: ListKeysRequest, arguments: dict[str, Any]
) -> None:
    clients = CannedClients({"list_objects_v2": [{"Page": EMPTY}], "list_object_versions": [{"Page": EMPTY}]})
    api = ObjectKeysApi(clients)
    assert api.keys_page("b", "eu-west-1", request_) == EMPTY
    operation = "list_object_versions" if request_.versions else "list_objects_v2"
    assert clients.requests == [(operation, {"Bucket": "b", **arguments})]
    assert clients.regions == [("s3", "eu-west-1")]


@pytest.mark.parametrize("versions", [False, True])
def test_a_page_with_the_token_of_its_request_is_an_error(versions: bool) -> None:
    page = EMPTY._replace(token=("k", "v"))
    api = ObjectKeysApi(CannedClients({"list_objects_v2": [{"Page": page}], "list_object_versions": [{"Page": page}]}))
    assert api.keys_page("b", "r", ListKeysRequest(versions=versions)).token == ("k", "v")
    with pytest.raises(AwsError, match="the pages repeat"):
        api.keys_page("b", "r", ListKeysRequest(token=("k", "v"), versions=versions))


@pytest.mark.parametrize(
    ("prefix", "token", "arguments"),
    [
        ("", (), {}),
        ("p", (), {"Prefix": "p"}),
        ("", ("k", "u"), {"KeyMarker": "k", "UploadIdMarker": "u"}),
    ],
)
@pytest.mark.parametrize(
    ("response", "page"),
    [
        ({}, UploadsPage([], ())),
        ({"Uploads": [{"Key": "a+b%2F", "UploadId": "u"}]}, UploadsPage([("a+b%2F", "u")], ())),
        (
            {"Uploads": [{"Key": "a+b%2F", "UploadId": "u"}], "EncodingType": "url"},
            UploadsPage([("a b/", "u")], ()),
        ),
        (
            {"IsTruncated": True, "EncodingType": "url", "NextKeyMarker": "a%2Fb", "NextUploadIdMarker": "x+y"},
            UploadsPage([], ("a/b", "x+y")),
        ),
        ({"IsTruncated": False, "NextKeyMarker": "a", "NextUploadIdMarker": "x"}, UploadsPage([], ())),
    ],
)
def test_uploads_are_requested_encoded_and_decoded_if_they_are(
    prefix: str, token: tuple[str, ...], arguments: dict[str, Any], response: dict[str, Any], page: UploadsPage
) -> None:
    clients = CannedClients({"list_multipart_uploads": [response]})
    assert ObjectKeysApi(clients).uploads_page("b", "r", prefix, token) == page
    assert clients.requests == [("list_multipart_uploads", {"Bucket": "b", "EncodingType": "url", **arguments})]


@pytest.mark.parametrize(
    ("token", "arguments", "response", "page"),
    [
        ((), {}, {}, UploadPartsPage(0, ())),
        (("7",), {"PartNumberMarker": 7}, {"Parts": [{"Size": 0}, {"Size": 5}]}, UploadPartsPage(5, ())),
        ((), {}, {"Parts": [{"Size": MAX_OBJECT}]}, UploadPartsPage(MAX_OBJECT, ())),
        ((), {}, {"IsTruncated": True, "NextPartNumberMarker": 9}, UploadPartsPage(0, ("9",))),
        ((), {}, {"IsTruncated": False, "NextPartNumberMarker": 9}, UploadPartsPage(0, ())),
    ],
)
def test_the_sizes_of_parts_are_summed(
    token: tuple[str, ...], arguments: dict[str, Any], response: dict[str, Any], page: UploadPartsPage
) -> None:
    clients = CannedClients({"list_parts": [response]})
    assert ObjectKeysApi(clients).parts_page("b", "r", ("k", "u"), token) == page
    assert clients.requests == [("list_parts", {"Bucket": "b", "Key": "k", "UploadId": "u", **arguments})]


@pytest.mark.parametrize("size", [-1, MAX_OBJECT + 1])
def test_a_part_of_an_impossible_size_is_an_error(size: int) -> None:
    with pytest.raises(AwsError, match="the size of a part must be from 0 to"):
        ObjectKeysApi(CannedClients({"list_parts": [{"Parts": [{"Size": size}]}]})).parts_page("b", "r", ("k", "u"), ())


def test_a_metered_account_has_its_own_counter_and_keeps_its_budget() -> None:
    account = AwsAccount(CannedClients({}))
    calls, budget = CallCounter(), RequestBudget(1)
    metered = account.metered(calls, budget)
    assert (metered.calls, account.calls is calls) == (calls, False)
    assert metered.metered(CallCounter())._list_budget is budget
    assert account._list_budget is None


def test_the_limits_of_a_region_are_shared_with_the_other_shards() -> None:
    shares: list[tuple[str, str, int]] = []

    def of(account: str, region: str) -> Any:
        return SimpleNamespace(share=lambda ways: shares.append((account, region, ways)))

    limits: Any = SimpleNamespace(of=of)
    account = AwsAccount(CannedClients({}), limits)
    account.identity()
    account.share_limits("eu-west-1", 4)
    assert shares == [("111122223333", "eu-west-1", 4)]
    assert account.calls.calls().requests == {"GetCallerIdentity": 1}


@pytest.mark.parametrize(
    ("pages", "numbers", "message"),
    [
        ([{"N": 1}], [1], ""),
        ([{"N": 1, "NextToken": ""}], [1], ""),
        ([{"N": 1, "NextToken": "a"}, {"N": 2}], [1, 2], ""),
        ([{"N": 1, "NextToken": "a"}, {"N": 2, "NextToken": "b"}, {"N": 3, "NextToken": None}], [1, 2, 3], ""),
        ([{"N": 1, "NextToken": "a", "IsTruncated": False}], [1], ""),
        ([{"N": 1, "NextToken": "a", "IsTruncated": True}, {"N": 2, "IsTruncated": False}], [1, 2], ""),
        ([{"N": 1, "IsTruncated": True}], [], "a truncated page must have a NextToken"),
        ([{"N": 1, "NextToken": "a"}, {"N": 2, "NextToken": "a"}], [1], "the pages repeat"),
        ([{"N": 1, "NextToken": "a"}, {"N": 2, "NextToken": "b"}, {"N": 3, "NextToken": "a"}], [1, 2], "pages repeat"),
    ],
)
def test_pages_end_without_a_token_and_repeated_tokens_are_an_error(
    pages: list[dict[str, Any]], numbers: list[int], message: str
) -> None:
    clients = CannedClients({"list_things": pages})
    api, found, error = AwsApi(clients), [], ""
    try:
        for number in api.pages(clients.client("s3"), "ListThings", {"A": 1}, lambda response: response["N"]):
            found.append(number)
    except AwsError as failure:
        error = str(failure)
    assert found == numbers
    assert message in error and bool(message) == bool(error)
    tokens = [page.get("NextToken") for page in pages[: len(clients.requests) - 1]]
    assert [request for _, request in clients.requests] == [
        {"A": 1},
        *({"A": 1, "NextToken": token} for token in tokens),
    ]
    assert api.calls.calls().requests == {}  # requests are counted when they are sent


def test_the_token_of_a_request_may_have_another_name() -> None:
    clients = CannedClients({"list_things": [{"Next": "a"}, {}]})
    api = AwsApi(clients)
    pages = api.pages(clients.client("s3"), "ListThings", {}, str, "Next", "From")
    assert len(list(pages)) == 2
    assert [request for _, request in clients.requests] == [{}, {"From": "a"}]
