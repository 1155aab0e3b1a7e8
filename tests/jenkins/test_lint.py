"""The Jenkinsfile under npm-groovy-lint, with the rule set in jenkins/groovylintrc.json: clean, notes included."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from .conftest import HERE, REPOSITORY, java_home, needed

INSTALLED = HERE / "node_modules" / ".bin"


def lint(file: Path, work: Path) -> list[dict[str, Any]]:
    """What the linter finds: rule, severity, line, message."""
    command = needed("npm-groovy-lint", "npm install --prefix tests/jenkins", INSTALLED)
    answer = work / "answer.json"
    done = subprocess.run(
        [command, "--noserver", "--config", str(REPOSITORY / "jenkins" / "groovylintrc.json"), "--failon", "none",
         "--javaexecutable", f"{java_home()}/bin/java", "--output", str(answer), str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=work,
    )  # fmt: skip
    assert answer.exists(), done.stdout + done.stderr
    files = json.loads(answer.read_bytes())["files"]
    assert len(files) == 1, "one file was looked at"
    return [error for found in files.values() for error in found["errors"]]


def test_the_jenkinsfile_is_clean(tmp_path: Path) -> None:
    assert lint(REPOSITORY / "Jenkinsfile", tmp_path) == []


def test_the_linter_finds_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "Jenkinsfile"
    text = (REPOSITORY / "Jenkinsfile").read_text(encoding="utf-8")
    wrong.write_text(text + "\nvoid wrong() {\n    String never_used = 'x' ;\n}\n", encoding="utf-8")
    rules = {error["rule"] for error in lint(wrong, tmp_path)}
    assert rules, "a rule set that finds nothing checks nothing"


def test_the_rule_set_turns_off_only_what_a_jenkinsfile_needs() -> None:
    rules = json.loads((REPOSITORY / "jenkins" / "groovylintrc.json").read_bytes())["rules"]
    assert sorted(name for name, rule in rules.items() if rule == "off") == [
        "dry.DuplicateNumberLiteral", "dry.DuplicateStringLiteral", "groovyism.GStringExpressionWithinString",
    ]  # fmt: skip
