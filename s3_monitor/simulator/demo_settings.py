"""Configuration and requests of the demo's buckets, and its policies. They show each kind of finding."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from s3_monitor.simulator.accounts import Bucket, Series
from s3_monitor.simulator.growth_curves import flat, noisy
from s3_monitor.simulator.settings import Settings

_ABORT = (
    "<Rule><ID>abort</ID><Status>Enabled</Status><Filter></Filter><AbortIncompleteMultipartUpload>"
    "<DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
)
_EXPIRE = (
    "<Rule><ID>expire</ID><Status>Enabled</Status><Filter></Filter><Expiration><Days>{}</Days></Expiration></Rule>"
)
_BLOCKED = (True, True, True, True)
_ALL_REQUESTS: Mapping[str, str] = {"EntireBucket": ""}

# Teams by the second part of a bucket's name.
_TEAMS = {
    **dict.fromkeys(("data", "ml", "iot", "weather", "research", "sensor"), "data"),
    **dict.fromkeys(("web", "shop", "thumbnails", "mobile", "press", "media"), "web"),
    **dict.fromkeys(("db", "cloudtrail", "terraform", "lambda", "config", "access"), "platform"),
    **dict.fromkeys(("legal", "hr", "finance", "payroll", "medical", "billing"), "office"),
}

# What differs from the usual configuration: tags, no public access, and a rule that deletes incomplete uploads.
_SETTINGS: Mapping[str, Settings] = {
    "acme-legal-case-files": Settings(versioning="Enabled"),
    "acme-data-lake-athena-results": Settings(lifecycle=_ABORT + _EXPIRE.format(30)),
    "acme-access-logs": Settings(lifecycle=_ABORT + _EXPIRE.format(30)),
    "acme-shop-uploads": Settings(key="alias/shop", bucket_key=False, metrics=_ALL_REQUESTS),
    "acme-finance-close": Settings(metrics=_ALL_REQUESTS),
    "acme-lambda-artifacts": Settings(versioning="Enabled", replicated_to=("acme-lambda-artifacts-eu",)),
    "acme-lambda-artifacts-eu": Settings(versioning="Enabled"),
    "acme-press-kit": Settings(public=True),
}
_WITHOUT_RULES = frozenset({"acme-legal-case-files"})
# Request metrics per day.
_REQUESTS: Mapping[str, Mapping[str, int]] = {
    "acme-shop-uploads": {
        "GetRequests": 2_310_000,
        "PutRequests": 41_000,
        "ListRequests": 900,
        "BytesDownloaded": 120 * 2**30,
        "BytesUploaded": 3 * 2**30,
    },
    "acme-finance-close": {"ListRequests": 1},
}


def configured(bucket: Bucket, newest: int) -> Bucket:
    """Return a bucket with its configuration and requests. ``newest``: the last day of the requests."""
    own = _SETTINGS.get(bucket.name, Settings())
    lifecycle = own.lifecycle or ("" if bucket.name in _WITHOUT_RULES else _ABORT)
    team = _TEAMS.get(bucket.name.split("-")[1])
    settings = replace(
        own,
        lifecycle=lifecycle,
        blocks=None if own.public else _BLOCKED,
        tags={"team": team} if team else {},
    )
    requests = {
        name: Series(newest - 60, newest, count, flat if count == 1 else noisy(flat, 0.1, 3))
        for name, count in _REQUESTS.get(bucket.name, {}).items()
    }
    return replace(bucket, settings=settings, requests=requests)


_POLICIES = """# The policies of the demo.
budgets:
  - {{name: everything, max_usd_month: 25000}}
  - {{name: data-lake, bucket: "acme-data-lake-*", max_usd_month: 18000, warn_at: 0.8}}
  - {{name: team-web, tag: {{team: web}}, max_usd_month: 300}}
rules:
  - id: public-access-blocked
    exceptions:
      - {{bucket: acme-press-kit, reason: public downloads until the new website, until: {ending}}}
  - {{id: tags-present, tags: [team], severity: warn}}
  - id: noncurrent-kept
    severity: warn
    exceptions:
      - {{bucket: acme-legal-case-files, reason: legal hold, until: {later}}}
  - {{id: early-delete, at_least_usd: 100}}
"""


def policies(today: date) -> str:
    """Return a policies.yaml: one budget is violated, and one exception ends soon."""
    return _POLICIES.format(ending=today + timedelta(days=10), later=today + timedelta(days=200))
