"""summary.json as text."""

from __future__ import annotations

import json

from s3_monitor.model import summary
from s3_monitor.model.safe_text import lines
from tests.problems import gap
from tests.report import builder

HIDDEN = "a\u202eb\u200bc\x9b\ufeff"


def test_hidden_characters_in_a_summary_are_json_escapes() -> None:
    made = builder.summary([builder.bucket(region=HIDDEN)], [gap(HIDDEN, HIDDEN)])
    text = summary.encode(made).decode()
    assert lines(text) == text
    read = json.loads(text)
    assert (list(read["by_region"]), read["problems"][0]["message"]) == ([HIDDEN], HIDDEN)


def test_a_summary_is_written_with_an_indent_of_1() -> None:
    made = builder.summary([builder.bucket()])
    assert summary.encode(made) == (json.dumps(json.loads(summary.encode(made)), indent=1) + "\n").encode()
