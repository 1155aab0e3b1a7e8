"""The texts that the keys of shards.yaml allow: the longest and shortest of each kind, and one beyond."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from s3_monitor.model.plan import Access, HistoryDays, TimeoutMinutes
from s3_monitor.plan import exports_key, shard_keys
from s3_monitor.plan.shard_keys import AccessKeys

ROLE = "arn:aws-cn:iam::111122223333:role/"


def is_valid(type_: Any, value: object) -> bool:
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("type_", "accepted", "rejected"),
    [
        (shard_keys.Text, ["a", "a b", "ä" * 255], ["", "a" * 256, "a\n", "a\tb", "a\x85b", "a\u2028b"]),
        (shard_keys.Name, ["a", "a" * 100], ["", "a" * 101, "A", "-a", "a\n"]),
        (shard_keys.Role, [f"{ROLE}a", ROLE + "a/" * 256], [ROLE, ROLE + "a" * 513, f"{ROLE}a\n", "arn:aws:iam::1"]),
        (shard_keys.ExternalId, ["ab", "a" * 1224], ["a", "a" * 1225, "a b", "ab\n"]),
        (shard_keys.Pattern, ["a", "*", "a" * 255], ["", "a" * 256, "a/b", "a\n"]),
        (shard_keys.RoleName, ["a", "path/a", "a" * 512], ["", "/a", "a" * 513, "a b"]),
        (shard_keys.AccountPattern, ["a", "my account", "a" * 128], ["", "a" * 129, "a\n", "a\x7f"]),
        (
            shard_keys.UnitId,
            ["r-ab12", "r-" + "a" * 32, "ou-ab12-12345678", f"ou-{'a' * 32}-{'a' * 32}"],
            ["r-abc", "r-" + "a" * 33, "ou-ab12-1234567", f"ou-ab12-{'a' * 33}", "ab12"],
        ),
        (shard_keys.CostTag, ["a", "team:cost / é", "a" * 128], ["", "a" * 129, "a#", "a\n"]),
        (
            shard_keys.Url,
            ["s3://abc", f"s3://{'a' * 63}/", "s3://abc/" + "k" * 900],
            ["s3://ab", f"s3://{'a' * 64}", "s3://abc/" + "k" * 901, "abc", "s3://abc/\n"],
        ),
        (shard_keys.AthenaName, ["a", "A.b-c_1", "a" * 128], ["", "-a", "a" * 129, "a b"]),
        (shard_keys.AthenaTable, ["a", "of_{bucket}", "a" * 128], ["", "A", "{other}", "a" * 129]),
        (exports_key._Bucket, ["abc", "a" * 63], ["ab", "a" * 64, "-ab", "ABC"]),
        (exports_key._Prefix, ["", "a/b c", "a" * 700], ["a" * 701, "a\n"]),
        (exports_key._Name, ["a", "a!_.*'()-1", "a" * 256], ["", "a/b", "a" * 257]),
        (exports_key._Region, ["us", "us-gov-west-1", "a" * 63], ["a", "1a", "a" * 64]),
        (exports_key._Table, ["a", "A_1", "a" * 128], ["", "a-b", "a" * 129]),
        (TimeoutMinutes, [1, 1440], [0, 1441]),
        (HistoryDays, [0, 455], [-1, 456]),
    ],
)
def test_texts_are_accepted_up_to_their_limits(type_: Any, accepted: list[object], rejected: list[object]) -> None:
    assert [value for value in accepted if not is_valid(type_, value)] == []
    assert [value for value in rejected if is_valid(type_, value)] == []


def test_an_access_has_the_keys_that_open_an_account_and_takes_an_hour_by_default() -> None:
    keys = AccessKeys(profile="p", role_arn=f"{ROLE}r", external_id="x1", agent="a", credentials="c")
    assert keys.timeout_minutes == 60
    assert keys.access() == Access("p", f"{ROLE}r", "x1", None, "c")
    assert keys.access("cn-north-1") == Access("p", f"{ROLE}r", "x1", "cn-north-1", "c")
    assert AccessKeys().access() == Access()
