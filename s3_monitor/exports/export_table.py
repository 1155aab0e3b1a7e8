"""The Athena tables of exports: their names and DDL."""

from __future__ import annotations

import re

from s3_monitor.exports.delivery import Delivery
from s3_monitor.model.exports import BillingExport, StorageLensExport
from s3_monitor.objects.athena_table import SERDES

_STORED = {
    "CSV": "STORED AS TEXTFILE",
    "Parquet": "STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat' "
    "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'",
}
# Columns of Parquet files are found by name, so a table needs only those that are read.
_CUR_COLUMNS = (
    "bill_payer_account_id string, line_item_usage_account_id string, line_item_line_item_type string, "
    "line_item_product_code string, line_item_usage_type string, line_item_operation string, "
    "line_item_resource_id string, line_item_usage_start_date timestamp, line_item_usage_end_date timestamp, "
    "line_item_usage_amount double, line_item_unblended_cost double, line_item_net_unblended_cost double, "
    "line_item_currency_code string, pricing_unit string"
)
_FOCUS_COLUMNS = (
    "billedcost double, billingaccountid string, billingcurrency string, chargecategory string, "
    "chargedescription string, chargeperiodstart timestamp, chargeperiodend timestamp, consumedquantity double, "
    "consumedunit string, pricingquantity double, pricingunit string, regionid string, resourceid string, "
    "servicename string, skumeter string, subaccountid string, tags map<string,string>, x_operation string, "
    "x_servicecode string, x_usagetype string"
)


def table_name(export: BillingExport | StorageLensExport, name: str) -> str:
    """Return the table of an export. ``name``: of the export or configuration."""
    return export.table or re.sub(r"[^a-z0-9_]", "_", name.lower())


def billing_table_ddl(export: BillingExport, delivery: Delivery, table: str, database: str, location: str) -> str:
    """Return the statement that creates the table, to be run once. ``location``: URL of the folder of the data."""
    columns = _FOCUS_COLUMNS if export.kind == "focus" else _CUR_COLUMNS
    if export.kind == "cur2":
        columns += ", resource_tags map<string,string>"
    return _table_ddl(delivery, columns, table, database, location)


def lens_table_ddl(delivery: Delivery, table: str, database: str, location: str) -> str:
    """Return the statement that creates the table, to be run once. ``location``: URL of the folder of the data."""
    types = {"metric_value": "bigint"}
    columns = ", ".join(f"`{name}` {types.get(name, 'string')}" for name in delivery.columns)
    return _table_ddl(delivery, columns, table, database, location)


def _table_ddl(delivery: Delivery, columns: str, table: str, database: str, location: str) -> str:
    """Return the statement. ``columns``: those of Parquet files; those of CSV files are in the delivery."""
    properties = ""
    if delivery.format == "CSV":
        names = [re.sub(r"[^a-z0-9]", "_", name.lower()) for name in delivery.columns]
        columns = ", ".join(f"`{name}` string" for name in names) or "(the columns of the CSV header, as string)"
        properties = "TBLPROPERTIES ('skip.header.line.count' = '1')"
    return "\n".join(
        (
            f"CREATE EXTERNAL TABLE `{database}`.`{table}` ({columns})",
            f"ROW FORMAT SERDE '{SERDES[delivery.format]}' {_STORED[delivery.format]}",
            f"LOCATION '{location}' {properties}".rstrip(),
        )
    )
