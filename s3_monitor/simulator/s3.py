"""S3's REST XML: listing buckets and objects, and where a bucket is."""

import base64
import binascii
import itertools
import re
from bisect import bisect_right
from datetime import datetime
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from s3_monitor.simulator.accounts import Account, Bucket
from s3_monitor.simulator.credentials import SECRET
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.objects import StoredObject
from s3_monitor.simulator.service import Call, Refusal, World

XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
MAX_BUCKETS = 10_000  # AWS: of a ListBuckets page; accounts above may not ask without paging
MAX_DIRECTORY_BUCKETS = 1_000
MAX_KEYS = 1_000
SESSION_SECONDS = 300  # AWS: a CreateSession session lasts 5 minutes
_BUCKET_CALLS = {  # the query parameter that names a bucket operation other than listing
    "location": "GetBucketLocation",
    "session": "CreateSession",
    "versions": "ListObjectVersions",
    "uploads": "ListMultipartUploads",
    "versioning": "GetBucketVersioning",
    "tagging": "GetBucketTagging",
    "lifecycle": "GetBucketLifecycleConfiguration",
    "encryption": "GetBucketEncryption",
    "replication": "GetBucketReplication",
    "policy": "GetBucketPolicy",
    "policyStatus": "GetBucketPolicyStatus",
    "acl": "GetBucketAcl",
    "publicAccessBlock": "GetPublicAccessBlock",
    "metrics": "GetBucketMetricsConfiguration",
    "inventory": "GetBucketInventoryConfiguration",
    "intelligent-tiering": "GetBucketIntelligentTieringConfiguration",
}
_IAM_ACTIONS = {  # where the permission has another name than the operation
    "ListBuckets": "ListAllMyBuckets",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListDirectoryBuckets": "ListAllMyDirectoryBuckets",
}
_PLAIN = re.compile(r"[A-Za-z0-9/_.*-]*")  # what neither URL encoding nor XML changes
_request_numbers = itertools.count(1)


class S3:
    """The service, path style and virtual-host style."""

    names = ("s3", "s3express")

    def __init__(self, world: World) -> None:
        self._world = world
        self._owners = {
            name: account for account in world.accounts.values() for name, b in account.buckets.items() if b.listed
        }

    def operation(self, request: Request, name: str) -> str:
        bucket, key = _locate(request)
        if bucket is None:
            plain = "ListDirectoryBuckets" if name == "s3express" else "ListBuckets"
            return plain if request.method == "GET" else f"{request.method} /"
        if key:
            return {"GET": "GetObject", "HEAD": "HeadObject"}.get(request.method, f"{request.method} object")
        if request.method == "HEAD":
            return "HeadBucket"
        if request.method != "GET":
            return f"{request.method} bucket"
        named = next((_BUCKET_CALLS[name] for name in request.query if name in _BUCKET_CALLS), None)
        return named or ("ListObjectsV2" if request.query.get("list-type") == "2" else "ListObjects")

    def bucket(self, request: Request) -> str | None:
        return _locate(request)[0]

    def answer(self, call: Call) -> Response | None:
        match call.operation:
            case "ListBuckets":
                return _list_buckets(call.account, call.region, call.request.query)
            case "ListDirectoryBuckets":
                return _list_directory_buckets(call.account, call.region, call.request.query)
            case "HeadBucket" | "GetBucketLocation" | "CreateSession" | "ListObjectsV2" | "ListObjects":
                return self._answer_about(self._reach(call), call)
        return None

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        match why:
            case "denied":
                action = _IAM_ACTIONS.get(operation, operation)
                message = (
                    f"User: {arn} is not authorized to perform: s3:{action} "
                    f"because no identity-based policy allows the s3:{action} action"
                )
                return AwsError("AccessDenied", message, 403)
            case "throttled":
                return AwsError("SlowDown", "Please reduce your request rate.", 503)
            case "internal":
                return AwsError("InternalError", "We encountered an internal error. Please try again.", 500)
            case "unknown key":
                message = "The AWS Access Key Id you provided does not exist in our records."
                return AwsError("InvalidAccessKeyId", message, 403)
            case "disabled":
                return AwsError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
            case "expired":
                return AwsError("ExpiredToken", "The provided token has expired.", 400)
            case "no credentials":
                return AwsError("AccessDenied", "Access Denied", 403)
            case "unknown operation":
                return AwsError("NotImplemented", f"The simulated account has no {operation}", 501)

    def error(self, request: Request, error: AwsError) -> Response:
        number = f"{next(_request_numbers):016X}"
        detail = {"Code": error.code, "Message": error.message, **error.fields, "RequestId": number}
        body = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in detail.items())
        headers = {"x-amz-request-id": number, "x-amz-id-2": "simulated", **error.headers}
        return Response(error.status, _document(f"<Error>{body}</Error>"), headers=headers)

    def _reach(self, call: Call) -> Bucket:
        """The bucket a call names, if the caller may do this to it from this endpoint's region."""
        name = _locate(call.request)[0] or ""
        owner = self._owners.get(name)
        if owner is None:
            message = "The specified bucket does not exist"
            raise AwsError("NoSuchBucket", message, 404, fields={"BucketName": name})
        bucket = owner.buckets[name]
        where = {"x-amz-bucket-region": bucket.region}
        if bucket.region != call.region and call.operation != "GetBucketLocation":
            endpoint = f"{name}.s3.{bucket.region}.amazonaws.com"
            message = (
                "The bucket you are attempting to access must be addressed using the specified endpoint. "
                "Please send all future requests to this endpoint."
            )
            fields = {"Endpoint": endpoint, "Bucket": name}
            raise AwsError("PermanentRedirect", message, 301, fields=fields, headers=where)
        expected = call.request.headers.get("x-amz-expected-bucket-owner", owner.id)
        if owner.id != call.account.id or expected != owner.id:
            raise AwsError("AccessDenied", "Access Denied", 403, headers=where)
        if call.operation in bucket.denied:
            action = _IAM_ACTIONS.get(call.operation, call.operation)
            message = (
                f"User: {call.caller.arn} is not authorized to perform: s3:{action} on resource: "
                f'"arn:aws:s3:::{name}" with an explicit deny in a resource-based policy'
            )
            raise AwsError("AccessDenied", message, 403, headers=where)
        return bucket

    def _answer_about(self, bucket: Bucket, call: Call) -> Response:
        where = {"x-amz-bucket-region": bucket.region}
        match call.operation:
            case "HeadBucket":
                arn = {"x-amz-bucket-arn": f"arn:aws:s3:::{bucket.name}"}
                return Response(200, headers={**_headers(), **where, **arn})
            case "GetBucketLocation":
                place = "" if bucket.region == "us-east-1" else bucket.region
                return _xml(f'<LocationConstraint xmlns="{XMLNS}">{place}</LocationConstraint>')
            case "CreateSession":
                return self._create_session(call)
            case "ListObjects":
                return _list_objects(bucket, call.request.query, version=1)
            case _:
                return _list_objects(bucket, call.request.query, version=2)

    def _create_session(self, call: Call) -> Response:
        """AWS: directory buckets are read with session credentials of their own."""
        given = self._world.credentials.give(call.account, call.caller.arn, call.caller.user_id, SESSION_SECONDS)
        if given.expires is None:
            raise TypeError("a session without an end")
        return _xml(
            f'<CreateSessionResult xmlns="{XMLNS}"><Credentials><SessionToken>{given.token}</SessionToken>'
            f"<SecretAccessKey>{SECRET}</SecretAccessKey><AccessKeyId>{given.access_key}</AccessKeyId>"
            f"<Expiration>{_time(given.expires)}</Expiration></Credentials></CreateSessionResult>"
        )


def _locate(request: Request) -> tuple[str | None, str]:
    """The bucket and key of a request: BUCKET.s3….amazonaws.com/KEY, BUCKET.localhost/KEY or HOST/BUCKET/KEY."""
    path = request.path.removeprefix("/")
    host, dot, _ = request.host.partition(".s3")
    if dot and request.host.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return host, path
    if request.host.endswith(".localhost"):
        return request.host.removesuffix(".localhost"), path
    bucket, _, key = path.partition("/")
    return bucket or None, key


def _list_buckets(account: Account, region: str, query: dict[str, str]) -> Response:
    paged = bool({"max-buckets", "continuation-token", "prefix", "bucket-region"} & query.keys())
    if not paged and len(account.listed) > MAX_BUCKETS:
        message = f"Accounts with more than {MAX_BUCKETS} buckets must use paginated ListBuckets requests"
        raise AwsError("InvalidRequest", message)
    wanted = query.get("bucket-region")
    if wanted not in (None, region):
        message = f"bucket-region {wanted} must be asked of that Region's endpoint, not of {region}"
        raise AwsError("InvalidArgument", message, fields={"ArgumentName": "bucket-region"})
    size = _number(query, "max-buckets", 1, MAX_BUCKETS, MAX_BUCKETS)
    prefix, after = query.get("prefix", ""), _from_token(query.get("continuation-token"))
    start = bisect_right(account.listed, after, key=lambda bucket: bucket.name)
    matching = (
        bucket
        for bucket in itertools.islice(account.listed, start, None)
        if (wanted is None or bucket.region == wanted) and bucket.name.startswith(prefix)
    )
    found = list(itertools.islice(matching, size + 1))
    page = found[:size]
    body = "".join(_bucket(bucket, located=paged) for bucket in page)
    token = f"<ContinuationToken>{_to_token(page[-1].name)}</ContinuationToken>" if len(found) > size else ""
    echo = f"<Prefix>{escape(prefix)}</Prefix>" if "prefix" in query else ""
    owner = f"<Owner><ID>{account.id:0>64}</ID></Owner>"
    return _xml(
        f'<ListAllMyBucketsResult xmlns="{XMLNS}">{owner}<Buckets>{body}</Buckets>'
        f"{echo}{token}</ListAllMyBucketsResult>"
    )


def _list_directory_buckets(account: Account, region: str, query: dict[str, str]) -> Response:
    size = _number(query, "max-directory-buckets", 1, MAX_DIRECTORY_BUCKETS, MAX_DIRECTORY_BUCKETS)
    after = _from_token(query.get("continuation-token"))
    found = [
        bucket
        for bucket in account.by_region.get(region, [])
        if bucket.kind == "directory" and bucket.listed and bucket.name > after
    ]
    page = found[:size]
    body = "".join(_bucket(bucket, located=False) for bucket in page)
    token = f"<ContinuationToken>{_to_token(page[-1].name)}</ContinuationToken>" if len(found) > size else ""
    return _xml(
        f'<ListAllMyDirectoryBucketsResult xmlns="{XMLNS}"><Buckets>{body}</Buckets>'
        f"{token}</ListAllMyDirectoryBucketsResult>"
    )


def _bucket(bucket: Bucket, *, located: bool) -> str:
    """AWS: a bucket's region and ARN are told in paginated answers only."""
    name = bucket.name
    place = f"<BucketRegion>{bucket.region}</BucketRegion><BucketArn>arn:aws:s3:::{name}</BucketArn>" if located else ""
    return f"<Bucket><Name>{name}</Name><CreationDate>{_time(bucket.created)}</CreationDate>{place}</Bucket>"


def _list_objects(bucket: Bucket, query: dict[str, str], version: int) -> Response:
    """A page of ListObjectsV2, or of the older ListObjects with its Marker."""
    size = min(_number(query, "max-keys", 0, 2**31 - 1, MAX_KEYS), MAX_KEYS)
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
            contents.append(_object(bucket.objects[at], encoding))
            at += 1
    truncated = at < under.stop and size > 0
    folder_xml = "".join(
        f"<CommonPrefixes><Prefix>{_text(folder, encoding)}</Prefix></CommonPrefixes>" for folder in folders
    )
    fields = [
        ("Name", bucket.name),
        ("Prefix", _text(prefix, encoding)),
        ("Delimiter", _text(delimiter, encoding) if delimiter else None),
        ("MaxKeys", str(size)),
        ("EncodingType", encoding),
        ("IsTruncated", "true" if truncated else "false"),
    ]
    if version == 2:
        start_after, token = query.get("start-after"), query.get("continuation-token")
        fields += [
            ("KeyCount", str(len(contents) + len(folders))),
            ("StartAfter", _text(start_after, encoding) if start_after is not None else None),
            ("ContinuationToken", token and escape(token)),
            ("NextContinuationToken", _to_token(str(at)) if truncated else None),
        ]
    else:
        fields += [
            ("Marker", _text(query.get("marker", ""), encoding)),
            ("NextMarker", _text(last, encoding) if truncated and delimiter else None),
        ]
    head = "".join(f"<{name}>{value}</{name}>" for name, value in fields if value is not None)
    return _xml(f'<ListBucketResult xmlns="{XMLNS}">{head}{"".join(contents)}{folder_xml}</ListBucketResult>')


def _start(bucket: Bucket, query: dict[str, str], version: int) -> int:
    """The index of the first object of a page."""
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


def _object(found: StoredObject, encoding: str | None) -> str:
    return (
        f"<Contents><Key>{_text(found.key, encoding)}</Key><LastModified>{_time(found.last_modified)}</LastModified>"
        f"<ETag>&quot;{found.etag}&quot;</ETag><Size>{found.size}</Size>"
        f"<StorageClass>{found.storage_class}</StorageClass></Contents>"
    )


def _text(text: str, encoding: str | None) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return quote_plus(text, safe="/-_.*") if encoding == "url" else escape(text)


def _time(moment: datetime) -> str:
    return moment.isoformat()[:19] + ".000Z"


def _number(query: dict[str, str], name: str, least: int, most: int, default: int) -> int:
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


def _document(body: str) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + body).encode()


def _headers() -> dict[str, str]:
    return {"x-amz-request-id": f"{next(_request_numbers):016X}", "x-amz-id-2": "simulated"}


def _xml(body: str) -> Response:
    return Response(200, _document(body), headers=_headers())
