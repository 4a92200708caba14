"""Answers held against the OpenAPI document that the server gives of itself."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs

from jackfield.testing.server import Answer, JackfieldServer


class Document:
    """The document, and a check of each answer: what it says of an operation must hold for what the operation says."""

    def __init__(self, whole: dict[str, Any]) -> None:
        self.whole = whole
        self.seen: set[tuple[str, str]] = set()
        self._validators: dict[str, Any] = {}
        self._paths = [
            (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path)
            for path in sorted(whole["paths"], key=lambda path: path.count("{"))
        ]

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        """The operation of a request, with its path as the document has it."""
        for pattern, name in self._paths:
            if pattern.fullmatch(path):
                found = self.whole["paths"][name].get(method.lower())
                if found is not None:
                    return name, found
        return None

    def check(self, method: str, path: str, answer: Answer) -> None:
        """Raises AssertionError for an answer that is not what the document says."""
        found = self.operation(method, path)
        if found is None:
            return
        name, operation = found
        answers = operation["responses"]
        good = answer.status < 400
        said = answers.get(str(answer.status)) or (None if good else answers[f"{answer.status // 100}XX"])
        assert said is not None, f"{method} {name}: {answer.status} is not documented"
        kind = answer.headers.get("content-type", answer.headers.get("Content-Type", "")).partition(";")[0]
        content = said.get("content", {})
        if kind != "application/json":
            assert kind in content or "application/octet-stream" in content, (
                f"{method} {name}: {kind} is not documented"
            )
            return
        schema = content["application/json"]["schema"]
        key = str(schema)
        if key not in self._validators:
            whole = {**schema, "components": self.whole["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        wrong = [
            f"{list(one.instance_path)}: {one.message[:300]}" for one in self._validators[key].iter_errors(answer.json)
        ]
        assert wrong == [], f"{method} {name}: {wrong}"
        if good:
            self.seen.add((method.lower(), name))


def hold(server: JackfieldServer) -> Document:
    """Hold every answer of the native API, from now on, against the document."""
    document = Document(server.request("GET", "/api/openapi.json").json)
    plain = server.request

    def request(method: str, path: str, **options: Any) -> Answer:
        answer = plain(method, path, **options)
        where = path.partition("?")[0].removeprefix("/api/v1").removeprefix("/api")
        if path.startswith("/api") and method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            document.check(method, where.rstrip("/"), answer)
        return answer

    server.request = request  # type: ignore[method-assign]
    return document
