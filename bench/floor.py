"""`python -m bench.floor FOLDER`: the CPU of merely decoding the parts and encoding the outputs, with msgspec.

No program can take less. The decoded outputs are made before the clock starts; what the interpreter takes to start
is not counted, nor the text's indentation.
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
    began = time.process_time()
    parts = [msgspec.json.decode(path.read_bytes(), type=Part) for path in files]
    decoded = time.process_time()
    content = msgspec.json.encode(buckets)
    encoded = time.process_time()
    print(
        json.dumps({"decode": decoded - began, "encode": encoded - decoded, "parts": len(parts), "bytes": len(content)})
    )


if __name__ == "__main__":
    main()
