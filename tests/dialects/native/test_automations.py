"""Automations over HTTP: made, tried, played by a person, and told in messages and figures."""

from __future__ import annotations

import json

from jackfield.testing.server import JackfieldServer, until

from .conftest import number

RULE = {
    "kind": "rule",
    "trigger": {"type": "message", "match": "exact", "words": ["automation test"]},
    "steps": [{"type": "send", "text": "Hello from a rule"}],
}


def test_an_automation_from_its_draft_to_its_figures(native: JackfieldServer) -> None:
    api, peer = native.api, number(640)
    tried = api("POST", "/automations/test", json={**RULE, "text": "Automation test!"}).data
    assert (tried["matches"], [one["text"] for one in tried["steps"]]) == (True, ["Hello from a rule"])
    made = api("POST", "/automations", json={"name": "HTTP", "enabled": True, **RULE})
    assert made.status == 201
    id_ = made.data["id"]
    assert made.data["steps"][0]["id"] == "s1"
    twice = api("POST", "/automations", json={"name": "http", **RULE})
    assert (twice.status, twice.json["error"]["code"]) == (409, "AUTOMATION_EXISTS")
    wrong = api("PATCH", f"/automations/{id_}", json={"steps": [{"type": "send", "text": "x", "next": "nowhere"}]})
    assert wrong.json["error"]["details"] == {"steps.0.next": ["There is no step 'nowhere'."]}

    def answered() -> str | None:
        # Written again until it is read: the automation is read by a worker that may look a moment later.
        sent = api("GET", f"/automations/{id_}/runs").data
        return sent[0]["contactId"] if sent and sent[0]["state"] == "done" else None

    native.request("POST", "/simulator/1/inbound", json={"from": peer, "text": "automation test"})
    contact = until(answered)
    assert contact
    sent = [one for one in api("GET", f"/messages?to={peer}").data if one["direction"] == "out"]
    assert [(one["automationId"], one["automationStep"], one["source"]) for one in sent] == [(id_, "s1", "automation")]
    figures = api("GET", f"/automations/{id_}/statistics").data
    assert figures["runs"]["done"] == 1
    started = api("POST", f"/automations/{id_}/start", json={"contactId": contact})
    assert started.status == 201
    past = api("POST", f"/automations/{id_}/test", json={"days": 1}).data["past"]
    assert past["matched"] >= 1
    off = api("POST", f"/automations/{id_}/disable").data
    assert off["enabled"] is False
    refused = api("POST", f"/automations/{id_}/start", json={"contactId": contact})
    assert (refused.status, refused.json["error"]["code"]) == (409, "AUTOMATION_OFF")
    assert api("GET", f"/automations/{id_}/versions").data[0]["version"] == 1
    assert api("DELETE", f"/automations/{id_}").data["deleted"] is True


def test_a_program_starts_one_by_its_secret_address(native: JackfieldServer) -> None:
    hook = {"trigger": {"type": "webhook", "variables": {"item": "cart.item"}}, "steps": [{"type": "end"}]}
    made = native.api("POST", "/automations", json={"name": "Hook", "enabled": True, **hook}).data
    path = made["hookUrl"].removeprefix(native.url)
    assert path.startswith("/api/automations/hooks/")
    body = json.dumps({"phone": f"+{number(641)}", "cart": {"item": "Mug"}}).encode()
    taken = native.request("POST", path, body=body, headers={"X-API-Key": "", "Content-Type": "application/json"})
    assert taken.status == 202
    assert taken.json["data"]["runId"]
    nobody = native.request("POST", path[:-3] + "abc", body=body, headers={"Content-Type": "application/json"})
    assert nobody.status == 404
    recipes = native.api("GET", "/automations/recipes").data
    assert len(recipes) == 9
    # Each step can be pointed at: an editor needs no rules of its own for what a document leaves out.
    assert all(step["id"] for recipe in recipes for step in recipe["steps"])
    assert native.api("GET", "/automations/schema").data["$defs"]
