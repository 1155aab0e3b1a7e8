"""A simulated AWS account on loopback with AWS's wire protocols, for the demo, tests and benchmarks.

Programs that use boto3 reach it through AWS_ENDPOINT_URL: it is independent of the monitor, which has no option for
it. Responses depend only on a seed and on today's date:

    with Simulator(random_account(seed=7, buckets=1000), faults=[Fault("deny", region="eu-*")]) as simulator:
        subprocess.run(["s3-monitor"], env={**os.environ, **simulator.env()})
        simulator.counters.total("GetMetricData").calls

`python -m s3_monitor.simulator --help` starts it from a shell. To add a service, add a file like sts.py.

Compared with moto, which the tests use as well: moto's CloudWatch searches every point for every query, which takes
hours for 10,000 buckets. It accepts requests that AWS rejects (501 queries, duplicate ids, a client of another region),
never paginates GetMetricData or ListBuckets, depends on the order of dimensions, and returns a StandardStorage series
for every bucket in every region.
"""

from s3_monitor.simulator.accounts import Account, Bucket, Role, Series, TableOrVectorBucket
from s3_monitor.simulator.billing import Billing, Charge
from s3_monitor.simulator.demo import demo_accounts
from s3_monitor.simulator.faults import Fault
from s3_monitor.simulator.files import FileList
from s3_monitor.simulator.members import Member, Organization
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
    "Member",
    "ObjectList",
    "Organization",
    "Role",
    "Series",
    "Settings",
    "Simulator",
    "TableOrVectorBucket",
    "demo_accounts",
    "random_account",
    "truth",
]
