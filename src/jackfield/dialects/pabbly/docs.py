"""The dialect's documentation as markdown for language models, generated from the reference.

`/chatflow.md` is all of it; `/chatflow/{tag}/{endpoint}.md`, `/chatflow/{tag}/object.md` and
`/chatflow/guides/{slug}.md` are its parts. The same without `.md` gives markdown to `Accept: text/markdown`, and a
page to a browser.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from .._access import PUBLIC
from .context import BASE, Context
from .reference import TAGS, Entry, Param, entries

GUIDES = {
    "overview": (
        "Overview",
        """Send WhatsApp messages and templates, run broadcasts, and manage contacts and media. A program written for
Pabbly Chatflow works when its base URL is changed to `{base}`.

Requests with a body carry JSON (`Content-Type: application/json`). Successes carry `"status": "success"`,
`"success": true`, a `message` and `data`; failures `"success": false`, `error` for people and a stable `code`.

| Status | Meaning |
|---|---|
| 200 | Success |
| 400 | Parameters are missing or malformed, or the provider refused the message |
| 401 | The API key is missing or unknown |
| 403 | The API key may not do this |
| 404 | There is no such thing |
| 429 | Too much at once; `Retry-After` says when to try again |
| 5xx | Something is wrong here or at the provider; try again with back-off |

```json
{{"success": false, "status": "error", "error": "message is required.", "code": "VALIDATION_ERROR"}}
```""",
    ),
    "authentication": (
        "Authentication",
        """Send the API key of your workspace with every request:

```bash
curl {base}/messages -H "Authorization: Bearer $API_KEY"
```

One key opens every dialect of Jackfield. Make, rotate and revoke keys in the dashboard, or through the native API.
Messages go out through the key's own profile, else through the workspace's default one.""",
    ),
    "differences": (
        "What differs from the vendor",
        """- `POST /messages` waits for the provider's answer. When it takes too long, `metaResponse.messages[0]` has
  our id and `"message_status": "queued"`: the message is owed and will be sent.
- A message that the provider refuses is an error (400, 429 or 502) with the cause and what to do about it.
- `to` and `mobile` may be numbers or text. Lists and objects may also be given as JSON text.
- `interactiveType` decides how an interactive message is read; the vendor prints the tables of list and CTA URL under
  each other's heading.
- `Idempotency-Key` on `POST /messages` makes a repeat within 24 hours give the first answer.
- Ids are 24 hex digits: 8 of the creation time, 16 of a number.""",
    ),
}


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""

    def base(request: Request) -> str:
        return f"{context.origin(request)}{request.scope.get('root_path', '')}{BASE}"

    async def page(request: Request, path: str = "") -> Response:
        """A part of the documentation."""
        wanted = path.strip("/")
        plain = request.url.path.endswith(".md") or "text/markdown" in request.headers.get("accept", "")
        text = find(wanted.removesuffix(".md"), base(request))
        if text is None:
            raise HTTPException(404, "There is no such page; /chatflow.md lists them all.")
        vary = {"Vary": "Accept"}
        if plain:
            return Response(text, media_type="text/markdown; charset=utf-8", headers=vary)
        shown = f"<!doctype html><meta charset=utf-8><title>Pabbly Chatflow</title><pre>{html.escape(text)}</pre>"
        return Response(shown, media_type="text/html; charset=utf-8", headers=vary)

    for path in ("/chatflow", "/chatflow.md", "/chatflow/{path:path}"):
        app.get(path, include_in_schema=False, openapi_extra={PUBLIC: True})(page)


def find(path: str, base: str) -> str | None:
    """The page at this path ("" is all of it), or None."""
    if path == "":
        return full_reference(base)
    tag, _, slug = path.partition("/")
    if tag == "guides":
        return guide(slug, base) if slug in GUIDES else None
    if tag not in TAGS:
        return None
    mine = [one for one in entries() if one.tag == tag]
    if slug == "":
        return "\n\n".join([f"# {TAGS[tag][0]}", TAGS[tag][1], *(entry(one, base) for one in mine)]) + "\n"
    if slug == "object":
        return resource(tag, mine)
    return next((entry(one, base) + "\n" for one in mine if one.slug == slug), None)


def full_reference(base: str) -> str:
    """Everything."""
    parts = ["# Pabbly Chatflow on Jackfield", f"Base URL: `{base}`. Append `.md` to any page for markdown:"]
    parts.append("\n".join(f"- guides/{slug}" for slug in GUIDES))
    parts.append("\n".join(f"- {one.tag}/{one.slug}" for one in entries()))
    parts += [guide(slug, base) for slug in GUIDES]
    for tag, (title, about) in TAGS.items():
        parts += [f"# {title}", about, *(entry(one, base) for one in entries() if one.tag == tag)]
    return "\n\n".join(parts) + "\n"


def guide(slug: str, base: str) -> str:
    """A guide."""
    title, text = GUIDES[slug]
    return f"# {title}\n\n{text.format(base=base) if '{base}' in text else text}\n"


def entry(one: Entry, base: str) -> str:
    """One endpoint."""
    parts = [f"## {one.title}", f"`{one.method} {one.path}`", one.about]
    for title, params in (("Path", one.in_path), ("Query", one.query), ("Body", one.params)):
        if params:
            parts += [f"**{title} parameters**", table(params)]
    call = f'curl -X {one.method} "{base}{one.path}" \\\n  -H "Authorization: Bearer $API_KEY"'
    if one.request is not None:
        call += f" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{json.dumps(one.request)}'"
    parts += ["**Example request**", f"```bash\n{call}\n```"]
    if one.response is not None:
        parts += ["**Example response (200)**", f"```json\n{json.dumps(one.response, indent=2)}\n```"]
    return "\n\n".join(parts)


def table(params: Iterable[Param]) -> str:
    """Parameters as a table."""
    rows = [
        f"| `{one.name}` | {one.type.replace('|', 'or')} | {'yes' if one.required else 'no'} | {one.about} |"
        for one in params
    ]
    return "\n".join(["| Name | Type | Required | Description |", "|---|---|---|---|", *rows])


def resource(tag: str, mine: list[Entry]) -> str:
    """The object that a tag's endpoints answer with: the first one found in their examples."""
    found: object = None
    for one in mine:
        data = one.response.get("data") if isinstance(one.response, dict) else None
        if isinstance(data, dict):
            inner = next((value[0] for value in data.values() if isinstance(value, list) and value), None)
            found = inner if isinstance(inner, dict) and "input" not in inner else data
            if one.method == "GET":
                break
    rows = found if isinstance(found, dict) else {}
    kinds = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object", type(None): "null"}
    lines = [f"| `{key}` | {kinds.get(type(value), 'string')} |" for key, value in rows.items()]
    fields = "\n".join(["| Field | Type |", "|---|---|", *lines])
    example = f"```json\n{json.dumps(rows, indent=2)}\n```"
    return f"# {TAGS[tag][0]}: the object\n\n{TAGS[tag][1]}\n\n{fields}\n\n{example}\n"
