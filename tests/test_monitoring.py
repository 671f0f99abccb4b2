"""What deploy/monitoring and docs/monitoring.md say of the metrics is what /metrics gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import yaml  # type: ignore[import-untyped]

from tests.helpers.redis_server import RedisServer
from tests.helpers.servers import ROOT, Server, new_chat, wait_until

FOLDER = ROOT / "deploy/monitoring"
GUIDE = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
NAME = re.compile(r"\bchat_[a-z_]+\b")
OF_HISTOGRAM = re.compile(r"_(?:bucket|sum|count)\Z")
# Not what Prometheus calls a unit or a total, but ends so.
UNITS = ("_seconds", "_bytes", "_total", "_info")


@pytest.fixture(scope="module")
def exported(settings: Any, folder: Any, app: Any) -> Iterator[dict[str, str]]:
    """Return the type of every metric of a chat that has all parts, by its name."""
    with (
        RedisServer() as redis,
        new_chat(folder, settings.mongo_uri, REDIS_URL=redis.url) as server,
    ):
        yield types_of(server)


def types_of(server: Server) -> dict[str, str]:
    text = ""

    def has_all() -> bool:
        nonlocal text
        text = requests.get(f"{server.url}/metrics", timeout=10).text
        return "\nchat_queue_up 1.0" in text

    wait_until(has_all, "it has its queue")
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def alerts() -> list[dict[str, Any]]:
    rules = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in rules["groups"] for rule in group["rules"]]


def expressions_of_dashboard() -> list[str]:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def named_in(expression: str) -> set[str]:
    """Return the metrics in an expression, without what is in quotes."""
    return set(NAME.findall(re.sub(r'"[^"]*"', "", expression)))


def test_the_table_of_the_guide_has_exactly_what_there_is(exported: dict[str, str]) -> None:
    documented = re.findall(r"^\| `(chat_[a-z_]+)` \|", GUIDE, re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert set(documented) == set(exported)


def test_the_names_follow_the_rules_of_prometheus(exported: dict[str, str]) -> None:
    for name, kind in exported.items():
        assert name.endswith("_total") == (kind == "counter"), name
        assert not re.search(r"_(?:ms|milliseconds|minutes|kb|mb|percent)\b", name), name
        if kind == "histogram":
            assert name.endswith(UNITS), name


@pytest.mark.parametrize(
    "expression", [*(rule["expr"] for rule in alerts()), *expressions_of_dashboard()]
)
def test_every_expression_asks_for_what_there_is(exported: dict[str, str], expression: str) -> None:
    for name in named_in(expression):
        family = OF_HISTOGRAM.sub("", name)
        assert name in exported or exported.get(family) == "histogram", name
        if name in exported:
            assert exported[name] != "histogram", f"{name} has _bucket, _sum and _count"
    for open_sign, close in ("()", "{}", "[]"):
        assert expression.count(open_sign) == expression.count(close)


def test_every_alert_says_what_is_wrong_and_the_guide_what_to_do() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert re.findall(r"^### (\w+)$", GUIDE, re.MULTILINE) == names, "in the same order"
    for rule in alerts():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert rule["annotations"]["summary"].endswith((".", "second."))
    guides = GUIDE.split("\n### ")[1:]
    assert all(len(guide.partition("\n")[2].split()) > 15 for guide in guides)


def test_the_example_for_prometheus_reads_the_alerts_and_calls_the_job_as_they_do() -> None:
    example = yaml.safe_load((FOLDER / "prometheus.yaml").read_text(encoding="utf-8"))
    assert example["rule_files"] == ["alerts.yaml"]
    (job,) = example["scrape_configs"]
    assert job["job_name"] == "chat"
    assert 'job="chat"' in alerts()[0]["expr"]


def test_the_dashboard_has_what_grafana_needs() -> None:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    assert [each["type"] for each in dashboard["templating"]["list"]] == ["datasource", "query"]
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    places = [tuple(panel["gridPos"].values()) for panel in dashboard["panels"]]
    assert len(places) == len(set(places)), "no panel hides another"
    for panel in dashboard["panels"]:
        assert panel["title"] and panel["targets"]
        assert panel["datasource"]["uid"] == "${source}"
