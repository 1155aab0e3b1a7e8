"""Which charts a report has: where there is something to compare, and nothing where there is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from s3_monitor.model.summary import Group
from s3_monitor.report import formats, sums, words
from s3_monitor.report.charts import BYTES, COST, Chart, Series
from s3_monitor.report.history import Dimension
from s3_monitor.report.view import View

BARS = 10  # regions or accounts with a bar each; the others share one
_NOUNS: dict[Dimension, tuple[str, str]] = {"region": ("region", "regions"), "account": ("account", "accounts")}


def figures(view: View) -> dict[str, Chart]:
    """By name, which is also the file's stem: ``region``, ``account``, ``storage-type``."""
    found = [_by_class(view, "region"), _by_class(view, "account"), _classes(view)]
    return {chart.name: chart for chart in found if chart is not None}


def _by_class(view: View, dimension: Dimension) -> Chart | None:
    """Monthly cost of each region or account, stacked by storage class."""
    groups = [row for row in view.groups[dimension] if row.group.cost]
    if len(groups) < 2:
        return None
    bars: dict[str, list[str]] = {row.key: [row.key] for row in groups[:BARS]}
    noun, nouns = _NOUNS[dimension]
    if others := [row.key for row in groups[BARS:]]:
        bars[f"{formats.plural(len(others), 'other ' + noun, 'other ' + nouns)}"] = others
    costs = [
        _class_costs(view.crossing.parts(dimension, key, "storage-type") for key in keys) for keys in bars.values()
    ]
    series = [
        Series(name, [cost.get(name, 0.0) for cost in costs], color)
        for color, name in enumerate(words.CLASSES)
        if any(cost.get(name) for cost in costs)
    ]
    if not series:
        return None
    largest = f"the largest is {groups[0].key} with {sums.cost_text(groups[0].group, view.summary.currency)}"
    return Chart(
        name=dimension,
        title=f"Monthly cost by {noun} and storage class",
        alt=f"Bars: monthly cost of each {noun}, by storage class; {largest}. The numbers are in the table below.",
        categories=list(bars),
        series=series,
        unit="money",
        stacked=True,
        currency=view.summary.currency,
    )


def _class_costs(parts: Iterable[dict[str, Group]]) -> dict[str, float]:
    costs: dict[str, float] = {}
    for groups in parts:
        for name, group in groups.items():
            storage_class = words.storage_type(name).storage_class
            costs[storage_class] = costs.get(storage_class, 0.0) + (group.cost or 0.0)
    return costs


def _classes(view: View) -> Chart | None:
    """Each storage class's share of the cost beside its share of the bytes."""
    size, cost = _sums(view.summary.by_storage_type)
    names = [name for name in words.CLASSES if size.get(name)]
    if len(names) < 2 or not sum(cost.values()):
        return None
    all_size, all_cost = sum(size.values()), sum(cost.values())
    names.sort(key=lambda name: -cost.get(name, 0.0))
    first = names[0]
    of_cost, of_bytes = formats.share(cost[first] / all_cost), formats.share(size[first] / all_size)
    told = f"{first} is {of_cost} of the cost, {of_bytes} of the bytes"
    return Chart(
        name="storage-type",
        title="Share of cost and of bytes by storage class",
        alt=f"Bars: each storage class's share of cost and of bytes; {told}. The numbers are in the table below.",
        categories=names,
        series=[
            Series("share of cost", [cost.get(name, 0.0) / all_cost for name in names], COST),
            Series("share of bytes", [size[name] / all_size for name in names], BYTES),
        ],
        unit="share",
        stacked=False,
    )


def _sums(groups: Mapping[str, Group]) -> tuple[dict[str, float], dict[str, float]]:
    """Bytes and cost by storage class."""
    size: dict[str, float] = {}
    cost: dict[str, float] = {}
    for name, group in sorted(groups.items()):
        storage_class = words.storage_type(name).storage_class
        size[storage_class] = size.get(storage_class, 0.0) + (group.size or 0.0)
        cost[storage_class] = cost.get(storage_class, 0.0) + (group.cost or 0.0)
    return size, cost
