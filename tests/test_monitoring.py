"""The dashboard and the alerts of deploy/: they ask for what a server tells, and each alert says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from jackfield.app import build_app
from jackfield.core.backlog import OTHERS
from jackfield.core.ledger.states import LANES
from jackfield.engines import ENGINES
from jackfield.server.metrics import Metrics
from jackfield.server.startup import open_core
from jackfield.settings import Settings
from jackfield.worker.channel.sends import FAILED, OUTCOMES

ROOT = Path(__file__).parents[1]
METRIC = re.compile(r"\b((?:jackfield|process|python)_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r"(\w+)(=~|!~|!=|=)\"([^\"]*)\"")
GROUPING = re.compile(r"\b(?:by|without|on) \(([^)]*)\)")
TARGET = {"job", "instance"}
"""Labels that Prometheus adds to all that it scrapes."""
VALUES = {
    "lane": {*LANES},
    "queue": {*OTHERS},
    "engine": {*ENGINES},
    "state": {"in_use", "idle"},
}
SENDS = {*OUTCOMES.values(), FAILED}


def rules() -> list[dict[str, Any]]:
    """The alerts."""
    found = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())
    return [rule for group in found["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "deploy/grafana/jackfield.json").read_text())
    return found


def expressions() -> Iterator[tuple[str, str]]:
    """Every PromQL expression, with where it stands."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


@pytest.fixture
async def told(migrated_sqlite: str, tmp_path: Path) -> dict[str, set[str]]:
    """Every series that a server tells, by name, with its labels; of those without a sample yet as they are declared."""
    settings = Settings(data_dir=tmp_path, database_url=migrated_sqlite)
    async with open_core(settings) as core:
        metrics = Metrics(core)
        app = build_app(core, settings, metrics)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://jackfield.test"
        ) as client:
            families = list(text_string_to_metric_families((await client.get("/metrics")).text))
    found: dict[str, set[str]] = {}
    on_page = {family.name for family in families}
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    for name, kind, labels, _ in metrics.reference():
        assert name.removesuffix("_total") in on_page
        for suffix in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            found.setdefault(name + suffix, set()).update(labels, ("le",) if suffix == "_bucket" else ())
    return found


def test_what_is_told_is_what_is_asked_for(told: dict[str, set[str]]) -> None:
    asked = 0
    for where, expression in expressions():
        assert expression.count("(") == expression.count(")"), where
        assert expression.count("{") == expression.count("}"), where
        labels = set(TARGET)
        for name, matchers in METRIC.findall(expression):
            asked += 1
            if name == "up":
                continue
            assert name in told, f"{where}: no server tells {name}"
            labels |= told[name]
            for label, operator, value in MATCHER.findall(matchers):
                assert label in told[name] | TARGET, f"{where}: {name} has no label {label}"
                known = SENDS if name == "jackfield_engine_sends_total" and label == "outcome" else VALUES.get(label)
                if known is not None and not value.startswith("$"):
                    given = value.split("|") if "~" in operator else [value]
                    assert {*given} <= known, f"{where}: {label} is never {given}"
        for names in GROUPING.findall(expression):
            assert {one.strip() for one in names.split(",")} <= labels, f"{where}: {names}"
    assert asked > 60


def test_every_metric_of_ours_is_of_use(told: dict[str, set[str]]) -> None:
    """What neither a panel nor an alert asks for is here by name, so that none is added without a thought."""
    used = {name for _, expression in expressions() for name, _ in METRIC.findall(expression)}
    families = {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in told if name.startswith("jackfield_")}
    unused = families - {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in used}
    assert unused == {
        # The maximum of the last half minute is what one looks at; this is for those who want the distribution.
        "jackfield_event_loop_lag_seconds",
        # What is left is archived an hour later: `jackfield doctor` tells it where that goes on for days.
        "jackfield_archive_left",
        "jackfield_archived_messages",
        "jackfield_channels_connected",
        "jackfield_bus_connected",
        "jackfield_bus_connects",
        "jackfield_bus_published",
        "jackfield_bus_received",
        "jackfield_relay_active",
        "jackfield_relayed_events",
    }


def test_the_dashboard_is_one() -> None:
    board = dashboard()
    panels = [one for one in board["panels"] if one["type"] != "row"]
    ids = [one["id"] for one in board["panels"]]
    titles = [one["title"] for one in panels]
    assert len({*ids}) == len(ids)
    assert len({*titles}) == len(titles) > 25
    places = [(cell["x"] + x, cell["y"] + y) for one in board["panels"] for cell in [one["gridPos"]]
              for x in range(cell["w"]) for y in range(cell["h"])]  # fmt: skip
    assert len({*places}) == len(places), "panels lie on one another"
    assert max(x for x, _ in places) < 24
    for panel in panels:
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all(target["expr"] for target in panel["targets"])
    assert {one["name"] for one in board["templating"]["list"]} == {"datasource", "job"}


def test_each_alert_says_what_to_do() -> None:
    page = (ROOT / "docs/observability.md").read_text()
    section = page.partition("## Alerts")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `(Jackfield\w+)` \| [^|]+ \| ([^|]+) \|$", section, re.MULTILINE)
    names = [rule["alert"] for rule in rules()]
    assert [name for name, _ in told] == names
    assert all(len(what) > 20 for _, what in told)
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
