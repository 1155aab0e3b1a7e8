"""Pages of buckets and objects in XML."""

import base64
import binascii
import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from s3_monitor.simulator.accounts import Account, Bucket
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Response

XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
MAX_BUCKETS = 10_000  # AWS: per ListBuckets page; larger accounts must paginate
MAX_DIRECTORY_BUCKETS = 1_000
MAX_KEYS = 1_000
_EPOCH = date(1970, 1, 1).toordinal()
_PLAIN = re.compile(r"[A-Za-z0-9/_.*-]*")  # unchanged by URL encoding and XML
_request_numbers = itertools.count(1)


def list_buckets(account: Account, region: str, query: dict[str, str]) -> Response:
    """Return a page of ListBuckets, or all buckets of a request without pagination."""
    paged = bool({"max-buckets", "continuation-token", "prefix", "bucket-region"} & query.keys())
    if not paged and len(account.listed) > MAX_BUCKETS:
        message = f"Accounts with more than {MAX_BUCKETS} buckets must use paginated ListBuckets requests"
        raise AwsError("InvalidRequest", message)
    wanted = query.get("bucket-region")
    if wanted not in (None, region):
        message = f"bucket-region {wanted} must be sent to that Region's endpoint, not to {region}"
        raise AwsError("InvalidArgument", message, fields={"ArgumentName": "bucket-region"})
    size = number(query, "max-buckets", 1, MAX_BUCKETS, MAX_BUCKETS)
    prefix, after = query.get("prefix", ""), _from_token(query.get("continuation-token"))
    start = bisect_right(account.listed, after, key=lambda bucket: bucket.name)
    matching = (
        bucket
        for bucket in itertools.islice(account.listed, start, None)
        if (wanted is None or bucket.region == wanted) and bucket.name.startswith(prefix)
    )
    found = list(itertools.islice(matching, size + 1))
    page = found[:size]
    body = "".join(_bucket(account, bucket, located=paged) for bucket in page)
    token = f"<ContinuationToken>{_to_token(page[-1].name)}</ContinuationToken>" if len(found) > size else ""
    echo = f"<Prefix>{escape(prefix)}</Prefix>" if "prefix" in query else ""
    owner = f"<Owner><ID>{account.id:0>64}</ID></Owner>"
    return xml(
        f'<ListAllMyBucketsResult xmlns="{XMLNS}">{owner}<Buckets>{body}</Buckets>'
        f"{echo}{token}</ListAllMyBucketsResult>"
    )


def list_directory_buckets(account: Account, region: str, query: dict[str, str]) -> Response:
    """Return a page of the directory buckets of a region."""
    size = number(query, "max-directory-buckets", 1, MAX_DIRECTORY_BUCKETS, MAX_DIRECTORY_BUCKETS)
    after = _from_token(query.get("continuation-token"))
    found = [
        bucket
        for bucket in account.by_region.get(region, [])
        if bucket.kind == "directory" and bucket.listed and bucket.name > after
    ]
    page = found[:size]
    body = "".join(_bucket(account, bucket, located=False) for bucket in page)
    token = f"<ContinuationToken>{_to_token(page[-1].name)}</ContinuationToken>" if len(found) > size else ""
    return xml(
        f'<ListAllMyDirectoryBucketsResult xmlns="{XMLNS}"><Buckets>{body}</Buckets>'
        f"{token}</ListAllMyDirectoryBucketsResult>"
    )


def _bucket(account: Account, bucket: Bucket, *, located: bool) -> str:
    """Return a bucket in XML. AWS: region and ARN are only in paginated responses."""
    name = bucket.name
    place = (
        f"<BucketRegion>{bucket.region}</BucketRegion><BucketArn>{account.bucket_arn(bucket)}</BucketArn>"
        if located
        else ""
    )
    return f"<Bucket><Name>{name}</Name><CreationDate>{xml_time(bucket.created)}</CreationDate>{place}</Bucket>"


def list_objects(bucket: Bucket, query: dict[str, str], version: int) -> Response:
    """Return a page of ListObjectsV2, or of ListObjects with its Marker."""
    size = min(number(query, "max-keys", 0, 2**31 - 1, MAX_KEYS), MAX_KEYS)
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    encoding = query.get("encoding-type")
    if encoding not in (None, "url"):
        raise AwsError("InvalidArgument", "Invalid Encoding Method specified in Request")
    under = bucket.objects.under(prefix)
    at = max(under.start, _start(bucket, query, version))
    contents: list[str] = []
    folders: list[str] = []
    last = ""
    while at < under.stop and len(contents) + len(folders) < size:
        key = bucket.objects.key(at)
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        if cut >= 0:
            last = key[: cut + len(delimiter)]
            folders.append(last)
            at = bucket.objects.under(last).stop
        else:
            last = key
            # Without common prefixes, all keys of the page are objects.
            stop = at + 1 if delimiter else min(under.stop, at + size)
            contents += _objects(bucket.objects.rows(at, stop), encoding)
            at = stop
    truncated = at < under.stop and size > 0
    folder_xml = "".join(
        f"<CommonPrefixes><Prefix>{in_key(folder, encoding)}</Prefix></CommonPrefixes>" for folder in folders
    )
    fields = [
        ("Name", bucket.name),
        ("Prefix", in_key(prefix, encoding)),
        ("Delimiter", in_key(delimiter, encoding) if delimiter else None),
        ("MaxKeys", str(size)),
        ("EncodingType", encoding),
        ("IsTruncated", "true" if truncated else "false"),
    ]
    if version == 2:
        start_after, token = query.get("start-after"), query.get("continuation-token")
        fields += [
            ("KeyCount", str(len(contents) + len(folders))),
            ("StartAfter", in_key(start_after, encoding) if start_after is not None else None),
            ("ContinuationToken", token and escape(token)),
            ("NextContinuationToken", _to_token(str(at)) if truncated else None),
        ]
    else:
        fields += [
            ("Marker", in_key(query.get("marker", ""), encoding)),
            ("NextMarker", in_key(last, encoding) if truncated and delimiter else None),
        ]
    head = "".join(f"<{name}>{value}</{name}>" for name, value in fields if value is not None)
    return xml(f'<ListBucketResult xmlns="{XMLNS}">{head}{"".join(contents)}{folder_xml}</ListBucketResult>')


def _start(bucket: Bucket, query: dict[str, str], version: int) -> int:
    """Return the index of the first object of a page."""
    if version == 1:
        marker, delimiter = query.get("marker", ""), query.get("delimiter", "")
        if delimiter and marker.endswith(delimiter):
            return bucket.objects.under(marker).stop
        return bucket.objects.after(marker)
    token = query.get("continuation-token")
    if token is None:
        return bucket.objects.after(query.get("start-after", ""))
    index = _from_token(token)
    if not index.isdigit():
        raise AwsError("InvalidArgument", "The continuation token provided is incorrect")
    return int(index)


def _objects(rows: Iterable[tuple[str, int, int, str, str]], encoding: str | None) -> list[str]:
    found = list(rows)
    plain = _PLAIN.fullmatch("".join([row[0] for row in found]))  # one check for all keys
    return [
        f"<Contents><Key>{key if plain else in_key(key, encoding)}</Key>"
        f"<LastModified>{_day(modified // 86_400)}T{_clock(modified % 86_400)}.000Z</LastModified>"
        f"<ETag>&quot;{etag}&quot;</ETag><Size>{size}</Size><StorageClass>{storage_class}</StorageClass></Contents>"
        for key, size, modified, etag, storage_class in found
    ]


@cache
def _day(number: int) -> str:
    return date.fromordinal(_EPOCH + number).isoformat()


@cache
def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def in_key(text: str, encoding: str | None) -> str:
    """Return a key as it is written in a response."""
    if _PLAIN.fullmatch(text):
        return text
    return quote_plus(text, safe="/-_.*") if encoding == "url" else escape(text)


def xml_time(moment: datetime) -> str:
    """Return a time in S3's format."""
    return moment.isoformat()[:19] + ".000Z"


def number(query: dict[str, str], name: str, least: int, most: int, default: int) -> int:
    """Return a number of the query. Raises AwsError for an invalid one."""
    text = query.get(name)
    if text is None:
        return default
    if not text.isdigit() or not least <= int(text) <= most:
        message = f"Argument {name} must be an integer between {least} and {most}"
        raise AwsError("InvalidArgument", message, fields={"ArgumentName": name, "ArgumentValue": text})
    return int(text)


def _to_token(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _from_token(token: str | None) -> str:
    if token is None:
        return ""
    try:
        return base64.b64decode(token.encode(), b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError) as error:
        raise AwsError("InvalidArgument", "The continuation token provided is incorrect") from error


def document(body: str) -> bytes:
    """Return an XML document."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + body).encode()


def answer_headers() -> dict[str, str]:
    """Return the headers of every S3 response."""
    return {"x-amz-request-id": f"{next(_request_numbers):016X}", "x-amz-id-2": "simulated"}


def xml(body: str) -> Response:
    """Return a response in XML."""
    return Response(200, document(body), headers=answer_headers())
