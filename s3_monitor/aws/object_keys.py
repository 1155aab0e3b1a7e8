"""S3: the keys of a bucket, their versions and incomplete multipart uploads, one page per call."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from s3_monitor.aws.api_calls import AwsApi, repeated_pages
from s3_monitor.model.bounds import MAX_OBJECT
from s3_monitor.model.responses import KeysPage, ListKeysRequest, UploadPartsPage, UploadsPage

PAGE = 1000  # AWS: the most keys of a page


class ObjectKeysApi(AwsApi):
    """The operations of S3 that list keys, versions and incomplete uploads, limited by the list budget."""

    def keys_page(self, bucket: str, region: str, request: ListKeysRequest) -> KeysPage:
        """Return a page of ListObjectsV2, or of ListObjectVersions if versions are requested."""
        client = self.client("s3", region)
        arguments: dict[str, Any] = {"Bucket": bucket}
        if request.prefix:
            arguments["Prefix"] = request.prefix
        if request.most < PAGE:
            arguments["MaxKeys"] = request.most
        if request.versions:
            key, *version = request.token or (request.after,)
            if key:
                arguments["KeyMarker"] = key
            if version and version[0]:
                arguments["VersionIdMarker"] = version[0]
            with self.list_call("ListObjectVersions"):
                page: KeysPage = client.list_object_versions(**arguments)["Page"]
            return page._replace(token=_advanced("ListObjectVersions", page.token, request.token))
        if request.token:
            arguments["ContinuationToken"] = request.token[0]
        elif request.after:
            arguments["StartAfter"] = request.after
        with self.list_call("ListObjectsV2"):
            page = client.list_objects_v2(**arguments)["Page"]
        return page._replace(token=_advanced("ListObjectsV2", page.token, request.token))

    def uploads_page(self, bucket: str, region: str, prefix: str, token: tuple[str, ...]) -> UploadsPage:
        """Return a page of ListMultipartUploads: the incomplete uploads of keys with a prefix.

        The keys are requested URL-encoded, because XML cannot hold all of them. botocore decodes them in the other
        listings, but not in ListMultipartUploads.
        """
        client = self.client("s3", region)
        arguments: dict[str, Any] = {"Bucket": bucket, "EncodingType": "url", **({"Prefix": prefix} if prefix else {})}
        if token:
            arguments |= {"KeyMarker": token[0], "UploadIdMarker": token[1]}
        with self.list_call("ListMultipartUploads"):
            response = client.list_multipart_uploads(**arguments)
            decode = unquote_plus if response.get("EncodingType") == "url" else str
            uploads = [(decode(upload["Key"]), upload["UploadId"]) for upload in response.get("Uploads", ())]
            truncated = response.get("IsTruncated")
            more = (decode(response["NextKeyMarker"]), response["NextUploadIdMarker"]) if truncated else ()
        return UploadsPage(uploads, _advanced("ListMultipartUploads", more, token))

    def parts_page(self, bucket: str, region: str, upload: tuple[str, str], token: tuple[str, ...]) -> UploadPartsPage:
        """Return a page of ListParts for an upload (key, upload id).

        Raises AwsError, of kind ``missing`` if the upload has ended.
        """
        client = self.client("s3", region)
        arguments: dict[str, Any] = {"Bucket": bucket, "Key": upload[0], "UploadId": upload[1]}
        if token:
            arguments["PartNumberMarker"] = int(token[0])
        with self.list_call("ListParts"):
            response = client.list_parts(**arguments)
            sizes = [part["Size"] for part in response.get("Parts", ())]
            if not all(0 <= size <= MAX_OBJECT for size in sizes):
                raise ValueError(f"the size of a part must be from 0 to {MAX_OBJECT} bytes")
            more = (str(response["NextPartNumberMarker"]),) if response.get("IsTruncated") else ()
        return UploadPartsPage(sum(sizes), _advanced("ListParts", more, token))


def _advanced(operation: str, token: tuple[str, ...], current: tuple[str, ...]) -> tuple[str, ...]:
    """Return the token of the next page. Raises AwsError if it equals the current one."""
    if token and token == current:
        raise repeated_pages(operation)
    return token
