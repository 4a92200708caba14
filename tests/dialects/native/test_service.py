"""The service of a team over HTTP: who gets a chat, within what time people are answered, what they think of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until

from .conftest import number
from .test_inbox import chat_with


@pytest.fixture(autouse=True)
def _as_before(native: JackfieldServer) -> Iterator[None]:
    """The server is everybody's: no rule gives chats away, and nobody counts minutes."""
    yield
    assert native.api("PUT", "/reply-targets", json={"targets": []}).data == []
    assert native.api("PUT", "/assignment-rules", json={"rules": []}).data == []


def test_rules_are_set_told_and_followed(native: JackfieldServer) -> None:
    api = native.api
    member = {"email": "turn@example.com", "password": "correct horse battery", "firstName": "Ana"}
    ana = api("POST", "/team", json=member).data["id"]
    assert api("GET", "/assignment-rules").data == []
    given = {"name": "Sales", "tags": ["lead"], "hours": "open", "visit": "first", "how": "least_busy", "maxOpen": 5}
    put = api("PUT", "/assignment-rules", json={"rules": [given, {"name": "Ana", "memberIds": [ana]}]})
    assert put.status == 200, put
    first, second = put.data
    assert {name: first[name] for name in given} == given
    assert (first["profileIds"], first["departmentId"], first["onlineOnly"], first["enabled"]) == (
        [],
        None,
        False,
        True,
    )
    assert (second["memberIds"], second["how"], second["maxOpen"]) == ([ana], "round_robin", None)
    assert api("GET", "/assignment-rules").data == put.data
    following = {one["ruleId"]: one for one in api("GET", "/assignment-rules/next").data}
    assert following[second["id"]] == {
        "ruleId": second["id"],
        "memberId": ana,
        "candidates": [{"memberId": ana, "name": "Ana", "open": 0, "refusal": None}],
    }
    assert api("PATCH", f"/team/{ana}", json={"away": True}).data["away"] is True
    following = {one["ruleId"]: one for one in api("GET", "/assignment-rules/next").data}
    assert (following[second["id"]]["memberId"], following[second["id"]]["candidates"][0]["refusal"]) == (None, "away")
    assert api("PATCH", f"/team/{ana}", json={"away": False}).data["away"] is False
    entry = api("GET", "/audit?action=assignment_rules.changed&limit=1").data[0]
    assert (entry["target"], entry["data"]["rules"]) == ("workspace:1", 2)
    assert api("DELETE", f"/team/{ana}").status == 200
    # Whom a rule names may be gone; it can be changed all the same.
    again = api("PUT", "/assignment-rules", json={"rules": [{**second, "name": "Nobody"}]})
    assert (again.status, again.data[0]["memberIds"]) == (200, [ana])


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "rules"),
        ({"rules": [{"name": ""}]}, 400, "rules.0.name"),
        ({"rules": [{"name": "x", "how": "luck"}]}, 400, "rules.0.how"),
        ({"rules": [{"name": "x", "maxOpen": 0}]}, 400, "rules.0.maxOpen"),
        ({"rules": [{"name": "x", "visits": "first"}]}, 400, "rules.0.visits"),
        ({"rules": [{"name": "x"}, {"name": "y", "memberIds": ["999999"]}]}, 400, "rules.1.memberIds.0"),
        ({"rules": [{"name": "x", "id": "999999"}]}, 400, "rules.0.id"),
        ({"rules": [{"name": "x", "memberIds": ["me"]}]}, 404, None),
    ],
)
def test_what_is_wrong_is_told_by_its_field(
    native: JackfieldServer, body: dict[str, Any], status: int, field: str | None
) -> None:
    answer = native.api("PUT", "/assignment-rules", json=body)
    assert answer.status == status, answer
    if field is not None:
        assert list(answer.json["error"]["details"]) == [field], answer


def test_a_chat_that_opens_is_given_away_and_says_by_what(native: JackfieldServer) -> None:
    api = native.api
    (rule,) = api("PUT", "/assignment-rules", json={"rules": [{"name": "Owner", "memberIds": ["1"]}]}).data
    chat = chat_with(native, number(861))
    assert chat["assigneeId"] == "1"
    (given,) = api("GET", f"/chats/{chat['id']}/assignments").data
    assert (given["memberId"], given["ruleId"], given["ruleName"]) == ("1", rule["id"], "Owner")
    told = api("GET", "/logs?type=chat.assigned&limit=1").data[0]["data"]
    assert (told["chatId"], told["memberId"], told["ruleId"], told["ruleName"]) == (
        chat["id"], "1", rule["id"], "Owner",
    )  # fmt: skip
    assert api("GET", "/chats/999999/assignments").status == 404


def test_targets_are_set_shown_and_reported(native: JackfieldServer) -> None:
    api = native.api
    given = {"firstReplyMinutes": 15, "resolutionMinutes": 600, "workingHours": False, "warnPercent": 50}
    (kept,) = api("PUT", "/reply-targets", json={"targets": [given]}).data
    assert {name: kept[name] for name in given} == given
    assert (kept["nextReplyMinutes"], kept["profileId"], kept["departmentId"]) == (None, None, None)
    assert api("GET", "/reply-targets").data == [kept]
    chat = chat_with(native, number(862))

    def target(kind: str | None) -> Any:
        found = api("GET", f"/chats/{chat['id']}").data["target"]
        return (found or {"kind": None}) if (found or {}).get("kind") == kind else None

    shown = until(lambda: target("first_reply"), what="the clock")
    assert shown["state"] == "running"
    assert shown["dueAt"] > shown["warnAt"]
    told = api("GET", "/logs?type=chat.updated&limit=1").data[0]["data"]
    assert (told["id"], told["target"]) == (chat["id"], shown)
    assert chat["id"] not in [one["id"] for one in api("GET", "/chats?urgent=true").data]
    assert {"urgent", "missed"} <= api("GET", "/chats/counts").data.keys()
    assert api("POST", f"/chats/{chat['id']}/close").status == 200
    until(lambda: target(None), what="the end")
    report = api("GET", "/usage/reply-targets?by=agent").data
    row = next(one for one in report["rows"] if one["key"] == "none")
    assert (row["resolution"]["count"], row["resolution"]["share"], row["firstReply"]["count"]) == (1, 1, 0)
    assert report["sum"]["resolution"]["met"] == 1
    table = api("GET", "/usage/reply-targets/export?by=agent")
    assert table.status == 200
    assert table.body.decode("utf-8-sig").startswith('"key","name","first_reply_count"')
    entry = api("GET", "/audit?action=reply_targets.changed&limit=1").data[0]
    assert (entry["target"], entry["data"]["targets"]) == ("workspace:1", 1)


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ({"firstReplyMinutes": 0}, "targets.0.firstReplyMinutes"),
        ({"warnPercent": 5}, "targets.0.warnPercent"),
        ({"profileId": "999999"}, "targets.0.profileId"),
        ({"departmentId": "999999"}, "targets.0.departmentId"),
        ({"minutes": 5}, "targets.0.minutes"),
    ],
)
def test_a_wrong_target_is_told_by_its_field(native: JackfieldServer, target: dict[str, Any], field: str) -> None:
    answer = native.api("PUT", "/reply-targets", json={"targets": [target]})
    assert (answer.status, list(answer.json["error"]["details"])) == (400, [field]), answer


def test_the_survey_is_set_and_reported(native: JackfieldServer) -> None:
    api = native.api
    before = api("GET", "/survey").data
    assert (before["enabled"], before["scale"], before["restDays"]) == (False, "stars", 7)
    kept = api("PUT", "/survey", json={"enabled": True, "scale": "thumbs", "text": "All good?", "lowRating": 2}).data
    try:
        assert (kept["enabled"], kept["text"], kept["lowRating"], kept["answerHours"]) == (True, "All good?", 2, 24)
        assert api("GET", "/survey").data == kept
        entry = api("GET", "/audit?action=survey.changed&limit=1").data[0]
        assert (entry["target"], entry["data"]["enabled"]) == ("workspace:1", True)
    finally:
        assert api("PUT", "/survey", json={"enabled": False}).data == before
    assert api("GET", "/survey/answers?commented=true").data == []
    report = api("GET", "/usage/survey?by=team").data
    assert (report["rows"], report["sum"]["asked"], report["sum"]["answeredShare"]) == ([], 0, None)
    table = api("GET", "/usage/survey/export?by=agent")
    assert table.body.decode("utf-8-sig").startswith('"key","name","asked","answered"')


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "enabled"),
        ({"enabled": True, "scale": "points"}, "scale"),
        ({"enabled": True, "lowRating": 5}, "lowRating"),
        ({"enabled": True, "text": ""}, "text"),
        ({"enabled": True, "title": "x"}, "title"),
    ],
)
def test_a_wrong_survey_is_told_by_its_field(native: JackfieldServer, body: dict[str, Any], field: str) -> None:
    answer = native.api("PUT", "/survey", json=body)
    assert (answer.status, list(answer.json["error"]["details"])) == (400, [field]), answer
