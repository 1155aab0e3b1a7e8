"""The SQL that sums the charges of S3 in a billing export, for DuckDB and Athena.

There are two steps, so that any division of the files into batches gives the same result: ``groups_sql`` sums the rows
of files with the same columns, and ``result_sql`` sums the groups. Athena runs both as one statement. Amounts become
decimal numbers of 12 digits before they are summed: sums of binary fractions depend on their order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from s3_monitor.exports.billing_columns import Columns
from s3_monitor.model.exports import BillingKind
from s3_monitor.objects.sql_dialect import SqlDialect, quote_name, quote_text

# AWS: product codes, service codes and names of S3. Vaults of S3 Glacier have the product code AmazonGlacier.
SERVICES = (
    "AmazonS3", "AmazonGlacier", "AmazonS3GlacierDeepArchive", "Amazon Simple Storage Service", "Amazon Glacier",
    "Amazon S3 Glacier", "Amazon S3 Glacier Deep Archive",
)  # fmt: skip
VAULTS = ("AmazonGlacier", "Amazon Glacier", "Amazon S3 Glacier")
# AWS: operations of requests for objects. Their periods give the last request of a bucket.
_OBJECT_REQUESTS = (
    "GetObject", "PutObject", "PutObjectForRepl", "CopyObject", "PostObject", "UploadPart", "CompleteMultipartUpload",
)  # fmt: skip
_NUMBER = "DECIMAL(38,12)"


class ChargeQuery(NamedTuple):
    """What to read from a billing export."""

    kind: BillingKind
    accounts: Collection[str]
    """Account ids."""
    tag: str = ""
    """Key of the cost allocation tag; empty: not read."""


class ChargeKey(NamedTuple):
    """What charges have in common that are summed, in addition to their account and resource."""

    type: str
    """Usage, Tax, Credit, …"""
    usage_type: str
    operation: str
    """Empty where it does not distinguish storage types or usage groups."""
    region: str
    """Empty: not in the export."""
    vault: str
    """1: of the service of vaults of S3 Glacier."""
    unit: str
    currency: str
    tag: str
    """Value of the cost allocation tag; empty: none."""
    payer: str
    """Account id; empty: not in the export."""


class ChargeGroup(NamedTuple):
    """A row of the result: the sum of charges. Amounts are texts; of Athena, all values are."""

    account: str
    resource: str
    """Name of the bucket, or ARN of another resource; empty: none."""
    key: str
    """The values of ChargeKey, separated by SEPARATOR: fetching one text takes a fraction of the time of nine."""
    usd: str
    net: str | None
    """None: as ``usd``."""
    quantity: str
    requested: str | None
    """Start of the last period with object requests, as text."""
    end: str | None
    """End of the last period with usage, as text."""
    faults: int | str
    """The number of rows whose amount is not a number."""


SEPARATOR = "\x1f"
_KEYS = ("account", "resource", *ChargeKey._fields)
_GROUPS = """SELECT {keys},
  CAST(sum(usd) AS {number}) AS usd, CAST(sum(coalesce(net, usd)) AS {number}) AS net,
  CAST(sum(quantity) AS {number}) AS quantity, {requested} AS requested, {end} AS "end", sum(fault) AS faults
FROM (
  SELECT CASE WHEN length(account) < 12 THEN lpad(account, 12, '0') ELSE account END AS account, type,
    usage_type, {operation} AS operation, region, vault, resource, unit, currency, tag, coalesce(usd, 0) AS usd, net,
    coalesce(quantity, 0) AS quantity, CASE WHEN {is_request} THEN start END AS requested,
    CASE WHEN type = 'Usage' THEN "end" END AS "end", payer,
    CASE WHEN (usd_given IS NOT NULL AND usd IS NULL) OR (quantity_given IS NOT NULL AND quantity IS NULL)
      THEN 1 ELSE 0 END AS fault
  FROM (
    SELECT {columns}
    FROM {source}
    WHERE {where}
  ) AS charges
) AS charges
WHERE account IN ({accounts})
GROUP BY {keys}"""

# AWS: the resource is the name of a bucket; transitions and directory buckets have its ARN.
# Numbers are texts: fetching a text takes half of the time of fetching a decimal number.
_RESULT = """SELECT account, resource, key,
  CAST(CAST(sum(usd) AS {number}) AS varchar) AS usd,
  CAST(CAST(nullif(sum(net), sum(usd)) AS {number}) AS varchar) AS net,
  CAST(CAST(sum(quantity) AS {number}) AS varchar) AS quantity,
  max(requested) AS requested, max("end") AS "end", CAST(sum(faults) AS bigint) AS faults
FROM (
  SELECT account, regexp_replace(resource, '^arn:[^:]*:(s3:::|s3express:[^:]*:[^:]*:bucket/)', '') AS resource,
    concat_ws(chr({separator}), {fields}) AS key, usd, net, quantity, requested, "end", faults
  FROM ({groups}) AS groups
) AS groups
GROUP BY account, resource, key
ORDER BY account, resource, key"""


def groups_sql(query: ChargeQuery, columns: Columns, types: Mapping[str, str], source: str, dialect: SqlDialect) -> str:
    """Return the statement that sums the rows of ``source``, a table or a subquery.

    ``columns``: with normalized names, which are the names in ``source``. ``types``: normalized name → type in SQL.
    """
    names = {name: tuple(map(quote_name, found)) for name, found in columns.names.items()}
    is_text = _is_text(types[columns.names["usd"][0]])
    has_request = {"operation", "start"} <= {*names}
    operations = ", ".join(map(quote_text, _OBJECT_REQUESTS))
    values = {name: _text(names.get(name, ()), nulls=is_text) for name in _TEXTS}
    values |= {name: _number(columns, types, name) for name in ("usd", "net", "quantity")}
    values |= {f"{name}_given": _given(names[name][0]) if is_text else names[name][0] for name in ("usd", "quantity")}
    values |= {name: names.get(name, ("CAST(NULL AS varchar)",))[0] for name in ("start", "end")}
    values["vault"] = f"CASE WHEN {_is_in(names['product'], VAULTS)} THEN '1' ELSE '' END"
    values["tag"] = _tag(query, columns, types, dialect)
    if query.kind == "focus":
        values["net"] = values["usd"]
    return _GROUPS.format(
        keys=", ".join(_KEYS),
        number=_NUMBER,
        columns=", ".join(f"{value} AS {quote_name(name)}" for name, value in values.items()),
        source=source,
        where=_is_in(names["product"], SERVICES),
        accounts=", ".join(map(quote_text, sorted(query.accounts))),
        operation=f"CASE WHEN {_KEEPS_OPERATION} THEN operation ELSE '' END",
        is_request=f"quantity > 0 AND operation IN ({operations})" if has_request else "false",
        requested=_iso("max(requested)"),
        end=_iso('max("end")'),
    )


def result_sql(groups: str) -> str:
    """Return the statement for the result. ``groups``: a statement that returns groups."""
    fields = ", ".join(ChargeKey._fields)
    return _RESULT.format(number=_NUMBER, separator=ord(SEPARATOR), fields=fields, groups=groups)


_TEXTS = ("account", "type", "usage_type", "operation", "region", "resource", "unit", "currency", "payer")
# Operations of storage name its storage type, those of transitions and replication the group of usage; other requests
# have dozens of operations. Instead of a usage type, FOCUS may have a description, such as "$0.023 per GB of storage".
_KEEPS_OPERATION = (
    "usage_type LIKE '%Storage-%' OR usage_type LIKE '% storage%' OR usage_type LIKE '%EarlyDelete%' "
    "OR operation LIKE '%Transition%' OR operation LIKE '%ForRepl%' "
    "OR operation IN ('RestoreObject', 'ListAllMyBuckets', 'ListBuckets')"
)


def _text(names: Collection[str], *, nulls: bool = True) -> str:
    """Return the first value that is not empty.

    ``nulls``: null may be written as an empty text, or as NULL by some tools.
    """
    if not names:
        return "''"
    values = map(_given, names) if nulls else (f"nullif({name}, '')" for name in names) if len(names) > 1 else names
    return f"coalesce({', '.join(values)}, '')"


def _given(name: str) -> str:
    return f"nullif(nullif({name}, ''), 'NULL')"


def _is_text(type_: str) -> bool:
    return type_.upper().startswith(("VARCHAR", "STRING"))


def _number(columns: Columns, types: Mapping[str, str], name: str) -> str:
    """Return a decimal number; null if the value is missing or not a number."""
    found = columns.names.get(name, ())
    values = [_as_number(quote_name(column), types[column]) for column in found]
    if not values:
        return f"CAST(NULL AS {_NUMBER})"
    return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"


def _as_number(column: str, type_: str) -> str:
    if not _is_text(type_):
        return f"TRY_CAST({column} AS {_NUMBER})"
    # Texts like 1.1E-7 are decimal numbers only for DuckDB.
    text = _given(column)
    return f"coalesce(TRY_CAST({text} AS {_NUMBER}), TRY_CAST(TRY_CAST({text} AS DOUBLE) AS {_NUMBER}))"


def _iso(time: str) -> str:
    """Return a time as text with seconds: 2026-10-01T00:00:00."""
    return f"replace(substr(CAST({time} AS varchar), 1, 19), ' ', 'T')"


def _is_in(names: Sequence[str], values: Collection[str]) -> str:
    """Return the condition that the first value that is not empty is one of ``values``."""
    value = names[0] if len(names) == 1 else _text(names)
    return f"{value} IN ({', '.join(map(quote_text, values))})"


def _tag(query: ChargeQuery, columns: Columns, types: Mapping[str, str], dialect: SqlDialect) -> str:
    """Return the value of the cost allocation tag; empty without it."""
    if columns.tag:
        return _text((quote_name(columns.tag),))
    found = columns.names.get("tags")
    if not query.tag or not found:
        return "''"
    column, is_text = quote_name(found[0]), _is_text(types[found[0]])
    # AWS: tags of users are named user_team in CUR 2.0, and team or user:team in FOCUS.
    keys = (f"user_{query.tag}", query.tag, f"user:{query.tag}")
    values = [dialect.json_value(_text((column,)), key) if is_text else dialect.map_value(column, key) for key in keys]
    return f"coalesce({', '.join(values)}, '')"
