"""Run `python3 -m bench`, or report which library is missing."""

from s3_monitor.startup import start

if __name__ == "__main__":
    start("bench.command")
