"""The ways to set the job up: job.xml, a shared library, and the configuration of a Jenkins in deploy/."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from s3_monitor.simulator import Simulator, random_account

from .conftest import REPOSITORY, TODAY, needed
from .scenarios import THREE, Run, exits

DEPLOY = REPOSITORY / "deploy" / "jenkins"
CASC = DEPLOY / "casc"
KUBERNETES = REPOSITORY / "deploy" / "kubernetes"


def test_job_xml_runs_the_jenkinsfile_on_its_schedule(run_pipeline: Run) -> None:
    job = ElementTree.parse(REPOSITORY / "jenkins" / "job.xml").getroot()
    assert job.tag == "flow-definition"
    assert [spec.text for spec in job.iter("spec")] == run_pipeline(shards=THREE).declared["triggers"]
    assert job.findtext("definition/scriptPath") == "Jenkinsfile"


@pytest.fixture(scope="module")
def library_step(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("library") / "s3Monitor.groovy"
    script = REPOSITORY / "jenkins" / "library_step.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, check=True)
    file.write_bytes(done.stdout)
    return file


@pytest.mark.parametrize("faults", [[], [exits("Collect archive", 137)]])
def test_the_step_of_a_library_does_what_the_jenkinsfile_does(
    run_pipeline: Run, library_step: Path, faults: list[Any]
) -> None:
    step = run_pipeline(shards=THREE, faults=faults, jenkinsfile=str(library_step), library_step=True)
    file = run_pipeline(shards=THREE, faults=faults)
    assert step.result == ("UNSTABLE" if faults else "SUCCESS")
    assert [one["step"] for one in step.steps] == [one["step"] for one in file.steps]
    assert step.declared == file.declared


def test_the_seeded_job_has_the_parameters_of_the_jenkinsfile(run_pipeline: Run) -> None:
    declared = run_pipeline(shards=THREE).declared
    job = (CASC / "job.groovy").read_text(encoding="utf-8")
    found = re.findall(r"(string|choice|boolean)Param\('(\w+)', (.*),\n +'(.*)'\)", job)
    kinds = {"string": "string", "choice": "choice", "boolean": "booleanParam"}
    expected = [
        (
            parameter["kind"],
            name,
            parameter.get("choices", parameter.get("defaultValue")),
            parameter["description"],
        )
        for name, parameter in declared["parameters"].items()
    ]
    assert [
        (kinds[kind], name, yaml.safe_load(value), text.replace("\\'", "'")) for kind, name, value, text in found
    ] == expected
    assert re.findall(r"spec\('(.*)'\)", job) == declared["triggers"]


def test_the_configuration_files_do_not_set_a_value_twice() -> None:
    assert not paths(load(CASC / "jenkins.yaml")) & paths(load(CASC / "simulated.yaml"))


def load(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def paths(value: Any, path: str = "") -> set[str]:
    """Return the paths of all values; Jenkins merges mappings, and refuses the start for any other conflict."""
    if isinstance(value, dict):
        return {found for name, item in value.items() for found in paths(item, f"{path}/{name}")}
    return {path}


def test_the_controller_runs_no_builds_and_admits_only_its_users() -> None:
    jenkins = load(CASC / "jenkins.yaml")["jenkins"]
    assert jenkins["numExecutors"] == 0
    assert jenkins["securityRealm"]["local"]["allowsSignup"] is False
    assert jenkins["authorizationStrategy"] == {"loggedInUsersCanDoAnything": {"allowAnonymousRead": False}}
    ssh = jenkins["nodes"][0]["permanent"]["launcher"]["ssh"]
    assert list(ssh["sshHostKeyVerificationStrategy"]) == ["manuallyProvidedKeyVerificationStrategy"]


def test_secrets_are_read_from_files() -> None:
    text = (CASC / "jenkins.yaml").read_text(encoding="utf-8")
    for name, file in (("password", "admin_password"), ("privateKey", "agent_key")):
        values = re.findall(rf"^ +{name}: (.*)$", text, re.MULTILINE)
        assert values == [f'"${{readFile:/run/s3-monitor/{file}}}"']


def services() -> dict[str, Any]:
    found: dict[str, Any] = load(DEPLOY / "compose.yaml")["services"]
    return found


def test_only_the_controller_has_a_port_and_only_on_the_loopback_interface() -> None:
    assert {name: service["ports"] for name, service in services().items() if "ports" in service} == {
        "controller": ["127.0.0.1:8080:8080"]
    }


def test_every_lasting_service_has_reduced_privileges() -> None:
    for name, service in services().items():
        if name != "secrets":
            assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"], name


def test_every_file_that_compose_and_the_images_name_exists() -> None:
    for service in services().values():
        build = service["build"]
        folder = DEPLOY / (build if isinstance(build, str) else build["context"])
        dockerfile = folder / ("Dockerfile" if isinstance(build, str) else build["dockerfile"])
        for sources in re.findall(r"^COPY (?:--\S+ )*(.*) \S+$", dockerfile.read_text(), re.MULTILINE):
            assert all((folder / source).exists() for source in sources.split())
    configuration = services()["controller"]["environment"]["CASC_JENKINS_CONFIG"].split(",")
    named = [*configuration, *(job["file"] for job in load(CASC / "jenkins.yaml")["jobs"])]
    assert all((DEPLOY / name.removeprefix("/")).is_file() for name in named)


def test_plugins_are_pinned_and_include_those_that_the_setup_uses() -> None:
    lines = (DEPLOY / "controller" / "plugins.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+:\d[\w.-]*", pin) for pin in pins)
    names = [pin.split(":")[0] for pin in pins]
    assert len(names) == len(set(names))
    assert {
        "configuration-as-code", "credentials-binding", "git", "htmlpublisher", "job-dsl", "junit", "mailer",
        "plain-credentials", "ssh-slaves", "timestamper", "workflow-aggregator",
    } <= set(names)  # fmt: skip


def test_the_simulated_account_has_the_address_and_credentials_of_the_simulator() -> None:
    env = load(CASC / "simulated.yaml")["jenkins"]["globalNodeProperties"][0]["envVars"]["env"]
    given = {variable["key"]: variable["value"] for variable in env}
    with Simulator((random_account(0, 1, ("us-east-1",), today=TODAY),), today=TODAY) as simulator:
        served = simulator.env()
    port = re.search(r'"--port", "(\d+)"', (DEPLOY / "simulator" / "Dockerfile").read_text())
    assert port and given.pop("AWS_ENDPOINT_URL") == f"http://127.0.0.1:{port[1]}"
    assert given == {name: served[name] for name in given}


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_secrets_are_created_once_and_each_side_gets_its_own(tmp_path: Path) -> None:
    needed("ssh-keygen", "apt-get install openssh-client")
    controller, agent = tmp_path / "controller", tmp_path / "agent"
    controller.mkdir()
    agent.mkdir()
    text = (DEPLOY / "agent" / "create-secrets").read_text()
    script = tmp_path / "create-secrets"
    script.write_text(text.replace('chown -R "$jenkins"', ": "))  # needs root
    contents = []
    for _ in range(2):
        subprocess.run(["sh", str(script), str(controller), str(agent)], check=True)
        contents.append({path.name: path.read_bytes() for path in (*controller.iterdir(), *agent.iterdir())})
    assert contents[0] == contents[1]
    assert {path.name for path in controller.iterdir()} == {
        "admin_password", "agent_key", "agent_key.pub", "host_key.pub",
    }  # fmt: skip
    assert {path.name for path in agent.iterdir()} == {"authorized_keys", "host_key", "host_key.pub"}
    for secret in (controller / "admin_password", controller / "agent_key", agent / "host_key"):
        assert secret.stat().st_mode & 0o077 == 0


def test_the_pods_of_kubernetes_run_without_privileges_on_the_label_and_service_account() -> None:
    template = load(KUBERNETES / "cloud.yaml")["jenkins"]["clouds"][0]["kubernetes"]["templates"][0]
    pod = yaml.safe_load(template["yaml"])["spec"]
    documents = list(yaml.safe_load_all((KUBERNETES / "service-account.yaml").read_text(encoding="utf-8")))
    accounts = [document["metadata"]["name"] for document in documents if document["kind"] == "ServiceAccount"]
    assert template["label"] == "s3-monitor" and [pod["serviceAccountName"]] == accounts
    assert pod["securityContext"]["runAsNonRoot"]
    (container,) = pod["containers"]
    assert container["name"] == "jnlp", "the Jenkinsfile runs its commands in the container of the agent"
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
