"""`python3 aggregate.py` is `s3-monitor aggregate`, from any folder. Any Python from 2.7 on can read this."""

import sys

from s3_monitor.startup import start

if __name__ == "__main__":
    sys.argv.insert(1, "aggregate")
    start()
