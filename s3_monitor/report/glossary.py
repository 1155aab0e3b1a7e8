"""The names and explanations of storage types, storage classes, states and statuses in the report."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from s3_monitor.model.change import Cause
from s3_monitor.money.storage_types import storage_classes, storage_types

OTHER = "Other"
_COLORED = [row for row in storage_classes().values() if row.colors is not None]
# The storage classes that have a color of their own, in the order of the colors, and the others.
CLASSES = (*(row.title for row in _COLORED), OTHER)
# Their colors on light and dark pages. The contrast with the page is 3:1 or more, and neighbors differ in lightness.
PALETTE = (*(row.colors for row in _COLORED if row.colors is not None), ("#7a828c", "#9aa4b0"))


class TypeText(NamedTuple):
    """How the report describes a storage type."""

    title: str
    """Name for readers."""
    storage_class: str
    """One of CLASSES."""
    meaning: str
    """What the bytes are."""

    @property
    def color(self) -> int:
        """Return the index of the color of its class."""
        return CLASSES.index(self.storage_class)


@cache
def storage_type(name: str) -> TypeText:
    """Return the description of a storage type."""
    type_ = storage_types().get(name)
    if type_ is None:
        return TypeText(name, OTHER, "not in the storage type table of this version")
    class_ = storage_classes()[type_.storage_class]
    return TypeText(type_.title, OTHER if class_.colors is None else class_.title, type_.meaning)


STATES = {
    "measured": "CloudWatch has figures for this bucket.",
    "emptied": "The bucket stored bytes and is empty now: it counts as 0, without its last known figures.",
    "empty": "CloudWatch lists no metrics for this bucket, and it is older than 3 days: it is empty.",
    "young": "The bucket is too new: CloudWatch publishes the first figures one or two days after creation.",
    "no-data": "CloudWatch has no figures for this bucket in the report's days, and no evidence that it is empty.",
    "unmeasured": "S3's storage metrics do not cover table and vector buckets.",
    "incomplete": "Data about this bucket could not be read: see the gaps.",
}
UPPER_BOUND = "an upper bound: only the price of the first volume tier is known"
# Why a total of a bucket in this state is unknown.
REASONS = {
    "measured": "a part has no known price or count",
    "emptied": "its last figures are incomplete",
    "empty": "the bucket is empty",
    "young": "too new to be measured",
    "no-data": "CloudWatch has no figures",
    "unmeasured": "S3's storage metrics do not cover this kind of bucket",
    "incomplete": "some data could not be read",
}
SHARDS = {
    "complete": "all data received",
    "partial": "some data is missing",
    "failed": "no usable data",
    "missing": "its part file is missing",
    "invalid": "its part file cannot be used",
}
LISTING = {
    "auto": "only small buckets are listed",
    "all": "the listing is missing",
    "off": "listings are disabled",
}
CAUSES: dict[Cause, str] = {
    "created": "Buckets created",
    "emptied": "Buckets emptied",
    "deleted": "Buckets deleted",
    "grew": "Buckets that grew",
    "shrank": "Buckets that shrank",
    "moved": "Bytes moved to other storage types",
    "price": "Volume tiers filled differently",
}
EVENTS = {"created": "new", "emptied": "emptied", "deleted": "deleted"}


def class_color(code: str) -> int:
    """Return the index of the color of a storage class."""
    name = class_name(code)
    return CLASSES.index(name if name in CLASSES else OTHER)


def class_name(code: str) -> str:
    """Return the name of a storage class for readers."""
    class_ = storage_classes().get(code)
    return class_.title if class_ else "an unknown class"
