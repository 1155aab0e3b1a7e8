"""The bar charts of a report. A chart needs at least two bars."""

from __future__ import annotations

from collections.abc import Iterable

from s3_monitor.model.summary import Group
from s3_monitor.report import formats, glossary, sums
from s3_monitor.report.charts import BYTES, COST, Chart, Series
from s3_monitor.report.totals import Dimension
from s3_monitor.report.view import View

BARS = 10  # regions or accounts with a bar each; the others are summed in one
_NOUNS: dict[Dimension, tuple[str, str]] = {"region": ("region", "regions"), "account": ("account", "accounts")}


def select_charts(view: View) -> dict[str, Chart]:
    """Return the charts by the stem of their files: region, account, storage-type."""
    charts = [_by_class(view, "region"), _by_class(view, "account"), _classes(view)]
    return {chart.name: chart for chart in charts if chart is not None}


def _by_class(view: View, dimension: Dimension) -> Chart | None:
    """Return the monthly cost of each region or account, stacked by storage class."""
    groups = [row for row in view.groups[dimension] if row.group.cost]
    if len(groups) < 2:
        return None
    bars: dict[str, list[str]] = {row.key: [row.key] for row in groups[:BARS]}
    noun, nouns = _NOUNS[dimension]
    if others := [row.key for row in groups[BARS:]]:
        bars[f"{formats.plural(len(others), 'other ' + noun, 'other ' + nouns)}"] = others
    costs = [
        _by_storage_class(item for key in keys for item in view.totals.parts(dimension, key, "storage-type").items())
        for keys in bars.values()
    ]
    currency = view.summary.currency
    series = [
        Series(
            name,
            [cost[name].cost or 0.0 for cost in costs],
            color,
            [sums.cost_text(cost[name], currency) for cost in costs],
        )
        for color, name in enumerate(glossary.CLASSES)
        if any(cost[name].cost for cost in costs)
    ]
    if not series:
        return None
    largest = f"the largest is {groups[0].key} with {sums.cost_text(groups[0].group, currency)}"
    return Chart(
        name=dimension,
        title=f"Monthly cost by {noun} and storage class",
        alt=f"Bar chart: monthly cost of each {noun}, by storage class; {largest}. The numbers are in the table below.",
        categories=list(bars),
        series=series,
        unit="money",
        stacked=True,
        currency=currency,
    )


def _by_storage_class(groups: Iterable[tuple[str, Group]]) -> dict[str, Group]:
    """Return the sums of each storage class from those of its storage types, without object counts.

    The totals state the buckets of unknown size.
    """
    classes = dict.fromkeys(glossary.CLASSES, Group(0, 0.0, None, 0.0))
    for name, group in groups:
        storage_class = glossary.storage_type(name).storage_class
        classes[storage_class] = _add(classes[storage_class], group)
    return classes


def _add(left: Group, right: Group) -> Group:
    size = (left.size or 0.0) + (right.size or 0.0)
    unpriced = left.unpriced_size + right.unpriced_size
    cost = (left.cost or 0.0) + (right.cost or 0.0)
    is_known = unpriced < size or not size
    upper = left.upper_bound_size + right.upper_bound_size
    return Group(0, size, None, cost if is_known else None, unpriced, upper_bound_size=upper)


def _classes(view: View) -> Chart | None:
    """Return each storage class's share of the cost and of the bytes."""
    classes = _by_storage_class(sorted(view.summary.by_storage_type.items()))
    names = [name for name in glossary.CLASSES if classes[name].size]
    total_size = sum(classes[name].size or 0.0 for name in names)
    total_cost = sum(classes[name].cost or 0.0 for name in names)
    if len(names) < 2 or not total_cost:
        return None
    names.sort(key=lambda name: -(classes[name].cost or 0.0))
    costs = [(classes[name].cost or 0.0) / total_cost for name in names]
    sizes = [(classes[name].size or 0.0) / total_size for name in names]
    of_known = "known " if view.summary.totals.unpriced_size else ""
    largest = f"{names[0]} is {formats.share(costs[0])} of the {of_known}cost, {formats.share(sizes[0])} of the bytes"
    shown = [
        sums.UNKNOWN if classes[name].cost is None else formats.share(cost)
        for name, cost in zip(names, costs, strict=True)
    ]
    return Chart(
        name="storage-type",
        title=f"Share of {of_known}cost and of bytes by storage class",
        alt=f"Bar chart: share of cost and of bytes by storage class; {largest}. The numbers are in the table below.",
        categories=names,
        series=[
            Series(f"share of {of_known}cost", costs, COST, shown),
            Series("share of bytes", sizes, BYTES, [formats.share(size) for size in sizes]),
        ],
        unit="share",
        stacked=False,
    )
