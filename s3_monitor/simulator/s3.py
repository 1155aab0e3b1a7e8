"""S3: buckets, objects and bucket configuration in REST XML."""

from xml.sax.saxutils import escape

from s3_monitor.simulator import s3_control, settings
from s3_monitor.simulator.accounts import Bucket
from s3_monitor.simulator.credentials import SECRET
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.files import FileList, etag
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.s3_listings import (
    XMLNS,
    answer_headers,
    document,
    list_buckets,
    list_directory_buckets,
    list_objects,
    xml,
    xml_time,
)
from s3_monitor.simulator.s3_versions import list_parts, list_uploads, list_versions
from s3_monitor.simulator.service import Call, Refusal, World

SESSION_SECONDS = 300  # AWS: a CreateSession session lasts 5 minutes
_BUCKET_CALLS = {  # by query parameter
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
    "metrics": "ListBucketMetricsConfigurations",
    "inventory": "ListBucketInventoryConfigurations",
    "intelligent-tiering": "GetBucketIntelligentTieringConfiguration",
}
_IAM_ACTIONS = {  # of operations whose permission has another name
    "ListBuckets": "ListAllMyBuckets",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts",
    "ListDirectoryBuckets": "ListAllMyDirectoryBuckets",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
}


class S3:
    """S3, with path-style and virtual-hosted-style requests."""

    names = ("s3", "s3express")

    def __init__(self, world: World) -> None:
        self._world = world
        self._owners = {
            name: account for account in world.accounts.values() for name, b in account.buckets.items() if b.listed
        }

    def operation(self, request: Request, name: str) -> str:
        if of_control := s3_control.operation(request):
            return of_control
        bucket, key = _locate(request)
        if bucket is None:
            plain = "ListDirectoryBuckets" if name == "s3express" else "ListBuckets"
            return plain if request.method == "GET" else f"{request.method} /"
        if key:
            if request.method == "GET" and "uploadId" in request.query:
                return "ListParts"
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
                return list_buckets(call.account, call.region, call.request.query)
            case "ListDirectoryBuckets":
                return list_directory_buckets(call.account, call.region, call.request.query)
            case "GetStorageLensConfiguration" | "ListStorageLensConfigurations":
                return s3_control.answer(call)
            case "HeadBucket" | "GetBucketLocation" | "CreateSession" | "ListObjectsV2" | "ListObjects" | "GetObject":
                return self._answer_about(self._reach(call), call)
            case "ListObjectVersions" | "ListMultipartUploads" | "ListParts":
                return self._answer_about(self._reach(call), call)
        if call.operation not in settings.OPERATIONS:
            return None
        return xml(settings.answer(call.operation, self._reach(call).settings, call.request.query))

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        match why:
            case "denied":
                service = "s3express" if operation in ("ListDirectoryBuckets", "CreateSession") else "s3"
                action = f"{service}:{_IAM_ACTIONS.get(operation, operation)}"
                message = (
                    f"User: {arn} is not authorized to perform: {action} "
                    f"because no identity-based policy allows the {action} action"
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
        headers = {**answer_headers(), **error.headers}
        request_id = headers["x-amz-request-id"]
        detail = {"Code": error.code, "Message": error.message, **error.fields, "RequestId": request_id}
        body = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in detail.items())
        return Response(error.status, document(f"<Error>{body}</Error>"), headers=headers)

    def _reach(self, call: Call) -> Bucket:
        """Return the bucket of a request. Raises AwsError if it is denied or in another region."""
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
                f'"{owner.bucket_arn(bucket)}" with an explicit deny in a resource-based policy'
            )
            raise AwsError("AccessDenied", message, 403, headers=where)
        return bucket

    def _answer_about(self, bucket: Bucket, call: Call) -> Response:
        where = {"x-amz-bucket-region": bucket.region}
        match call.operation:
            case "HeadBucket":
                arn = {"x-amz-bucket-arn": call.account.bucket_arn(bucket)}
                return Response(200, headers={**answer_headers(), **where, **arn})
            case "GetBucketLocation":
                place = "" if bucket.region == "us-east-1" else bucket.region
                return xml(f'<LocationConstraint xmlns="{XMLNS}">{place}</LocationConstraint>')
            case "CreateSession":
                return self._create_session(call)
            case "ListObjectVersions":
                return list_versions(bucket, call.request.query)
            case "ListMultipartUploads":
                return list_uploads(bucket, call.request.query)
            case "ListParts":
                return list_parts(bucket, _locate(call.request)[1], call.request.query)
            case "ListObjects":
                return list_objects(bucket, call.request.query, version=1)
            case "GetObject":
                return _object(bucket, _locate(call.request)[1])
            case _:
                return list_objects(bucket, call.request.query, version=2)

    def _create_session(self, call: Call) -> Response:
        """Return session credentials. AWS: directory buckets require them."""
        caller = call.caller
        given = self._world.credentials.give(
            caller.account, caller.arn, caller.user_id, SESSION_SECONDS, caller.missing
        )
        if given.expires is None:
            raise TypeError("a session without an end")
        return xml(
            f'<CreateSessionResult xmlns="{XMLNS}"><Credentials><SessionToken>{given.token}</SessionToken>'
            f"<SecretAccessKey>{SECRET}</SecretAccessKey><AccessKeyId>{given.access_key}</AccessKeyId>"
            f"<Expiration>{xml_time(given.expires)}</Expiration></Credentials></CreateSessionResult>"
        )


def _object(bucket: Bucket, key: str) -> Response:
    """Return the content of an object."""
    content = bucket.objects.contents.get(key) if isinstance(bucket.objects, FileList) else None
    if content is None:
        raise AwsError("NoSuchKey", "The specified key does not exist.", 404, fields={"Key": key})
    headers = {**answer_headers(), "ETag": f'"{etag(content)}"', "x-amz-bucket-region": bucket.region}
    return Response(200, content, "binary/octet-stream", headers)


def _locate(request: Request) -> tuple[str | None, str]:
    """Return bucket and key of BUCKET.s3….amazonaws.com/KEY, BUCKET.localhost/KEY or HOST/BUCKET/KEY."""
    path = request.path.removeprefix("/")
    host, dot, _ = request.host.partition(".s3")
    if dot and request.host.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return host, path
    if request.host.endswith(".localhost"):
        return request.host.removesuffix(".localhost"), path
    bucket, _, key = path.partition("/")
    return bucket or None, key
