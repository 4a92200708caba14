"""Answers held against the OpenAPI document that a dialect gives of itself."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs

from jackfield.testing.server import Answer, JackfieldServer


class Document:
    """The document, and a check of each answer: what it says of an operation must hold for what the operation says.

    `exact`: an answer may have no field that the document does not name.
    """

    def __init__(self, whole: dict[str, Any], *, exact: bool = False) -> None:
        self.whole = _closed(whole) if exact else whole
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
            # There is no such operation: what is refused has the shape of every failure.
            if answer.status >= 400 and "json" in answer.headers.get("content-type", ""):
                self._holds({"$ref": "#/components/schemas/Failure"}, answer, f"{method} {path}")
            return
        name, operation = found
        answers = operation["responses"]
        good = answer.status < 400
        said = answers.get(str(answer.status)) or (None if good else answers[f"{answer.status // 100}XX"])
        assert said is not None, f"{method} {name}: {answer.status} is not documented"
        kind = answer.headers.get("content-type", "").partition(";")[0]
        content = said.get("content", {})
        if kind != "application/json":
            assert kind in content or "application/octet-stream" in content or not answer.body, (
                f"{method} {name}: {kind} is not documented"
            )
            self.seen.add((method.lower(), name))
            return
        self._holds(content["application/json"]["schema"], answer, f"{method} {name}")
        if good:
            self.seen.add((method.lower(), name))

    def _holds(self, schema: dict[str, Any], answer: Answer, what: str) -> None:
        key = str(schema)
        if key not in self._validators:
            whole = {**schema, "components": self.whole["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        wrong = [
            f"{list(one.instance_path)}: {one.message[:300]}" for one in self._validators[key].iter_errors(answer.json)
        ]
        assert wrong == [], f"{what}: {wrong}"


def _closed(part: Any) -> Any:
    """The same schemas, whose objects have the named fields and no others."""
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {name: _closed(one) for name, one in part.items()}
    if isinstance(part.get("properties"), dict) and part.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


LANGUAGE = re.compile(r"^/auth/[^/]+/(?=api/|client/)")
"""Chatly's paths may name a language."""


_given: dict[str, dict[str, Any]] = {}
"""Documents by their prefix. Every server gives the same, and making the native one costs 3 s of CPU."""


def hold(server: JackfieldServer, *prefixes: str, exact: bool = True) -> Document:
    """Hold every answer of a dialect, from now on, against its document. The first of the prefixes gives it."""
    if prefixes[0] not in _given:
        _given[prefixes[0]] = server.request("GET", f"{prefixes[0]}/openapi.json").json
    document = Document(_given[prefixes[0]], exact=exact)
    plain = server.request

    def request(method: str, path: str, **options: Any) -> Answer:
        answer = plain(method, path, **options)
        prefix = next((one for one in prefixes if path.startswith(one + "/")), None)
        if prefix is not None and method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            where = LANGUAGE.sub("/auth/", path.partition("?")[0].removeprefix(prefix))
            document.check(method, where.rstrip("/"), answer)
        return answer

    server.request = request  # type: ignore[method-assign]
    return document
