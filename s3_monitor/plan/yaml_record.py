"""Records in YAML documents: errors have the line, the path, the value and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import msgspec
from msgspec import inspect

from s3_monitor.plan import names

if TYPE_CHECKING:
    from s3_monitor.plan.yaml_document import Document

T = TypeVar("T", bound=msgspec.Struct)
Fields = Mapping[str, inspect.Type]


def read_record(document: Document, value: Any, type_: type[T], allowed: Mapping[str, str]) -> T:
    """Convert the value of a document to a record.

    ``allowed``: what is allowed at each key; of the document itself at the key "". Raises UserError for the first
    error.
    """
    if not isinstance(value, dict):
        document.refuse("", f"{document.shown('', value)} is not allowed here", allowed[""])
    check_keys(document, "", value, fields_of(type_), allowed)
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        _refuse_type(document, value, str(error), allowed)


def fields_of(*types: type[msgspec.Struct]) -> dict[str, inspect.Type]:
    """Return the types of the fields of records, by key."""
    infos = [inspect.type_info(type_) for type_ in types]
    return {
        field.encode_name: field.type for info in infos if isinstance(info, inspect.StructType) for field in info.fields
    }


def check_keys(document: Document, path: str, value: Any, fields: Fields, allowed: Mapping[str, str]) -> None:
    """Raise UserError for an unknown key, or a key without a value, in a mapping or in a record within it."""
    for key, item in value.items() if isinstance(value, dict) else ():
        of_key = f"{path}.{key}".removeprefix(".")
        if key not in fields:
            near = names.nearest(key, fields)
            question = f"did you mean {' or '.join(near)}? " if near else ""
            document.refuse(of_key, "unknown key", f"{question}allowed: {', '.join(fields)}")
        if item is None:
            document.refuse(of_key, "has no value", f"allowed: {allowed[key]}")
        match _without_none(fields[key]), item:
            case inspect.StructType(cls=record), _:
                check_keys(document, of_key, item, fields_of(record), allowed)
            case inspect.VarTupleType(item_type=inspect.StructType(cls=record)), list():
                for index, each in enumerate(item):
                    check_keys(document, f"{of_key}[{index}]", each, fields_of(record), allowed)


def _without_none(type_: inspect.Type) -> inspect.Type:
    """Return the type of an optional record; any other type unchanged."""
    if isinstance(type_, inspect.UnionType):
        return next((one for one in type_.types if isinstance(one, inspect.StructType)), type_)
    return type_


def _refuse_type(document: Document, value: Any, error: str, allowed: Mapping[str, str]) -> NoReturn:
    """Raise UserError for an error of msgspec, which names the path like `$.shards[0].name`."""
    what, _, place = error.partition(" - at `$")
    path = place.rstrip("`").lstrip(".").replace("[...]", "")  # msgspec: the value of any key of a mapping
    if missing := re.search(r"missing required field `(\w+)`", what):
        document.refuse(path, f"`{missing[1]}` is missing", f"{missing[1]}: {allowed[missing[1]]}")
    for step in re.findall(r"\w+", path):
        value = value[int(step)] if isinstance(value, list) else value[step]
    key = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
    rule = f"an item of {allowed[key]}" if path.endswith("]") else allowed.get(key, "a mapping")
    if value is not None and not isinstance(value, (str, list, dict)):
        rule += "; in quotes if it is text"
    document.refuse(path, f"{document.shown(path, value)} is not allowed here", f"allowed: {rule}")
