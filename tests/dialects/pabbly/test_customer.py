"""The life of a Pabbly customer in a fresh workspace, written from the documentation alone, in its order and words."""

from __future__ import annotations

from typing import Any

from jackfield.testing.server import Answer, until

from .conftest import BASE, Client


class Customer:
    """Who has nothing but an API key and the documentation."""

    def __init__(self, client: Client, key: str) -> None:
        self._server = client.server
        self._key = key

    def call(self, method: str, path: str, json: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {self._key}"}
        return self._server.request(method, BASE + path, json=json, headers=headers)

    def native(self, method: str, path: str, json: Any = None) -> Any:
        """What the documentation does in the vendor's own pages: Settings, and connecting a number."""
        return self._server.request(method, f"/api{path}", json=json, headers={"X-API-Key": self._key}).data

    def ok(self, method: str, path: str, json: Any = None) -> Any:
        answer = self.call(method, path, json)
        assert answer.status in (200, 201), answer
        return answer.json["data"]


def fresh(client: Client) -> Customer:
    body = {"name": "Customer", "ownerEmail": "pabbly-customer@example.com", "ownerPassword": "correct horse battery"}
    customer = Customer(client, client.server.api("POST", "/workspaces", json=body).data["apiKey"])
    profile = customer.native("POST", "/profiles", {"name": "Number", "engine": "simulator"})["id"]
    customer.native("POST", f"/profiles/{profile}/connect")
    headers = {"X-API-Key": client.server.key}
    client.server.request("POST", f"/simulator/{profile}/scan", headers=headers)
    until(lambda: customer.native("GET", f"/profiles/{profile}/status")["connected"], what="the number is connected")
    until(lambda: customer.ok("GET", "/templates")["pagination"]["totalTemplates"] >= 12, what="templates are read")
    for tag in ("indian", "vegetarian", "engineer"):
        customer.native("POST", "/tags", {"name": tag})
    customer.native("POST", "/attributes", {"name": "city"})
    customer.native("POST", "/lists", {"name": "sups"})
    return customer


def test_the_life_of_a_customer_from_the_documentation(client: Client) -> None:
    customer = fresh(client)
    assert customer.call("GET", "/messages").status == 200

    # Contacts: "Ensure these tags exist in Settings".
    alex = {
        "onDuplicate": "skip",
        "mobile": "917697000001",
        "name": "Alex cron",
        "optin": "true",
        "incomingBlocked": "false",
        "tags": ["indian", "vegetarian", "engineer"],
        "attributes": [{"name": "city", "value": "bhopal"}],
        "list": ["sups"],
    }
    assert customer.call("POST", "/contacts", {**alex, "tags": ["unheard of"]}).status == 400
    made = customer.call("POST", "/contacts", alex).json
    assert (made["status"], made["message"]) == ("success", "1 contact saved successfully")
    (contact,) = made["data"]["createdContacts"]
    assert (made["data"]["failedCount"], contact["list"], contact["optin"]) == (0, ["all", "sups"], True)
    assert customer.call("POST", "/contacts", alex).json["data"]["failedCount"] == 1
    (found,) = customer.ok("GET", "/contacts/?attributes[0][name]=city&attributes[0][value]=bhopal")["contacts"]
    path = f"/contacts/{found['_id']}"
    changed = customer.call("PUT", path, {"tagsToRemove": ["engineer"], "attributes": [{"name": "city", "value": ""}]})
    assert changed.json["message"] == "Contact updated successfully"
    assert (sorted(changed.json["data"]["tags"]), changed.json["data"]["attributes"]) == (["indian", "vegetarian"], [])
    assert customer.ok("GET", path)["__v"] > 0
    assert [one["name"] for one in customer.ok("GET", "/contacts/lists")["lists"]] == ["sups"]
    assert customer.ok("GET", "/settings/tags")["total"] == 3

    # Templates: by name, with the fields to fill in.
    shown = customer.ok("GET", "/templates/interactive_marketing")
    assert [one["key"] for one in shown["customFields"]["bodyParams"]] == ["{{1}}", "{{2}}", "{{3}}", "{{4}}"]
    assert customer.ok("GET", "/templates?limit=10&page=1")["pagination"]["hasNextPage"] is True

    # Messages: "Parameter {{1}} will be replaced in the template with the given value".
    template = {
        "to": 917697000001,
        "type": "template",
        "templateName": "marketing_template",
        "headerParams": ["Alex"],
        "bodyParams": ["today"],
        "contact": {"name": "Alex Cron"},
    }
    sent = customer.call("POST", "/messages", template).json
    assert (sent["status"], sent["message"], sent["data"]["to"]) == ("success", "Message sent", "917697000001")
    assert sent["data"]["metaResponse"]["messages"][0]["id"].startswith("wamid.")
    assert customer.ok("GET", path)["name"] == "Alex Cron"
    wrong = customer.call("POST", "/messages", {**template, "templateName": "no_such_template"})
    assert (wrong.status, wrong.json["success"], bool(wrong.json["error"])) == (404, False, True)

    # Broadcasts: to a list, to who is in none, and an API campaign.
    regular = {
        "name": "product_feedback",
        "broadcastType": "broadcast",
        "messageType": "regular",
        "status": "instant",
        "contactList": ["sups", "unassigned"],
        "regularMessageType": "text",
        "message": "Hi $Name, we value your feedback.",
    }
    broadcast = customer.ok("POST", "/broadcasts", regular)
    assert until(lambda: customer.ok("GET", path)["broadcastIds"], what="the broadcast arrives") == [broadcast["_id"]]
    api = {"name": "summer_campaign", "broadcastType": "api", "templateName": "marketing_template"}
    assert customer.ok("POST", "/broadcasts", api)["status"] == "live"
    one = {
        "templateName": "marketing_template",
        "campaignName": "summer_campaign",
        "destination": "917697000002",
        "userName": "John",
        "source": "api",
        "headerParams": ["$Name"],
        "bodyParams": ["$Country"],
        "defaultContactFieldValues": {"Country": "India"},
    }
    triggered = customer.call("POST", "/broadcasts/send", one).json
    assert (triggered["success"], triggered["data"]["code"]) == ("true", 200)
    assert [row["name"] for row in customer.ok("GET", "/contacts/?mobile=917697000002")["contacts"]] == ["John"]
