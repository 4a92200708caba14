"""Reports over HTTP: response times, and each report as a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from jackfield.core import MEDIA_TYPES
from jackfield.testing.server import JackfieldServer, until

from .conftest import number
from .test_inbox import chat_with


def answered(native: JackfieldServer, phone: str, headers: dict[str, str]) -> None:
    """Answer a person, and wait until it is sent."""
    body = {"profileId": "1", "to": phone, "text": "Here we are."}
    answer = native.request("POST", "/api/messages/text?wait=30", json=body, headers=headers)
    assert answer.json["data"]["status"] != "queued", answer


def test_response_times_by_who_answered(native: JackfieldServer) -> None:
    login = {"email": native.email, "password": native.password}
    token = native.request("POST", "/api/auth/login", json=login).json["data"]["accessToken"]
    as_owner = {"Authorization": f"Bearer {token}", "X-API-Key": ""}
    owner = native.request("GET", "/api/auth/me", headers=as_owner).json["data"]["memberId"]
    sales = native.api("POST", "/departments", json={"name": "Sales by chat"}).data["id"]
    changed = native.api("PATCH", f"/team/{owner}", json={"departmentId": sales}, headers=as_owner)
    assert changed.data["departmentId"] == sales
    unknown = native.api("PATCH", f"/team/{owner}", json={"departmentId": "999999"}, headers=as_owner)
    assert unknown.status == 404

    def row(by: str, key: str, **more: Any) -> dict[str, Any]:
        query = "&".join(f"{name}={value}" for name, value in {"by": by, "profileId": "1", **more}.items())
        report = native.api("GET", f"/usage/response-times?{query}").data
        assert (report["by"], report["zone"]) == (by, more.get("zone", "UTC"))
        nothing = {"first": {"count": 0}, "all": {"count": 0}, "waiting": 0}
        return next((one for one in report["rows"] if one["key"] == key), nothing)

    before, waiting = row("agent", owner), row("agent", "none")
    for seed in (900, 901, 902):
        chat_with(native, number(seed))
    answered(native, number(900), as_owner)
    # What a program sends is no answer of a person.
    answered(native, number(901), {"X-API-Key": native.key})
    agent = until(lambda: one if (one := row("agent", owner))["all"]["count"] > before["all"]["count"] else None)
    assert agent["all"]["count"] == before["all"]["count"] + 1
    assert agent["first"]["count"] == before["first"]["count"] + 1
    assert 0 <= agent["all"]["median"] <= agent["all"]["p90"] < 600
    assert row("agent", "none")["waiting"] == waiting["waiting"] + 2
    assert row("agent", "program", programs="true")["all"]["count"] >= 1
    team = row("team", sales)
    assert (team["name"], team["all"]["count"]) == ("Sales by chat", agent["all"]["count"])
    assert row("profile", "1")["all"]["count"] == row("channel", "1")["all"]["count"] >= 1
    days = native.api("GET", "/usage/response-times?zone=Asia/Jakarta").data
    assert days["sum"]["all"]["count"] == sum(one["all"]["count"] for one in days["rows"])
    native.api("DELETE", f"/departments/{sales}")


def test_reports_refuse_what_they_cannot_tell(native: JackfieldServer) -> None:
    for query, field in (
        ("by=hour", "by"),
        ("zone=Mars/Base", "zone"),
        ("from=2000-01-01T00:00:00Z", "from"),
        ("from=yesterday", "from"),
        ("programs=perhaps", "programs"),
    ):
        refused = native.api("GET", f"/usage/response-times?{query}")
        assert (refused.status, list(refused.json["error"]["details"])) == (400, [field]), refused


def file_rows(native: JackfieldServer, path: str, format: str) -> tuple[list[dict[str, Any]], str]:
    """The rows of an export by the names of its columns, and what the file is called."""
    answer = native.api("GET", f"{path}{'&' if '?' in path else '?'}format={format}")
    assert answer.status == 200, answer
    named = re.fullmatch(r'attachment; filename="([\w.-]+)"', answer.headers["content-disposition"])
    assert named
    if format == "csv":
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig")))), named[1]
    assert answer.headers["content-type"] == MEDIA_TYPES["xlsx"]
    head, *rows = openpyxl.load_workbook(io.BytesIO(answer.body)).active.iter_rows(values_only=True)
    found = [dict(zip(head, ("" if cell is None else cell for cell in row), strict=True)) for row in rows]
    return found, named[1]


SUMS = ("sent", "delivered", "read", "failed", "skipped", "pending")
FORMATS = pytest.mark.parametrize("format", ["csv", "xlsx"])


@FORMATS
def test_figures_as_files(native: JackfieldServer, format: str) -> None:
    """Each report's file has the rows of the report."""
    chat_with(native, number(910 + (format == "xlsx")))
    until_ = f"{datetime.now(UTC).isoformat(timespec='milliseconds')[:-6]}Z"

    for by in ("day", "hour", "profile", "template", "tag", "campaign", "category", "status"):
        shown = native.api("GET", f"/usage?by={by}&until={until_}").data["rows"]
        rows, name = file_rows(native, f"/usage/export?by={by}&until={until_}", format)
        assert name == f"usage-by-{by}.{format}"
        assert len(rows) == len(shown)
        # What was sent meanwhile may be delivered meanwhile, but what there is stays.
        for row, one in zip(rows, shown, strict=True):
            assert list(row) == ["key", "name", "total", "received", *SUMS]
            assert (row["key"], row["name"]) == (one["key"], one["name"] or "")
            if by != "status":
                assert [str(row[key]) for key in ("total", "received")] == [
                    str(one[key]) for key in ("total", "received")
                ]
    for by in ("day", "agent", "team", "profile"):
        shown = native.api("GET", f"/usage/response-times?by={by}&until={until_}").data["rows"]
        rows, name = file_rows(native, f"/usage/response-times/export?by={by}&until={until_}", format)
        assert (name, len(rows)) == (f"response-times-by-{by}.{format}", len(shown))
        flat = [
            {
                "key": one["key"],
                "name": one["name"],
                "waiting": one["waiting"],
                "unanswered": one["unanswered"],
                "first_count": one["first"]["count"],
                "all_p90": one["all"]["p90"],
            }
            for one in shown
        ]
        assert shown
        assert [{key: str(row[key]) for key in one} for row, one in zip(rows, flat, strict=True)] == [
            {key: "" if value is None else _number(value, format) for key, value in one.items()} for one in flat
        ]
    native.api("GET", "/usage")
    rows, name = file_rows(native, "/usage/requests/export?api=native", format)
    assert name == f"requests.{format}"
    assert list(rows[0] if rows else {"day": 0, "api": 0, "call": 0, "count": 0}) == ["day", "api", "call", "count"]


def _number(value: Any, format: str) -> str:
    # A workbook has no difference between 2 and 2.0.
    return str(int(value)) if format == "xlsx" and isinstance(value, float) and value.is_integer() else str(value)


@FORMATS
def test_a_campaign_as_files(native: JackfieldServer, format: str) -> None:
    """Recipients by the filters of their list, and the timeline; a name is no formula, and phones can be joined by."""
    tag = f"files {format}"
    good, bad = (number(920 + n + (2 if format == "xlsx" else 0)) for n in range(2))
    for phone, name in ((good, "=HYPERLINK(1)"), (bad, "Bad")):
        native.api("POST", "/contacts", json={"name": name, "phone": phone, "tags": [tag]}).data  # noqa: B018
    native.request("POST", "/simulator/1/faults", json={"code": 131026, "rate": 1, "to": bad})
    body = {"name": tag, "content": "x", "audience": {"tags": [tag]}, "category": "utility"}
    campaign = native.api("POST", "/campaigns", json=body).data["id"]
    until(lambda: native.api("GET", f"/campaigns/{campaign}").data["pending"] == 0)
    until(lambda: native.api("GET", f"/campaigns/{campaign}/stats").data["read"] == 1)
    native.request("POST", "/simulator/1/faults", json={"reset": True})
    rows, name = file_rows(native, f"/campaigns/{campaign}/export", format)
    assert name == f"campaign-{campaign}.{format}"
    assert {row["phone"]: row["status"] for row in rows} == {f"+{good}": "read", f"+{bad}": "failed"}
    guarded = "'=HYPERLINK(1)" if format == "csv" else "=HYPERLINK(1)"
    assert {row["name"] for row in rows} == {guarded, "Bad"}
    for query, whom in (
        ("status=failed", [bad]),
        ("reason=131026", [bad]),
        ("reason=131047", []),
        ("replied=false", [good, bad]),
        ("replied=true", []),
    ):
        rows, _ = file_rows(native, f"/campaigns/{campaign}/export?{query}", format)
        assert sorted(row["phone"] for row in rows) == sorted(f"+{one}" for one in whom), query
    shown = native.api("GET", f"/campaigns/{campaign}/timeline?bucket=minute").data
    rows, name = file_rows(native, f"/campaigns/{campaign}/timeline/export?bucket=minute", format)
    assert name == f"campaign-{campaign}-timeline.{format}"
    assert [{key: str(value) for key, value in row.items()} for row in rows] == [
        {key: str(value) for key, value in row.items()} for row in shown
    ]
    refused = native.api("GET", f"/campaigns/{campaign}/export?status=nonsense&format={format}")
    assert (refused.status, refused.json["error"]["details"]) == (400, {"status": ["Unknown status."]})
    assert native.api("GET", f"/campaigns/{campaign}/export?format=pdf").status == 400


@FORMATS
def test_an_automation_s_figures_as_a_file(native: JackfieldServer, format: str) -> None:
    rule = {
        "name": "Files",
        "trigger": {"type": "message", "match": "exact", "words": ["files"]},
        "steps": [{"type": "tag", "add": ["asked"]}, {"type": "end"}],
    }
    made = native.api("POST", "/automations", json=rule).data
    rows, name = file_rows(native, f"/automations/{made['id']}/statistics/export", format)
    assert name == f"automation-{made['id']}.{format}"
    shown = native.api("GET", f"/automations/{made['id']}/statistics").data["steps"]
    assert [row["step"] for row in rows] == [one["step"] for one in shown] != []
    assert all(str(row["done"]) == "0" for row in rows)
    native.api("DELETE", f"/automations/{made['id']}")


@FORMATS
def test_lists_as_files(native: JackfieldServer, format: str) -> None:
    phone = number(930 + (format == "csv"))
    native.api("POST", "/contacts", json={"name": "+cmd", "phone": phone, "tags": [f"f {format}"]}).data  # noqa: B018
    native.api("POST", "/suppressions", json={"address": phone}).data  # noqa: B018
    rows, name = file_rows(native, f"/contacts/export?tag=f+{format}", format)
    assert name == f"contacts.{format}"
    assert [row["phone"] for row in rows] == [f"+{phone}"]
    rows, _ = file_rows(native, "/suppressions/export", format)
    assert f"+{phone}" in [row["phone"] for row in rows]
    rows, _ = file_rows(native, "/audit/export?action=suppression.*", format)
    assert all(row["action"].startswith("suppression.") for row in rows)
