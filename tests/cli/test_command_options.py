"""The options of each command, their defaults and limits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest

from s3_monitor.cli.exit_status import is_quiet, is_verbose
from s3_monitor.cli.main import CommandGroup, cli
from s3_monitor.cli.options import to_plan_options, utc_now
from s3_monitor.cli.scan import scan
from s3_monitor.plan.options import PlanOptions

NOTHING_GIVEN = {
    "profile": None,
    "regions": (),
    "buckets": (),
    "regex": None,
    "storage_types": (),
    "last_modified": None,
    "objects": None,
    "versions": None,
    "history_days": None,
    "details": None,
    "requests": None,
    "as_of": None,
}
OF_PLAN = {**NOTHING_GIVEN, "shards": None, "split_by": None, "max_shards": None, "costs": None}
OF_AGGREGATE = {"prices": "bundled", "previous": (), "policies": None, "data_only": False}
OF_SCAN = {"output": None, "format": "json", "units": None, "sort": None, "top": None, "group_by": None}


def parsed(command: str, *arguments: str) -> dict[str, Any]:
    """Return the parameters of a command; of the one-shot monitor for ""."""
    if not command:
        with cli.make_context("s3-monitor", [*arguments]) as context:
            return dict(context.params)
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    with found.make_context(command, [*arguments]) as context:
        return dict(context.params)


@pytest.mark.parametrize(
    ("command", "arguments", "expected"),
    [
        ("", [], {**NOTHING_GIVEN, **OF_SCAN, "dry_run": False}),
        ("plan", ["--out", "o"], {**OF_PLAN, "out": Path("o"), "credentials_profiles": {}, "dry_run": False}),
        ("run", ["--out", "o"], {**OF_PLAN, **OF_AGGREGATE, "out": Path("o"), "jobs": None, "dry_run": False}),
        ("doctor", [], {**OF_PLAN, "form": "text"}),
        ("demo", [], {"out": Path("demo")}),
        (
            "collect",
            ["--plan", "p", "--shard", "s", "--out", "o"],
            {"plan_file": Path("p"), "name": "s", "out": Path("o"), "problems": True},
        ),
        (
            "aggregate",
            ["--plan", "p", "--parts", "parts", "--out", "o"],
            {**OF_AGGREGATE, "plan": Path("p"), "parts": Path("parts"), "out": Path("o")},
        ),
    ],
)
def test_an_option_that_is_not_given_has_its_default(
    command: str, arguments: list[str], expected: dict[str, Any]
) -> None:
    assert parsed(command, *arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-p", ""], {"profile": None}),
        (["-p", "a", "-r", "b", "-r", "c"], {"profile": "a", "regions": ("b", "c")}),
        (["-b", "a", "-b", "b*", "-s", "c", "-s", "d"], {"buckets": ("a", "b*"), "storage_types": ("c", "d")}),
        (["--versions", "--details", "--requests"], {"versions": True, "details": True, "requests": True}),
        (["--no-versions", "--no-details", "--no-requests"], {"versions": False, "details": False, "requests": False}),
        (["--history-days", "0"], {"history_days": 0}),
        (["--history-days", "455"], {"history_days": 455}),
        (["--as-of", "2026-11-21"], {"as_of": datetime(2026, 11, 21)}),
        (["--as-of", "2026-11-21T01:02:03Z"], {"as_of": datetime(2026, 11, 21, 1, 2, 3)}),
        (["--objects", "storage-lens", "--last-modified", "off"], {"objects": "storage-lens", "last_modified": "off"}),
        (["--max-shards", "1"], {"max_shards": 1}),
        (["--max-shards", "1000000"], {"max_shards": 1_000_000}),
        (["--jobs", "1", "--dry-run"], {"jobs": 1, "dry_run": True}),
        (
            ["--previous", "a", "--previous", "b", "--data-only"],
            {"previous": (Path("a"), Path("b")), "data_only": True},
        ),
        (["--policies", "p", "--prices", "x"], {"policies": Path("p"), "prices": "x"}),
        (["--costs", "exported", "--split-by", "account"], {"costs": "exported", "split_by": "account"}),
        (["--shards", "s.yaml"], {"shards": Path("s.yaml")}),
    ],
)
def test_an_option_has_the_value_that_is_given(arguments: list[str], expected: dict[str, Any]) -> None:
    nothing = {**OF_PLAN, **OF_AGGREGATE, "out": Path("o"), "jobs": None, "dry_run": False}
    assert parsed("run", "--out", "o", *arguments) == {**nothing, **expected}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--history-days", "-1"],
        ["--history-days", "456"],
        ["--max-shards", "0"],
        ["--max-shards", "1000001"],
        ["--jobs", "0"],
        ["--as-of", "yesterday"],
        ["--objects", "all"],
        ["--last-modified", "some"],
        ["--split-by", "bucket"],
        ["--costs", "none"],
        ["--shards", ""],
        ["extra"],
    ],
)
def test_a_value_beyond_the_limits_is_rejected(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError):
        parsed("run", "--out", "o", *arguments)


@pytest.mark.parametrize("value", ["", "-"])
def test_the_output_is_standard_output_by_default(value: str) -> None:
    assert parsed("", *(["-o", value] if value else []))["output"] is None
    assert parsed("", "-o", "x.json")["output"] == Path("x.json")


@pytest.mark.parametrize(
    ("flags", "expected"), [([], (False, False)), (["-q"], (True, False)), (["-v"], (False, True))]
)
def test_quiet_and_verbose_are_those_of_the_command(flags: list[str], expected: tuple[bool, bool]) -> None:
    with cli.make_context("s3-monitor", flags):
        assert (is_quiet(), is_verbose()) == expected
    assert (is_quiet(), is_verbose()) == (False, False)


# plan


@pytest.mark.parametrize(
    ("pairs", "profiles"),
    [
        ([], {}),
        (["id=p"], {"id": "p"}),
        (["id=p", "other=q"], {"id": "p", "other": "q"}),
        (["a=b=p"], {"a=b": "p"}),
    ],
)
def test_a_profile_for_credentials_follows_the_last_equals_sign(pairs: list[str], profiles: dict[str, str]) -> None:
    arguments = [word for pair in pairs for word in ("--credentials-profile", pair)]
    assert parsed("plan", "--out", "o", *arguments)["credentials_profiles"] == profiles


@pytest.mark.parametrize("pair", ["id", "=p", "id=", "="])
def test_a_profile_for_credentials_has_an_id_and_a_profile(pair: str) -> None:
    with pytest.raises(click.BadParameter, match="must be ID=PROFILE, got"):
        parsed("plan", "--out", "o", "--credentials-profile", "a=b", "--credentials-profile", pair)


def test_options_of_plans_are_passed_on_by_name() -> None:
    given = {
        **parsed("run", "--out", "o", "-p", "p", "-b", "b", "--history-days", "0", "--no-details"),
        "regex": "x",
        "shards": Path("a/b.yaml"),
    }
    assert to_plan_options(given) == PlanOptions(
        profile="p", buckets=("b",), history_days=0, details=False, regex="x", shards=str(Path("a/b.yaml"))
    )
    assert to_plan_options({}) == PlanOptions()


def test_the_present_is_in_utc_to_the_second() -> None:
    before, now = datetime.now(UTC), utc_now()
    assert now.tzinfo is UTC and now.microsecond == 0
    assert (before - now).total_seconds() < 1


# the one-shot monitor


@pytest.mark.parametrize("value", ["region", "account", "storage-type", "encryption", "tag:x", "tag:tag:"])
def test_groups_are_by_a_dimension_or_a_tag(value: str) -> None:
    assert parsed("", "--group-by", value)["group_by"] == value


@pytest.mark.parametrize("value", ["bucket", "tag", "tag:", "Region", "", "tag:\udcff"])
def test_another_dimension_is_rejected(value: str) -> None:
    with pytest.raises(click.BadParameter, match="must be one of region, account, storage-type, encryption or tag:KEY"):
        parsed("", "--group-by", value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--units", "iec"], "--units: json is in bytes"),
        (["--format", "csv", "--units", "si"], "--units: csv is in bytes"),
        (["--sort", "name"], "--sort: json has all buckets, sorted by name"),
        (["--top", "1"], "--top: json has all buckets"),
        (["--format", "csv", "--top", "1"], "--top: csv has all buckets"),
        (["--format", "table", "--group-by", "region", "--sort", "created"], "--sort with --group-by must be"),
        (["--format", "markdown", "--group-by", "region", "--sort", "modified"], "got modified"),
    ],
)
def test_options_of_tables_are_rejected_for_other_formats_before_any_request(
    arguments: list[str], message: str
) -> None:
    with cli.make_context("s3-monitor", arguments) as context, pytest.raises(click.UsageError, match=message):
        scan(context.params)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--units", "bytes"],
        ["--format", "csv", "--units", "bytes"],
        ["--format", "table", "--units", "iec", "--sort", "created", "--top", "1"],
        ["--format", "markdown", "--group-by", "region", "--sort", "objects", "--top", "1"],
        ["--group-by", "region"],
    ],
)
def test_options_of_tables_are_accepted_for_tables(arguments: list[str], tmp_path: Path) -> None:
    """The next check is that of the output: a folder is not a file."""
    with cli.make_context("s3-monitor", arguments) as context:
        params = {**context.params, "output": tmp_path}
        with pytest.raises(click.UsageError, match=f"-o {tmp_path}: "):
            scan(params)


# commands


def test_the_commands_are_listed_in_the_order_of_the_help() -> None:
    assert isinstance(cli, CommandGroup)
    context = click.Context(cli)
    names = ["plan", "collect", "aggregate", "run", "demo", "doctor", "prices", "tags"]
    assert cli.list_commands(context) == names
    assert [command.name for name in names if (command := cli.get_command(context, name))] == names
    assert cli.get_command(context, "scan") is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "x", "plan", "--out", "o"], "--profile must follow the command: `s3-monitor plan …`"),
        (["-r", "x", "--top", "1", "run"], "--region, --top must follow the command: `s3-monitor run …`"),
    ],
)
def test_options_before_a_command_are_rejected(arguments: list[str], message: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        cli.main(arguments, standalone_mode=False)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("", "must have 1 to 128 printable characters"),
        ("x" * 129, "must have 1 to 128 printable characters"),
        ("a\nb", "must have 1 to 128 printable characters"),
        ("aws:x", "must not begin with aws:"),
    ],
)
def test_a_tag_to_check_has_1_to_128_characters_and_is_not_one_of_aws(tag: str, message: str) -> None:
    with pytest.raises(Exception, match=message):
        cli.main(["tags", "check", "--tag", tag], standalone_mode=False)


@pytest.mark.parametrize("name", ["ab", "x" * 256, "a b", "dynamodb:ab"])
@pytest.mark.parametrize("command", ["create", "describe"])
def test_the_name_of_a_table_has_3_to_255_characters(command: str, name: str) -> None:
    with pytest.raises(Exception, match="a table name must have 3 to 255 letters"):
        cli.main(["prices", "table", command, name], standalone_mode=False)
