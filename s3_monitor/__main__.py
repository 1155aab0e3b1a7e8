"""`python3 -m s3_monitor`."""

from s3_monitor.cli.main import main

if __name__ == "__main__":
    main()
