"""`python -m bench.part_stats PART…`: print the series of parts by region, their cost and size."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

from s3_monitor.model import part as parts


def main() -> None:
    places: dict[str, list[int]] = {}
    usd, stash = 0.0, 0
    for path in map(Path, sys.argv[1:]):
        content = path.read_bytes()
        part = parts.decode(content, path)
        stash += len(gzip.compress(content, 6))  # Jenkins: a stash is a .tar.gz
        usd += float(part.usd)
        for unit in part.units:
            place = places.setdefault(unit.region, [0, 0])
            place[0] += sum(len(bucket.sizes) for bucket in unit.buckets)
            place[1] += sum(bucket.count is not None for bucket in unit.buckets)
    print(json.dumps({"places": places, "usd": usd, "stash_bytes": stash}))


if __name__ == "__main__":
    main()
