"""What the report calls things, and how it explains them: storage types and classes, states, statuses."""

from __future__ import annotations

from typing import NamedTuple

# Storage classes in the order of their price in us-east-1, dearest first: one order, one colour each, everywhere.
CLASSES = (
    "Standard",
    "Intelligent-Tiering",
    "Standard-IA",
    "One Zone-IA",
    "Glacier Instant Retrieval",
    "Glacier Flexible Retrieval",
    "Glacier Deep Archive",
    "Other",
)
OTHER = CLASSES[-1]


class StorageType(NamedTuple):
    """The storage class whose objects cause these bytes, and what the bytes are."""

    storage_class: str
    meaning: str


# AWS: "Amazon S3 metrics and dimensions", BucketSizeBytes' StorageType filters.
_TYPES = {
    "StandardStorage": StorageType("Standard", "objects in S3 Standard"),
    "IntelligentTieringFAStorage": StorageType("Intelligent-Tiering", "frequent access tier"),
    "IntelligentTieringIAStorage": StorageType("Intelligent-Tiering", "infrequent access tier"),
    "IntelligentTieringAIAStorage": StorageType("Intelligent-Tiering", "archive instant access tier"),
    "IntelligentTieringAAStorage": StorageType("Intelligent-Tiering", "archive access tier"),
    "IntelligentTieringDAAStorage": StorageType("Intelligent-Tiering", "deep archive access tier"),
    "IntAAObjectOverhead": StorageType("Intelligent-Tiering", "archive access tier: 32 KB of index an object"),
    "IntAAS3ObjectOverhead": StorageType("Intelligent-Tiering", "archive access tier: 8 KB of name an object"),
    "IntDAAObjectOverhead": StorageType("Intelligent-Tiering", "deep archive access tier: 32 KB of index an object"),
    "IntDAAS3ObjectOverhead": StorageType("Intelligent-Tiering", "deep archive access tier: 8 KB of name an object"),
    "StandardIAStorage": StorageType("Standard-IA", "objects in S3 Standard-Infrequent Access"),
    "StandardIASizeOverhead": StorageType("Standard-IA", "small objects billed as 128 KB: the difference"),
    "StandardIAObjectOverhead": StorageType("Standard-IA", "overhead of objects"),
    "OneZoneIAStorage": StorageType("One Zone-IA", "objects in S3 One Zone-Infrequent Access"),
    "OneZoneIASizeOverhead": StorageType("One Zone-IA", "small objects billed as 128 KB: the difference"),
    "ReducedRedundancyStorage": StorageType(OTHER, "objects in Reduced Redundancy, an old class"),
    "GlacierInstantRetrievalStorage": StorageType("Glacier Instant Retrieval", "archived objects, read at once"),
    "GlacierIRSizeOverhead": StorageType("Glacier Instant Retrieval", "small objects billed as 128 KB: the difference"),
    "GlacierInstantRetrievalSizeOverhead": StorageType(
        "Glacier Instant Retrieval", "small objects billed as 128 KB: the difference"
    ),
    "GlacierStorage": StorageType("Glacier Flexible Retrieval", "archived objects"),
    "GlacierObjectOverhead": StorageType("Glacier Flexible Retrieval", "32 KB of index an archived object"),
    "GlacierS3ObjectOverhead": StorageType(
        "Glacier Flexible Retrieval", "8 KB of name an archived object, at Standard's price"
    ),
    "GlacierStagingStorage": StorageType("Glacier Flexible Retrieval", "parts of unfinished multipart uploads"),
    "DeepArchiveStorage": StorageType("Glacier Deep Archive", "archived objects"),
    "DeepArchiveObjectOverhead": StorageType("Glacier Deep Archive", "32 KB of index an archived object"),
    "DeepArchiveS3ObjectOverhead": StorageType(
        "Glacier Deep Archive", "8 KB of name an archived object, at Standard's price"
    ),
    "DeepArchiveStagingStorage": StorageType("Glacier Deep Archive", "parts of unfinished multipart uploads"),
    "ExpressOneZoneStorage": StorageType(OTHER, "objects in S3 Express One Zone, in directory buckets"),
}
_UNKNOWN = StorageType(OTHER, "a storage type this version does not know")


def storage_type(name: str) -> StorageType:
    return _TYPES.get(name, _UNKNOWN)


STATES = {
    "measured": "CloudWatch has figures for this bucket.",
    "emptied": "The bucket held bytes and holds none now: it counts as 0, and its last known figures are kept apart.",
    "empty": "CloudWatch lists no metrics for this bucket, and it is older than 3 days: it holds nothing.",
    "young": "The bucket is too new: CloudWatch publishes its first figures a day or two after creation.",
    "no-data": "CloudWatch has no bytes for this bucket in the report's days, and nothing shows that it is empty.",
    "unmeasured": "S3's storage metrics do not cover table and vector buckets.",
    "incomplete": "Data about this bucket could not be read: see the gaps.",
}
# Why a total of a bucket in this state is unknown, in a few words.
UPPER_BOUND = "an upper bound: only the price of the first volume band is known"
REASONS = {
    "measured": "no price or count is known for a part of it",
    "emptied": "its last figures are incomplete",
    "empty": "the bucket is empty",
    "young": "too new to be measured",
    "no-data": "CloudWatch has no bytes",
    "unmeasured": "S3's storage metrics do not cover this kind of bucket",
    "incomplete": "some data could not be read",
}
SHARDS = {
    "complete": "everything it was asked arrived",
    "partial": "some of what it was asked is missing",
    "failed": "nothing usable arrived",
    "missing": "there is no part of it",
    "invalid": "its part cannot be used",
}
LISTING = {
    "auto": "only small buckets are listed for it",
    "all": "its listing is missing",
    "off": "listing was off",
}
# Storage classes as AWS's interfaces write them, in words.
_CLASS_NAMES = {
    "STANDARD": "Standard",
    "INTELLIGENT_TIERING": "Intelligent-Tiering",
    "STANDARD_IA": "Standard-IA",
    "ONEZONE_IA": "One Zone-IA",
    "GLACIER_IR": "Glacier Instant Retrieval",
    "GLACIER": "Glacier Flexible Retrieval",
    "DEEP_ARCHIVE": "Glacier Deep Archive",
    "REDUCED_REDUNDANCY": "Reduced Redundancy",
    "EXPRESS_ONEZONE": "Express One Zone",
}
EVENTS = {"created": "new", "emptied": "emptied", "deleted": "deleted"}


def class_name(code: str) -> str:
    return _CLASS_NAMES.get(code, "an unknown class")
