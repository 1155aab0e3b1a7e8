"""Every kind of problem: its code, severity, what it affects, its message and its advice.

docs/problems.md is generated from this catalogue with `make schemas`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from s3_monitor.model.bucket_config import PROPERTIES
from s3_monitor.model.export_problems import BILLING_EXPORTS, STORAGE_LENS
from s3_monitor.model.problem_type import Affects, ProblemType, gap, note

_TOTALS: Final[Affects] = ("cost", "size")
_SIZES: Final[Affects] = ("cost", "size", "objects")
_ALL: Final[Affects] = ("cost", "size", "objects", "last_modified", "configuration", "requests")
_COST: Final[Affects] = ("cost",)
_COUNTS: Final[Affects] = ("objects",)
_DATES: Final[Affects] = ("last_modified",)
_CONFIGURATION: Final[Affects] = ("configuration",)
_REQUESTS: Final[Affects] = ("requests",)
_BILLED: Final[Affects] = ("bill",)
_RUN_AGAIN = "run this shard again with `s3-monitor collect`"
_IN_SUMS = "its bytes are in the sizes and in unpriced_size, not in the costs"
_REFRESH = "`s3-monitor prices refresh` writes a newer list for --prices"
_DEFECT = "report this as a defect of s3-monitor"

# Codes are stable: reports of earlier versions are compared by them. Within a section they are sorted.
_PLAN: Final = {
    "account-inaccessible": gap("Could not open the account: {detail}", _ALL),
    "bucket-list-incomplete": gap("Could not list all buckets: {detail}", _ALL),
    "bucket-outside-selected-regions": note(
        "The selected regions do not include the region of this bucket", advice="select this region too, or no region"
    ),
    "bucket-outside-shard-regions": note(
        "Shard entry {entry} names this bucket, but not its region", advice="add this region to the entry"
    ),
    "bucket-region-unknown": gap(
        "Could not determine the region of [the bucket|{buckets}]",
        _ALL,
        advice="allow s3:ListAllMyBuckets and s3:ListBucket to the role or user",
    ),
    "credentials-unusable": gap("Could not use {credentials}: {detail}", _ALL),
    "directory-buckets-not-searched": note(
        "Could not look for directory buckets in regions without other buckets ({regions}): {detail}",
        advice="name the regions with -r, or `regions` in shards.yaml",
    ),
    "max-shards-exceeded": note(
        "The plan has {shards} shards instead of {most}: each combination of agent, credentials and timeout needs one, "
        "and so does the bill"
    ),
    "named-bucket-missing": gap(
        "Shard entry {entry} names this bucket, which does not exist in the account",
        advice="correct the name, or remove it from shards.yaml",
    ),
    "not-split-by-storage-type": note(
        "Could not list the storage types, so the region is not split by storage type: {detail}"
    ),
    "region-outside-partition": gap(
        "Regions must be in the account's partition {partition}, got {regions}",
        _ALL,
        advice="name regions of the partition, or another account",
    ),
    "selected-pattern-unmatched": note("No bucket matches {pattern}", advice="correct the pattern of -b"),
    "shard-pattern-unmatched": note(
        "No bucket of the account matches {pattern} of shard entry {entry}",
        advice="correct the pattern, or remove it from shards.yaml",
    ),
    "shard-regions-without-buckets": note(
        "No bucket of shard entry {entry} is in its regions ({regions})", advice="its buckets are in {held}"
    ),
    "wrong-account": gap(
        "Credentials must be those of the planned account, got account {actual} ({partition})",
        _ALL,
        advice="use {credentials} of the planned account",
    ),
}
_ORGANIZATIONS: Final = {
    "account-closed": note("Account {name} is excluded: its state is {state}"),
    "linked-account-limits": note(
        "{accounts} linked accounts are read through the monitoring account: buckets without metrics, creation and "
        "last-modified dates, configuration and tags are unknown",
        ("last_modified", "configuration"),
        advice="for complete data, read each account with its own role",
    ),
    "linked-accounts-unlisted": gap("Could not list the metrics of linked accounts: {detail}", _ALL),
    "organization-buckets-unmatched": note(
        "No bucket of the organization matches {pattern}",
        advice="correct the pattern, or remove it from organization.buckets",
    ),
    "organization-directory-buckets-not-searched": note(
        "Directory buckets in regions without other buckets were not searched for in the accounts of the organization",
        advice="name the regions in organization.regions",
    ),
    "organization-incomplete": gap("Could not list all accounts of the organization: {detail}", _ALL),
    "organization-pattern-unmatched": note(
        "No account of the organization matches {pattern} of {key}",
        advice="correct the account id or the pattern of names in shards.yaml",
    ),
    "organization-unreadable": gap("Could not list the accounts of the organization: {detail}", _ALL),
    "organizational-unit-empty": note(
        "No account of the organization is in unit {unit}", advice="correct the id of the unit in organization.ous"
    ),
    "organizational-unit-names-unreadable": note(
        "Could not read the names of organizational units, so their ids are shown: {detail}"
    ),
    "organizational-units-unknown": gap(
        "AWS returned no organizational units of accounts {accounts}, so they are excluded",
        _ALL,
        advice="select the accounts with include",
    ),
    "role-denied-by-organization": gap(
        "Could not assume the role, because a policy of the organization denies it: {detail}", _ALL
    ),
    "role-denied-by-trust-policy": gap(
        "Could not assume the role, because its trust policy does not allow it: {detail}",
        _ALL,
        advice="allow this caller in the trust policy of the role, with the same external id",
    ),
    "role-denied-to-caller": gap(
        "Could not assume the role, because a policy of the caller does not allow it: {detail}",
        _ALL,
        advice="allow sts:AssumeRole on the role to the caller (docs/iam/assume-role.json)",
    ),
    "role-missing-or-untrusted": gap(
        "Could not assume the role, which is missing, or does not trust this caller or external id: {detail}",
        _ALL,
        advice="create the role, or correct its trust policy and external id (docs/organization.md)",
    ),
}
_COLLECT: Final = {
    "bucket-deleted": note("[Bucket|{buckets}] deleted during the collection"),
    "cloudwatch-message": gap("CloudWatch returned a message with its data: {detail}", _SIZES),
    "cloudwatch-unreachable": gap("Could not reach CloudWatch: {detail}", _SIZES),
    "configuration-out-of-bounds": gap(
        "Could not store the configuration: out of bounds", _CONFIGURATION, advice=_DEFECT
    ),
    "configuration-unreadable": gap("Could not read the configuration[ of {buckets}]: {detail}", _CONFIGURATION),
    "creation-date-invalid": gap(
        "Could not read the creation date[s of {buckets}]: [it|they] must be between 1970 and 2099", _CONFIGURATION
    ),
    "datapoint-invalid": note("Days without data[ in {series}]: CloudWatch values must be numbers from 0 to 2^62"),
    "datapoints-conflict": note("CloudWatch returned two values for one day[ in {series}]; the larger is used"),
    "directory-buckets-unlisted": gap(
        "Could not list the directory buckets: {detail}", ("last_modified", "configuration")
    ),
    "figures-out-of-bounds": gap("Could not store the figures: out of bounds", _SIZES, advice=_DEFECT),
    "shard-interrupted": gap("Interrupted: data that was not received by then is missing", _ALL, advice=_RUN_AGAIN),
    "inventory-report-skipped": note("Could not use the inventory of {date}, so the previous one is tried: {detail}"),
    "inventory-report-unavailable": note("No inventory to read the objects[ of {buckets}] from: {detail}", _COUNTS),
    "inventory-report-unreadable": gap("Could not read the [inventory|inventories of {buckets}]: {detail}", _COUNTS),
    "last-modified-unreadable": gap("Could not read the last-modified date[s of {buckets}]: {detail}", _DATES),
    "listing-requests-exhausted": note(
        "Some buckets were not listed: a shard may send {most} list requests",
        _DATES,
        advice="raise listing.max_requests in shards.yaml",
    ),
    "listing-truncated": note(
        "Listing[s of {buckets}] truncated, [its|their] figures are lower bounds: {detail}",
        _COUNTS,
        advice="raise listing.max_objects or listing.max_requests in shards.yaml",
    ),
    "newest-object-count-invalid": gap(
        "Could not read the newest object count[s of {series}]: [it|they] must be [a number|numbers] from 0 to 2^62",
        _COUNTS,
    ),
    "newest-size-invalid": gap(
        "Could not read the newest size[s of {series}]: [it|they] must be [a number|numbers] from 0 to 2^62", _TOTALS
    ),
    "object-count-unreadable": gap("Could not read the object count[s of {series}]: {detail}", _COUNTS),
    "object-counts-unlisted": gap("Could not list the object counts: {detail}", _COUNTS),
    "objects-not-listed": note(
        "Could not list the objects[ of {buckets}]: {detail}",
        _COUNTS,
        advice="raise listing.max_requests in shards.yaml",
    ),
    "objects-out-of-bounds": gap("Could not store the objects: out of bounds", _COUNTS, advice=_DEFECT),
    "objects-unreadable": gap("Could not list all objects[ of {buckets}]: {detail}", _COUNTS),
    "requests-out-of-bounds": gap("Could not store the request metrics: out of bounds", _REQUESTS, advice=_DEFECT),
    "requests-unreadable": gap("Could not read the number of requests[ of {buckets}]: {detail}", _REQUESTS),
    "size-unreadable": gap("Could not read the size[s of {series}]: {detail}", _TOTALS),
    "storage-metrics-unlisted": gap("Could not list the storage metrics: {detail}", _SIZES),
    "storage-types-unlisted": gap("Could not list the storage types: {detail}", _TOTALS),
    "table-buckets-unlisted": gap("Could not list the table buckets: {detail}"),
    "uploads-unreadable": gap("Could not list all unfinished uploads[ of {buckets}]: {detail}", _COUNTS),
    "vector-buckets-unlisted": gap("Could not list the vector buckets: {detail}"),
    # One for each property of a bucket: versioning-unreadable, tags-unreadable, …
    **{
        f"{row.name.replace('_', '-')}-unreadable": gap(
            f"Could not read the {row.title.lower()}[ of {{buckets}}]: {{detail}}", _CONFIGURATION
        )
        for row in PROPERTIES
    },
}
_MERGE: Final = {
    "bucket-delayed": note("[No data|{buckets} without data] for the last {days} days: delayed"),
    "bucket-emptied": note("[Bucket|{buckets}] emptied: counted as 0, [its|their] last data is in last_known"),
    "bucket-too-new": note("Created too recently to have CloudWatch data", _SIZES),
    "bucket-without-current-objects": note(
        "CloudWatch has bytes, but [the bucket has|{buckets} have] no current objects",
        advice="list what it holds with --objects listing --versions; to recognize emptied buckets, allow "
        "s3:ListBucketVersions and s3:ListBucketMultipartUploads",
    ),
    "bucket-without-current-sizes": note("CloudWatch has no current bytes[ of {buckets}]: size unknown", _TOTALS),
    "bucket-without-sizes": note("CloudWatch has objects, but no bytes[ of {buckets}]: size unknown", _TOTALS),
    "configuration-conflict": note("Two responses have different {property}: only one is used"),
    "creation-date-conflict": note("Two responses have different creation dates: the later one is used"),
    "deleted-bucket": note("Bucket deleted: CloudWatch still has its data, which is excluded"),
    "former-name-excluded": note("Excluded: {present} is the present name of this storage type, and has data too"),
    "history-invalid": gap(
        "Could not read the daily values: they fall below zero, so only the newest is kept", advice=_RUN_AGAIN
    ),
    "listing-limit-exceeded": note(
        "[More|{buckets} with more] than {most} objects[, so|] not listed: last-modified date[s] unknown",
        _DATES,
        advice="for last-modified dates use --last-modified all, or a higher listing.max_objects",
    ),
    "no-usable-part": gap("No shard delivered data", _ALL, advice="see the other problems"),
    "object-count-conflict": note("Two responses have different object counts for a day: the larger is used"),
    "part-duplicate": note("Two parts of the same run were found: counted once"),
    "part-incomplete": gap("The part is incomplete without a recorded reason", _ALL, advice=_RUN_AGAIN),
    "part-invalid": gap("Could not use {path}: {detail}", advice=_RUN_AGAIN),
    "region-delayed": note("CloudWatch's newest data of this region is of {day}: delayed"),
    "region-without-data": gap(
        "CloudWatch has no bytes[ of {buckets}] from {first} to {last}: size unknown",
        _SIZES,
        advice="run again later, or with a larger history_days",
    ),
    "requests-not-measured": note(
        "Requests[ of {buckets}] unknown",
        _REQUESTS,
        advice="add a request metrics configuration without a filter to the bucket; AWS charges for it",
    ),
    "shard-invalid": gap("The part of the shard cannot be used", _ALL, advice=_RUN_AGAIN),
    "shard-missing": gap("No part of the shard was received", _ALL, advice=_RUN_AGAIN),
    "shard-repeated": note("The shard ran more than once: its parts are merged"),
    "size-conflict": note("Two responses have different bytes for a day: the larger is used"),
    "special-buckets-unmeasured": note(
        "[1 table or vector bucket|{buckets} for tables or vectors]: S3 storage metrics have no bytes of [it|them]",
        _SIZES,
        advice="the sums exclude their unknown sizes",
    ),
    "storage-type-ended": note("Stopped reporting, or delayed: data up to {last}, none for {day}"),
}
_PRICES: Final = {
    "cost-upper-bound": note(
        "The cost of pool {pool} is an upper bound: only the price of the first {exact} GB is known",
        _COST,
        advice="AWS's prices decrease from volume tier to volume tier",
    ),
    "last-price-band-not-listed": note(
        "No price: only the price of the last volume tier of its pool applies, which is not in the price list",
        _COST,
        advice=_IN_SUMS,
    ),
    "price-bands-not-listed": note(
        "No price: the price list has only the first {listed} GB of the pool", _COST, advice=_IN_SUMS
    ),
    "price-bands-not-listed-bounded": note(
        "No price: the price list has only the first {listed} GB of the pool; more costs at most {bound} per GB-month",
        _COST,
        advice=_IN_SUMS,
    ),
    "price-not-listed": note(
        "No price: the price list of {published} does not have this storage type in this region", _COST, advice=_IN_SUMS
    ),
    "price-table-unreadable": gap(
        "Could not read {source}, so the bundled price list of {published} is used: {detail}",
        _COST,
        advice="aggregate the parts again",
    ),
    "prices-old": note(
        "The oldest prices in use are of {oldest}, {days} days before the data: prices may have changed",
        advice=_REFRESH,
    ),
    "region-not-in-price-list": note(
        "No price: the price list of {published} does not have this region", _COST, advice=_IN_SUMS
    ),
    "region-prices-old": note(
        "The oldest prices in use ({regions}) are of {oldest}, {days} days before the data: prices may have changed",
        advice=_REFRESH,
    ),
    "selection-fills-tiers-alone": note(
        "Only the selected buckets and storage types fill the price tiers: the bill may be lower"
    ),
    "selection-of-keys": note("All figures are those of the selected keys, not of complete buckets; no history"),
    "storage-type-unknown": note("No price: unknown storage type", _COST, advice=_IN_SUMS),
}
_BILL: Final = {
    "account-not-billed": note(
        "The bill of {month} has no charges of {accounts}: billed cost unknown",
        _BILLED,
        advice="do they have another payer?",
    ),
    "accounts-outside-partition": note(
        "The bill has no accounts of other partitions than the payer's {partition}: {accounts}", _BILLED
    ),
    "bill-account-ignored": note("Cost Explorer returned account {other}, which was not requested: excluded"),
    "bill-amount-invalid": gap(
        "Could not read the amount of {usage_type}: it must be a number of at most 15 digits",
        _BILLED,
        advice=_RUN_AGAIN,
    ),
    "bill-empty": gap(
        "Cost Explorer has no charges in the month from {month}", _BILLED, advice="name the payer of these accounts"
    ),
    "bill-estimated": note("The bill of {month} is not closed yet: AWS may still change it", _BILLED),
    "bill-in-other-currency": note("The bill is in {billed}, the price list in {listed}: not compared", _BILLED),
    "bill-in-several-currencies": gap(
        "The bill must be in one currency, got {currencies}", _BILLED, advice="name the accounts of one payer"
    ),
    "bill-incomplete": gap("The bill is incomplete without a recorded reason", _BILLED, advice=_RUN_AGAIN),
    "bill-interrupted": gap("Interrupted: the bill is incomplete", _BILLED, advice=_RUN_AGAIN),
    "bill-invalid": gap("The part with the bill cannot be used", _BILLED, advice=_RUN_AGAIN),
    "bill-missing": gap("No part with the bill was received", _BILLED, advice=_RUN_AGAIN),
    "bill-month-ignored": note("Cost Explorer returned {month}, which was not requested: excluded"),
    "bill-region-unknown": note(
        "Usage types of this region have an unknown prefix: its buckets are not found on the bill", _BILLED
    ),
    "bill-unit-unknown": note(
        "{usage_type} not attributed to buckets: the bill's quantity must be in GB-months, got {unit}",
        _BILLED,
        advice="compare the unit with the usage type on the bill itself",
    ),
    "bill-unreadable": gap("Could not read the bill: {detail}", _BILLED),
    "bill-usage-type-unknown": note(
        "Could not find the storage type on the bill: its usage type is not known", _BILLED
    ),
    "cost-allocation-tag-unreadable": gap(
        "Could not read the state of the cost allocation tag: {detail}",
        _BILLED,
        advice="name the payer with --payer-profile",
    ),
    "cost-explorer-missing": gap(
        "Partition {partition} has no Cost Explorer",
        _BILLED,
        advice="name a payer of another partition with --payer-profile",
    ),
    "payer-in-other-partition": gap(
        "The payer's credentials must be of partition {partition}, got {actual}",
        _BILLED,
        advice="name a payer of that partition",
    ),
}
SECTIONS: Final[Mapping[str, Mapping[str, ProblemType]]] = {
    "Accounts and selection": _PLAN,
    "Organizations and roles": _ORGANIZATIONS,
    "Collection": _COLLECT,
    "Merging": _MERGE,
    "Prices": _PRICES,
    "The bill": _BILL,
    "Billing exports": BILLING_EXPORTS,
    "Storage Lens": STORAGE_LENS,
}
CATALOGUE: Final[Mapping[str, ProblemType]] = {
    code: type_ for types in SECTIONS.values() for code, type_ in types.items()
}
