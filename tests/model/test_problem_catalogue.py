"""Every problem has a code of the catalogue, and every code of the catalogue is used."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from s3_monitor.model.errors import AwsError
from s3_monitor.model.problem import create_problem
from s3_monitor.model.problem_catalogue import CATALOGUE, SECTIONS
from s3_monitor.model.problem_type import ProblemType
from tools.problem_docs import lines

ROOT = Path(__file__).parent.parent.parent
# Functions that take a code as their first argument.
CREATORS = {"create_problem", "add_for_bucket", "create", "_create", "no_price", "_lose"}
# Arguments that the messages do not contain.
PLACES = {"account", "region", "bucket", "storage_type", "shard", "names", "count", "at_least", "error", "advice"}
HERE = {"account": "111122223333", "region": "eu-west-1"}
DENIED = AwsError("denied", "GetBucketTagging", "no", advice="allow s3:GetBucketTagging to the role or user")


CATALOGUES = ("problem_catalogue.py", "export_problems.py")


class Call(NamedTuple):
    """A call that creates a problem. ``keywords``: None if they are not all in sight."""

    code: str
    keywords: set[str] | None
    place: str


@cache
def modules() -> list[tuple[Path, ast.Module]]:
    files = sorted((ROOT / "s3_monitor").rglob("*.py"))
    return [(path, ast.parse(path.read_text("utf-8"))) for path in files if path.name not in CATALOGUES]


def calls() -> Iterator[Call]:
    for path, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            code = node.args[0]
            if name in CREATORS and isinstance(code, ast.Constant) and isinstance(code.value, str):
                names = {keyword.arg for keyword in node.keywords if keyword.arg}
                is_complete = all(keyword.arg for keyword in node.keywords)
                yield Call(code.value, names if is_complete else None, f"{path.name}:{node.lineno}")


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def is_written(code: str) -> bool:
    """Return whether the code, or an f-string that can become the code, is in the source."""
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value == code:
                return True
            if isinstance(node, ast.JoinedStr) and any(
                isinstance(part, ast.Constant) and "-" in part.value
                for part in node.values
                if hasattr(part, "value")
                if isinstance(getattr(part, "value", None), str)
            ):
                pattern = "".join(
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z-]+" for part in node.values
                )
                if re.fullmatch(pattern, code):
                    return True
    return False


def test_every_code_that_is_used_is_in_the_catalogue() -> None:
    assert [call for call in calls() if call.code not in CATALOGUE] == []
    assert len({call.code for call in calls()}) > 50, "the calls are not found any more"


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_of_the_catalogue_is_used(code: str) -> None:
    assert is_written(code)


def test_every_call_has_the_values_of_its_message() -> None:
    for call in calls():
        if call.keywords is None:
            continue
        kind = CATALOGUE[call.code]
        needed = fields(kind.message) | fields(kind.advice) | (fields(kind.plural) - {"buckets", "series"})
        given = call.keywords | ({"detail"} if call.keywords & {"error", "cause"} else set())
        assert needed <= given, (call, needed - given)
        assert call.keywords - PLACES - {"cause"} <= needed, (call, call.keywords - PLACES - needed)


def test_docs_problems_md_is_the_catalogue() -> None:
    """``make schemas`` writes it."""
    assert (ROOT / "docs" / "problems.md").read_text("utf-8") == "".join(f"{line}\n" for line in lines())


@pytest.mark.parametrize(("code", "kind"), CATALOGUE.items())
def test_codes_and_messages_have_one_form(code: str, kind: ProblemType) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", code)
    for template in filter(None, (kind.message, kind.plural)):
        assert template[0].isupper() or template[0] in "{1"
        assert not template.endswith(".")
        # The message of AWS follows the only colon.
        assert ("{detail}" in template) == (template.endswith(": {detail}") and template.count(": ") == 1)
    assert (not kind.plural) or fields(kind.plural) & {"buckets", "series"}
    assert kind.has_detail == ("{detail}" in kind.message) and (
        not kind.plural or kind.has_detail == ("{detail}" in kind.plural)
    )
    assert len(set(kind.affects)) == len(kind.affects)


def test_sections_share_no_code() -> None:
    assert sum(len(types) for types in SECTIONS.values()) == len(CATALOGUE)


@pytest.mark.parametrize(
    ("code", "values", "one", "many"),
    [
        (
            "tags-unreadable",
            {"detail": "GetBucketTagging: denied"},
            "Could not read the tags: GetBucketTagging: denied",
            "Could not read the tags of 4 buckets (a, b, c, …): GetBucketTagging: denied",
        ),
        (
            "last-modified-unreadable",
            {"detail": "ListObjectsV2: denied"},
            "Could not read the last-modified date: ListObjectsV2: denied",
            "Could not read the last-modified dates of 4 buckets (a, b, c, …): ListObjectsV2: denied",
        ),
        (
            "size-unreadable",
            {"detail": "GetMetricData: slow"},
            "Could not read the size: GetMetricData: slow",
            "Could not read the sizes of 4 series (a, b, c, …): GetMetricData: slow",
        ),
        (
            "bucket-emptied",
            {},
            "Bucket emptied: counted as 0, its last data is in last_known",
            "4 buckets (a, b, c, …) emptied: counted as 0, their last data is in last_known",
        ),
        (
            "listing-limit-exceeded",
            {"most": 1000},
            "More than 1,000 objects, so not listed: last-modified date unknown",
            "4 buckets (a, b, c, …) with more than 1,000 objects not listed: last-modified dates unknown",
        ),
    ],
)
def test_a_message_has_a_form_for_one_bucket_and_one_for_several(
    code: str, values: dict[str, object], one: str, many: str
) -> None:
    single = create_problem(code, **HERE, names=["a"], **values)  # type: ignore[arg-type]
    assert (single.message, single.bucket, single.count) == (one, "a", None)
    several = create_problem(code, **HERE, names=["d", "a", "b", "c"], **values)  # type: ignore[arg-type]
    assert (several.message, several.bucket, several.count) == (many, None, 4)


def test_a_count_without_names_may_be_a_lower_bound() -> None:
    exact = create_problem("requests-not-measured", **HERE, count=1200)  # type: ignore[arg-type]
    assert (exact.message, exact.count) == ("Requests of 1,200 buckets unknown", 1200)
    bound = create_problem("tags-unreadable", **HERE, at_least=1, error=DENIED)  # type: ignore[arg-type]
    assert bound.message == "Could not read the tags of 1 or more buckets: GetBucketTagging: no"


def test_the_advice_of_an_error_precedes_that_of_the_catalogue() -> None:
    denied = create_problem("bucket-region-unknown", **HERE, bucket="b")  # type: ignore[arg-type]
    assert denied.advice == CATALOGUE["bucket-region-unknown"].advice
    unreadable = create_problem("price-table-unreadable", source="x", published="2024-09-25", error=DENIED)
    assert unreadable.advice == DENIED.advice
    plain = create_problem("price-table-unreadable", source="x", published="2024-09-25", detail="no")
    assert plain.advice == "aggregate the parts again"
    assert create_problem("deleted-bucket", **HERE, bucket="b").advice is None  # type: ignore[arg-type]


def test_names_with_braces_are_literal() -> None:
    problem = create_problem("part-invalid", path="{detail}", detail="{path}{0}")
    assert problem.message == "Could not use {detail}: {path}{0}"
