"""The client's generated part: a method for each operation of the document, which asks what the document says."""

from __future__ import annotations

import json
import re
from typing import Any

from jackfield.client import Client
from jackfield.client._call import Call, Pages
from jackfield.client._names import ELSEWHERE, GROUPS, method_of

from .document import DOCUMENT, OPERATIONS, client_method


def example(operation: dict[str, Any]) -> dict[str, Any]:
    """The body that the document gives as an example."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return {}
    if "example" in content:
        return dict(content["example"])
    names = re.findall(r"#/components/schemas/(\w+)", json.dumps(content["schema"]))
    return dict(DOCUMENT["components"]["schemas"][names[0]].get("example", {}))


def test_every_operation_has_a_method() -> None:
    client = Client("http://127.0.0.1:1", "no key")
    lacking = []
    for _, _, operation in OPERATIONS:
        name = operation["operationId"]
        if name in ELSEWHERE:
            assert callable(getattr(client, ELSEWHERE[name]))
            continue
        group = getattr(client, GROUPS[operation["tags"][0]], None)
        if not callable(getattr(group, method_of(name), None)):
            lacking.append(name)
    assert lacking == []
    assert len(OPERATIONS) > 270


def test_every_method_asks_what_the_document_says() -> None:
    client = Client("http://127.0.0.1:1", "no key")
    wrong = []
    for method, path, operation in OPERATIONS:
        name = operation["operationId"]
        if name in ELSEWHERE:
            continue
        places = [f"{n}" for n, _ in enumerate(re.findall(r"\{\w+\}", path), 1)]
        form = "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
        body = example(operation)
        query = {one["name"]: "1" for one in operation.get("parameters", ()) if one["in"] == "query"}
        given = body if "requestBody" in operation else query
        made = client_method(client, operation)(*places, *([b"file"] if form else []), **given)
        asked = made._request
        wanted = path
        for place in places:
            wanted = re.sub(r"\{\w+\}", place, wanted, count=1)
        paged = re.search(r'Page"', json.dumps(operation["responses"])) is not None
        right = (
            (asked.method, asked.path) == (method, wanted)
            and isinstance(made, Pages if paged else Call)
            and (asked.file == b"file") is form
            and ("requestBody" not in operation or form or (asked.body or {}) == body)
            and ("requestBody" in operation or dict(asked.query) == query)
        )
        if not right:
            wrong.append((name, asked))
    assert wrong == []


def test_parts_of_a_path_are_quoted() -> None:
    client = Client("http://127.0.0.1:1", "no key")
    assert client.suppressions.remove_suppression("a/b?c")._request.path == "/suppressions/a%2Fb%3Fc"
