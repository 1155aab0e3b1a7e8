"""S3: the keys of a bucket, their versions, and uploads that were never finished, a page at a time."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from s3_monitor.aws.api_calls import Clients, Count, RequestAllowed, advance_page, api_call, instrumented_client
from s3_monitor.model.bounds import MAX_OBJECT
from s3_monitor.model.responses import KeysPage, ListKeysRequest, UploadPartsPage, UploadsPage

PAGE = 1000  # AWS: the most keys a page


def keys_page(
    clients: Clients, bucket: str, region: str, question: ListKeysRequest, *, count: Count, allowed: RequestAllowed
) -> KeysPage:
    """Of ListObjectsV2, or with versions of ListObjectVersions. AwsFailure; Spent."""
    client = instrumented_client(clients, "s3", region)
    arguments: dict[str, Any] = {"Bucket": bucket}
    if question.prefix:
        arguments["Prefix"] = question.prefix
    if question.most < PAGE:
        arguments["MaxKeys"] = question.most
    if question.versions:
        key, *version = question.token or (question.after,)
        if key:
            arguments["KeyMarker"] = key
        if version and version[0]:
            arguments["VersionIdMarker"] = version[0]
        with api_call("ListObjectVersions", count, allowed=allowed):
            page: KeysPage = client.list_object_versions(**arguments)["Page"]
            advance_page("ListObjectVersions", page.token, question.token)
        return page
    if question.token:
        arguments["ContinuationToken"] = question.token[0]
    elif question.after:
        arguments["StartAfter"] = question.after
    with api_call("ListObjectsV2", count, allowed=allowed):
        page = client.list_objects_v2(**arguments)["Page"]
        advance_page("ListObjectsV2", page.token, question.token)
        return page


def uploads_page(
    clients: Clients,
    bucket: str,
    region: str,
    prefix: str,
    token: tuple[str, ...],
    *,
    count: Count,
    allowed: RequestAllowed,
) -> UploadsPage:
    """Of ListMultipartUploads. AwsFailure; Spent.

    Keys come URL-encoded, for XML cannot hold all of them; botocore sees to that in other listings, not in this one.
    """
    client = instrumented_client(clients, "s3", region)
    arguments: dict[str, Any] = {"Bucket": bucket, "EncodingType": "url", **({"Prefix": prefix} if prefix else {})}
    if token:
        arguments |= {"KeyMarker": token[0], "UploadIdMarker": token[1]}
    with api_call("ListMultipartUploads", count, allowed=allowed):
        answer = client.list_multipart_uploads(**arguments)
        key = unquote_plus if answer.get("EncodingType") == "url" else str
        found = [(key(upload["Key"]), upload["UploadId"]) for upload in answer.get("Uploads", ())]
        more = (key(answer["NextKeyMarker"]), answer["NextUploadIdMarker"]) if answer.get("IsTruncated") else ()
    return UploadsPage(found, advance_page("ListMultipartUploads", more, token))


def parts_page(
    clients: Clients,
    bucket: str,
    region: str,
    upload: tuple[str, str],
    token: tuple[str, ...],
    *,
    count: Count,
    allowed: RequestAllowed,
) -> UploadPartsPage:
    """Of ListParts. AwsFailure, of kind ``missing`` where the upload has ended meanwhile; Spent."""
    client = instrumented_client(clients, "s3", region)
    arguments: dict[str, Any] = {"Bucket": bucket, "Key": upload[0], "UploadId": upload[1]}
    if token:
        arguments["PartNumberMarker"] = int(token[0])
    with api_call("ListParts", count, allowed=allowed):
        answer = client.list_parts(**arguments)
        sizes = [part["Size"] for part in answer.get("Parts", ())]
        if not all(0 <= size <= MAX_OBJECT for size in sizes):
            raise ValueError(f"the size of a part must be from 0 to {MAX_OBJECT} bytes")
        size = sum(sizes)
        more = (str(answer["NextPartNumberMarker"]),) if answer.get("IsTruncated") else ()
    return UploadPartsPage(size, advance_page("ListParts", more, token))
