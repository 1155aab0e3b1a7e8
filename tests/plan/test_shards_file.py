from __future__ import annotations

import re
from pathlib import Path

import pytest

from s3_monitor.model.errors import UserError
from s3_monitor.money.storage_types import storage_types
from s3_monitor.plan.shard_keys import Entry
from s3_monitor.plan.shards_file import Listing, Prefixes, ShardsFile, load, possible_names
from s3_monitor.plan.yaml_document import Document
from tests.plan.canned_discovery import REGIONS

PARTITION_OF = {region: partition for partition, regions in REGIONS.items() for region in regions}
ROLE = "arn:aws:iam::111122223333:role/s3-monitor-reader"


def read(text: str) -> ShardsFile:
    return ShardsFile(Document("shards.yaml", text.encode()))


def entries(text: str) -> tuple[Entry, ...]:
    return read(text).checked(PARTITION_OF)


def test_every_key_is_read() -> None:
    file = read(f"""
defaults: {{profile: user1-dev, agent: s3-monitor, history_days: 90}}
listing: {{max_objects: 5000, max_requests: 100}}
report: {{top: 50, group_by_tags: [team]}}
objects: listing
prefixes: {{depth: 0, top: 5}}
versions: true
details: true
requests: true
shards:
  - name: dev
    split_by: region
    regions: [us-east-1, eu-west-1]
  - name: archive
    profile: archive
    storage_types: [glacierstorage, DeepArchiveStorage]
    buckets: ["logs-*"]
  - {{name: prod, role_arn: "{ROLE}", external_id: x-1, agent: aws-prod, credentials: prod-key, timeout_minutes: 30}}
""")
    assert file.profile == "user1-dev"
    assert file.settings.history_days == 90
    assert file.settings.last_modified is None
    assert file.settings.listing == Listing(5000, 100)
    assert (file.settings.objects, file.settings.versions) == ("listing", True)
    assert file.settings.prefixes == Prefixes(0, 5)
    assert (file.settings.report.top, file.settings.report.group_by_tags) == (50, ("team",))
    assert (file.settings.details, file.settings.requests) == (True, True)
    assert file.checked(PARTITION_OF) == (
        Entry(name="dev", split_by="region", regions=("us-east-1", "eu-west-1"), agent="s3-monitor"),
        Entry(
            name="archive",
            profile="archive",
            storage_types=("DeepArchiveStorage", "GlacierStorage"),
            buckets=("logs-*",),
            agent="s3-monitor",
        ),
        Entry(
            name="prod",
            role_arn=ROLE,
            external_id="x-1",
            agent="aws-prod",
            credentials="prod-key",
            timeout_minutes=30,
        ),
    )


def test_the_shards_file_of_the_repository_works_without_changes() -> None:
    file = load(Path(__file__).parents[2] / "shards.yaml")
    (entry,) = file.checked(PARTITION_OF)
    assert (entry.profile, file.profile, entry.role_arn, entry.split_by) == (None, None, None, "region")


def test_the_examples_of_the_documentation_are_right() -> None:
    text = (Path(__file__).parents[2] / "docs" / "shards.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        assert entries(example)


@pytest.mark.parametrize(
    ("text", "credentials"),
    [
        ("shards: [{name: a, credentials: x}, {name: b}]", ["x", ""]),
        ("organization: {credentials: y}", ["y"]),
        ("organization: {credentials: y}\nshards: [{name: a, credentials: x}]", ["x", "y"]),
    ],
)
def test_the_entries_and_the_organization_need_credentials(text: str, credentials: list[str]) -> None:
    file = read(text)
    assert [keys.credentials for keys in file.credentials_users] == credentials
    assert (file.organization_keys is not None) == ("organization" in text)


def test_a_bare_off_is_the_word_and_not_false() -> None:
    assert read("last_modified: off\nshards: [{name: a}]").settings.last_modified == "off"


@pytest.mark.parametrize(
    ("text", "message", "allowed"),
    [
        # what is there, and what is not
        ("x", "1: the file: the text 'x' is not allowed here", "list of shards"),
        ("[1]", "1: the file: a list is not allowed here", "list of shards"),
        ("defaults: {agent: x}", "1: the file: `shards` is missing", "a list of shards"),
        ("shards:", "1: shards: has no value", "a list of shards"),
        ("shards: []", "1: shards: an empty list is not allowed here", "each with at least a name"),
        ("shards: [x]", "1: shards[0]: the text 'x' is not allowed here", "each with at least a name"),
        ("shards:\n  - {}", "2: shards[0]: `name` is missing", "lower-case letters"),
        ("defaults: []\nshards: [{name: a}]", "1: defaults: an empty list is not allowed here", "a mapping of keys"),
        # keys
        ("shards:\n  - name: a\n    regoins: [x]", "3: shards[0].regoins: unknown key", "regions?"),
        ("shard: []", "1: shard: unknown key", "did you mean shards?"),
        ("report: {tops: 1}\nshards: [{name: a}]", "1: report.tops: unknown key", "top"),
        ("quotas: {list_metric: 1}\nshards: [{name: a}]", "1: quotas.list_metric: unknown key", "list_metrics"),
        ("quotas: {list_metrics: 0}\nshards: [{name: a}]", "1: quotas.list_metrics: the number 0", "more than 0"),
        ("quotas: {datapoints: .inf}\nshards: [{name: a}]", "1: quotas.datapoints: .inf (in YAML the", "more than 0"),
        ("quotas: {datapoints: .nan}\nshards: [{name: a}]", "1: quotas.datapoints: .nan (in YAML the", "more than 0"),
        ("defaults: {quotas: 5}\nshards: [{name: a}]", "1: defaults.quotas: the number 5", "a mapping of list_m"),
        ("listing: {max_object: 1}\nshards: [{name: a}]", "1: listing.max_object: unknown key", "max_objects"),
        ("prefixes: {dept: 1}\nshards: [{name: a}]", "1: prefixes.dept: unknown key", "depth"),
        ("prefixes: {depth: 11}\nshards: [{name: a}]", "1: prefixes.depth: the number 11", "0 to 10"),
        ("defaults: {prefixes: {top: 0}}\nshards: [{name: a}]", "1: defaults.prefixes.top: the number 0", "1 to 1000"),
        ("prefixes: 2\nshards: [{name: a}]", "1: prefixes: the number 2", "a mapping of depth and top"),
        ("defaults: {name: x}\nshards: [{name: a}]", "1: defaults.name: unknown key", "profile"),
        ("shards: [{name: a, history_days: 3}]", "1: shards[0].history_days: unknown key", "name"),
        ("shards:\n - name: a\n   name: b", "3: shards[0].name: is set twice, first in line 2", "remove one"),
        ("history_days: 3\ndefaults: {history_days: 4}\nshards: [{name: a}]", "history_days: is set in", "one place"),
        ('"a\\nb": 1\nshards: [{name: a}]', "1: a?b: unknown key", "shards"),
        # names
        ("shards: [{name: Dev}]", "1: shards[0].name: the text 'Dev' is not allowed here", "lower-case letters"),
        ("shards: [{name: 12}]", "1: shards[0].name: the number 12 is not allowed here", "lower-case letters"),
        ("shards: [{name: ../x}]", "1: shards[0].name: the text '../x' is not allowed here", "lower-case letters"),
        ("shards: [{name: -a}]", "1: shards[0].name: the text '-a' is not allowed here", "starting with"),
        (f"shards: [{{name: {'a' * 101}}}]", "1: shards[0].name: the text 'aaaa", "at most 100 characters"),
        ('shards: [{name: "a\\n"}]', "1: shards[0].name: the text 'a\\n' is not allowed here", "lower-case letters"),
        ("shards:\n - name: a\n - name: a", "shards[1].name: gives the name a, as shards[0].name does", "a unique"),
        (
            "shards:\n - {name: dev, split_by: region}\n - name: dev-us-east-1",
            "3: shards[1].name: gives the name dev-us-east-1, as shards[0].name does",
            "a unique name for each shard",
        ),
        (
            "shards:\n - {name: dev, split_by: storage-type}\n - name: dev-rest",
            "3: shards[1].name: gives the name dev-rest, as shards[0].name does",
            "a unique name for each shard",
        ),
        (f"shards: [{{name: {'a' * 95}, split_by: region}}]", "of 110 characters", "at most 100 characters"),
        # values
        ("shards: [{name: a, timeout_minutes: '5'}]", "1: shards[0].timeout_minutes: the text '5' is not", "1 to 1440"),
        ("shards: [{name: a, timeout_minutes: 0}]", "the number 0 is not allowed here", "1 to 1440"),
        ("shards: [{name: a, timeout_minutes: yes}]", "yes is not allowed here", "1 to 1440"),
        ("defaults: {timeout_minutes: 5000}\nshards: [{name: a}]", "1: defaults.timeout_minutes: the num", "1440"),
        ("shards: [{name: a, split_by: account}]", "1: shards[0].split_by: the text 'account'", "region, storage-type"),
        ("defaults: {last_modified: maybe}\nshards: [{name: a}]", "1: defaults.last_modified: the text", "auto, all"),
        ("report: {top: -1}\nshards: [{name: a}]", "1: report.top: the number -1", "0 to 20000"),
        ("report: {top: all}\nshards: [{name: a}]", "1: report.top: the text 'all'", "0 to 20000"),
        ("listing: {max_objects: -1}\nshards: [{name: a}]", "1: listing.max_objects: the number -1", "0 or more"),
        ("defaults:\n  listing: {max_objects: 1.5}\nshards: [{name: a}]", "2: defaults.listing.max_objects", "0 or"),
        ("history_days: 456\nshards: [{name: a}]", "1: history_days: the number 456 is not allowed here", "0 to 455"),
        ('shards: [{name: a, agent: "x\\ty"}]', "1: shards[0].agent: the text 'x\\ty' is not allowed", "agent label"),
        ('shards: [{name: a, credentials: "x\\ny"}]', "1: shards[0].credentials: the text 'x\\ny'", "a line of text"),
        ('shards: [{name: a, agent: "x\\u0085y"}]', "1: shards[0].agent: the text", "a line of text"),
        ("shards: [{name: a, profile: ~}]", "1: shards[0].profile: has no value", "the name of an AWS profile"),
        ("shards: [{name: a, role_arn: reader}]", "1: shards[0].role_arn: the text 'reader'", "arn:aws:iam::"),
        (f"shards: [{{name: a, role_arn: '{ROLE}', external_id: 12}}]", "1: shards[0].external_id: the nu", "quotes"),
        ("shards: [{name: a, external_id: abc}]", "1: shards[0].external_id: is set without role_arn", "role_arn"),
        ("shards: [{name: a, regions: us-east-1}]", "1: shards[0].regions: the text 'us-east-1' is not", "a list of"),
        ("shards: [{name: a, regions: []}]", "1: shards[0].regions: an empty list is not allowed", "a list of AWS"),
        ("shards:\n - name: a\n   regions:\n    - us-est-2", "4: shards[0].regions[0]: 'us-est-2'", "us-east-2"),
        ("shards: [{name: a, regions: [us-east-1, us-gov-west-1]}]", "partitions: aws, aws-us-gov", "each part"),
        (f"shards: [{{name: a, role_arn: '{ROLE}', regions: [cn-north-1]}}]", "partitions: aws, aws-cn", "each"),
        ("shards: [{name: a, storage_types: [StandartStorage]}]", "'StandartStorage' is not a storage", "Standard"),
        ("shards: [{name: a, storage_types: [AllStorageTypes]}]", "'AllStorageTypes' is not a storage type", ""),
        ("shards: [{name: a, buckets: ['arn:aws:s3:::x']}]", "1: shards[0].buckets[0]: the text 'arn", "a bucket"),
        ("shards: [{name: a, buckets: ['']}]", "1: shards[0].buckets[0]: the text '' is not", "a bucket name"),
    ],
)  # fmt: skip
def test_an_error_is_rejected_with_line_path_and_rule(text: str, message: str, allowed: str) -> None:
    with pytest.raises(UserError) as caught:
        entries(text)
    assert str(caught.value).startswith("shards.yaml:")
    assert message in str(caught.value)
    assert allowed in caught.value.advice
    assert "\n" not in str(caught.value) + caught.value.advice


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        load(tmp_path / "shards.yaml")


def test_a_long_value_is_shortened_in_the_message() -> None:
    with pytest.raises(UserError) as caught:
        entries(f"shards: [{{name: a, timeout_minutes: '{'x' * 1000}'}}]")
    assert len(str(caught.value)) < 200


SURPRISES = [
    "010", "0x10", "0b11", "1_000", "1:30", ".inf", "-.inf", ".nan", "2026-11-22", "1.0e+999",
    "012345670123", "9" * 30, "=",
]  # fmt: skip
PLACES = [
    ("defaults: {{agent: {}}}\nshards: [{{name: a}}]", "1: defaults.agent"),
    ("shards: [{{name: {}}}]", "1: shards[0].name"),
    ("shards:\n - name: a\n   profile: {}", "3: shards[0].profile"),
    ("shards:\n - name: a\n   timeout_minutes: {}", "3: shards[0].timeout_minutes"),
    ("shards:\n - name: a\n   buckets: [x, {}]", "3: shards[0].buckets[1]"),
    ("shards:\n - name: a\n   regions: [{}]", "3: shards[0].regions[0]"),
    ("shards:\n - name: a\n   split_by: {}", "3: shards[0].split_by"),
    ("history_days: {}\nshards: [{{name: a}}]", "1: history_days"),
    ("last_modified: {}\nshards: [{{name: a}}]", "1: last_modified"),
    ("details: {}\nshards: [{{name: a}}]", "1: details"),
    ("costs: {}\nshards: [{{name: a}}]", "1: costs"),
    ("cost_tag: {}\nshards: [{{name: a}}]", "1: cost_tag"),
    ("listing: {{max_objects: {}}}\nshards: [{{name: a}}]", "1: listing.max_objects"),
    ("quotas: {{datapoints: {}}}\nshards: [{{name: a}}]", "1: quotas.datapoints"),
    ("inventory: {{max_usd: {}}}\nshards: [{{name: a}}]", "1: inventory.max_usd"),
    ("inventory: {{places: {{a: {}}}}}\nshards: [{{name: a}}]", "1: inventory.places.a"),
    ("report: {{group_by_tags: [{}]}}\nshards: [{{name: a}}]", "1: report.group_by_tags[0]"),
    ("billing_family: {{main: [{}]}}\nshards: [{{name: a}}]", "1: billing_family.main[0]"),
    ("shards: {}", "1: shards"),
    ("{}", "1: the file"),
]


@pytest.mark.parametrize("surprise", SURPRISES)
@pytest.mark.parametrize(("text", "place"), PLACES)
def test_ambiguous_yaml_is_rejected_as_written_in_any_place(text: str, place: str, surprise: str) -> None:
    with pytest.raises(UserError) as caught:
        entries(text.format(surprise))
    assert str(caught.value).startswith(f"shards.yaml:{place}: {surprise} (in YAML ")


@pytest.mark.parametrize("word", ["on", "off", "yes", "No", "TRUE", "false"])
@pytest.mark.parametrize("place", PLACES[:8])
def test_words_that_yaml_reads_as_true_or_false_are_rejected_as_written(place: tuple[str, str], word: str) -> None:
    text, where = place
    with pytest.raises(UserError) as caught:
        entries(text.format(word))
    assert str(caught.value).startswith(f"shards.yaml:{where}: {word} is not allowed here")
    assert caught.value.advice.endswith("; in quotes if it is text")


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        ("name: a", ["a"]),
        ("name: a, split_by: region, regions: [us-east-1]", ["a-us-east-1"]),
        ("name: a, split_by: region", [f"a-{region}" for region in PARTITION_OF]),
        ("name: a, split_by: storage-type, storage_types: [GlacierStorage]", ["a-glacierstorage", "a-rest"]),
        (
            "name: a, split_by: storage-type",
            [*(f"a-{name.lower()}" for name in storage_types()), "a-rest"],
        ),
    ],
)
def test_an_entry_may_have_a_shard_for_each_region_or_storage_type(entry: str, names: list[str]) -> None:
    (found,) = entries(f"shards: [{{{entry}}}]")
    assert list(possible_names(found, PARTITION_OF)) == names


@pytest.mark.parametrize(("length", "is_valid"), [(90, True), (91, False)])
def test_the_longest_name_of_a_family_has_100_characters(length: int, is_valid: bool) -> None:
    text = f"shards: [{{name: {'a' * length}, split_by: region, regions: [us-east-1]}}]"
    if is_valid:
        assert entries(text)
        return
    with pytest.raises(UserError, match="of 101 characters"):
        entries(text)


def test_the_name_of_the_bill_is_free_without_a_bill() -> None:
    assert entries("costs: list\nshards: [{name: bill}]")
    with pytest.raises(UserError, match="gives the name bill, as the shard of the bill does"):
        entries("costs: billed\nshards: [{name: bill}]")
