"""A part is rejected after any change of its content."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model import part as parts
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.part import is_intact, seal
from tests.merge.fixtures import GIB, LAST, Truth, part, plan, unit

PLAN = plan([unit("a")])
TRUTH = [
    Truth(f"bucket-{n}", {"StandardStorage": {day: GIB * n + day for day in range(LAST + 1)}}, {LAST: n})
    for n in range(30)
]
CONTENT = parts.encode(part(PLAN, "s0", TRUTH))
END = CONTENT[-110:]


def test_what_was_written_is_read() -> None:
    assert parts.decode(CONTENT, "s0.json") == part(PLAN, "s0", TRUTH)


@pytest.mark.parametrize("seed", range(10))
def test_no_flipped_bit_is_silent(seed: int) -> None:
    flips = random.Random(seed)
    places = [flips.randrange(8 * len(CONTENT)) for _ in range(200)]
    places += [8 * len(CONTENT) - 1 - flips.randrange(8 * len(END)) for _ in range(50)]
    for place in places:
        changed = bytearray(CONTENT)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(InvalidFileError, match=r"s0\.json"):
            parts.decode(bytes(changed), "s0.json")


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content[1:],
        lambda content: content + b"\n",
        lambda content: content + b" ",
        lambda content: content + content,
        lambda content: b" " + content,
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content.replace(b'{"shard":"s0"', b'{"shard":"s1","shard":"s0"'),
        lambda content: content.replace(b',"digest"', b',"types":["Other"],"digest"'),
        lambda content: content.replace(b'"format":3}', b'"format":3,"format":3}'),
        lambda content: content.replace(b'"format":3}', b'"format":3, "x":1}'),
        lambda content: content.replace(b'"digest":"', b'"digest": "'),
        lambda content: content[: -len(END)] + seal_of_nothing(content),
        lambda content: content.replace(b"bucket-7", b"bucket-8", 1),
    ],
)
def test_no_other_change_is_silent(change: Callable[[bytes], bytes]) -> None:
    changed = change(CONTENT)
    assert changed != CONTENT
    with pytest.raises(InvalidFileError, match=r"s0\.json"):
        parts.decode(changed, "s0.json")


def seal_of_nothing(content: bytes) -> bytes:
    """Return the end of a part with an empty digest."""
    return END.replace(content[-77:-13], b"")


@given(st.binary(max_size=200))
def test_a_seal_is_of_any_content(content: bytes) -> None:
    sealed = seal(content + b',"digest":"","format":3}')
    assert is_intact(sealed)
    assert not is_intact(content)
    assert not is_intact(sealed + b"\n")
