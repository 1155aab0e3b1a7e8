"""An inventory's files are fetched in batches of bounded size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.collect.prefetch import batches
from s3_monitor.objects.manifest import DataFile


@given(st.lists(st.integers(0, 12), max_size=20), st.integers(1, 10))
def test_batches_have_all_files_in_order_within_the_limit_unless_it_is_one_file(sizes: list[int], most: int) -> None:
    files = [DataFile(str(number), size, "") for number, size in enumerate(sizes)]
    found = batches(files, most)
    assert [file for batch in found for file in batch] == files
    assert all(batch and (len(batch) == 1 or sum(file.size for file in batch) <= most) for batch in found)
