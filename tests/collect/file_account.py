"""An account whose buckets are dictionaries: the rules of readers, without HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from s3_monitor.model.bucket_config import InventoryConfig
from s3_monitor.model.call_counts import CallCounter
from s3_monitor.model.errors import AwsError
from s3_monitor.model.exports import LensScope
from s3_monitor.model.identity import Identity
from s3_monitor.model.responses import KeysPage, ListKeysRequest

NUMBER = "123456789012"


class FileAccount:
    """``contents``: by key, in every bucket. ``reads``: keys and size limits of small objects; ``lists``: prefixes."""

    def __init__(self, contents: Mapping[str, bytes], inventories: tuple[InventoryConfig, ...] = ()) -> None:
        self.contents = dict(contents)
        self.inventories = inventories
        self.calls = CallCounter()
        self.reads: list[tuple[str, int]] = []
        self.downloads: list[str] = []
        self.lists: list[str] = []

    def metered(self, calls: CallCounter, list_budget: object = None) -> FileAccount:
        self.calls = calls
        return self

    def identity(self) -> Identity:
        return Identity(NUMBER, "aws")

    def list_folders(self, bucket: str, prefix: str, region: str) -> list[str]:
        below = [key.removeprefix(prefix) for key in self.contents if key.startswith(prefix)]
        return sorted({f"{prefix}{rest.partition('/')[0]}/" for rest in below if "/" in rest})

    def keys_page(self, bucket: str, region: str, request: ListKeysRequest) -> KeysPage:
        self.lists.append(request.prefix)
        keys = sorted(key for key in self.contents if key.startswith(request.prefix))
        sizes = [len(self.contents[key]) for key in keys]
        return KeysPage(
            keys, sizes, ["STANDARD"] * len(keys), [f"2026-11-22T00:00:{n:02}.000Z" for n in range(len(keys))]
        )

    def read_small_object(self, bucket: str, key: str, region: str, max_bytes: int) -> bytes:
        self.reads.append((key, max_bytes))
        if key not in self.contents:
            raise AwsError("missing", "GetObject", f"{key}: no such key")
        return self.contents[key]

    def download(self, bucket: str, key: str, size: int, md5: str, region: str, path: Path) -> bool:
        self.downloads.append(key)
        path.write_bytes(self.contents[key])
        return bool(md5)

    def read_inventories(self, bucket: str, region: str) -> tuple[InventoryConfig, ...]:
        return self.inventories

    def storage_lens_scopes(self, account: str, config: str, region: str) -> dict[str, LensScope]:
        return {}

    def limits_of(self, ending: str) -> set[int]:
        """Return the size limits of the small objects whose keys have this ending."""
        return {limit for key, limit in self.reads if key.endswith(ending)}

    def reading(self) -> Any:
        """Return the account, for a parameter of type Account."""
        return self
