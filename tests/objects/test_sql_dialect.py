"""Quoting in SQL, with DuckDB as the reader."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.objects.sql_dialect import quote_name, quote_text

TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"))


@given(TEXTS, TEXTS.filter(bool))
def test_a_quoted_text_and_name_are_read_unchanged(text: str, name: str) -> None:
    result = duckdb.sql(f"SELECT {quote_text(text)} AS {quote_name(name)}")
    assert (result.fetchall(), result.columns) == ([(text,)], [name])
