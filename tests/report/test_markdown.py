"""report.md, for chats and mail."""

from __future__ import annotations

import pytest

from s3_monitor.model.summary import Group
from s3_monitor.report.comparison import compare
from s3_monitor.report.markdown import LINES, escaped, report_lines
from tests.problems import gap
from tests.report import builder
from tests.report.builder import bucket, summary
from tests.report.test_comparison import then


def test_report_md_of_a_small_account() -> None:
    found = [bucket("a"), bucket("b", region="eu-west-1")]
    assert report_lines(summary(found), None) == [
        "# S3 storage on 2026-11-22",
        "",
        "**$1.84 per month**, 80.0 GiB, 1,316 objects in 2 buckets (list price of storage)",
        "- most expensive regions: eu-west-1 $0.92, us-east-1 $0.92",
        "",
        "All data collected. 0 notes.",
    ]


def test_a_large_report_fits_in_20_lines() -> None:
    found = builder.buckets(200, accounts=3, hostile=True)
    said = summary(found, builder.problems(200, found))
    earlier = [compare(said, then({"us-east-1": (1.0, 1.0)}))] * 3
    shown = report_lines(said, builder.history(found), earlier)
    assert 12 < len(shown) <= LINES
    assert all(len(line) < 400 and "\n" not in line for line in shown)
    assert shown[2].startswith("**") and " days**: " in shown[2]
    assert sum(line.endswith((": grew", ": shrank", ": deleted", ": moved")) for line in shown) == 4
    assert any(line.startswith("**Cost incomplete: ") and " gaps" in line for line in shown)


def test_unknown_totals_are_stated() -> None:
    said = summary([], [gap("", "no data")], totals=Group(0, None, None, None, 0.0, 0))
    shown = report_lines(said, None)
    assert shown[2].startswith("cost unknown, size unknown, objects unknown in 0 buckets")
    assert shown[-1] == "- no data"


def test_gaps_are_shown_however_many_lines_there_are() -> None:
    found = [*builder.buckets(200, accounts=3), builder.emptied("was", builder.NOW.date())]
    problems = [gap("shard a", "no data"), gap("shard b", "no data"), gap("shard c", "no part")]
    said = summary(found, problems, bill=builder.bill())
    earlier = [compare(said, then({"us-east-1": (1.0, 1.0)}))] * 2
    shown = report_lines(said, builder.history(found), earlier)
    assert len(shown) == LINES
    assert "**Cost incomplete: a, b and 1 more**: 3 gaps" in shown
    assert shown[-2:] == ["- no data (shard a and 1 more)", "- no part (shard c)"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain-name.2", "plain-name.2"),
        ("<script>", r"\<script\>"),
        ("[x](http://y)", r"\[x\](http\://y)"),
        ("see WWW.example.org, mailto:a@b.c", r"see WWW\.example.org, mailto\:a\@b.c"),
        ("\u202egnp.exe\x1b\u200b", r"\\u202egnp.exe\\x1b\\u200b"),
        ("@channel *b* _i_ `c`", r"\@channel \*b\* \_i\_ \`c\`"),
        ("two\nlines", "two lines"),
    ],
)
def test_hostile_names_are_literal(text: str, expected: str) -> None:
    assert escaped(text) == expected
