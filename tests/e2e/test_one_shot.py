"""The one-shot monitor, as its users type it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from s3_monitor.model.safe_text import lines
from s3_monitor.simulator import Account, Bucket, Fault, ObjectList, Series, Settings, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.e2e.conftest import Done, Program

NOW = datetime.now(UTC)
NEWEST = NOW.date().toordinal() - 1
MODIFIED = datetime(2020, 11, 16, 22, 53, tzinfo=UTC)


MADE = datetime(2020, 5, 4, 15, 13, 8, tzinfo=UTC)


def series(newest: int) -> Series:
    return Series(NEWEST - 40, NEWEST, newest)


def account() -> Account:
    made = datetime(2020, 5, 4, 15, 13, 8, tzinfo=UTC)
    return make_account(
        "111122223333",
        [
            Bucket(
                "my-bucket", "us-east-1", made, {"StandardStorage": series(440440195)}, series(658),
                ObjectList(658, MODIFIED),
            ),
            Bucket(
                "cold-bucket", "us-east-2", made,
                {"GlacierStorage": series(10**12), "GlacierObjectOverhead": series(32768 * 40),
                 "GlacierS3ObjectOverhead": series(8192 * 40)},
                series(40), ObjectList(40, MODIFIED),
            ),
            Bucket("both-bucket", "us-west-1", made,
                   {"StandardStorage": series(2**30), "GlacierStorage": series(2**31)}, series(2),
                   ObjectList(2, MODIFIED)),
            Bucket("big-bucket", "us-west-1", made, {"StandardStorage": series(2**40)}, series(2500),
                   ObjectList(2500, MODIFIED)),
            Bucket("empty-bucket", "us-west-1", made),
        ],
        access_key="AKIASIMULATED00000001",
    )  # fmt: skip


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(account()) as running:
        yield running


@pytest.fixture
def env(simulator: Simulator, tmp_path: Path) -> dict[str, str]:
    """With a profile user1-dev, as in the examples."""
    env = dict(simulator.env())
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[user1-dev]\naws_access_key_id={env.pop('AWS_ACCESS_KEY_ID')}\n"
        f"aws_secret_access_key={env.pop('AWS_SECRET_ACCESS_KEY')}\n"
    )
    simulator.faults.clear()
    return {**env, "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}


def names(done: Done) -> list[str]:
    return [bucket["name"] for bucket in done.json]


ALL = ["big-bucket", "both-bucket", "cold-bucket", "empty-bucket", "my-bucket"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["-p", "user1-dev"], ALL),
        (["-p", "user1-dev", "-r", "us-east-2"], ["cold-bucket"]),
        (["-p", "user1-dev", "-b", "my-bucket"], ["my-bucket"]),
        (["-p", "user1-dev", "-r", "us-west-1", "-s", "StandardStorage"], ["big-bucket", "both-bucket"]),
        (["-p", "user1-dev", "-s", "GlacierStorage"], ["both-bucket", "cold-bucket"]),
        (["-p", "user1-dev", "-s", "glacierSTORAGE"], ["both-bucket", "cold-bucket"]),
        (["-p", "user1-dev", "-b", "b*-bucket", "-b", "my-bucket"], ["big-bucket", "both-bucket", "my-bucket"]),
        (["-p", "user1-dev", "-b", "nothing-*"], []),
        (["-p", "user1-dev", "-r", "us-east-1", "-r", "us-east-2"], ["cold-bucket", "my-bucket"]),
    ],
)
def test_each_example_prints_its_buckets(
    monitor: Program, env: dict[str, str], arguments: list[str], found: list[str]
) -> None:
    done = monitor(*arguments, env=env)
    assert (names(done), done.status) == (found, 0), done.err


def test_a_bucket_has_the_form_of_the_original(monitor: Program, env: dict[str, str]) -> None:
    done = monitor("-p", "user1-dev", "-b", "my-bucket", env=env)
    assert done.json == [
        {
            "name": "my-bucket",
            "creation_date": "2020-05-04 15:13:08+00:00",
            "region": "us-east-1",
            "storage": {"StandardStorage": {"size": 440440195.0, "cost": 0.009434413617}},
            "total_size": 440440195.0,
            "total_cost": 0.009434413617,
            "num_objects": 658.0,
            "last_modified": "2020-11-16 22:53:00+00:00",
            "account": "111122223333",
            "kind": "general-purpose",
            "state": "measured",
            "as_of": str(datetime.fromordinal(NEWEST).date()),
            "known_cost": 0.009434413617,
            "size_change_30d": 0.0,
            "cost_change_30d": 0.0,
            "cause_30d": None,
        }
    ]


def test_tables_have_units_and_groups(monitor: Program, env: dict[str, str]) -> None:
    table = monitor("-p", "user1-dev", "-b", "my-*", "--format", "table", "--top", "1", "--units", "si", env=env)
    assert table.status == 0
    assert [line.split()[0] for line in table.out.splitlines()] == ["bucket", "my-bucket", "total"]
    assert "440 MB" in table.out
    groups = monitor("-p", "user1-dev", "--group-by", "region", env=env).json
    assert {name: group["buckets"] for name, group in groups.items()} == {
        "us-east-1": 1,
        "us-east-2": 1,
        "us-west-1": 3,
    }
    rows = monitor("-p", "user1-dev", "--format", "csv", "--group-by", "storage-type", env=env).out.splitlines()
    assert rows[0] == (
        "storage-type,buckets,size,objects,cost,currency,unpriced_size,unknown_buckets,unknown_objects,complete"
    )
    assert len(rows) == 5
    refused = monitor("-p", "user1-dev", "--units", "si", env=env)
    assert refused.status == 2
    assert "--units: json is in bytes" in refused.err
    refused = monitor("-p", "user1-dev", "--sort", "size", env=env)
    assert (refused.status, "--sort: json has all buckets, sorted by name" in refused.err) == (2, True)


def test_groups_by_tag_and_encryption_read_the_properties_they_need(monitor: Program) -> None:
    made = datetime(2024, 5, 6, tzinfo=UTC)
    buckets = [
        Bucket("a", "us-east-1", made, settings=Settings(tags={"team": "data"}, key="k")),
        Bucket("b", "us-east-1", made, settings=Settings(tags={"team": "data"})),
        Bucket("c", "us-east-1", made),
    ]
    buckets = [replace(one, name=f"bucket-{one.name}") for one in buckets]
    with Simulator(make_account("111122223333", buckets)) as simulator:
        by_tag = monitor("--group-by", "tag:team", env=simulator.env()).json
        by_encryption = monitor("--group-by", "encryption", "--format", "csv", env=simulator.env()).out.splitlines()
        wrong = monitor("--group-by", "colour", env=simulator.env())
    assert {name: group["buckets"] for name, group in by_tag.items()} == {"data": 2, "(no tag)": 1}
    assert by_encryption[0].startswith("encryption,buckets")
    assert {line.split(",")[0] for line in by_encryption[1:]} == {"AES256", "aws:kms"}
    assert wrong.status == 2


@pytest.mark.parametrize("form", ["json", "csv", "table", "markdown"])
@pytest.mark.parametrize("by", [(), ("--group-by", "tag:team")], ids=["buckets", "groups"])
def test_no_output_holds_hidden_characters(monitor: Program, form: str, by: tuple[str, ...]) -> None:
    hidden = Settings(tags={"team": "a\u202eb\u200b\x9b"})
    bucket = Bucket("bucket", "us-east-1", datetime(2024, 5, 6, tzinfo=UTC), settings=hidden)
    with Simulator(make_account("111122223333", [bucket])) as simulator:
        done = monitor("--format", form, *by, env=simulator.env())
    assert done.status == 0, done.err
    assert lines(done.out) == done.out
    if by and form == "json":
        assert list(done.json) == ["a\u202eb\u200b\x9b"]


def test_objects_of_an_archive_class_are_counted_by_their_overhead(monitor: Program, env: dict[str, str]) -> None:
    storage = monitor("-p", "user1-dev", "-b", "cold-bucket", env=env).json[0]["storage"]
    assert storage["GlacierStorage"]["num_objects"] == 40.0


def test_a_storage_type_narrows_totals_but_not_the_objects(monitor: Program, env: dict[str, str]) -> None:
    bucket = monitor("-p", "user1-dev", "-s", "StandardStorage", "-b", "both-bucket", env=env).json[0]
    assert list(bucket["storage"]) == ["StandardStorage"]
    assert (bucket["total_size"], bucket["num_objects"]) == (2.0**30, 2.0)


def test_an_empty_bucket_is_zero_and_not_unknown(monitor: Program, env: dict[str, str]) -> None:
    bucket = monitor("-p", "user1-dev", "-b", "empty-bucket", env=env).json[0]
    assert (bucket["state"], bucket["total_size"], bucket["total_cost"], bucket["num_objects"]) == ("empty", 0, 0, 0)


def test_a_bucket_over_the_limit_is_not_listed_unless_it_is_named(monitor: Program, env: dict[str, str]) -> None:
    by_glob = monitor("-p", "user1-dev", "-b", "big*", env=env)
    assert by_glob.json[0]["last_modified"] is None
    assert "not listed" in by_glob.err
    assert by_glob.status == 0
    by_name = monitor("-p", "user1-dev", "-b", "big-bucket", env=env)
    assert by_name.json[0]["last_modified"] == "2020-11-16 22:53:00+00:00"


def test_the_list_goes_to_a_file_with_o(monitor: Program, env: dict[str, str], tmp_path: Path) -> None:
    done = monitor("-p", "user1-dev", "-o", tmp_path / "list.json", env=env)
    assert done.out == ""
    assert [bucket["name"] for bucket in json.loads((tmp_path / "list.json").read_text())] == ALL


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["-r", "us-esat-1"], "us-east-1"),
        (["-s", "StandrdStorage"], "StandardStorage"),
        (["-b", "your-bucket"], "your-bucket"),
        (["-p", "nobody"], "nobody"),
        (["--history-days", "456"], "455"),
        (["--nonsense"], "--nonsense"),
        (["-o", "no/such/folder/x.json"], "no/such/folder"),
        (["-r", "us-east-1", "plan"], "must follow the command"),
    ],
)
def test_wrong_usage_is_refused_with_advice(
    monitor: Program, env: dict[str, str], arguments: list[str], complaint: str
) -> None:
    given = arguments if "-p" in arguments else ["-p", "user1-dev", *arguments]
    done = monitor(*given, env=env)
    assert (done.status, done.out) == (2, "")
    assert complaint in done.err
    assert "Traceback" not in done.err


def test_without_any_credentials_it_ends_at_once_with_advice(monitor: Program, env: dict[str, str]) -> None:
    done = monitor(env=env)
    assert (done.status, done.out) == (2, "")
    assert "credentials" in done.err
    assert "Traceback" not in done.err


def test_a_denied_region_is_reported_and_the_others_are_correct(
    monitor: Program, env: dict[str, str], simulator: Simulator
) -> None:
    simulator.faults.add(Fault("deny", region="us-west-1", service="monitoring"))
    done = monitor("-p", "user1-dev", env=env)
    assert done.status == 3
    assert "us-west-1" in done.err
    found = {bucket["name"]: bucket for bucket in done.json}
    assert list(found) == ALL
    assert found["my-bucket"]["total_size"] == 440440195.0
    assert {name: found[name]["state"] for name in ALL} == {
        "big-bucket": "incomplete", "both-bucket": "incomplete", "cold-bucket": "measured",
        "empty-bucket": "incomplete", "my-bucket": "measured",
    }  # fmt: skip
    assert (found["big-bucket"]["total_size"], found["big-bucket"]["total_cost"]) == (None, None)


def test_a_dry_run_reads_no_sizes_and_lists_no_objects(
    monitor: Program, env: dict[str, str], simulator: Simulator
) -> None:
    simulator.counters.reset()
    done = monitor("-p", "user1-dev", "--dry-run", env=env)
    assert done.status == 0
    assert "USD" in done.out
    assert simulator.counters.total(service="monitoring").metrics <= 4, "object counts only"
    assert simulator.counters.total(operation="ListObjectsV2").calls == 0


@pytest.mark.parametrize("arguments", [[], ["-b", "fast--*"], ["-b", "fast--usw2-az1--x-s3"], ["-r", "us-west-2"]])
def test_a_directory_bucket_in_a_region_of_its_own_is_found(monitor: Program, arguments: list[str]) -> None:
    fast = Bucket("fast--usw2-az1--x-s3", "us-west-2", MADE, {"ExpressOneZoneStorage": series(5000)}, series(3))
    with Simulator(make_account("111122223333", [fast], access_key="AKIASIMULATED00000001")) as running:
        done = monitor(*arguments, "--last-modified", "off", env=running.env())
    assert (done.status, names(done)) == (0, [fast.name]), done.err


def test_denied_directory_buckets_are_a_note(monitor: Program, env: dict[str, str]) -> None:
    with Simulator(account()) as running:
        running.faults.add(Fault("deny", operation="ListDirectoryBuckets"))
        done = monitor("--last-modified", "off", env=running.env())
    assert (done.status, names(done)) == (0, ALL)
    assert "Could not look for directory buckets in regions without other buckets" in done.err
    assert "allow s3express:ListAllMyDirectoryBuckets" in done.err


def test_a_named_bucket_in_a_region_that_is_not_selected_is_a_note(monitor: Program, env: dict[str, str]) -> None:
    done = monitor("-p", "user1-dev", "-b", "cold-bucket", "-r", "us-east-1", env=env)
    assert (done.status, done.json) == (0, [])
    assert "us-east-2/cold-bucket: The selected regions do not include" in done.err
