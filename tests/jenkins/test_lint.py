"""The Jenkinsfile under npm-groovy-lint, with the rule set in jenkins/groovylintrc.json: clean, notes included."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .conftest import HERE, REPOSITORY, java, needed

INSTALLED = HERE / "node_modules" / ".bin"


WRONG = "\nvoid wrong() {\n    String never_used = 'x' ;\n}\n"


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """Return the linter's findings by folder: rule, severity, line, message. One run: it starts a Java machine."""
    work = tmp_path_factory.mktemp("lint")
    text = (REPOSITORY / "Jenkinsfile").read_text(encoding="utf-8")
    for folder, content in (("ours", text), ("wrong", text + WRONG)):
        (work / folder).mkdir()
        (work / folder / "Jenkinsfile").write_text(content, encoding="utf-8")
    command = needed("npm-groovy-lint", "npm install --prefix tests/jenkins", INSTALLED)
    done = subprocess.run(
        [command, "--noserver", "--config", str(REPOSITORY / "jenkins" / "groovylintrc.json"), "--failon", "none",
         "--javaexecutable", f"{java()['JAVA_HOME']}/bin/java", "--output", "result.json", "ours", "wrong"],
        capture_output=True,
        text=True,
        check=False,
        cwd=work,
        env=java(),
    )  # fmt: skip
    assert (work / "result.json").exists(), done.stdout + done.stderr
    files = json.loads((work / "result.json").read_bytes())["files"]
    return {Path(name).parent.name: found["errors"] for name, found in files.items()}


def test_the_jenkinsfile_is_clean(errors: dict[str, list[dict[str, Any]]]) -> None:
    assert errors["ours"] == []


def test_the_linter_reports_violations(errors: dict[str, list[dict[str, Any]]]) -> None:
    assert errors["wrong"], "a rule set that finds nothing checks nothing"


def test_the_rule_set_turns_off_only_what_a_jenkinsfile_needs() -> None:
    rules = json.loads((REPOSITORY / "jenkins" / "groovylintrc.json").read_bytes())["rules"]
    assert sorted(name for name, rule in rules.items() if rule == "off") == [
        "dry.DuplicateNumberLiteral", "dry.DuplicateStringLiteral", "groovyism.GStringExpressionWithinString",
        "size.MethodCount",
    ]  # fmt: skip
