"""The folder of a plan: plan.json, shards.tsv, and external-ids.json if roles have external ids."""

from __future__ import annotations

from pathlib import Path

from s3_monitor.model import external_ids
from s3_monitor.model.output import write_atomically
from s3_monitor.model.plan import Plan, encode, shards_tsv


def write(plan: Plan, folder: Path) -> None:
    """Write all files, plan.json last, so that its presence implies the others. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    public, ids = external_ids.extract_external_ids(plan)
    content = encode(public)
    external_ids.write(folder, content, ids)
    write_atomically(folder / "shards.tsv", shards_tsv(plan).encode())
    write_atomically(folder / "plan.json", content)
