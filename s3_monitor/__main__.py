"""`python3 -m s3_monitor`. Any Python from 2.7 on can read this, to be told that it is too old."""

from s3_monitor.startup import start

if __name__ == "__main__":
    start()
