"""The simulated account: AWS's own wire protocols on loopback, for demo, tests and benchmarks.

A program that uses boto3 reaches it through AWS_ENDPOINT_URL alone; nothing in it knows the monitor, and
the monitor has no switch for it. Everything it answers is a function of a seed and of today's date:

    with Simulator(random_account(seed=7, buckets=1000), faults=[Fault("deny", region="eu-*")]) as simulator:
        subprocess.run(["s3-monitor"], env={**os.environ, **simulator.env()})
        simulator.counters.total("GetMetricData").calls

or, by hand, `python -m s3_monitor.simulator --help`. Adding a service is adding a file like sts.py.

Why not moto, which the tests use as well: its CloudWatch searches every stored point for every query, so an
account of 10,000 buckets would take hours; it accepts what AWS refuses (501 queries in a call, duplicate ids,
a client of the wrong region), never pages GetMetricData or ListBuckets, loses metrics when the dimensions come
in another order, and invents a StandardStorage series for every bucket in every region, also for empty ones.
A monitor proved against that alone would be proved against another service than the one it runs on.
"""

from s3_monitor.simulator.accounts import Account, Bucket, Role, Series, TableOrVectorBucket
from s3_monitor.simulator.billing import Billing, Charge
from s3_monitor.simulator.demo import demo_accounts
from s3_monitor.simulator.faults import Fault
from s3_monitor.simulator.files import FileList
from s3_monitor.simulator.objects import ObjectList
from s3_monitor.simulator.quotas import AWS_QUOTAS
from s3_monitor.simulator.random_account import random_account
from s3_monitor.simulator.server import Simulator
from s3_monitor.simulator.settings import InventoryConfiguration, Settings
from s3_monitor.simulator.truth import BucketTruth, truth

__all__ = [
    "AWS_QUOTAS",
    "Account",
    "Billing",
    "Bucket",
    "BucketTruth",
    "Charge",
    "Fault",
    "FileList",
    "InventoryConfiguration",
    "ObjectList",
    "Role",
    "Series",
    "Settings",
    "Simulator",
    "TableOrVectorBucket",
    "demo_accounts",
    "random_account",
    "truth",
]
