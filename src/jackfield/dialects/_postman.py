"""A dialect's OpenAPI document as a collection of requests that people try by hand, in Postman's format (v2.1), which Bruno
and others read too. Made when somebody asks for it: nothing of it is kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ._strict import JSON

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
FORM = "multipart/form-data"
KEY, TOKEN = "{{apiKey}}", "{{token}}"
"""Variables of the collection: an API key, and the token of a login."""
BEARER = "Authorization"


def collection(document: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    """Every operation as a request, in a folder for each tag, with the document's examples. Fill in the variable `apiKey`, and
    `token` for what a login is asked for."""
    folders: dict[str, list[dict[str, Any]]] = {}
    proofs: Counter[str] = Counter()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for item in _items(document, method, path, operation):
                folders.setdefault(operation.get("tags", ["Other"])[0], []).append(item)
                proofs[json.dumps(item["request"]["auth"])] += 1
    # What most requests prove themselves with stands once, and is inherited.
    usual = json.loads(proofs.most_common(1)[0][0])
    for items in folders.values():
        for item in items:
            if item["request"]["auth"] == usual:
                del item["request"]["auth"]
    info = document["info"]
    return {
        "info": {
            "name": info["title"],
            "description": info.get("description", ""),
            "version": info["version"],
            "schema": SCHEMA,
        },
        "item": [{"name": name, "item": items} for name, items in folders.items()],
        "auth": usual,
        "variable": [
            {"key": "baseUrl", "value": base_url, "type": "string"},
            {"key": "apiKey", "value": "", "type": "string"},
            {"key": "token", "value": "", "type": "string"},
        ],
    }


def _items(
    document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """The requests of an operation: one, or one for each example of its body that has a name."""
    auth, headers = _proof(document, operation)
    content = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(content), None)
    bodies: list[tuple[str, Any]] = [("", None)]
    if kind is not None:
        examples = content[kind].get("examples", {})
        bodies = [(one.get("summary", name), one["value"]) for name, one in examples.items()] or [
            ("", content[kind].get("example", _schema(document, content[kind]).get("example", {})))
        ]
    for number, (name, example) in enumerate(bodies):
        request: dict[str, Any] = {
            "method": method.upper(),
            "description": operation.get("description", ""),
            "url": _url(path, operation),
            "header": list(headers),
            "auth": auth,
        }
        if kind == FORM:
            fields = _schema(document, content[kind]).get("properties", {})
            request["body"] = {"mode": "formdata", "formdata": list(_form(fields, example))}
        elif kind is not None:
            request["header"].append({"key": "Content-Type", "value": JSON})
            raw = json.dumps(example, indent=2, ensure_ascii=False)
            request["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
        title = operation.get("summary", operation["operationId"])
        yield {
            "id": operation["operationId"] + (f"-{number + 1}" if number else ""),
            "name": f"{title}: {name}" if name else title,
            "request": request,
            "response": [],
        }


def _schema(document: Mapping[str, Any], content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a body; of several that it may have, the first."""
    schema: Mapping[str, Any] = content.get("schema", {})
    for place in (schema, *schema.get("anyOf", ())):
        if "$ref" in place:
            found: Mapping[str, Any] = document["components"]["schemas"][place["$ref"].rpartition("/")[2]]
            return found
    return schema


def _form(fields: Mapping[str, Mapping[str, Any]], example: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The fields of a form; what has no example is there and switched off, files apart."""
    for name, field in fields.items():
        said = field.get("description", "")
        if field.get("format") == "binary" or "contentMediaType" in field:
            yield {"key": name, "type": "file", "src": None, "description": said}
        else:
            value = example.get(name)
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            part = {"key": name, "type": "text", "value": "" if value is None else shown, "description": said}
            yield part if value is not None else {**part, "disabled": True}


def _url(path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    """The address: parts of the path as variables, query parameters switched off unless they must be given."""
    segments = [f":{one[1:-1]}" if one.startswith("{") else one for one in path.strip("/").split("/")]
    url: dict[str, Any] = {"raw": "{{baseUrl}}/" + "/".join(segments), "host": ["{{baseUrl}}"], "path": segments}
    query, variables = [], []
    for one in operation.get("parameters", ()):
        examples = one.get("schema", {}).get("examples") or [""]
        part = {"key": one["name"], "value": str(examples[0]), "description": one.get("description", "")}
        if one["in"] == "path":
            variables.append({**part, "value": part["value"] or "1"})
        elif one["in"] == "query":
            query.append(part if one.get("required") else {**part, "disabled": True})
    given = "&".join(f"{one['key']}={one['value']}" for one in query if "disabled" not in one)
    if query:
        url |= {"raw": url["raw"] + (f"?{given}" if given else ""), "query": query}
    return url | ({"variable": variables} if variables else {})


def _proof(document: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """How a request proves who sends it, by the first way that needs no cookie; and the header for a second proof."""
    schemes = document["components"]["securitySchemes"]
    ways = [list(way) for way in operation.get("security", ()) if not any(_is_cookie(schemes[one]) for one in way)]
    if not ways:
        return {"type": "noauth"}, []
    keys = [one for one in ways[0] if schemes[one]["type"] == "apiKey"]
    logins = [one for one in ways[0] if schemes[one]["type"] == "http"]
    # A bearer is a key where a key alone would do as well, else the token of a login.
    bearer = KEY if any(len(way) == 1 and schemes[way[0]]["type"] == "apiKey" for way in ways) else TOKEN
    if not keys:
        return {"type": "bearer", "bearer": [_field("token", bearer)]}, []
    named = [_field("key", schemes[keys[0]]["name"]), _field("value", KEY), _field("in", "header")]
    return {"type": "apikey", "apikey": named}, [
        {"key": BEARER, "value": f"Bearer {TOKEN}", "description": "The token of a login."} for _ in logins
    ]


def _is_cookie(scheme: Mapping[str, Any]) -> bool:
    return scheme.get("in") == "cookie"


def _field(key: str, value: str) -> dict[str, str]:
    return {"key": key, "value": value, "type": "string"}
