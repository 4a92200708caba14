"""The reference page of the native API, written from its OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from .._access import LOGIN, PUBLIC
from .errors import CODES, FILES

BASE = "http://localhost:3001/api"
STREAMS = ("/events",)
WIDTH = 120
_ORDER = ("get", "post", "put", "patch", "delete")


def example_of(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """An example of the operation's body; None where it takes none, "file" where it takes a file."""
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return "file"
    if "application/json" not in content:
        return None
    given = content["application/json"]
    if "example" in given:
        return given["example"]
    schema = given.get("schema", {})
    for place in (schema, *schema.get("anyOf", ())):
        if "$ref" in place:
            return document["components"]["schemas"][place["$ref"].rpartition("/")[2]].get("example", {})
    return {}


def path_of(path: str) -> str:
    """The path with an example id in each place."""
    path = path.replace("/newsletters/{id}", "/newsletters/120363000000000002@newsletter")
    for name, value in (("groupId", "120363000000000001@g.us"), ("address", "628123456789"), ("lid", "99628123456789")):
        path = path.replace("{" + name + "}", value)
    while "{" in path:
        head, _, rest = path.partition("{")
        path = head + "1" + rest.partition("}")[2]
    return path


def _query_of(operation: dict[str, Any]) -> str:
    """The query parameters that must be given, with their examples; empty when none must."""
    given = {
        one["name"]: one["schema"]["examples"][0]
        for one in operation.get("parameters", [])
        if one["in"] == "query" and one.get("required") and one["schema"].get("examples")
    }
    return f"?{urlencode(given)}" if given else ""


def curl(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    """The call as a curl line."""
    query = _query_of(operation)
    # A question mark means something to some shells.
    address = f'"{BASE}{path_of(path)}{query}"' if query else f"{BASE}{path_of(path)}"
    parts = ["curl" if method == "get" else f"curl -X {method.upper()}", address]
    if operation.get(LOGIN):
        parts.append('-H "Authorization: Bearer $TOKEN"')
    elif not operation.get(PUBLIC):
        parts.append('-H "X-API-Key: $KEY"')
    body = example_of(document, operation)
    if body == "file":
        parts.append("-F file=@contacts.csv")
    elif body is not None:
        parts.append('-H "Content-Type: application/json"')
        text = json.dumps(body, ensure_ascii=False)
        parts.append("-d '" + text.replace("'", "'\\''") + "'")
    return " \\\n  ".join(parts)


def python(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    """The call with the Python client, laid out as formatters lay it out. `person` is a client with a login's token."""
    client = "person" if operation.get(LOGIN) else "client"
    body = example_of(document, operation)
    parts = [_literal(path_of(path) + _query_of(operation))]
    if body == "file":
        parts.append('file="contacts.csv"')
    elif body is not None:
        parts.append(_literal(body))
    line = f"{client}.{method}({', '.join(parts)}).now()"
    if len(line) <= WIDTH:
        return line
    inside = "    " + ", ".join(parts)
    if len(inside) > WIDTH:
        inside = f"    {parts[0]},\n    {_spread(body, 4)},"
    return f"{client}.{method}(\n{inside}\n).now()"


def _literal(value: Any) -> str:
    """A value as Python writes it, with double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _spread(value: Any, indent: int, used: int = 0) -> str:
    """A literal in one line where it fits after `used` characters, else one part to a line."""
    line = _literal(value)
    if not isinstance(value, dict | list) or not value or indent + used + len(line) + 1 <= WIDTH:
        return line
    room = " " * (indent + 4)
    if isinstance(value, list):
        parts = [_spread(one, indent + 4) for one in value]
    else:
        keys = [_literal(key) + ": " for key in value]
        parts = [key + _spread(one, indent + 4, len(key)) for key, one in zip(keys, value.values(), strict=True)]
    opening, closing = ("[", "]") if isinstance(value, list) else ("{", "}")
    return opening + "".join(f"\n{room}{part}," for part in parts) + "\n" + " " * indent + closing


def markdown(document: dict[str, Any]) -> str:
    """The whole page."""
    return "\n".join(_lines(document)).rstrip() + "\n"


def _lines(document: dict[str, Any]) -> Iterator[str]:
    yield "# Native API: reference"
    yield ""
    yield "Written from the OpenAPI document, which the server shows at `/api/docs` and gives at `/api/openapi.json`."
    yield "What it means and how to begin is in [the native API's page](../dialects/native.md). `$KEY` is an API key and `$TOKEN`"
    yield "the token of a login; in Python, `client` is made with a key and `person` with such a token."
    yield ""
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, methods in document["paths"].items():
        for method in sorted(methods, key=_ORDER.index):
            operation = methods[method]
            by_tag.setdefault(operation.get("tags", ["Other"])[0], []).append((method, path, operation))
    yield "| group | calls |"
    yield "|---|---|"
    for tag, calls in by_tag.items():
        yield f"| [{tag}](#{tag.lower().replace(' ', '-')}) | {len(calls)} |"
    for tag, calls in by_tag.items():
        yield ""
        yield f"## {tag}"
        for method, path, operation in calls:
            yield ""
            yield f"### {operation['summary']}"
            yield ""
            yield f"`{method.upper()} /api{path}`"
            yield ""
            yield " ".join(operation.get("description", "").split())
            yield ""
            yield from _parameters(operation)
            yield from _fields(document, operation)
            yield "```sh"
            yield curl(document, method, path, operation)
            yield "```"
            if path not in STREAMS:
                yield "```python"
                yield python(document, method, path, operation)
                yield "```"
    yield ""
    yield from _errors()


def _parameters(operation: dict[str, Any]) -> Iterator[str]:
    shown = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    if not shown:
        return
    yield "| query | type | |"
    yield "|---|---|---|"
    for one in shown:
        yield f"| `{one['name']}` | {_type(one.get('schema', {}))} | {_cell(one.get('description', ''))} |"
    yield ""


def _fields(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((one.get("schema", {}) for one in content.values()), {})
    for place in (schema, *schema.get("anyOf", ())):
        if "$ref" in place:
            schema = document["components"]["schemas"][place["$ref"].rpartition("/")[2]]
            break
    fields = schema.get("properties", {})
    if not fields:
        return
    required = set(schema.get("required", ()))
    yield "| field | type | |"
    yield "|---|---|---|"
    for name, field in fields.items():
        mark = " (required)" if name in required else ""
        yield f"| `{name}` | {_type(field)}{mark} | {_cell(field.get('description', ''))} |"
    yield ""


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        names = [_type(one) for one in schema["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(names))
    if "$ref" in schema:
        return "object"
    if "enum" in schema:
        return " or ".join(f"`{one}`" for one in schema["enum"])
    if "contentMediaType" in schema or schema.get("format") == "binary":
        return "file"
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return kind


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _errors() -> Iterator[str]:
    yield "## Error codes"
    yield ""
    yield "Every failure is `{success: false, error: {code, message, details?}, message, meta}`. Codes are stable; messages"
    yield "are for people. What a *message* failed with (`error` of a message) is in the [error book](../error-book.md)."
    yield ""
    yield "| code | HTTP | meaning |"
    yield "|---|---|---|"
    for code, (status, text) in sorted(CODES.items(), key=lambda item: (item[1][0], item[0])):
        yield f"| `{code}` | {status} | {text} |"
    yield ""
    yield "Contact files that cannot be read as a whole answer 400 with one of these:"
    yield ""
    yield "| code | meaning |"
    yield "|---|---|"
    for code, text in FILES.items():
        yield f"| `{code}` | {text} |"
