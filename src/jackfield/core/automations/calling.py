"""Calls of customers' programs, and what is read from their answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ..egress import EgressError, SafeClient

TIMEOUT_S: Final = 10.0
MAX_ANSWER: Final = 65_536
MAX_VALUE: Final = 4096
"""Characters of a variable."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call that a run waits for. `visit` makes it unique in the run: a call that is made again has the same."""

    run_id: int
    visit: int
    url: str
    body: bytes
    variables: dict[str, str]

    def __repr__(self) -> str:
        """Without the body and the URL, which may hold a secret."""
        return f"Call(run_id={self.run_id}, visit={self.visit})"


async def answer_to(client: SafeClient, call: Call) -> dict[str, Any]:
    """What came of a call: `variables` read from its answer, or `error`, in a word, when there was none that counts."""
    headers = {
        "Content-Type": "application/json",
        "webhook-id": f"automation-{call.run_id}-{call.visit}",
    }
    try:
        answer = await client.post(call.url, call.body, headers, timeout=TIMEOUT_S, max_answer=MAX_ANSWER)
    except EgressError as error:
        return {"error": f"call_{error.kind}"}
    except ValueError:
        return {"error": "call_blocked"}
    if not 200 <= answer.status < 300:
        return {"error": f"http_{answer.status}"}
    if not call.variables:
        return {"variables": {}}
    try:
        data = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        return {"error": "no_json"}
    return {"variables": mapped(data, call.variables)}


def mapped(data: Any, paths: Mapping[str, str]) -> dict[str, str]:
    """Variables read from JSON by their paths, as text; what is not there is left out."""
    found = {}
    for name, path in paths.items():
        value = at(data, path)
        if value is not None:
            found[name] = value
    return found


def at(data: Any, path: str) -> str | None:
    """What is at a path such as `order.items.0.title`, as text; None for nothing, an object or a list."""
    for part in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, float) and data.is_integer():
        return str(int(data))
    if isinstance(data, str | int | float):
        return str(data).replace("\x00", "")[:MAX_VALUE]
    return None
