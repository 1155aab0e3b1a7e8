from __future__ import annotations

import pytest

from s3_monitor.model.failure import UserError
from s3_monitor.plan.yaml_lines import MAX_BYTES, Document


def test_plain_yaml_is_plain_values_that_know_their_lines() -> None:
    document = Document("x.yaml", b"a: 1\nb:\n  - c: [x, 2.5, true]\n  - ~\nd: 2026-11-22\n")
    assert document.value == {"a": 1, "b": [{"c": ["x", 2.5, True]}, None], "d": "2026-11-22"}
    lines = {path: document.line(path) for path in ("a", "b", "b[0].c", "b[0].c[1]", "b[1]", "d")}
    assert lines == {"a": 1, "b": 2, "b[0].c": 3, "b[0].c[1]": 3, "b[1]": 4, "d": 5}


@pytest.mark.parametrize(("path", "line"), [("b[0].missing", 3), ("b[7]", 2), ("missing.deeper", 1), ("", 1)])
def test_a_path_that_is_not_there_has_the_line_of_what_is_around_it(path: str, line: int) -> None:
    assert Document("x.yaml", b"a: 1\nb:\n  - c: 1\n").line(path) == line


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "x.yaml: is empty"),
        (b"# only a remark\n", "x.yaml: is empty"),
        (b"a: \xff", "x.yaml:1: is not UTF-8"),
        (b"a: 1\nb: \xff", "x.yaml:2: is not UTF-8"),
        ("a: 1".encode("utf-16"), "x.yaml:1: is not UTF-8"),
        (b"a: 1\nb: \x07", "x.yaml:2: is not YAML: control characters are not allowed"),
        (b"a: [1\nb: 2", "x.yaml:2: is not YAML"),
        (b"{{", "is not YAML"),
        (b"a: 1\na: 2", "x.yaml:2: a: is there twice, first in line 1"),
        (b"a:\n  b: 1\n  b: 1", "x.yaml:3: a.b: is there twice, first in line 2"),
        (b"a: 1\n---\nb: 2", "x.yaml:2: is not YAML"),
        (b"a: &x [1]\nb: *x", "x.yaml:2: aliases (*x) are not allowed"),
        (b"a: &x [*x]", "x.yaml:1: aliases (*x) are not allowed"),
        (b"a: !!python/object/apply:os.system ['true']", "x.yaml:1: tags (tag:yaml.org,2002:python/object/apply"),
        (b"a: !!binary aGk=", "x.yaml:1: tags (tag:yaml.org,2002:binary) are not allowed"),
        (b"? [a]\n: b", "x.yaml:1: the file: a key that is not a word"),
        (b"[" * 100_000, "x.yaml:1: is nested too deep"),
        (b"a: 1" + b"0" * 5000, "is not a value"),
        (b"#" * (MAX_BYTES + 1), "x.yaml: is larger than 2048 KiB"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(content: bytes, message: str) -> None:
    with pytest.raises(UserError) as caught:
        Document("x.yaml", content)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tabs_are_explained() -> None:
    with pytest.raises(UserError, match=r"x\.yaml:2: is not YAML") as caught:
        Document("x.yaml", b"shards:\n\t- name: a\n")
    assert caught.value.advice == "indent with spaces, not tabs"


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert Document("x.yaml", b"\xef\xbb\xbfa: 1").value == {"a": 1}
