"""The file external-ids.json: the external ids of a plan's roles, separate from plan.json, which is archived.

plan.json holds references (``#0``), which are not valid external ids. Only `collect` reads the file.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import decode_versioned, read_bytes
from s3_monitor.model.output import write_atomically
from s3_monitor.model.plan import Access, Plan, Shard, digest

FILE = "external-ids.json"
FORMAT = 1
_ADVICE = f"keep {FILE} next to plan.json for `collect`, or create the plan again with `s3-monitor plan`"


class ExternalIds(msgspec.Struct, frozen=True):
    """The content of external-ids.json."""

    plan: str
    """Digest of plan.json."""
    ids: dict[str, str]
    """Reference → external id."""
    format: int = FORMAT


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


def write(folder: Path, content: bytes, ids: dict[str, str]) -> None:
    """Write the file with permissions for its owner only. Without ids, remove the file of an earlier plan.

    ``content``: the content of plan.json. Raises OSError.
    """
    if ids:
        encoded = msgspec.json.encode(ExternalIds(digest(content), ids))
        write_atomically(folder / FILE, encoded + b"\n", private=True)
    else:
        (folder / FILE).unlink(missing_ok=True)


def restore_external_ids(plan: Plan, shard: Shard, plan_file: Path, plan_digest: str) -> Plan:
    """Return the plan with the external ids that the shard needs. Raises InvalidFileError."""
    used = {unit.access for unit in shard.units} | ({shard.bill.access} if shard.bill else set())
    needed = {index for index in used if _is_reference(plan.accesses[index])}
    if not needed:
        return plan
    path = plan_file.with_name(FILE)
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


def _is_reference(access: Access) -> bool:
    return access.external_id is not None and access.external_id.startswith("#")
