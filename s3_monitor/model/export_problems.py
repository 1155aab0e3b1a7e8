"""The kinds of problems of exports. Their place is the location of the export, in the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from s3_monitor.model.problem_type import Affects, ProblemType, gap, note

_BILL: Final[Affects] = ("bill",)
_OBJECTS: Final[Affects] = ("objects",)
_RUN_AGAIN = "run this shard again with `s3-monitor collect`"
_LATER = "run this shard again with `s3-monitor collect` when AWS has delivered the export"
BILLING_EXPORTS: Final[Mapping[str, ProblemType]] = {
    "billing-export-ambiguous": gap(
        "{location} has several billing exports: {exports}", _BILL, advice="set exports.billing.name in shards.yaml"
    ),
    "billing-export-changed": gap(
        "The delivery of {month} in {location} was replaced while it was read", _BILL, advice=_LATER
    ),
    "billing-export-damaged": gap("Could not read delivery {delivery} of {month} in {location}: {detail}", _BILL),
    "billing-export-ends-early": note(
        "The newest charge of {month} in the billing export is of {until}: later charges may be missing",
        _BILL,
        advice="check that AWS still delivers the export",
    ),
    "billing-export-file-empty": gap(
        "Delivery {delivery} of {month} in {location} has empty files, so charges may be missing: {files}",
        _BILL,
        advice=_LATER,
    ),
    "billing-export-not-delivered": gap(
        "{location} has no delivery of {month}",
        _BILL,
        advice="AWS delivers an export within 24 hours, from its first month on; AWS Support can add earlier ones",
    ),
    "billing-export-not-found": gap(
        "Could not find the billing export {location}: the prefix has {exports}",
        _BILL,
        advice="correct exports.billing in shards.yaml; the export may have been renamed",
    ),
    "billing-export-skipped": gap(
        "Skipped delivery {delivery} of {month} in {location}, an older one was read: {detail}", _BILL
    ),
    "billing-export-too-expensive": gap(
        "Athena could cost {dollars} USD to read {month} in {location}, more than exports.max_usd ({most})",
        _BILL,
        advice="raise exports.max_usd in shards.yaml, or leave engine at duckdb",
    ),
    "billing-export-unreadable": gap("Could not read the billing export {location}: {detail}", _BILL),
}
_NEW = "AWS delivers the first metrics within 48 hours after the export was enabled or changed"
STORAGE_LENS: Final[Mapping[str, ProblemType]] = {
    "storage-lens-bucket-missing": note(
        "The Storage Lens export has no figures of [the bucket|{buckets}]: its objects are unknown",
        _OBJECTS,
        advice="include the bucket and its region in the Storage Lens configuration; new buckets follow later. Allow "
        "s3:GetStorageLensConfiguration, so that buckets without objects are recognized",
    ),
    "storage-lens-configurations-unlisted": gap("Could not read the Storage Lens configurations: {detail}", _OBJECTS),
    "storage-lens-damaged": gap("Could not read delivery {delivery} in {location}: {detail}", _OBJECTS),
    "storage-lens-incomplete": gap(
        "The data of Storage Lens is incomplete without a recorded reason", _OBJECTS, advice=_RUN_AGAIN
    ),
    "storage-lens-interrupted": gap("Interrupted: the data of Storage Lens is incomplete", _OBJECTS, advice=_RUN_AGAIN),
    "storage-lens-invalid": gap("The part with the data of Storage Lens cannot be used", _OBJECTS, advice=_RUN_AGAIN),
    "storage-lens-missing": gap("No part with the data of Storage Lens was received", _OBJECTS, advice=_RUN_AGAIN),
    "storage-lens-not-delivered": gap("{location} has no delivery up to {day}", _OBJECTS, advice=_NEW),
    "storage-lens-not-found": gap(
        "Could not find a Storage Lens export of configuration {config} in {location}",
        _OBJECTS,
        advice=f"correct exports.storage_lens in shards.yaml; {_NEW}",
    ),
    "storage-lens-old": note(
        "The newest delivery in {location} is of {day}, {days} days before the data",
        _OBJECTS,
        advice="check that the export of the Storage Lens configuration is still enabled",
    ),
    "storage-lens-skipped": gap("Skipped delivery {delivery} in {location}, an older one was read: {detail}", _OBJECTS),
    "storage-lens-too-expensive": gap(
        "Athena could cost {dollars} USD to read {location}, more than exports.max_usd ({most})",
        _OBJECTS,
        advice="raise exports.max_usd in shards.yaml, or leave engine at duckdb",
    ),
    "storage-lens-unreadable": gap("Could not read the Storage Lens export {location}: {detail}", _OBJECTS),
}
