"""CBOR: what goes in comes out, botocore writes what we read, and bytes that are none are refused."""

import math
from typing import Any

import pytest
from botocore.parsers import RpcV2CBORParser
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.simulator import cbor

INTEGERS = st.integers(-(2**64), 2**64 - 1)
SCALARS = st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False) | st.text() | st.binary()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)


@given(VALUES)
def test_what_goes_in_comes_out(value: Any) -> None:
    assert cbor.loads(cbor.dumps(value)) == value


@given(st.dictionaries(st.text(), st.integers(0, 2**64 - 1) | st.floats(allow_nan=False) | st.text()))
def test_botocore_reads_what_we_write(value: dict[str, Any]) -> None:
    parser = RpcV2CBORParser()
    assert parser.parse_data_item(parser.get_peekable_stream_from_bytes(cbor.dumps(value))) == value


@pytest.mark.parametrize(  # RFC 8949, appendix A
    ("encoded", "value"),
    [
        ("1818", 24),
        ("3903e7", -1000),
        ("f93e00", 1.5),
        ("fa47c35000", 100000.0),
        ("c11a514b67b0", 1363896240),
        ("f7", None),
        ("5f42010243030405ff", b"\x01\x02\x03\x04\x05"),
        ("7f657374726561646d696e67ff", "streaming"),
        ("9f018202039f0405ffff", [1, [2, 3], [4, 5]]),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
    ],
)
def test_the_standards_own_examples(encoded: str, value: Any) -> None:
    assert cbor.loads(bytes.fromhex(encoded)) == value


def test_a_moment_is_tagged() -> None:
    assert cbor.dumps(cbor.Epoch(1363896240.5)).hex() == "c1fb41d452d9ec200000"
    assert math.isclose(cbor.loads(cbor.dumps(cbor.Epoch(1.5))), 1.5)


@pytest.mark.parametrize("encoded", ["", "18", "62", "6261", "82", "a1", "a101", "ff", "0000", "fc", "1f", "81" * 5000])
def test_bytes_that_are_none_are_refused(encoded: str) -> None:
    with pytest.raises(ValueError, match="no CBOR"):
        cbor.loads(bytes.fromhex(encoded))


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        cbor.loads(data)
    except ValueError:
        return
