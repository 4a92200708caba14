"""MultiWA's automations and auto-replies: each exact call, and what its types expect of the answer."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.testing.server import JackfieldServer, until

from .conftest import number
from .multiwa import AUTOMATION, DELETED, Sdk, all_called, holds


def answered(native: JackfieldServer, peer: str, text: str, *wanted: str) -> None:
    """Somebody writes; these texts are the answers, oldest first."""
    native.request("POST", "/simulator/1/inbound", json={"from": peer, "text": text, "name": "Asha"})
    sent = until(lambda: len(found := texts_to(native, peer)) >= len(wanted) and found)
    assert sent == [*wanted]


def texts_to(native: JackfieldServer, peer: str) -> list[str]:
    rows = native.api("GET", f"/messages?to={peer}&direction=out&sort=createdAt").data
    return [one["content"]["text"] for one in rows]


RULE = {
    "profileId": "1",
    "name": "Sdk greeting",
    "triggerType": "keyword",
    "triggerConfig": {"keywords": ["sdkhello", "a|b (c)"], "matchMode": "contains"},
    "actions": [{"type": "reply", "message": "Hello {{name}}!"}, {"type": "add_tag", "tags": ["sdk greeted"]}],
}


def test_automations(native: JackfieldServer, sdk: Sdk) -> None:
    made = sdk.call("automations.create", AUTOMATION, "POST", "/automation", RULE)
    assert (made["isActive"], made["cooldownSecs"], made["maxTriggersPerDay"]) == (True, 0, None)
    assert made["triggerConfig"] == {**RULE["triggerConfig"], "caseSensitive": False}
    assert made["actions"] == [{**RULE["actions"][0], "messageType": "text"}, RULE["actions"][1]]
    # That it answers people who write alone is shown, where MultiWA's would answer in groups too.
    assert made["conditions"] == [{"type": "not_group"}]
    place, peer = f"/automation/{made['id']}", number(8070)
    assert sdk.call("automations.get", AUTOMATION, "GET", place)["name"] == RULE["name"]
    answered(native, peer, "well, SDKHELLOs to you", "Hello Asha!")
    until(lambda: native.api("GET", f"/contacts?phone={peer}").data[0]["tags"] == ["sdk greeted"])
    shape = {"triggerCount": int, "lastTriggered": str, "todayCount": int}
    stats = sdk.call("automations.getStats", shape, "GET", f"{place}/stats")
    assert (stats["triggerCount"], stats["todayCount"]) == (1, 1)
    tested = {"matches": bool, "matchDetails": dict}
    yes = sdk.call("automations.test", {**tested, "actions": list}, "POST", f"{place}/test", {"message": "xa|b (c)x"})
    assert (yes["matches"], yes["actions"]) == (True, made["actions"])
    no = sdk.call("automations.test", tested, "POST", f"{place}/test", {"message": "a or b"})
    assert (no["matches"], no["actions"]) == (False, None)
    off = sdk.call("automations.toggle", AUTOMATION, "PUT", f"{place}/toggle")
    assert off["isActive"] is False
    query = {"profileId": "1", "triggerType": "keyword", "isActive": False}
    listed = sdk.call("automations.list", {"data": list}, "GET", "/automation", None, query)["data"]
    assert [one["id"] for one in listed] == [made["id"]]
    holds("automations.list", AUTOMATION, listed[0])
    assert sdk.ask("GET", "/automation", query={**query, "isActive": True}).json["data"] == []
    change = {"actions": [{"type": "reply", "message": "Bye"}], "cooldownSecs": 3600, "maxTriggersPerDay": 50}
    changed = sdk.call("automations.update", AUTOMATION, "PUT", place, change)
    assert (changed["cooldownSecs"], changed["maxTriggersPerDay"]) == (3600, 50)
    assert (changed["triggerConfig"], changed["name"]) == (made["triggerConfig"], RULE["name"])
    assert sdk.ask("PUT", place, {"maxTriggersPerDay": None}).json["maxTriggersPerDay"] is None
    assert sdk.call("automations.toggle", AUTOMATION, "PUT", f"{place}/toggle")["isActive"] is True
    other = number(8071)
    answered(native, other, "sdkhello", "Bye")
    # Within the cooldown it does not answer the same person again; somebody else it does.
    native.request("POST", "/simulator/1/inbound", json={"from": other, "text": "sdkhello"})
    answered(native, number(8072), "sdkhello", "Bye")
    assert texts_to(native, other) == ["Bye"]
    sdk.call("automations.delete", DELETED, "DELETE", place)
    assert sdk.ask("GET", place).status == 404


def test_automations_begin_in_their_order(native: JackfieldServer, sdk: Sdk) -> None:
    ids = []
    for text in ("one", "two", "three"):
        body = {**RULE, "name": f"Sdk {text}", "actions": [{"type": "reply", "message": text}]}
        ids.append(sdk.ask("POST", "/automation", {**body, "triggerConfig": {"keywords": ["sdkorder"]}}).json["id"])
    answered(native, number(8073), "sdkorder", "one", "two", "three")
    order = [ids[2], ids[0], ids[1]]
    sdk.call("automations.reorder", DELETED, "POST", "/automation/reorder", {"profileId": "1", "order": order})
    listed = sdk.ask("GET", "/automation", query={"profileId": "1"}).json["data"]
    assert [one["id"] for one in listed] == order
    answered(native, number(8074), "sdkorder", "three", "one", "two")
    for wrong, field in (([*order, "987654"], "order.3"), ([ids[0], ids[0]], "order.1"), ([], "order")):
        refused = sdk.ask("POST", "/automation/reorder", {"profileId": "1", "order": wrong})
        assert (refused.status, list(refused.json["error"]["details"])) == (400, [field])
    for id_ in ids:
        sdk.ask("DELETE", f"/automation/{id_}")


ROUND: tuple[dict[str, Any], ...] = (
    {"triggerConfig": {"keywords": ["Hi", "a.b"], "matchMode": "exact", "caseSensitive": True}},
    {"triggerConfig": {"keywords": ["x\\y"], "matchMode": "startsWith", "caseSensitive": False}},
    {"triggerConfig": {"keywords": ["x", "y"], "matchMode": "endsWith", "caseSensitive": False}},
    {"triggerConfig": {"keywords": ["word"], "matchMode": "word", "caseSensitive": False}},
    {"triggerType": "regex", "triggerConfig": {"pattern": "^#[0-9]+$", "flags": "i"}},
    {"triggerType": "regex", "triggerConfig": {"pattern": "a.c", "flags": "ms"}},
    {"triggerType": "new_contact", "triggerConfig": {}},
    {"triggerType": "message_type", "triggerConfig": {"types": ["image", "audio"]}},
    {"triggerType": "all", "triggerConfig": {}},
    {"conditions": [{"type": "message_type", "types": ["text"]}, {"type": "contact_tag", "tags": ["vip"]},
                    {"type": "match_text", "operator": "not_contains", "value": "stop"},
                    {"type": "match_text", "operator": "equals", "value": "go"},
                    {"type": "time_range", "startHour": 9, "endHour": 24},
                    {"type": "day_of_week", "days": [0, 1, 6]}]},
    {"actions": [{"type": "send_image", "url": "https://example.com/a.jpg", "caption": "{{phone}}"},
                 {"type": "send_video", "url": "https://example.com/a.mp4"},
                 {"type": "send_audio", "url": "https://example.com/a.mp3"},
                 {"type": "send_document", "url": "https://example.com/a.pdf", "filename": "a.pdf"},
                 {"type": "delay", "seconds": 5}, {"type": "remove_tag", "tags": ["vip", "old"]},
                 {"type": "webhook", "url": "https://example.com/hook", "method": "POST"},
                 {"type": "assign_agent", "assignedUserId": "1"}]},
)  # fmt: skip


@pytest.mark.parametrize("fields", ROUND, ids=str)
def test_what_an_automation_was_made_of_is_shown_as_it_was_written(sdk: Sdk, fields: dict[str, Any]) -> None:
    made = sdk.ask("POST", "/automation", {**RULE, "name": "Sdk round", "isActive": False, **fields})
    assert made.status == 201, made
    shown = sdk.ask("GET", f"/automation/{made.json['id']}").json
    sdk.ask("DELETE", f"/automation/{made.json['id']}")
    assert shown["conditions"].pop(0) == {"type": "not_group"}
    for name, value in fields.items():
        assert shown[name] == value, shown[name]


def test_what_automations_have_not_is_refused_by_its_name(native: JackfieldServer, sdk: Sdk) -> None:
    def action(**fields: Any) -> dict[str, Any]:
        return {"actions": [RULE["actions"][0], fields]}

    def condition(**fields: Any) -> dict[str, Any]:
        return {"conditions": [fields]}

    for fields, field in (
        ({"triggerType": "schedule"}, "triggerType"),
        ({"triggerConfig": {"keywords": []}}, "triggerConfig.keywords"),
        ({"triggerConfig": {"keywords": ["a"], "matchMode": "fuzzy"}}, "triggerConfig.matchMode"),
        ({"triggerConfig": {"keywords": ["a"], "language": "en"}}, "triggerConfig.language"),
        ({"triggerType": "regex", "triggerConfig": {"pattern": "(?=a)"}}, "triggerConfig"),
        ({"triggerType": "regex", "triggerConfig": {"pattern": "a", "flags": "y"}}, "triggerConfig.flags"),
        ({"triggerType": "message_type", "triggerConfig": {"types": ["reaction"]}}, "triggerConfig.types"),
        ({"triggerType": "message_type", "triggerConfig": {"types": ["smell"]}}, "triggerConfig.types"),
        (condition(type="is_group"), "conditions.0.type"),
        (condition(type="moon"), "conditions.0.type"),
        (condition(type="contact_tag", tags=["a", "b"]), "conditions.0.tags"),
        (condition(type="match_text", operator="endsWith", value="a"), "conditions.0.operator"),
        (condition(type="match_text", value="a", caseSensitive=True), "conditions.0.caseSensitive"),
        (condition(type="time_range", startHour=9, endHour=9), "conditions.0.endHour"),
        (condition(type="day_of_week", days=[7]), "conditions.0.days"),
        (action(type="ai_reply"), "actions.1.type"),
        (action(type="send_poll", question="?", options=["a"]), "actions.1.type"),
        (action(type="stop_processing"), "actions.1.type"),
        (action(type="reply", message="Hi {{time}}"), "actions.1.message"),
        (action(type="reply", message="Hi {name}"), "actions.1.message"),
        (action(type="reply", message=""), "actions.1.message"),
        (action(type="reply", message="Hi", simulateTyping=True), "actions.1.simulateTyping"),
        (action(type="send_image", url="a.jpg"), "actions.1.url"),
        (action(type="send_image", base64="aGk="), "actions.1.url"),
        (action(type="send_audio", url="https://example.com/a", ptt=True), "actions.1.ptt"),
        (action(type="webhook", url="https://example.com", method="GET"), "actions.1.method"),
        (action(type="delay", seconds=0), "actions.1.seconds"),
        ({"actions": []}, "actions"),
        ({"cooldownSecs": -1}, "cooldownSecs"),
        ({"maxTriggersPerDay": 0}, "maxTriggersPerDay"),
        ({"priority": 3}, "priority"),
    ):  # fmt: skip
        refused = sdk.ask("POST", "/automation", {**RULE, **fields})
        assert refused.status == 400, (fields, refused)
        assert list(refused.json["error"]["details"]) == [field], (fields, refused)
    assert sdk.ask("POST", "/automation", {**RULE, "profileId": "987654"}).status == 404
    # A rule of ours that does more is not shown as less, and not changed from here.
    ours = {"name": "Sdk menu", "trigger": {"type": "message"}, "steps": [{"type": "ask", "text": "What?"}]}
    made = native.api("POST", "/automations", json=ours).data["id"]
    for method, path in (("GET", ""), ("PUT", ""), ("PUT", "/toggle"), ("DELETE", ""), ("GET", "/stats")):
        answer = sdk.ask(
            method, f"/automation/{made}{path}", {"cooldownSecs": 1} if path == "" and method == "PUT" else None
        )
        assert (answer.status, answer.json["error"]["code"]) == (422, "UNSUPPORTED"), answer
    assert made not in [one["id"] for one in sdk.ask("GET", "/automation", query={"profileId": "1"}).json["data"]]
    native.api("DELETE", f"/automations/{made}")


def test_specified_auto_reply(native: JackfieldServer, sdk: Sdk) -> None:
    """ "Keywords that trigger this reply", "Cooldown in seconds per contact", "Response message"."""
    body = {"profileId": "1", "keywords": ["sdkhalo", "sdkhi"], "response": "Welcome {{name}}!"}
    made = sdk.ask("POST", "/autoreply", body)
    assert made.status == 201, made
    holds("autoreply", AUTOMATION, made.json)
    assert (made.json["name"], made.json["cooldownSecs"]) == ("Autoreply: sdkhalo, sdkhi...", 60)
    again = sdk.ask("POST", "/autoreply", {**body, "isActive": False, "privateOnly": True, "matchMode": "exact"})
    assert (again.status, again.json["isActive"]) == (201, False)
    listed = sdk.ask("GET", "/autoreply", query={"profileId": "1"}).json["data"]
    assert [one["id"] for one in listed] == [again.json["id"], made.json["id"]]
    answered(native, number(8080), "oh sdkHALO", "Welcome Asha!")
    place = f"/autoreply/{made.json['id']}"
    changed = sdk.ask(
        "PUT", place, {"keywords": ["sdkbye"], "matchMode": "startsWith", "response": "Bye", "cooldownSecs": 0}
    )
    assert changed.json["triggerConfig"] == {
        "keywords": ["sdkbye"], "matchMode": "startsWith", "caseSensitive": False
    }  # fmt: skip
    assert sdk.ask("GET", place).json["actions"][0]["message"] == "Bye"
    answered(native, number(8081), "sdkbyebye", "Bye")
    assert sdk.ask("PUT", f"{place}/toggle").json["isActive"] is False
    for wrong, field in (
        ({"privateOnly": False}, "privateOnly"),
        ({"matchMode": "endsWith"}, "matchMode"),
        ({"keywords": []}, "keywords"),
        ({"response": "Hi {{time}}"}, "response"),
        ({"delay": 3}, "delay"),
    ):
        refused = sdk.ask("POST", "/autoreply", {**body, **wrong})
        assert (refused.status, list(refused.json["error"]["details"])) == (400, [field]), refused
    for one in listed:
        assert sdk.ask("DELETE", f"/autoreply/{one['id']}").status == 200
    assert sdk.ask("GET", place).status == 404


def test_every_method_was_called(sdk: Sdk) -> None:
    """Runs last; with a part of the tests alone it has nothing to say."""
    all_called(sdk)
