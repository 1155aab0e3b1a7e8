"""As much CBOR (RFC 8949) as AWS's smithy-rpc-v2-cbor carries."""

import struct
from typing import Any

_LENGTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_SIMPLE = {20: False, 21: True, 22: None, 23: None}
_INDEFINITE = 31
_BREAK = 0xFF


class Epoch(float):
    """A moment as seconds since 1970-01-01 UTC: tag 1 on the wire."""


def dumps(value: object) -> bytes:
    """Encodes None, bool, int, float, Epoch, str, bytes, lists, tuples and dictionaries."""
    out = bytearray()
    _write(out, value)
    return bytes(out)


def loads(data: bytes) -> Any:
    """Decodes one item that fills the data; tag 1 gives epoch seconds. Raises ValueError."""
    try:
        value, end = _read(data, 0)
    except (IndexError, KeyError, struct.error, RecursionError) as error:
        raise ValueError(f"no CBOR: {error!r}") from error
    if end != len(data):
        raise ValueError(f"no CBOR: {len(data) - end} bytes too many")
    return value


def _write(out: bytearray, value: object) -> None:
    if isinstance(value, Epoch):
        out += b"\xc1\xfb" + struct.pack(">d", value)
    elif isinstance(value, float):
        out += b"\xfb" + struct.pack(">d", value)
    elif isinstance(value, str):
        text = value.encode()
        _write_head(out, 3, len(text))
        out += text
    elif value is None:
        out.append(0xF6)
    elif isinstance(value, bool):
        out.append(0xF5 if value else 0xF4)
    elif isinstance(value, int):
        _write_head(out, 0 if value >= 0 else 1, value if value >= 0 else -1 - value)
    elif isinstance(value, bytes):
        _write_head(out, 2, len(value))
        out += value
    elif isinstance(value, list | tuple):
        _write_head(out, 4, len(value))
        for item in value:
            _write(out, item)
    elif isinstance(value, dict):
        _write_head(out, 5, len(value))
        for key, item in value.items():
            _write(out, key)
            _write(out, item)
    else:
        raise TypeError(f"no CBOR for {type(value).__name__}")


def _write_head(out: bytearray, major: int, number: int) -> None:
    if number < 24:
        out.append(major << 5 | number)
        return
    for info, length in _LENGTHS.items():
        if number < 1 << 8 * length:
            out.append(major << 5 | info)
            out += number.to_bytes(length, "big")
            return
    raise ValueError(f"too large for CBOR: {number}")


def _read(data: bytes, at: int) -> tuple[Any, int]:
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        if info in _FLOATS:
            size = struct.calcsize(_FLOATS[info])
            return struct.unpack(_FLOATS[info], data[at : at + size])[0], at + size
        return _SIMPLE[info], at
    if info == _INDEFINITE:
        return _read_indefinite(data, at, major)
    number, at = _read_number(data, at, info)
    match major:
        case 0:
            return number, at
        case 1:
            return -1 - number, at
        case 2 | 3:
            if at + number > len(data):
                raise IndexError("string longer than the data")
            chunk = data[at : at + number]
            return (chunk if major == 2 else chunk.decode()), at + number
        case 4:
            return _read_items(data, at, number)
        case 5:
            flat, at = _read_items(data, at, 2 * number)
            return dict(zip(flat[::2], flat[1::2], strict=True)), at
        case _:
            value, at = _read(data, at)
            return float(value) if number == 1 else value, at


def _read_number(data: bytes, at: int, info: int) -> tuple[int, int]:
    if info < 24:
        return info, at
    length = _LENGTHS[info]
    if at + length > len(data):
        raise IndexError("number longer than the data")
    return int.from_bytes(data[at : at + length], "big"), at + length


def _read_items(data: bytes, at: int, count: int) -> tuple[list[Any], int]:
    items = []
    for _ in range(count):
        item, at = _read(data, at)
        items.append(item)
    return items, at


def _read_indefinite(data: bytes, at: int, major: int) -> tuple[Any, int]:
    items = []
    while data[at] != _BREAK:
        item, at = _read(data, at)
        items.append(item)
    match major:
        case 2:
            return b"".join(items), at + 1
        case 3:
            return "".join(items), at + 1
        case 4:
            return items, at + 1
        case 5:
            return dict(zip(items[::2], items[1::2], strict=True)), at + 1
        case _:
            raise ValueError(f"no CBOR: major type {major} of no length")
