"""The shards that read Storage Lens exports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from s3_monitor.model.errors import UserError
from s3_monitor.model.exports import StorageLensExport
from s3_monitor.model.plan import Access, ObjectsRule, Shard
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.storage_lens import SHARD, LensQuery
from s3_monitor.plan.account_discovery import attempt_concurrently
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.exports_key import StorageLensKey
from s3_monitor.plan.shard_keys import AccessKeys
from s3_monitor.plan.units import ScanTarget

# AWS: a configuration has one of these home regions.
HOME_REGIONS = frozenset((
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2",
    "ap-southeast-1", "ap-southeast-2", "ca-central-1", "cn-north-1", "cn-northwest-1", "eu-central-1", "eu-west-1",
    "eu-west-2", "eu-west-3", "eu-north-1", "sa-east-1",
))  # fmt: skip
_ADVICE = "enable the export of a Storage Lens configuration, or set exports.storage_lens: see docs/exports.md"


class LensSource(NamedTuple):
    """An export, and how it is opened."""

    export: StorageLensExport
    access: Access
    keys: AccessKeys
    """The agent, credentials and timeout."""


def objects_rule(rule: ObjectsRule, exports: Sequence[StorageLensKey]) -> ObjectsRule:
    """Return the rule for objects: ``auto`` prefers exports of Storage Lens in shards.yaml, unless keys are selected.

    Raises UserError if Storage Lens is requested for selected keys.
    """
    if rule.mode == "auto" and exports and not rule.narrowed:
        return msgspec.structs.replace(rule, mode="storage-lens")
    if rule.mode == "storage-lens" and rule.narrowed:
        raise UserError("Storage Lens has no figures of selected keys", "choose --objects listing or inventory")
    return rule


def configured(exports: Iterable[StorageLensKey], default_profile: str | None) -> list[LensSource]:
    """Return the exports of shards.yaml."""
    return [LensSource(key.export(), key.access(key.region, default_profile), key) for key in exports]


def discovered(
    targets: Iterable[ScanTarget], accesses: Sequence[Access], discovery: AccountDiscovery
) -> tuple[list[LensSource], list[Problem]]:
    """Return the exports of the configurations of all accounts, and a gap for each account that could not be read.

    Raises UserError if all accounts were read and none has an export.
    """
    by_account = {target.account: target for target in reversed(list(targets)) if not target.linked}
    requests = [
        (account, region)
        for account, target in sorted(by_account.items())
        for region in sorted(HOME_REGIONS.intersection(discovery.known_regions(target.partition)))
    ]

    def read(request: tuple[str, str]) -> list[StorageLensExport]:
        account, region = request
        return discovery.account(accesses[by_account[account].access]).storage_lens_exports(account, region)

    sources: dict[tuple[str, str, str], LensSource] = {}
    failures: dict[str, Problem] = {}
    for (account, _), result in attempt_concurrently(read, requests).items():
        if isinstance(result, Exception):
            failures.setdefault(
                account, create_problem("storage-lens-configurations-unlisted", account=account, error=result)
            )
            continue
        target = by_account[account]
        for export in result:
            key = (export.bucket, export.prefix, export.config)
            source = sources.setdefault(key, LensSource(export, accesses[target.access], target.entry))
            scopes = {**source.export.scopes, **export.scopes}
            sources[key] = source._replace(export=msgspec.structs.replace(source.export, scopes=scopes))
    if not sources and not failures:
        raise UserError("no account has a Storage Lens configuration with an export to S3", _ADVICE)
    return list(sources.values()), list(failures.values())


def plan_lens(sources: Sequence[LensSource], accesses: Sequence[Access]) -> tuple[list[Shard], list[Access]]:
    """Return a shard for each export, and all accesses of the plan."""
    all_accesses = list(dict.fromkeys([*accesses, *(source.access for source in sources)]))
    shards = []
    for number, (export, access, keys) in enumerate(sources, 1):
        name = SHARD if len(sources) == 1 else f"{SHARD}-{number}"
        shards.append(keys.shard(name, lens=LensQuery(all_accesses.index(access), export)))
    return shards, all_accesses
