"""Reports over HTTP: response times."""

from __future__ import annotations

from typing import Any

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
