"""The parameters of a build: valid values become options, invalid ones are rejected."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from .conftest import REPOSITORY

# A program that writes its arguments down: what plan.py would have started.
RECORDER = "import sys, pathlib; pathlib.Path('arguments.txt').write_text(chr(10).join(sys.argv[1:]))"
Started = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / "teams").mkdir(parents=True)
    (folder / "program.py").write_text(RECORDER)
    (folder / "teams" / "a.yaml").write_text("shards: []\n")
    (tmp_path / "outside.yaml").write_text("shards: []\n")
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "loop.yaml").symlink_to("loop.yaml")
    return folder


@pytest.fixture
def script(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run a script of jenkins/ in the workspace, in this process; what it starts is a process. Its exit status."""
    monkeypatch.chdir(workspace)
    monkeypatch.syspath_prepend(str(REPOSITORY / "jenkins"))

    def run(name: str, *arguments: str, **environment: str) -> int:
        for module in (
            "plan",
            "aggregate",
            "check_prices",
            "credentials",
            "parameters",
            "launcher",
            "run_bundle",
            "earlier",
            "report_text",
        ):
            monkeypatch.delitem(sys.modules, module, raising=False)
        with monkeypatch.context() as given:
            given.setattr(sys, "argv", [name, *arguments])
            for variable, value in environment.items():
                given.setenv(variable, value)
            return int(importlib.import_module(name).main())

    return run


@pytest.fixture
def plan(workspace: Path, script: Callable[..., int], capfd: pytest.CaptureFixture[str]) -> Started:
    """Return a function that runs plan.py: exit status, arguments of the program, standard error."""

    def run(**parameters: str) -> tuple[int, list[str], str]:
        environment = {f"PARAM_{name}": value for name, value in parameters.items()}
        status = script(
            "plan", "--program", "program.py", "--out", "plan", "--description", "description.txt", **environment
        )
        written = workspace / "arguments.txt"
        return status, written.read_text().split("\n") if written.exists() else [], capfd.readouterr().err

    return run


@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        ({}, []),
        ({"REGION": "", "BUCKET": "  ", "SPLIT_BY": ""}, []),
        ({"PROFILE": "user1-dev"}, ["--profile=user1-dev"]),
        ({"PROFILE": "the dev profile"}, ["--profile=the dev profile"]),
        ({"REGION": "us-east-1"}, ["--region=us-east-1"]),
        ({"REGION": "us-east-1,eu-west-1"}, ["--region=us-east-1", "--region=eu-west-1"]),
        ({"REGION": " us-east-1 ,, eu-west-1\tus-east-1 "}, ["--region=us-east-1", "--region=eu-west-1"]),
        ({"BUCKET": "logs-* [a-c]?.x !"}, ["--bucket=logs-*", "--bucket=[a-c]?.x", "--bucket=!"]),
        ({"BUCKET": "-o"}, ["--bucket=-o"]),
        ({"STORAGE_TYPE": "glacierstorage"}, ["--storage-type=glacierstorage"]),
        ({"SPLIT_BY": "storage-type", "MAX_SHARDS": "40"}, ["--split-by=storage-type", "--max-shards=40"]),
        ({"LAST_MODIFIED": "off"}, ["--last-modified=off"]),
        ({"SHARDS_FILE": "teams/a.yaml"}, ["--shards=teams/a.yaml"]),
        ({"SHARDS_FILE": "teams/../teams/./a.yaml"}, ["--shards=teams/a.yaml"]),
    ],
)
def test_values_become_arguments(plan: Started, parameters: dict[str, str], arguments: list[str]) -> None:
    status, given, _ = plan(**parameters)
    assert status == 0
    assert given == ["plan", *arguments, "--out=plan"]


def test_the_repositorys_own_shards_file_is_the_default(workspace: Path, plan: Started) -> None:
    (workspace / "shards.yaml").write_text("shards: []\n")
    assert plan()[1] == ["plan", "--shards=shards.yaml", "--out=plan"]


HOSTILE = [
    '"; touch pwned; #', "$(touch pwned)", "`touch pwned`", "| touch pwned", "a\nb", "a\rb", "a\x01b",
    "it's", "<script>", "../../x", "${HOME}", "\u2028", "x" * 10_000,
]  # fmt: skip


NAMES = [
    "PROFILE",
    "REGION",
    "BUCKET",
    "STORAGE_TYPE",
    "SPLIT_BY",
    "MAX_SHARDS",
    "SHARDS_FILE",
    "LAST_MODIFIED",
    "PRICES",
    "COSTS",
    "POLICIES",
    "PREVIOUS",
]
# A profile may be called so; it is looked up, never opened.
NO_NONSENSE = [("PROFILE", "../../x")]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in NAMES for value in HOSTILE if (name, value) not in NO_NONSENSE]
)
def test_hostile_values_are_rejected_before_any_command(workspace: Path, plan: Started, name: str, value: str) -> None:
    before = sorted(workspace.parent.rglob("*"))
    status, given, error = plan(**{name: value})
    assert status == 2
    assert given == []
    assert error.startswith(f"jenkins/plan.py: error: {name}: ")
    assert len(error) < 400 and error.count("\n") == 1 and error.isascii(), "one readable line"
    assert sorted(workspace.parent.rglob("*")) == sorted([*before, workspace / "description.txt"])
    assert (workspace / "description.txt").read_text() == f"rejected: {name}\n"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("../outside.yaml", "must be a path inside the repository"),
        ("/etc/passwd", "must be a path inside the repository"),
        ("link.yaml", "must be a path inside the repository"),
        ("teams/../../outside.yaml", "must be a path inside the repository"),
        ("loop.yaml", ""),
        ("teams", "must be a file of the repository"),
        ("nowhere.yaml", "must be a file of the repository"),
        ("x" * 255, ""),
    ],
)
def test_a_shards_file_outside_the_repository_is_rejected(
    workspace: Path, plan: Started, value: str, message: str
) -> None:
    status, given, error = plan(SHARDS_FILE=value)
    assert status == 2 and given == []
    assert error.startswith("jenkins/plan.py: error: SHARDS_FILE: ") and message in error


PROGRAM = """
import pathlib, sys
with open("calls.txt", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[1] == "plan":
    out = pathlib.Path("plan")
    out.mkdir()
    (out / "shards.tsv").write_text("a\\t\\t\\t60\\n")
elif not pathlib.Path(sys.argv[-1].partition("=")[2]).read_text().startswith("{"):
    sys.exit("no price file")
"""


@pytest.fixture
def planning(workspace: Path) -> Path:
    """Return a workspace with a program that writes a plan and recognizes a price file by its first character."""
    (workspace / "program.py").write_text(PROGRAM)
    (workspace / "teams" / "prices.json").write_text('{"format": 1}')
    return workspace


@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        ({}, "bundled\t\n"),
        ({"PRICES": "bundled", "PROFILE": "the dev profile"}, "bundled\tthe dev profile\n"),
        ({"PRICES": "dynamodb:s3-monitor_prices.1"}, "dynamodb:s3-monitor_prices.1\t\n"),
        ({"PRICES": "dynamodb:" + "t" * 255, "PROFILE": "dev"}, f"dynamodb:{'t' * 255}\tdev\n"),
        ({"PRICES": " teams/./prices.json "}, "plan/prices.json\t\n"),
    ],
)
def test_the_prices_are_stored_with_the_plan(
    planning: Path, plan: Started, parameters: dict[str, str], line: str
) -> None:
    assert plan(**parameters)[0] == 0
    assert (planning / "plan" / "prices.tsv").read_text() == line
    copied = planning / "plan" / "prices.json"
    assert copied.exists() == ("plan/" in line)
    assert not copied.exists() or copied.read_text() == '{"format": 1}'
    assert "--prices" not in (planning / "calls.txt").read_text().splitlines()[-1], "plan has no such option"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("../outside.yaml", "must be a path inside the repository"),
        ("/etc/passwd", "must be a path inside the repository"),
        ("link.yaml", "must be a path inside the repository"),
        ("loop.yaml", ""),
        ("teams", "must be a file of the repository"),
        ("nowhere.json", "must be a file of the repository"),
        ("teams/a.yaml", "is not a price file; the line above has the reason"),
        ("dynamodb:", "must be bundled, a path inside the repository or dynamodb:TABLE"),
        ("dynamodb:ab", "must be bundled"),
        ("dynamodb:" + "t" * 256, "must be bundled"),
        ("dynamodb:a table", "must be bundled"),
        ("dynamodb:../../x", "must be bundled"),
        ("https://example.com/prices.json", "must be bundled"),
    ],
)
def test_invalid_prices_are_rejected_before_any_request(
    planning: Path, plan: Started, value: str, message: str
) -> None:
    status, _, error = plan(PRICES=value)
    assert status == 2
    refusal = error.splitlines()[-1]
    assert refusal.startswith("jenkins/plan.py: error: PRICES: ") and message in refusal
    calls = planning / "calls.txt"
    assert not calls.exists() or not calls.read_text().startswith("plan")
    assert (planning / "description.txt").read_text() == "rejected: PRICES\n"


@pytest.fixture
def with_prices(
    workspace: Path, script: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, list[str]]]:
    """Return a function that runs a script with prices.tsv: exit status; arguments and AWS variables of the program."""
    (workspace / "program.py").write_text(
        "import os, sys\nwith open('seen.txt', 'w') as seen:\n"
        "    seen.write('\\n'.join(sys.argv[1:] + sorted(n + '=' + v for n, v in os.environ.items() if 'AWS_' in n)))\n"
        "sys.exit(3)\n"
    )
    for name in [name for name in os.environ if "AWS_" in name]:
        monkeypatch.delenv(name)

    def run(name: str, line: str, inputs: Iterable[str] = (), **environment: str) -> tuple[int, list[str]]:
        (workspace / "plan").mkdir()
        for file in inputs:
            (workspace / file).rename(workspace / "plan" / file)
        (workspace / "plan" / "prices.tsv").write_text(line)
        more = ["--parts", "parts", "--out", "report"] if name == "aggregate" else []
        status = script(name, "--program", "program.py", "--plan", "plan/plan.json", *more, **environment)
        return status, (workspace / "seen.txt").read_text().split("\n")

    return run


@pytest.mark.parametrize("name", ["POLICIES", "PREVIOUS"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("../outside.yaml", "must be a path inside the repository"),
        ("/etc/passwd", "must be a path inside the repository"),
        ("link.yaml", "must be a path inside the repository"),
        ("teams", "must be a file of the repository"),
        ("nowhere.json", "must be a file of the repository"),
    ],
)
def test_a_file_for_the_report_outside_the_repository_is_rejected(
    planning: Path, plan: Started, name: str, value: str, message: str
) -> None:
    status, _, error = plan(**{name: value})
    assert status == 2 and not (planning / "calls.txt").exists()
    assert error.startswith(f"jenkins/plan.py: error: {name}: ") and message in error


def test_no_comparison_is_chosen_by_name(planning: Path, plan: Started) -> None:
    assert plan(PREVIOUS="none")[0] == 0
    assert not (planning / "plan" / "previous.json").exists()
    assert (planning / "description.txt").read_text() == "compared with none; 1 shard\n"


AGGREGATE = ["aggregate", "--plan=plan/plan.json", "--parts=parts", "--out=report"]
PAIR = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"}
KEYS = ["AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=B"]


@pytest.mark.parametrize(
    ("line", "prices", "variables"),
    [
        ("bundled\t\n", "bundled", KEYS),
        ("bundled\tdev\n", "bundled", KEYS),
        ("plan/prices.json\tdev\n", "plan/prices.json", KEYS),
        ("dynamodb:prices\t\n", "dynamodb:prices", KEYS),
        ("dynamodb:prices\tthe dev profile\n", "dynamodb:prices", ["AWS_PROFILE=the dev profile"]),
    ],
)
def test_the_aggregate_gets_the_prices_of_the_plan(
    with_prices: Callable[..., tuple[int, list[str]]], line: str, prices: str, variables: list[str]
) -> None:
    seen = with_prices("aggregate", line, **PAIR)
    assert seen == (3, [*AGGREGATE, f"--prices={prices}", *variables])


def test_the_aggregate_gets_the_policies_and_the_previous_report_of_the_plan(
    workspace: Path, with_prices: Callable[..., tuple[int, list[str]]]
) -> None:
    inputs = ("previous.json", "policies.yaml")
    for name in inputs:
        (workspace / name).write_text("{}")
    options = [f"--previous={Path('plan', inputs[0])}", f"--policies={Path('plan', inputs[1])}"]
    seen = with_prices("aggregate", "bundled\t\n", inputs=inputs)
    assert seen == (3, [*AGGREGATE, "--prices=bundled", *options])


@pytest.mark.parametrize(("profile", "variables"), [("", KEYS), ("dev", ["AWS_PROFILE=dev"])])
def test_the_price_check_uses_the_credentials_of_the_plan(
    with_prices: Callable[..., tuple[int, list[str]]], profile: str, variables: list[str]
) -> None:
    seen = with_prices("check_prices", f"plan/prices.json\t{profile}\n", **PAIR)
    assert seen == (3, ["prices", "check", "--prices=plan/prices.json", *variables])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("REGION", "eu_west_1", "must be a region like eu-west-1, got 'eu_west_1'"),
        ("MAX_SHARDS", "0", "must be a number from 1 to 9999, got '0'"),
        ("MAX_SHARDS", "-1", "must be a number from 1 to 9999, got '-1'"),
        ("SPLIT_BY", "bucket", "must be region, storage-type, account or none, got 'bucket'"),
        ("BUCKET", "b" * 5000, "must have at most 4,000 characters, got 5,000"),
    ],
)
def test_a_rejection_states_the_rule_and_the_value(plan: Started, name: str, value: str, message: str) -> None:
    assert message in plan(**{name: value})[2]


@pytest.mark.parametrize(("code", "status"), [("exit(3)", 3), ("exit(1)", 1), ("os.kill(os.getpid(), 9)", 137)])
def test_the_exit_status_is_that_of_the_program(workspace: Path, plan: Started, code: str, status: int) -> None:
    (workspace / "program.py").write_text(f"import os; {code}")
    assert plan()[0] == status


def test_the_description_lists_the_chosen_values(workspace: Path, plan: Started) -> None:
    (workspace / "program.py").write_text(
        "import pathlib; out = pathlib.Path('plan'); out.mkdir(); (out / 'shards.tsv').write_text('a\\nb\\n')"
    )
    plan(REGION="us-east-1 eu-west-1", SPLIT_BY="storage-type", PROFILE="dev")
    assert (workspace / "description.txt").read_text() == (
        "profile dev; regions us-east-1, eu-west-1; split by storage-type; 2 shards\n"
    )
