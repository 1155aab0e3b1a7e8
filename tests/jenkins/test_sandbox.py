"""What Jenkins would refuse of a pipeline is refused by the Jenkins of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import REPOSITORY, Broken
from .scenarios import THREE, Run

MISTAKES = [
    ("a value in a shell line", "sh \"echo ${params.REGION}\"", "a value put into a shell line"),
    ("a shell line put together", "sh 'echo ' + params.REGION", "a shell line put together"),
    ("a range", "for (i in 1..40) { echo 'x' }", "a range is not serializable"),
    ("a matcher", "def found = 'a' =~ 'b'", "a matcher is not serializable"),
    ("Groovy's own iteration", "['a'].each { echo it }", "each is not on the list"),
    ("a class outside the sandbox", "new File('/etc/passwd')", "new java.io.File is outside the sandbox"),
    ("a static call", "System.exit(0)", "exit is not on the list"),
    ("a step of a plugin that is not there", "readYaml file: 'shards.yaml'", "No such DSL method 'readYaml'"),
    ("an unknown parameter of a step", "echo mesage: 'x'", "Unknown parameter(s) found for step echo"),
    ("a step that needs an agent, without one", "deleteDir()", "the step needs a node"),
    ("an unserializable local", "def held = env.entrySet(); echo 'x'", "entrySet is not on the list"),
    ("a thread held across a step", "def held = [x: currentBuild.world]; echo 'x'", "in the local variable held"),
    ("a global without a declaration", "[1].size(); undeclared = 1", "a global without a declaration"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "message"), [mistake[1:] for mistake in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_the_test_runner_rejects_what_jenkins_rejects(
    run_pipeline: Run, tmp_path: Path, line: str, message: str
) -> None:
    text = (REPOSITORY / "Jenkinsfile").read_text(encoding="utf-8")
    broken = text.replace("                    planShards()\n", f"                    {line}\n", 1)
    assert broken != text
    file = tmp_path / "Jenkinsfile"
    file.write_text(broken, encoding="utf-8")
    try:
        said = "\n".join(run_pipeline(shards=THREE, jenkinsfile=str(file)).log)
    except Broken as error:
        said = str(error)
    assert message in said
