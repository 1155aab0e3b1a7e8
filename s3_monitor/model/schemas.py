"""JSON Schemas of the files that others may read, from the types that write them.

python3 -m s3_monitor.model.schemas docs/schemas
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan
from s3_monitor.model.summary import Summary

_FILES: dict[str, tuple[str, Any]] = {
    "part.json": ("parts/NAME.json", Part),
    "plan.json": ("plan/plan.json", Plan),
    "buckets.json": ("report/buckets.json", list[Bucket]),
    "summary.json": ("report/summary.json", Summary),
}


def schemas() -> dict[str, bytes]:
    """File name → schema, JSON Schema 2020-12."""
    return {name: _schema(title, type_) for name, (title, type_) in _FILES.items()}


def _schema(title: str, type_: Any) -> bytes:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return json.dumps(_tidied(schema | msgspec.json.schema(type_)), indent=2).encode() + b"\n"


def _tidied(node: Any) -> Any:
    """Docstrings without their indentation; decimals as our files have them, as numbers, not as strings."""
    if node == {"type": "string", "format": "decimal"}:
        return {"type": "number"}
    if isinstance(node, dict):
        return {
            key: inspect.cleandoc(value) if key == "description" and isinstance(value, str) else _tidied(value)
            for key, value in node.items()
        }
    return [_tidied(value) for value in node] if isinstance(node, list) else node


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in schemas().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
