"""The network as a server of its own: `/world/...` for the simulator engine and its controls, Meta's Graph API at
the root, Telegram's Bot API under `/bot<token>` and `/file/bot<token>`.

Bare ASGI and msgspec, because the network must not be the bottleneck of whoever is measured against it.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
import uvicorn

from jackfield.core.ground.errors import SendError

from . import operations, wire
from .account import Account
from .control import control
from .outbox import Parcel
from .people import Temper
from .world import World

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 64 * 1024 * 1024
"""Largest body of a `/world` request, in bytes: a batch of some 100,000 messages."""


class _TooLarge(Exception):
    """The request's body is larger than `MAX_BODY`."""


class Server:
    """The ASGI application around one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._graph = _built("graph", world)
        self._bot = _built("bot", world)
        self._listeners: dict[str, tuple[str, int]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if path.startswith("/world"):
            try:
                await self._world(path, scope, receive, send)
            except _TooLarge:
                await _error(send, 413, "TOO_LARGE", f"The body may have at most {MAX_BODY} bytes.")
        elif path == "/healthz":
            await _json(send, 200, {"status": "ok", "accounts": len(self.world.accounts)})
        elif path.startswith(("/bot", "/file/bot", "/control/bot")) and self._bot is not None:
            await self._bot(scope, receive, send)
        elif self._graph is not None:
            await self._graph(scope, receive, send)
        else:
            await _error(send, 404, "NOT_FOUND", f"There is nothing at {path}.")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                for app in (self._graph, self._bot):
                    close = getattr(app, "close", None)
                    if close is not None:
                        await close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _world(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        # raw_path keeps an encoded slash inside an account's key apart from a separator.
        raw = (scope.get("raw_path") or path.encode()).split(b"?")[0].decode()
        parts = [unquote(part) for part in raw.split("/")[2:]]
        if not parts or parts == [""]:
            accounts = [{"key": a.key, "phone": a.phone, "outbox": len(a.outbox)} for a in self.world.accounts.values()]
            await _json(send, 200, {"success": True, "data": accounts})
            return
        account = self.world.account(parts[0], phone=query.get("phone") or None)
        match parts[1:]:
            case ["take"]:
                await self._take(account, await _body(receive), send)
            case ["events"]:
                await self._events(account, query, send)
            case ["do", verb]:
                await self._do(account, verb, await _body(receive), send)
            case [action]:
                await self._control(account, action, query, await _body(receive), send)
            case []:
                await self._control(account, "account", query, b"", send)
            case _:
                await _error(send, 404, "NOT_FOUND", f"There is nothing at {path}.")

    @staticmethod
    async def _take(account: Account, body: bytes, send: Send) -> None:
        if account.faults.offline:
            await _error(send, 503, "offline", "The network cannot be reached.")
            return
        try:
            parcels = [
                Parcel(
                    ref=p.ref,
                    to=p.to,
                    kind=p.kind,
                    payload=bytes(p.payload),
                    message_id=p.message_id,
                    category=p.category,
                    template=p.template,
                )
                for p in wire.parcels_decoder.decode(body)
            ]
            answers = operations.take(account, parcels)
        except msgspec.DecodeError as problem:
            await _error(send, 400, "VALIDATION_ERROR", str(problem))
            return
        delay = account.answer_delay()
        if delay:
            await asyncio.sleep(delay)
        await _answer(send, 200, wire.encode(answers))

    @staticmethod
    async def _do(account: Account, verb: str, body: bytes, send: Send) -> None:
        try:
            fields = msgspec.json.decode(body or b"{}", type=dict[str, Any])
            result = operations.operate(account, verb, fields)
        except msgspec.DecodeError as problem:
            await _error(send, 400, "VALIDATION_ERROR", str(problem))
        except SendError as problem:
            refusal = operations.refusal_of(problem)
            status = {"unavailable": 503, "throttled": 429, "login": 401}.get(refusal.refused, 400)
            await _answer(send, status, wire.encode(refusal))
        else:
            await _answer(send, 200, wire.encode(result))

    async def _events(self, account: Account, query: dict[str, str], send: Send) -> None:
        """One poll: `after` acknowledges, `claim` makes the session the listener, `wait` is in seconds."""
        session = query.get("session", "")
        if account.faults.offline:
            await _error(send, 503, "offline", "The network cannot be reached.")
            return
        if "claim" in query:
            self._listeners[account.key] = (session, account.claim())
            await _answer(send, 200, wire.encode(wire.Claim(run=self.world.epoch)))
            return
        name, listener = self._listeners.get(account.key, ("", -1))
        if name != session or listener != account.listener:
            await _answer(send, 409, wire.encode(wire.Claim(run=self.world.epoch)))
            return
        happenings = account.happenings
        if "after" in query and query["after"].isdigit():
            happenings.ack(int(query["after"]))
        deadline = asyncio.get_running_loop().time() + min(float(query.get("wait") or 0), 60.0)
        while not happenings.ready and not account.faults.offline and listener == account.listener:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await happenings.wait(left)
        if listener != account.listener:
            await _answer(send, 409, wire.encode(wire.Claim(run=self.world.epoch)))
            return
        if account.faults.offline:
            await _error(send, 503, "offline", "The network cannot be reached.")
            return
        reports, upto = happenings.batch(min(int(query.get("limit") or 500), 5000))
        await _answer(send, 200, wire.encode_events(reports, upto))

    @staticmethod
    async def _control(account: Account, action: str, query: dict[str, str], body: bytes, send: Send) -> None:
        try:
            fields = msgspec.json.decode(body, type=dict[str, Any]) if body else {}
        except msgspec.DecodeError as problem:
            await _error(send, 400, "VALIDATION_ERROR", f"The body must be a JSON object: {problem}")
            return
        status, answer = await control(account, action, {**query, **fields})
        await _answer(send, status, msgspec.json.encode(answer))


def _built(name: str, world: World) -> App | None:
    """Another protocol's application on the same world, where this installation has it."""
    try:
        module = importlib.import_module(f".{name}.app", __package__)
    except ModuleNotFoundError as problem:
        if not (problem.name or "").startswith(f"{__package__}.{name}"):
            raise
        return None
    app: App = module.build(world)
    return app


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body") and size <= MAX_BODY:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    if size > MAX_BODY:
        raise _TooLarge
    return b"".join(parts)


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _json(send: Send, status: int, value: Any) -> None:
    await _answer(send, status, msgspec.json.encode(value))


async def _error(send: Send, status: int, code: str, message: str) -> None:
    await _json(send, status, {"success": False, "error": {"code": code, "message": message}})


def build(world: World) -> App:
    """The stand-alone server's application."""
    return Server(world)


def run(
    host: str = "127.0.0.1",
    port: int = 4004,
    *,
    seed: int = 0,
    people: Temper = "plain",
    latency_ms: float | None = None,
    delay_scale: float = 1.0,
) -> None:
    """Serve until interrupted. `latency_ms` is how long every answer to a send takes; None or 0: no wait."""
    world = World(seed, people, scale=None if delay_scale == 1 else delay_scale, latency_ms=latency_ms or 0.0)
    uvicorn.run(build(world), host=host, port=port, access_log=False, log_level="warning", timeout_graceful_shutdown=1)
