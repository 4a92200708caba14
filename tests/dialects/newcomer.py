"""A fresh workspace on a server that others use too, for the lives of the vendors' customers.

What a vendor's document does in the vendor's own pages (templates, tags, custom fields, lists, the connected number) is done
here; all the rest a life does by the dialect itself.
"""

from __future__ import annotations

from typing import Any

from jackfield.testing.server import JackfieldServer, until

PASSWORD = "correct horse battery"


class Newcomer:
    """A workspace with one connected number, unless `number` is False; `key` is its first API key, `email` its owner's."""

    def __init__(self, server: JackfieldServer, name: str, *, number: bool = True, timezone: str = "UTC") -> None:
        self.server = server
        self.email = f"{name.lower()}-newcomer@example.com"
        body = {"name": name, "ownerEmail": self.email, "ownerPassword": PASSWORD, "timezone": timezone}
        self.key: str = server.api("POST", "/workspaces", json=body).data["apiKey"]
        self.profile = ""
        if number:
            self.profile = self.number()
            until(lambda: len(self.native("GET", "/templates?limit=200")) >= 16, what="templates are read")

    def native(self, method: str, path: str, json: Any = None) -> Any:
        """What the vendor's own pages do."""
        return self.server.api(method, path, key=self.key, json=json).data

    def number(self) -> str:
        """A number, connected by its phone."""
        made: str = self.native("POST", "/profiles", {"name": "Number", "engine": "simulator"})["id"]
        self.native("POST", f"/profiles/{made}/connect")
        self.scan(made)
        until(lambda: self.native("GET", f"/profiles/{made}/status")["connected"], what="the number is connected")
        return made

    def scan(self, profile: str) -> None:
        """The phone scans the code."""
        assert self.server.request("POST", f"/simulator/{profile}/scan").status == 200

    def settings(
        self, *, tags: tuple[str, ...] = (), attributes: tuple[str, ...] = (), lists: tuple[str, ...] = ()
    ) -> None:
        """Names that the documents want to exist."""
        for path, names in (("/tags", tags), ("/attributes", attributes), ("/lists", lists)):
            for name in names:
                self.native("POST", path, {"name": name})

    def template(self, name: str, components: list[dict[str, Any]], category: str = "MARKETING") -> None:
        """An approved template of this workspace's own."""
        body = {
            "profileId": self.profile,
            "name": name,
            "language": "en",
            "category": category,
            "components": components,
        }
        made = self.native("POST", "/templates", body)["id"]
        until(
            lambda: self.native("GET", f"/templates/{made}")["status"].lower() == "approved", what=f"{name} is approved"
        )

    def incoming(self, sender: str, **content: Any) -> None:
        """Somebody writes to the number."""
        body = {"from": sender, **content}
        assert self.server.request("POST", f"/simulator/{self.profile}/inbound", json=body).status == 200

    def outbox(self, to: str, profile: str | None = None) -> list[dict[str, Any]]:
        """The contents that the network took for somebody, oldest first."""
        return [row["content"] for row in self.server.outbox(profile or self.profile) if row["to"] == to]
