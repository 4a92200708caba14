"""Calls of an OpenAI-compatible endpoint (`POST {base}/chat/completions`), and what came of them in a word."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from ..egress import EgressError, SafeClient
from .views import AiTest

MAX_ANSWER: Final = 262_144
"""Bytes of an answer that are read."""
CHARACTERS_PER_TOKEN: Final = 4
"""By what tokens are reckoned where the endpoint does not tell them."""
TRANSIENT: Final = frozenset({"timeout", "connect", "busy", "server_error", "broken"})
"""Errors after which the same call may do better later."""

_WORDS: Final = {
    "not_set": "No endpoint is set.",
    "blocked": "The address may not be called: {detail}",
    "connect": "There is no connection: {detail}",
    "timeout": "There was no answer in time: {detail}",
    "broken": "The connection broke: {detail}",
    "key": "The endpoint refused the key (HTTP {detail}).",
    "not_found": "The endpoint knows no such model or address (HTTP 404). Check the model's name, and that the address ends"
                 " where /chat/completions follows, as in https://api.example.com/v1.",
    "busy": "The endpoint has no room now, or the account's limit is used up (HTTP 429).",
    "server_error": "The endpoint failed (HTTP {detail}).",
    "refused": "The endpoint refused the request (HTTP {detail}). Where it does not know JSON mode, switch that off.",
    "no_json": "The answer is not what an OpenAI-compatible endpoint says. Check the address.",
    "cut_off": "The answer was cut off: the limit of tokens is too low for this model.",
}  # fmt: skip


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to ask, and how."""

    base_url: str
    api_key: str | None
    model: str
    timeout_seconds: int
    max_tokens: int
    json_mode: bool

    def __repr__(self) -> str:
        """Without the key, and the address, which may hold one."""
        return f"Target(model={self.model!r})"


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a call: what the model said, or an `error` in a word with some `detail`; and the tokens it took."""

    content: str | None = None
    error: str | None = None
    detail: str = ""
    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def message(self) -> str:
        """The error in a sentence."""
        return "" if self.error is None else _WORDS[self.error].format(detail=self.detail)

    def __repr__(self) -> str:
        """Without what was said."""
        return f"Completion(error={self.error!r})"


async def complete(client: SafeClient, target: Target, messages: Sequence[dict[str, str]]) -> Completion:
    """Ask once. The answer's text is not judged here."""
    body: dict[str, Any] = {"model": target.model, "messages": [*messages], "stream": False}
    if target.json_mode:
        body["response_format"] = {"type": "json_object"}
    done = await _ask(client, target, {**body, "max_tokens": target.max_tokens})
    if done.error == "refused" and done.detail.endswith("max_completion_tokens"):
        # Newer models of OpenAI's own know the limit under this name alone.
        done = await _ask(client, target, {**body, "max_completion_tokens": target.max_tokens})
    if done.content is not None and not (done.tokens_in or done.tokens_out):
        said = sum(len(one["content"]) for one in messages)
        done = msgspec.structs.replace(
            done, tokens_in=said // CHARACTERS_PER_TOKEN, tokens_out=len(done.content) // CHARACTERS_PER_TOKEN
        )
    return done


async def _ask(client: SafeClient, target: Target, body: dict[str, Any]) -> Completion:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if target.api_key:
        headers["Authorization"] = f"Bearer {target.api_key}"
    try:
        answer = await client.post(
            f"{target.base_url}/chat/completions",
            msgspec.json.encode(body),
            headers,
            timeout=float(target.timeout_seconds),
            max_answer=MAX_ANSWER,
        )
    except EgressError as error:
        return Completion(error=error.kind, detail=error.message)
    except ValueError:
        return Completion(error="blocked", detail="the URL is not usable")
    if answer.status in (401, 403):
        return Completion(error="key", detail=str(answer.status))
    if answer.status == 404:
        return Completion(error="not_found")
    if answer.status == 429:
        return Completion(error="busy")
    if answer.status >= 500:
        return Completion(error="server_error", detail=str(answer.status))
    if not 200 <= answer.status < 300:
        # Of the answer's own words nothing is kept: they may repeat what was asked.
        named = " max_completion_tokens" if b"max_completion_tokens" in answer.body and "max_tokens" in body else ""
        if answer.status == 400 and b"model" in answer.body and b"not" in answer.body and not named:
            unknown = (
                b"model_not_found" in answer.body or b"does not exist" in answer.body or b"not found" in answer.body
            )
            if unknown:
                return Completion(error="not_found")
        return Completion(error="refused", detail=f"{answer.status}{named}")
    return _read(answer.body)


def _read(body: bytes) -> Completion:
    try:
        data = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return Completion(error="no_json")
    choices = data.get("choices") if isinstance(data, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else None
    message = choice.get("message") if choice is not None else None
    if choice is None or not isinstance(message, dict):
        return Completion(error="no_json")
    found = data.get("usage")
    usage: dict[str, Any] = found if isinstance(found, dict) else {}
    taken, given = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if choice.get("finish_reason") == "length":
        return Completion(error="cut_off", tokens_in=taken, tokens_out=given)
    content = message.get("content")
    said = content if isinstance(content, str) else ""
    return Completion(content=said, tokens_in=taken, tokens_out=given)


def _count(value: Any) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40
    return int(value) if is_count else 0


async def try_out(client: SafeClient, target: Target) -> AiTest:
    """Ask for one small object, and say plainly what came of it."""
    begun = time.monotonic()
    asked = [
        {"role": "system", "content": 'Reply with the JSON object {"ok": true} and nothing else.'},
        {"role": "user", "content": "This is a test of the connection. Reply in JSON."},
    ]
    done = await complete(client, target, asked)
    took = int((time.monotonic() - begun) * 1000)
    return AiTest(
        ok=done.error is None,
        error=done.error,
        message=done.message if done.error is not None else "The endpoint answers.",
        milliseconds=took,
        tokens_in=done.tokens_in,
        tokens_out=done.tokens_out,
    )
