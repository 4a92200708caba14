"""Requests with retries: what may pass is tried again, what might be done twice is not."""

from __future__ import annotations

import asyncio
import random
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import msgspec

from ._call import Request
from ._errors import ApiError, ConnectionFailed

REPEATABLE: Final = re.compile(
    r"/(messages(/[a-z]+)?|messages/\d+/reply|chats/\d+/messages|schedules|bulk/send|contacts|webhooks|campaigns|profiles)$"
)
"""Addresses whose POST heeds an Idempotency-Key, so that a repeat has the first answer and no second effect."""
NOT_DONE: Final = frozenset({429, 503})
"""Answers that say that nothing was done."""
PASSING: Final = frozenset({502, 504})
"""Answers that may pass, after which it is not known whether anything was done."""


class Answer:
    """A success."""

    def __init__(self, body: bytes, kind: str) -> None:
        self.body = body
        self._json = kind.startswith("application/json")
        self.meta: dict[str, Any] = msgspec.json.decode(body).get("meta", {}) if self._json else {}

    def data(self, type_: Any) -> Any:
        """`data` of the envelope as this type; a file's bytes as they are."""
        if not self._json or type_ is bytes:
            return self.body
        return msgspec.convert(msgspec.json.decode(self.body)["data"], type=type_)


class Http:
    """One server, one key. `attempts` in all, `timeout` of each in seconds."""

    def __init__(self, url: str, key: str, *, attempts: int = 4, timeout: float = 60.0) -> None:
        self.base = url.rstrip("/") + ("" if url.rstrip("/").endswith(("/api", "/api/v1")) else "/api")
        self.attempts = attempts
        self._key = key
        self._timeout = timeout
        self._sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}

    def __repr__(self) -> str:
        return f"Http({self.base!r})"

    def session(self) -> aiohttp.ClientSession:
        """The session of the running loop."""
        loop = asyncio.get_running_loop()
        known = self._sessions.get(loop)
        if known is None or known.closed:
            known = self._sessions[loop] = aiohttp.ClientSession(
                headers={"X-API-Key": self._key, "Accept": "application/json"},
                timeout=aiohttp.ClientTimeout(total=self._timeout),
            )
        return known

    async def close(self) -> None:
        """Close the session of the running loop."""
        known = self._sessions.pop(asyncio.get_running_loop(), None)
        if known is not None:
            await known.close()

    async def ask(self, request: Request) -> Answer:
        """Ask until there is an answer that will not change by asking again. Raises ApiError, ConnectionFailed."""
        method, path = request.method.upper(), request.path
        repeatable = method in ("GET", "PUT", "DELETE", "PATCH")
        headers: dict[str, str] = {}
        if method == "POST" and request.file is None and REPEATABLE.search(path):
            headers["Idempotency-Key"] = request.key or str(uuid.uuid4())
            repeatable = True
        failure: Exception | None = None
        for attempt in range(self.attempts):
            wait = min(8.0, 0.25 * 2**attempt) * random.uniform(0.75, 1.25)
            try:
                return await self._once(request, headers)
            except ApiError as error:
                again = error.status in NOT_DONE or (error.status in PASSING and repeatable)
                # A limit that lasts for hours is the caller's business.
                if not again or (error.retry_after or 0) > 30:
                    raise
                failure, wait = error, max(wait, error.retry_after or 0)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                failure = ConnectionFailed(f"{method} {self.base}{path}: {error or type(error).__name__}")
                if not repeatable and not isinstance(error, aiohttp.ClientConnectorError):
                    raise failure from error
            if attempt + 1 < self.attempts:
                await asyncio.sleep(wait)
        assert failure is not None
        raise failure

    async def _once(self, request: Request, headers: dict[str, str]) -> Answer:
        query = _pairs(request.query)
        data: Any = None
        if request.file is not None:
            data = await _form(request)
        elif request.body is not None:
            data = msgspec.json.encode(request.body)
            headers = {**headers, "Content-Type": "application/json"}
        url = self.base + request.path
        async with self.session().request(request.method, url, params=query, data=data, headers=headers) as response:
            body = await response.read()
            if response.status < 400:
                return Answer(body, response.headers.get("content-type", ""))
            raise failure_of(response.status, response.headers.get("retry-after"), body)


def _pairs(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, one) for name, value in query.items() for one in _values(value)]


def encoded_query(query: Mapping[str, Any]) -> str:
    """A query as an address has it, after its question mark."""
    return urlencode(_pairs(query))


def _values(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, list | tuple | set | frozenset):
        return [text for one in value for text in _values(one)]
    if isinstance(value, dict):
        return [msgspec.json.encode(value).decode()]
    return [str(value)]


async def _form(request: Request) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in request.form.items():
        if value is not None:
            text = msgspec.json.encode(value).decode() if isinstance(value, dict) else str(value)
            form.add_field(name, text)
    given = request.file
    if isinstance(given, str | Path):
        place = Path(given)
        # Opened anew for each attempt: the one before may have read it.
        file = await asyncio.to_thread(place.open, "rb")
        form.add_field("file", file, filename=place.name)
    else:
        form.add_field("file", given, filename="file")
    return form


def failure_of(status: int, retry_after: str | None, body: bytes) -> ApiError:
    """A refusal as the error that says it; `retry_after` as its header has it."""
    try:
        said = msgspec.json.decode(body)
        error = said["error"]
        code, message, details = str(error["code"]), str(error["message"]), error.get("details")
    except (msgspec.DecodeError, KeyError, TypeError):
        code, message, details = "ERROR", body[:200].decode(errors="replace"), None
    seconds = float(retry_after) if retry_after and retry_after.replace(".", "", 1).isdigit() else None
    return ApiError(status, code, message, details, seconds)
