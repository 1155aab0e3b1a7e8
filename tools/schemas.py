"""JSON Schemas of the JSON files, generated from their types.

    python3 -m tools.schemas docs/schemas

The description of a property is the docstring below the field.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from s3_monitor.doctor.report import DoctorReport
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.finding import FindingsFile
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan
from s3_monitor.model.summary import Group, Summary
from s3_monitor.money.price_book import PriceBook


class _File(NamedTuple):
    title: str
    type: Any
    decimals: Literal["number", "string"] = "number"
    """The JSON type of decimals in the file."""


FILES = {
    "part.json": _File("parts/NAME.json", Part),
    "plan.json": _File("plan/plan.json", Plan),
    "buckets.json": _File("report/buckets.json, and the output of the one-shot monitor", list[Bucket]),
    "groups.json": _File("the output of the one-shot monitor with --group-by", dict[str, Group]),
    "summary.json": _File("report/summary.json", Summary),
    "findings.json": _File("report/findings.json", FindingsFile),
    "doctor.json": _File("the output of s3-monitor doctor --format json", DoctorReport),
    "prices.json": _File("a price file, as read by --prices", PriceBook, "string"),
}


def schemas() -> dict[str, bytes]:
    """Return each schema by file name, as JSON Schema 2020-12."""
    return {name: json.dumps(_schema(file), indent=2).encode() + b"\n" for name, file in FILES.items()}


def _schema(file: _File) -> dict[str, Any]:
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": file.title}
    schema |= msgspec.json.schema(file.type)
    for struct in _structs(msgspec.inspect.type_info(file.type)):
        _add_descriptions(schema["$defs"][struct.__name__], struct)
    normalized: dict[str, Any] = _normalize(schema, file.decimals)
    return normalized


def _structs(node: object) -> Iterator[type[msgspec.Struct]]:
    """Yield every record type that a type contains; some are yielded several times."""
    if isinstance(node, msgspec.inspect.StructType):
        yield node.cls
    values = [getattr(node, name) for name in node.__struct_fields__] if isinstance(node, msgspec.Struct) else [node]
    for value in values:
        for item in value if isinstance(value, tuple) else [value]:
            if isinstance(item, msgspec.inspect.Type | msgspec.inspect.Field):
                yield from _structs(item)


def _add_descriptions(schema: dict[str, Any], struct: type[msgspec.Struct]) -> None:
    """Add the docstrings of a record's fields to its properties, or to the items of an array."""
    texts = field_docs(struct)
    for index, field in enumerate(msgspec.structs.fields(struct)):
        if field.name not in texts:
            continue
        if "prefixItems" in schema:
            schema["prefixItems"][index] |= {"title": field.encode_name, "description": texts[field.name]}
        else:
            schema["properties"][field.encode_name]["description"] = texts[field.name]


def field_docs(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the docstrings below the fields of a class. They exist only in its source code."""
    source = ast.parse(textwrap.dedent(inspect.getsource(struct)))
    body = next(node for node in source.body if isinstance(node, ast.ClassDef)).body
    docs = {}
    for field, after in pairwise(body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                docs[name] = " ".join(text.split())
    return docs


def _normalize(node: Any, decimals: str) -> Any:
    """Remove the indentation of docstrings, and set the type of decimals to that of the file."""
    if isinstance(node, dict):
        if decimals == "number" and node.get("format") == "decimal":
            node = {key: value for key, value in node.items() if key != "format"} | {"type": "number"}
        return {
            key: inspect.cleandoc(value)
            if key == "description" and isinstance(value, str)
            else _normalize(value, decimals)
            for key, value in node.items()
        }
    return [_normalize(value, decimals) for value in node] if isinstance(node, list) else node


def main() -> None:
    """Write all schemas to the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in schemas().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
