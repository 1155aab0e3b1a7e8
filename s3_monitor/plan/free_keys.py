"""The mappings of shards.yaml whose keys are names: `billing_family` and `inventory.places`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from s3_monitor.model.files import shortened
from s3_monitor.model.patterns import is_glob
from s3_monitor.plan import bucket_patterns, names
from s3_monitor.plan.shard_keys import URL

if TYPE_CHECKING:
    from s3_monitor.plan.yaml_document import Document

_ACCOUNT = re.compile(r"[0-9]{12}")
ACCOUNTS_RULE = 'a list of account numbers, 12 digits each and in quotes, like ["111122223333", "444455556666"]'
FAMILIES_RULE = f"a mapping of family names to {ACCOUNTS_RULE}"
PLACES_RULE = 'a mapping of buckets or globs to inventory locations, like {"logs-*": "s3://inventories/daily/"}'


def families_of(document: Document, path: str, value: Any) -> dict[str, tuple[str, ...]]:
    """Return the validated `billing_family`. Raises UserError with the line and the allowed values."""
    if not isinstance(value, dict) or not value:
        document.refuse(path, "is not a mapping of families", FAMILIES_RULE)
    family_of: dict[str, str] = {}
    for name, accounts in value.items():
        of_family = f"{path}.{name}"
        if not names.is_name(name):
            document.refuse(of_family, "is not a valid name", names.NAME_RULE)
        if not isinstance(accounts, list) or not accounts:
            document.refuse(of_family, "is not a list of accounts", ACCOUNTS_RULE)
        for index, account in enumerate(accounts):
            place = f"{of_family}[{index}]"
            # A number would lose its leading zeros or be read as octal.
            if not isinstance(account, str) or not _ACCOUNT.fullmatch(account):
                what = f"{document.shown(place, account)} is not an account id"
                document.refuse(place, what, f"put it in quotes: an item of {ACCOUNTS_RULE}")
            if account in family_of:
                document.refuse(place, f"is already in {family_of[account]}", "each account in one family")
            family_of[account] = of_family
    return {name: tuple(sorted(accounts)) for name, accounts in sorted(value.items())}


def places_of(document: Document, path: str, value: Any) -> list[tuple[str, str]]:
    """Return the validated `places`: exact names before globs, which keep their order. Raises UserError."""
    if not isinstance(value, dict):
        document.refuse(path, f"{document.shown(path, value)} is not allowed here", f"allowed: {PLACES_RULE}")
    for pattern, url in value.items():
        if not bucket_patterns.ALLOWED.fullmatch(pattern):
            what = f"{shortened(pattern)} is not a bucket name or glob"
            document.refuse(path, what, f"each {bucket_patterns.ALLOWED_RULE}")
        if not isinstance(url, str) or not URL.fullmatch(url):
            what = f"{document.shown(f'{path}.{pattern}', url)} is not an inventory location"
            document.refuse(f"{path}.{pattern}", what, "allowed: an s3:// URL, like s3://inventories/daily/")
    return sorted(value.items(), key=lambda item: is_glob(item[0]))
