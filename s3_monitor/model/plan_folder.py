"""The folder of a plan: plan.json, shards.tsv, and external-ids.json if roles have external ids.

plan.json is archived, so it has references (``#0``), which are not valid external ids. Only `collect` reads the ids.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import decode_versioned, read_bytes
from s3_monitor.model.output import write_atomically
from s3_monitor.model.plan import Plan, Shard, digest, encode, shards_tsv

EXTERNAL_IDS = "external-ids.json"
FORMAT = 1
_ADVICE = f"keep {EXTERNAL_IDS} next to plan.json for `collect`, or create the plan again with `s3-monitor plan`"


class ExternalIds(msgspec.Struct, frozen=True):
    """The content of external-ids.json."""

    plan: str
    """Digest of plan.json."""
    ids: dict[str, str]
    """Reference → external id."""
    format: int = FORMAT


def write(plan: Plan, folder: Path) -> None:
    """Write all files, plan.json last, so that its presence implies the others. Raises OSError.

    Only the owner may read external-ids.json. Without external ids, the file of an earlier plan is removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    public, ids = extract_external_ids(plan)
    content = encode(public)
    if ids:
        encoded = msgspec.json.encode(ExternalIds(digest(content), ids))
        write_atomically(folder / EXTERNAL_IDS, encoded + b"\n", private=True)
    else:
        (folder / EXTERNAL_IDS).unlink(missing_ok=True)
    write_atomically(folder / "shards.tsv", shards_tsv(plan).encode())
    write_atomically(folder / "plan.json", content)


def extract_external_ids(plan: Plan) -> tuple[Plan, dict[str, str]]:
    """Return the plan with references instead of external ids, and the ids by reference."""
    ids: dict[str, str] = {}
    accesses = []
    for index, access in enumerate(plan.accesses):
        if access.external_id is not None:
            ids[f"#{index}"] = access.external_id
            access = msgspec.structs.replace(access, external_id=f"#{index}")
        accesses.append(access)
    return msgspec.structs.replace(plan, accesses=tuple(accesses)), ids


def restore_external_ids(plan: Plan, shard: Shard, plan_file: Path, plan_digest: str) -> Plan:
    """Return the plan with the external ids that the shard needs. Raises InvalidFileError."""
    used = {unit.access for unit in shard.units} | {query.access for query in (shard.bill, shard.lens) if query}
    needed = {index for index in used if (plan.accesses[index].external_id or "").startswith("#")}
    if not needed:
        return plan
    path = plan_file.with_name(EXTERNAL_IDS)
    file = decode_versioned(read_bytes(path, _ADVICE), path, ExternalIds, FORMAT, "list of external ids", _ADVICE)
    if file.plan != plan_digest:
        raise InvalidFileError(path, "belongs to another plan", _ADVICE)
    accesses = list(plan.accesses)
    for index in needed:
        reference = accesses[index].external_id or ""
        if reference not in file.ids:
            raise InvalidFileError(path, f"has no id {reference}", _ADVICE)
        accesses[index] = msgspec.structs.replace(accesses[index], external_id=file.ids[reference])
    return msgspec.structs.replace(plan, accesses=tuple(accesses))
