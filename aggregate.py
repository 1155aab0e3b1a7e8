"""`python3 aggregate.py`: the same as `s3-monitor aggregate`, from any folder. Valid syntax from Python 2.7 on."""

import sys

from s3_monitor.startup import start

if __name__ == "__main__":
    sys.argv.insert(1, "aggregate")
    start()
