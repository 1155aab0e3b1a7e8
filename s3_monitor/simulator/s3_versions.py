"""Pages of object versions and multipart uploads in XML."""

from s3_monitor.simulator.accounts import Bucket
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Response
from s3_monitor.simulator.s3_listings import MAX_KEYS, XMLNS, in_key, number, xml, xml_time
from s3_monitor.simulator.versions import Listed, StoredVersion, Upload, VersionedObjects


def list_versions(bucket: Bucket, query: dict[str, str]) -> Response:
    """Return a page of ListObjectVersions, without support for delimiters."""
    size = min(number(query, "max-keys", 0, 2**31 - 1, MAX_KEYS), MAX_KEYS)
    prefix, encoding = query.get("prefix", ""), query.get("encoding-type")
    key, version = query.get("key-marker", ""), query.get("version-id-marker", "")
    if version and not key:
        raise AwsError("InvalidArgument", "A version-id marker cannot be specified without a key marker.")
    page, more = _page(bucket, prefix, key, version, size)
    shown = "".join(_version(one, encoding) for one in page)
    last = page[-1] if page and more else None
    markers = (
        f"<NextKeyMarker>{in_key(last.version.key, encoding)}</NextKeyMarker>"
        f"<NextVersionIdMarker>{last.id}</NextVersionIdMarker>"
        if last
        else ""
    )
    encoded = f"<EncodingType>{encoding}</EncodingType>" if encoding else ""
    return xml(
        f'<ListVersionsResult xmlns="{XMLNS}"><Name>{bucket.name}</Name><Prefix>{in_key(prefix, encoding)}</Prefix>'
        f"<KeyMarker>{in_key(key, encoding)}</KeyMarker><VersionIdMarker>{version}</VersionIdMarker>{markers}"
        f"<MaxKeys>{size}</MaxKeys>{encoded}<IsTruncated>{str(bool(last)).lower()}</IsTruncated>{shown}"
        "</ListVersionsResult>"
    )


def _page(bucket: Bucket, prefix: str, key: str, version: str, size: int) -> tuple[list[Listed], bool]:
    """Return the versions after a marker, and whether there are more.

    AWS: without versioning, each object has one version, whose id is null.
    """
    objects = bucket.objects
    if not isinstance(objects, VersionedObjects):
        under = objects.under(prefix)
        start = max(under.start, objects.after(key))
        stop = min(under.stop, start + size)
        plain = [objects[index] for index in range(start, stop)]
        found = [StoredVersion(one.key, one.size, one.last_modified, one.storage_class) for one in plain]
        return [Listed(one, "null", True) for one in found], stop < under.stop
    start = objects.version_after(key, version)
    found_ = [one for one in objects.versions[start:] if one.version.key.startswith(prefix)][: size + 1]
    return found_[:size], len(found_) > size


def _version(one: Listed, encoding: str | None) -> str:
    version = one.version
    head = (
        f"<Key>{in_key(version.key, encoding)}</Key><VersionId>{one.id}</VersionId>"
        f"<IsLatest>{str(one.latest).lower()}</IsLatest><LastModified>{xml_time(version.last_modified)}</LastModified>"
    )
    if version.size is None:
        return f"<DeleteMarker>{head}</DeleteMarker>"
    return (
        f"<Version>{head}<ETag>&quot;{0:032x}&quot;</ETag><Size>{version.size}</Size>"
        f"<StorageClass>{version.storage_class}</StorageClass></Version>"
    )


def list_uploads(bucket: Bucket, query: dict[str, str]) -> Response:
    """Return a page of ListMultipartUploads."""
    size = min(number(query, "max-uploads", 1, MAX_KEYS, MAX_KEYS), MAX_KEYS)
    prefix, encoding = query.get("prefix", ""), query.get("encoding-type")
    key, marker = query.get("key-marker", ""), query.get("upload-id-marker", "")
    after = (key, int(marker) if marker else len(_uploads(bucket)))
    found = [
        (place, upload)
        for place, upload in enumerate(_uploads(bucket))
        if upload.key.startswith(prefix) and (not key or (upload.key, place) > after)
    ]
    page, more = found[:size], len(found) > size
    shown = "".join(
        f"<Upload><Key>{in_key(upload.key, encoding)}</Key><UploadId>{place}</UploadId>"
        f"<StorageClass>STANDARD</StorageClass><Initiated>{xml_time(upload.initiated)}</Initiated></Upload>"
        for place, upload in page
    )
    next_ = (
        f"<NextKeyMarker>{in_key(page[-1][1].key, encoding)}</NextKeyMarker>"
        f"<NextUploadIdMarker>{page[-1][0]}</NextUploadIdMarker>"
        if more
        else ""
    )
    encoded = f"<EncodingType>{encoding}</EncodingType>" if encoding else ""
    return xml(
        f'<ListMultipartUploadsResult xmlns="{XMLNS}"><Bucket>{bucket.name}</Bucket>'
        f"<KeyMarker>{in_key(key, encoding)}</KeyMarker><UploadIdMarker>{marker}</UploadIdMarker>{next_}"
        f"<MaxUploads>{size}</MaxUploads>{encoded}<IsTruncated>{str(more).lower()}</IsTruncated>{shown}"
        "</ListMultipartUploadsResult>"
    )


def list_parts(bucket: Bucket, key: str, query: dict[str, str]) -> Response:
    """Return a page of ListParts."""
    uploads, id_ = _uploads(bucket), query.get("uploadId", "")
    if not id_.isdigit() or int(id_) >= len(uploads) or uploads[int(id_)].key != key:
        raise AwsError("NoSuchUpload", "The specified upload does not exist.", 404)
    upload = uploads[int(id_)]
    size = min(number(query, "max-parts", 1, MAX_KEYS, MAX_KEYS), MAX_KEYS)
    after = number(query, "part-number-marker", 0, 10_000, 0)
    page = list(enumerate(upload.parts, start=1))[after : after + size]
    more = after + size < len(upload.parts)
    shown = "".join(
        f"<Part><PartNumber>{place}</PartNumber><LastModified>{xml_time(upload.initiated)}</LastModified>"
        f"<ETag>&quot;{place:032x}&quot;</ETag><Size>{part}</Size></Part>"
        for place, part in page
    )
    next_ = f"<NextPartNumberMarker>{page[-1][0]}</NextPartNumberMarker>" if more else ""
    return xml(
        f'<ListPartsResult xmlns="{XMLNS}"><Bucket>{bucket.name}</Bucket><Key>{in_key(key, None)}</Key>'
        f"<UploadId>{id_}</UploadId><PartNumberMarker>{after}</PartNumberMarker>{next_}<MaxParts>{size}</MaxParts>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{shown}</ListPartsResult>"
    )


def _uploads(bucket: Bucket) -> tuple[Upload, ...]:
    objects = bucket.objects
    return objects.uploads if isinstance(objects, VersionedObjects) else ()
