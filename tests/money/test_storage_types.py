"""The table of storage types agrees with itself and with the price list."""

from __future__ import annotations

import pytest

from s3_monitor.money.price_book import bundled_prices
from s3_monitor.money.storage_types import storage_types

TYPES = storage_types()


def test_all_types_that_cloudwatch_documents_are_known() -> None:
    assert len(TYPES) == 28  # 27, and the former name of one


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_pool_is_a_type_that_has_a_price_somewhere(name: str) -> None:
    pool = TYPES[name].pool.removesuffix(":last")
    assert TYPES[pool].pool == pool
    assert any(pool in pools for pools in bundled_prices().regions.values())


def test_archive_types_are_counted_by_their_indexes() -> None:
    assert {name: type_.counted_by for name, type_ in TYPES.items() if type_.counted_by} == {
        "GlacierStorage": "GlacierObjectOverhead",
        "DeepArchiveStorage": "DeepArchiveObjectOverhead",
        "IntelligentTieringAAStorage": "IntAAObjectOverhead",
        "IntelligentTieringDAAStorage": "IntDAAObjectOverhead",
    }
