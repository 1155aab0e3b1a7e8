"""List a bucket with boto3's paginator: objects and bytes by storage class, and the newest date, as JSON.

Argument: the name of the bucket; default: the first one of the account.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict

import boto3


def main(*names: str) -> None:
    s3 = boto3.client("s3")
    bucket = names[0] if names else s3.list_buckets()["Buckets"][0]["Name"]
    objects: dict[str, int] = defaultdict(int)
    sizes: dict[str, int] = defaultdict(int)
    newest = None
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            objects[item["StorageClass"]] += 1
            sizes[item["StorageClass"]] += item["Size"]
            newest = item["LastModified"] if newest is None else max(newest, item["LastModified"])
    json.dump({"objects": objects, "bytes": sizes, "newest": newest and newest.isoformat()}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
