"""Steps from day to day, in few bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model import delta_codec

moved = st.lists(st.integers(-(2**63), 2**63) | st.integers(-9, 9) | st.none(), max_size=delta_codec.MOST_DAYS)


def is_sound(packed: bytes, days: int) -> bool:
    return delta_codec.is_sound(packed[: delta_codec.HEAD_BYTES], len(packed), days)


@given(moved)
def test_encoding_and_decoding_gives_the_same_steps(given_steps: list[int | None]) -> None:
    packed = delta_codec.encode(given_steps)
    assert delta_codec.decode(packed) == given_steps
    assert delta_codec.length(packed) == len(given_steps)
    assert is_sound(packed, len(given_steps))


@given(moved.filter(bool), st.binary(min_size=1, max_size=3))
def test_what_is_too_long_or_too_short_is_not_sound(given_steps: list[int | None], more: bytes) -> None:
    packed = delta_codec.encode(given_steps)
    assert not is_sound(packed, len(given_steps) - 1)
    assert not is_sound(packed + more, len(given_steps))
    assert not is_sound(packed[: -len(more)], len(given_steps))


@given(st.binary(max_size=80), st.integers(-1, 455))
def test_all_valid_data_can_be_decoded(packed: bytes, days: int) -> None:
    if is_sound(packed, days):
        assert len(delta_codec.decode(packed)) <= days


@pytest.mark.parametrize(
    ("given_steps", "size"),
    [
        ([], 2),
        ([0] * 30, 2 + 4),
        ([None, 0] * 15, 2 + 4),
        ([3, -3] * 15, 2 + 12),  # 3 bits each
        ([2**30, -(2**30)] * 15, 2 + 120),  # 32 bits each
    ],
)
def test_a_step_takes_the_bits_of_the_largest(given_steps: list[int | None], size: int) -> None:
    assert len(delta_codec.encode(given_steps)) == size


@pytest.mark.parametrize(("days", "size"), [(1, 1), (8, 1), (9, 2), (16, 2)])
def test_days_without_points_take_a_bit_each(days: int, size: int) -> None:
    assert len(delta_codec.encode([None] * days)) == 2 + size
