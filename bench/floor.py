"""`python -m bench.floor FOLDER`: the CPU of merely decoding the parts and encoding the outputs, with msgspec.

No program can take less: both are msgspec's own loops in C, into and out of records that are there already. What the
interpreter takes to start is not counted, nor the search for garbage, nor any file but buckets.json.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.part import Part


def main() -> None:
    folder = Path(sys.argv[1])
    gc.disable()
    buckets = msgspec.json.decode((folder / "report" / "buckets.json").read_bytes(), type=list[Bucket])
    files = sorted((folder / "parts").glob("*.json"))
    times = [time.process_time()]
    parts = [msgspec.json.decode(path.read_bytes(), type=Part) for path in files]
    times.append(time.process_time())
    del parts
    times.append(time.process_time())
    content = msgspec.json.encode(buckets)
    times.append(time.process_time())
    msgspec.json.format(content, indent=2)  # buckets.json is written so
    times.append(time.process_time())
    print(json.dumps({"decode": times[1] - times[0], "encode": times[3] - times[2], "indent": times[4] - times[3]}))


if __name__ == "__main__":
    main()
