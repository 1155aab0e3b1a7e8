"""Print docs/problems.md from the catalogue.

Usage: python3 -m tools.problem_docs > docs/problems.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import get_args

from s3_monitor.model.problem_catalogue import SECTIONS
from s3_monitor.model.problem_type import Affected, ProblemType

_INTRODUCTION = """# Problems

A problem is a record of missing data or the explanation of a figure. plan.json, parts and summary.json have them, and
report.md, the pages and junit.xml show them. This page is generated from `s3_monitor/model/problem_catalogue.py` with
`make schemas`.

| field | meaning |
|---|---|
| `code` | What happened: a code of the tables below. Codes are stable; messages and advice may change. |
| `severity` | `gap`: requested data is missing (exit status 3, `complete` is false). `note`: explanation. |
| `affects` | Unknown figures: `cost`, `size`, `objects`, `last_modified`, `configuration`, `requests`, `bill`. |
| `account`, `region`, `bucket`, `storage_type`, `shard` | The place; `null` where it does not apply. |
| `count` | Number of buckets or series if the problem is about several; otherwise `null`. |
| `message` | What happened, without the place. The message of AWS follows the colon. |
| `advice` | What to do, or `null`. The advice for an error of AWS precedes the advice of the table. |

Select problems by code and place, for example the buckets whose tags could not be read:

    jq -r '.problems[] | select(.code == "tags-unreadable") | [.account, .region, .bucket] | @tsv' report/summary.json

A region with a gap that affects `cost` or `size` is left out of the comparison with `--previous`."""


def lines() -> Iterator[str]:
    """Yield the lines of docs/problems.md."""
    yield _INTRODUCTION
    for title, types in SECTIONS.items():
        yield from ("", f"## {title}", "", "| code | severity | affects | message | advice |", "|---|---|---|---|---|")
        for code in sorted(types):
            yield _row(code, types[code])


def _row(code: str, kind: ProblemType) -> str:
    affects = ", ".join(f"`{name}`" for name in kind.affects)
    if len(kind.affects) == len(get_args(Affected)) - 1:
        affects = "all but `bill`"
    return f"| `{code}` | {kind.severity} | {affects} | {_text(kind.message)} | {_text(kind.advice)} |"


def _text(template: str) -> str:
    """Return a template in Markdown: its fields are emphasized."""
    return re.sub(r"\{(\w+)\}", lambda field: f"*{field[1].replace('_', ' ')}*", template).replace("|", r"\|")


if __name__ == "__main__":
    sys.stdout.write("".join(f"{line}\n" for line in lines()))
