"""The folder that `plan` writes: plan.json, shards.tsv, and external-ids.json where roles have such ids."""

from __future__ import annotations

from pathlib import Path

from s3_monitor.model import external_ids
from s3_monitor.model.output import write_atomically
from s3_monitor.model.plan import Plan, encode, shards_tsv


def write(plan: Plan, folder: Path) -> None:
    """Write the files, plan.json as the last: where it is, the others are. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    public, ids = external_ids.referenced(plan)
    content = encode(public)
    external_ids.write(folder, content, ids)
    write_atomically(folder / "shards.tsv", shards_tsv(plan).encode())
    write_atomically(folder / "plan.json", content)
