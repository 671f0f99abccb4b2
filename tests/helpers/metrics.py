"""Read what /metrics says."""

from __future__ import annotations

import requests
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.helpers.servers import Server


def scrape(server: Server, **headers: str) -> dict[str, Metric]:
    """Return the families of metrics by name, on a new connection each time."""
    answer = requests.get(f"{server.url}/metrics", headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def value(families: dict[str, Metric], sample: str, **labels: str) -> float:
    """Return a sample's value: the sum of all that have these labels."""
    name = sample.removesuffix("_total").removesuffix("_count")
    return sum(
        each.value
        for each in families[name].samples
        if each.name == sample and labels.items() <= each.labels.items()
    )
