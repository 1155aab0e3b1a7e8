from __future__ import annotations

import pytest

from s3_monitor.model.errors import UserError
from s3_monitor.plan.yaml_document import MAX_BYTES, Document, Unclear


def test_plain_yaml_becomes_plain_values_with_lines() -> None:
    document = Document("x.yaml", b"a: 1\nb:\n  - c: [x, 2.5, true]\n  - ~\nd: '2026-11-22'\n")
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
        (b"{{", "x.yaml:1: the file: a key must be text"),
        (b"a: {", "is not YAML"),
        (b"a: 1\na: 2", "x.yaml:2: a: is set twice, first in line 1"),
        (b"a:\n  b: 1\n  b: 1", "x.yaml:3: a.b: is set twice, first in line 2"),
        (b"a: 1\n---\nb: 2", "x.yaml:2: a second document starts here"),
        (b"a: 1\n...\n---\nb: 2", "x.yaml:3: a second document starts here"),
        (b"a: [1]\nb: *x", "x.yaml:2: b: *x is read as a YAML alias"),
        (b"&x a: 1", "x.yaml:1: the file: &x is read as a YAML anchor"),
        (b"a: &x [*x]", "x.yaml:1: a: &x is read as a YAML anchor"),
        (b"a: !!python/object/apply:os.system ['true']", "x.yaml:1: a: !!python/object/apply:os.system is read as"),
        (b"a: !!binary aGk=", "x.yaml:1: a: !!binary is read as a YAML tag"),
        (b"? [a]\n: b", "x.yaml:1: the file: a key must be text"),
        (b"[" * 11, "x.yaml:1: is nested too deeply"),
        (b"[" * 100_000, "x.yaml:1: is "),  # nested too deep, or not YAML: libyaml has a limit of its own
        (b"#" * (MAX_BYTES + 1), "x.yaml: is larger than 2048 KiB"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_other_yaml_is_rejected_with_its_line(content: bytes, message: str) -> None:
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


@pytest.mark.parametrize(
    ("text", "written", "kind"),
    [
        ("a: *logs", "*logs", "alias"),
        ("a: *logs-*", "*logs-*", "alias"),
        ("a: *.log", "*.log", "alias"),
        ("a: *", "*", "alias"),
        ("a: !windows", "!windows", "tag"),
        ("a: !!windows 7", "!!windows", "tag"),
        ("a: &team", "&team", "anchor"),
        ("a: & b", "&", "anchor"),
    ],
)
def test_text_that_begins_with_a_sign_of_yaml_gets_the_advice_to_quote_it(text: str, written: str, kind: str) -> None:
    for content, place in (
        (text, "1: a"),
        (f"x:\n  - y\n  - {text}", "3: x[1].a"),
        (f"x: [y, {{{text}}}]", "1: x[1].a"),
    ):
        with pytest.raises(UserError) as caught:
            Document("x.yaml", content.encode())
        assert str(caught.value) == f"x.yaml:{place}: {written} is read as a YAML {kind}, which is not allowed here"
        assert f'put it in quotes if it is text, like "{written}"' in caught.value.advice


@pytest.mark.parametrize(("text", "written"), [("a: @x", "@x"), ("a: `x`", "`x`"), ("a: [b, %x]", "%x")])
def test_text_that_cannot_begin_a_value_is_shown_with_its_place(text: str, written: str) -> None:
    with pytest.raises(UserError, match=r"x\.yaml:1: is not YAML: .*, at a(\[1\])?: ") as caught:
        Document("x.yaml", text.encode())
    assert str(caught.value).endswith(f": {written}")
    assert "in quotes" in caught.value.advice


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("010", "the number 8"),
        ("012345670123", "the number 1402433619"),
        ("0x10", "the number 16"),
        ("0b11", "the number 3"),
        ("1_000", "the number 1000"),
        ("1:30", "the number 90"),
        ("1:30.5", "the number 90.5"),
        ("1_0.5", "the number 10.5"),
        (".inf", "the number inf"),
        ("-.INF", "the number -inf"),
        (".NaN", "the number nan"),
        ("1.0e+999", "the number inf"),
        ("2026-11-22", "a date or time"),
        ("2026-11-22T01:02:03Z", "a date or time"),
        ("=", "a special sign"),
        ("9" * 19, f"the number {'9' * 19}"),
        ("9" * 5000, "a number with too many digits"),
    ],
    ids=lambda value: value[:30],
)
def test_ambiguous_yaml_keeps_its_text_and_is_not_a_number(text: str, reading: str) -> None:
    document = Document("x.yaml", f"a: {text}".encode())
    assert document.value == {"a": Unclear(text, reading)}
    assert document.shown("a", document.value["a"]).startswith(text[:50])
    assert Document("x.yaml", f"a: '{text}'".encode()).value == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("-7", -7), ("+7", 7), ("12", 12), ("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("1.5e+3", 1500.0)],
)
def test_decimal_numbers_are_numbers(text: str, value: float) -> None:
    document = Document("x.yaml", f"a: {text}".encode())
    assert document.value == {"a": value}
    assert document.shown("a", value) == f"the number {text}"


def test_ten_levels_and_two_mebibytes_are_accepted() -> None:
    assert Document("x.yaml", b"[" * 10 + b"]" * 10).value == [[[[[[[[[[]]]]]]]]]]
    with pytest.raises(UserError, match="nested too deeply"):
        Document("x.yaml", b"[" * 11 + b"]" * 11)
    with pytest.raises(UserError, match="nested too deeply"):
        Document("x.yaml", b"{a: " * 11 + b"}" * 11)
    content = b"a: 1 #"
    assert Document("x.yaml", content + b"-" * (MAX_BYTES - len(content))).value == {"a": 1}


@pytest.mark.parametrize(("length", "shown"), [(60, "a" * 59), (61, "a" * 58 + "…")])
def test_up_to_sixty_characters_of_a_value_are_shown(length: int, shown: str) -> None:
    with pytest.raises(UserError) as caught:
        Document("x.yaml", b"a: *" + b"a" * (length - 1))
    assert f": *{shown} is read as" in str(caught.value)


def test_up_to_two_hundred_characters_of_a_path_are_shown() -> None:
    for length in (200, 201):
        with pytest.raises(UserError) as caught:
            Document("x.yaml", b"b" * length + b": *a")
        assert f"x.yaml:1: {'b' * 200}: *a is read as" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [([], "an empty list"), ([1], "a list"), ({}, "an empty mapping"), ({"a": 1}, "a mapping"), (None, "nothing"),
     ("x", "the text 'x'"), (True, "True"), (7, "the number 7")],
)  # fmt: skip
def test_a_value_is_shown_with_its_kind(value: object, shown: str) -> None:
    assert Document("x.yaml", b"a: 1").shown("b", value) == shown
