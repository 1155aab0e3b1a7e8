"""`python3 aggregate.py …` is `s3-monitor aggregate …`: the door that a checkout has, from any folder."""

from __future__ import annotations

import sys

from s3_monitor.cli.main import main

if __name__ == "__main__":
    sys.argv.insert(1, "aggregate")
    main()
