"""The kinds of problems of exports. Their place is the location of the export, in the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from s3_monitor.model.problem_type import Affects, ProblemType, gap, note

_BILL: Final[Affects] = ("bill",)
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
