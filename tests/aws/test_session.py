from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from s3_monitor import __version__
from s3_monitor.aws.role import connect
from s3_monitor.aws.session import Connection, known_regions
from s3_monitor.model.errors import AwsError, MissingCredentialsError, UserError
from s3_monitor.model.identity import Identity
from s3_monitor.model.plan import Access
from s3_monitor.simulator import Simulator
from s3_monitor.simulator.counters import CallKey
from s3_monitor.simulator.credentials import SECRET
from s3_monitor.simulator.faults import Fault
from tests.aws.conftest import ARCHIVE, KEY, MAIN

TYPED_IN = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
CONFIG = f"""
[profile user1-dev]
region = eu-west-2
aws_access_key_id = {KEY}
aws_secret_access_key = {TYPED_IN}

[profile through-role]
role_arn = arn:aws:iam::{ARCHIVE}:role/reader
source_profile = user1-dev

[profile with-mfa]
role_arn = arn:aws:iam::{ARCHIVE}:role/reader
source_profile = user1-dev
mfa_serial = arn:aws:iam::{MAIN}:mfa/me

[profile old-sso]
sso_start_url = https://company.awsapps.com/start
sso_region = us-east-1
sso_account_id = {MAIN}
sso_role_name = reader

[profile new-sso]
sso_session = company
sso_account_id = {MAIN}
sso_role_name = reader

[sso-session company]
sso_start_url = https://company.awsapps.com/start
sso_region = us-east-1

[profile half]
aws_access_key_id = {KEY}

[profile no-source]
role_arn = arn:aws:iam::{ARCHIVE}:role/reader

[profile process]
credential_process = sh -c "echo token={TYPED_IN} is bad >&2; exit 1"
"""


def configure(tmp_path: Path) -> None:
    (tmp_path / "config").write_text(CONFIG)


def test_the_default_chain_opens_the_account_of_the_environment(company: Simulator) -> None:
    assert Connection(Access()).identity() == Identity(MAIN, "aws")


@pytest.mark.parametrize(
    ("access", "account"),
    [
        (Access(profile="user1-dev"), MAIN),
        (Access(profile="through-role"), ARCHIVE),
        (Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/reader"), ARCHIVE),
        (Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/guarded", external_id="x-1"), ARCHIVE),
        (Access(profile="user1-dev", role_arn=f"arn:aws:iam::{ARCHIVE}:role/reader"), ARCHIVE),
    ],
)
def test_profiles_and_roles_open_their_accounts(
    company: Simulator, tmp_path: Path, access: Access, account: str
) -> None:
    configure(tmp_path)
    assert connect(access).identity().account == account


def test_a_role_is_assumed_under_the_name_of_this_program(company: Simulator) -> None:
    connection = connect(Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/reader"))
    arn = connection.client("sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ARCHIVE}:assumed-role/reader/s3-monitor"


def test_a_role_session_is_renewed_before_it_ends(company: Simulator) -> None:
    connection = connect(Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/short"))
    first = connection.client("sts")
    assert connection.identity().account == ARCHIVE
    for number in range(1, 3):
        company.credentials.expire(f"ASIASIMULATED{number:08d}")
    assert first.get_caller_identity()["Account"] == ARCHIVE


def test_a_role_session_that_aws_ends_early_is_assumed_once_more(company: Simulator) -> None:
    connection = connect(Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/reader"))
    for number, service, call in ((1, "sts", "get_caller_identity"), (2, "s3", "list_buckets")):
        company.credentials.expire(f"ASIASIMULATED{number:08d}")
        connection._renewal._renewed -= 60
        getattr(connection.client(service), call)()
    assert company.counters.total("AssumeRole").calls == 3


def test_a_role_of_a_profile_that_aws_ends_early_is_assumed_once_more(company: Simulator, tmp_path: Path) -> None:
    configure(tmp_path)
    connection = Connection(Access(profile="through-role"))
    assert connection.identity().account == ARCHIVE
    company.credentials.expire("ASIASIMULATED00000001")
    assert connection.identity().account == ARCHIVE
    assert company.counters.total("AssumeRole").calls == 2


def test_a_role_session_that_aws_ends_again_is_not_assumed_repeatedly(company: Simulator) -> None:
    connection = connect(Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/reader"))
    company.faults.add(Fault("expire", operation="ListBuckets"))
    for _ in range(3):
        with pytest.raises(ClientError, match="ExpiredToken"):
            connection.client("s3").list_buckets()
    assert company.counters.total("AssumeRole").calls == 2


def test_many_calls_at_once_assume_an_ended_role_once(company: Simulator) -> None:
    connection = connect(Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/reader"))
    client = connection.client("s3")
    client.list_buckets()
    company.credentials.expire("ASIASIMULATED00000001")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.list_buckets(), range(16)))
    assert len(answers) == 16
    assert company.counters.total("AssumeRole").calls == 2


def test_a_session_that_cannot_be_renewed_is_a_credentials_error_with_advice(company: Simulator) -> None:
    connection = Connection(Access())
    company.credentials.expire(KEY)
    with pytest.raises(MissingCredentialsError, match="the AWS credentials are not valid") as caught:
        connection.identity()
    assert "renew the credentials" in caught.value.advice


def test_keys_that_aws_rejects_are_a_credentials_error(company: Simulator, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODYKNOWSTHIS0")
    with pytest.raises(MissingCredentialsError, match="InvalidClientTokenId"):
        Connection(Access()).identity()


@pytest.mark.parametrize(
    ("access", "message", "advice"),
    [
        (Access(), "no AWS credentials found", "name a profile with -p"),
        (Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/reader"), "no AWS credentials found", "name a profile with -p"),
        (Access(profile="unlisted"), "profile (unlisted) could not be found", "aws configure list-profiles"),
        (Access(profile="old-sso"), "SSO login of profile old-sso", "aws sso login --profile old-sso"),
        (Access(profile="new-sso"), "SSO login of profile new-sso", "aws sso login --profile new-sso"),
        (Access(profile="with-mfa"), "requires an MFA code, and there is no terminal", "--profile with-mfa"),
        (Access(profile="half"), "missing: aws_secret_access_key", "aws sts get-caller-identity"),
        (Access(profile="no-source"), "source_profile or credential_source", "aws sts get-caller-identity"),
        (
            Access(profile="process"),
            "credential_process of profile process cannot be used: token=… is bad",
            "print JSON",
        ),
    ],
)
def test_missing_credentials_are_an_immediate_error_with_advice_and_without_secrets(
    environment: pytest.MonkeyPatch, tmp_path: Path, access: Access, message: str, advice: str
) -> None:
    configure(tmp_path)
    with pytest.raises(MissingCredentialsError) as caught:
        connect(access)
    assert message in str(caught.value)
    assert advice in caught.value.advice
    assert TYPED_IN not in str(caught.value) + caught.value.advice
    assert "\n" not in str(caught.value)


def test_the_profile_of_the_environment_is_named_in_the_advice(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configure(tmp_path)
    environment.setenv("AWS_PROFILE", "old-sso")
    with pytest.raises(MissingCredentialsError) as caught:
        Connection(Access())
    assert caught.value.advice == "aws sso login --profile old-sso"


def test_a_malformed_configuration_file_is_named_without_its_content(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(f"[profile a\naws_secret_access_key {TYPED_IN}\n")
    with pytest.raises(MissingCredentialsError) as caught:
        Connection(Access())
    assert str(tmp_path / "config") in str(caught.value)
    assert TYPED_IN not in str(caught.value)


@pytest.mark.parametrize("role", ["guarded", "absent"])
def test_a_role_that_cannot_be_assumed_is_a_credentials_error_with_advice(company: Simulator, role: str) -> None:
    with pytest.raises(MissingCredentialsError, match=rf"AssumeRole: .*:role/{role} \(AccessDenied\)") as caught:
        connect(Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/{role}", external_id="wrong"))
    assert "external id" in caught.value.advice


def test_a_role_that_cannot_be_requested_is_an_error_of_aws(
    company: Simulator, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("AWS_MAX_ATTEMPTS", "1")
    company.faults.add(Fault("error", operation="AssumeRole", status=503))
    with pytest.raises(AwsError, match="AssumeRole") as caught:
        connect(Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/reader"))
    assert caught.value.kind == "broken"


def test_a_session_with_mfa_that_the_aws_cli_keeps_is_used(company: Simulator, tmp_path: Path) -> None:
    configure(tmp_path)
    given = company.credentials.give(company.accounts[1], f"arn:aws:sts::{ARCHIVE}:assumed-role/reader/me", "me", 3600)
    keys = {"RoleArn": f"arn:aws:iam::{ARCHIVE}:role/reader", "SerialNumber": f"arn:aws:iam::{MAIN}:mfa/me"}
    name = sha1(json.dumps(keys, sort_keys=True).encode()).hexdigest()
    cache = tmp_path / ".aws" / "cli" / "cache"
    cache.mkdir(parents=True)
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    session = {"AccessKeyId": given.access_key, "SecretAccessKey": SECRET, "SessionToken": given.token}
    (cache / f"{name}.json").write_text(json.dumps({"Credentials": {**session, "Expiration": ends}}))
    assert Connection(Access(profile="with-mfa")).identity().account == ARCHIVE
    assert [path.name for path in cache.iterdir()] == [f"{name}.json"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_DEFAULT_REGION", "us_east_1"),
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_RETRY_MODE", "never"),
        ("AWS_ENDPOINT_URL", "nowhere"),
    ],
)
def test_unusable_settings_are_errors_of_the_user(
    company: Simulator, environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(UserError, match="cannot be used"):
        Connection(Access()).client("s3")


@pytest.mark.parametrize(
    ("access", "configured", "home"),
    [
        (Access(), None, ("aws", "us-east-1")),
        (Access(), "eu-west-3", ("aws", "eu-west-3")),
        (Access(), "us-gov-east-1", ("aws-us-gov", "us-gov-east-1")),
        (Access(region="cn-northwest-1"), None, ("aws-cn", "cn-northwest-1")),
        (Access(region="us-gov-west-1"), "us-east-1", ("aws-us-gov", "us-gov-west-1")),
        (Access(role_arn=f"arn:aws-us-gov:iam::{MAIN}:role/r"), None, ("aws-us-gov", "us-gov-west-1")),
        (Access(role_arn=f"arn:aws-us-gov:iam::{MAIN}:role/r"), "eu-west-1", ("aws-us-gov", "us-gov-west-1")),
        (Access(role_arn=f"arn:aws-cn:iam::{MAIN}:role/r"), None, ("aws-cn", "cn-north-1")),
        (Access(role_arn=f"arn:aws:iam::{ARCHIVE}:role/reader"), "eu-west-1", ("aws", "eu-west-1")),
    ],
)
def test_the_home_region_is_the_configured_region_or_the_default_of_the_partition(
    company: Simulator, environment: pytest.MonkeyPatch, access: Access, configured: str | None, home: tuple[str, str]
) -> None:
    environment.delenv("AWS_DEFAULT_REGION")
    if configured:
        environment.setenv("AWS_DEFAULT_REGION", configured)
    if access.role_arn and ":aws:" not in access.role_arn:
        # The simulated account has one partition: the endpoint for the role shows the home region.
        with pytest.raises(MissingCredentialsError):
            connect(access)
        assert company.counters.total("AssumeRole", region=home[1]).calls == 1
        return
    connection = connect(access)
    assert (connection.partition, connection.home_region) == home
    assert connection.client("cloudwatch").meta.region_name == home[1]


def test_the_region_of_the_profile_is_the_home_region(
    company: Simulator, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configure(tmp_path)
    environment.delenv("AWS_DEFAULT_REGION")
    assert Connection(Access(profile="user1-dev")).home_region == "eu-west-2"


def test_clients_retry_in_standard_mode_for_about_two_minutes(company: Simulator) -> None:
    config = Connection(Access()).client("cloudwatch", "eu-west-1").meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 8}
    assert (config.connect_timeout, config.read_timeout) == (5, 12)
    assert config.max_pool_connections == 32


def test_configured_retry_settings_take_precedence(company: Simulator, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_MAX_ATTEMPTS", "2")
    environment.setenv("AWS_RETRY_MODE", "adaptive")
    assert Connection(Access()).client("s3").meta.config.retries == {"mode": "adaptive", "total_max_attempts": 2}


def test_the_configured_number_of_attempts_applies_to_throttled_calls(
    company: Simulator, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("AWS_MAX_ATTEMPTS", "2")
    company.faults.add(Fault("throttle", operation="GetCallerIdentity"))
    with pytest.raises(AwsError) as caught:
        Connection(Access()).identity()
    assert caught.value.kind == "throttled"
    assert company.counters.at(CallKey(MAIN, "us-east-1", "sts", "GetCallerIdentity")).calls == 2


def test_calls_are_retried_during_long_throttling(company: Simulator, environment: pytest.MonkeyPatch) -> None:
    """The limits of botocore are 8 attempts per call and 100 retries per client."""
    environment.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    company.faults.add(Fault("throttle", operation="ListBuckets", first=300))
    assert Connection(Access()).client("s3").list_buckets()["Buckets"]
    assert company.counters.total("ListBuckets").calls == 301


def test_requests_name_this_program(company: Simulator) -> None:
    client = Connection(Access()).client("sts")
    agents: list[str] = []

    def note(request: Any, **_: Any) -> None:
        agents.append(str(request.headers["User-Agent"]))

    client.meta.events.register("request-created.sts", note)
    client.get_caller_identity()
    assert f"s3-monitor/{__version__}" in agents[0]


def test_threads_share_one_client(company: Simulator) -> None:
    connection = Connection(Access())
    made: list[Any] = []
    ready = threading.Barrier(8)

    def ask() -> None:
        ready.wait()
        made.append(connection.client("s3", "eu-west-1"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(client) for client in made}) == 1
    assert connection.client("s3") is not made[0]


def test_times_in_responses_are_aware_utc(company: Simulator) -> None:
    sts = Connection(Access()).client("sts")
    session = sts.assume_role(RoleArn=f"arn:aws:iam::{ARCHIVE}:role/reader", RoleSessionName="test")
    assert session["Credentials"]["Expiration"].utcoffset() == timedelta(0)


def test_regions_are_available_without_a_request(environment: pytest.MonkeyPatch) -> None:
    assert known_regions("aws-cn") == ["cn-north-1", "cn-northwest-1"]
    assert {"us-east-1", "eu-central-2", "ap-southeast-7"} <= set(known_regions("aws"))
    assert not {"aws-global", "us-gov-west-1"} & set(known_regions("aws"))
