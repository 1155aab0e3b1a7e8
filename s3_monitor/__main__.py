"""Run `python3 -m s3_monitor`. Python 2.7 and newer can parse this file and report the version that is required."""

from s3_monitor.startup import start

if __name__ == "__main__":
    start()
