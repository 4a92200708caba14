"""Working hours over HTTP: set, refused by field, inherited, taken away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture(autouse=True)
def _as_before(native: JackfieldServer) -> Iterator[None]:
    """The server is everybody's: it works always again."""
    yield
    assert native.api("DELETE", "/working-hours").data["source"] == "none"


def test_the_workspace_and_a_department(native: JackfieldServer) -> None:
    api = native.api
    before = api("GET", "/working-hours").data
    assert (before["source"], before["open"], before["closesAt"]) == ("none", True, None)
    assert all(before["days"][day] == [{"start": "00:00", "end": "24:00"}] for day in WEEK)
    noon = [{"start": "13:00", "end": "17:00"}, {"start": "09:00", "end": "12:00"}]
    holidays = [{"date": "2026-12-25", "name": "Christmas Day", "yearly": True}]
    body = {"timezone": "Asia/Jakarta", "days": {"mon": noon, "fri": [{"start": "18:00", "end": "02:00"}]}}
    put = api("PUT", "/working-hours", json={**body, "holidays": holidays})
    assert put.status == 200, put
    assert put.data["days"]["mon"] == [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}]
    assert put.data["days"]["tue"] == []
    assert put.data["holidays"] == [{**holidays[0], "hours": []}]
    department = api("POST", "/departments", json={"name": "Night shift"}).data["id"]
    path = f"/departments/{department}/working-hours"
    assert (api("GET", path).data["source"], api("GET", path).data["timezone"]) == ("workspace", "Asia/Jakarta")
    own = api("PUT", path, json={"days": {}}).data
    assert (own["source"], own["departmentId"], own["open"], own["opensAt"]) == ("department", department, False, None)
    assert api("GET", "/working-hours").data["source"] == "workspace"
    assert api("DELETE", path).data["source"] == "workspace"
    assert api("DELETE", f"/departments/{department}").status == 200
    assert api("GET", path).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "days"),
        ({"days": {"monday": []}}, "days.monday"),
        ({"days": {"mon": [{"start": "9", "end": "10:00"}]}}, "days.mon.0.start"),
        (
            {"days": {"mon": [{"start": "09:00", "end": "12:00"}, {"start": "11:00", "end": "13:00"}]}},
            "days.mon.1.start",
        ),
        ({"days": {}, "timezone": "Moon/Base"}, "timezone"),
        ({"days": {}, "holidays": [{"date": "2026-02-30"}]}, "holidays.0.date"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(native: JackfieldServer, body: dict[str, Any], field: str) -> None:
    answer = native.api("PUT", "/working-hours", json=body)
    assert answer.status == 400, answer
    assert list(answer.json["error"]["details"]) == [field], answer


def test_a_change_is_in_the_audit_log(native: JackfieldServer) -> None:
    assert native.api("PUT", "/working-hours", json={"days": {}}).status == 200
    entry = native.api("GET", "/audit?action=working_hours.changed&limit=1").data[0]
    assert (entry["target"], entry["data"]["timezone"]) == ("workspace:1", "UTC")
