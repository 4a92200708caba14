"""The Bot API as a bare ASGI application: `/bot{token}/{method}`, `/file/bot{token}/{path}` and the controls.

No framework stands between: this must outrun what is measured against it. A million sends an hour is 280 a second,
a bench wants 10,000.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec

from jackfield.engines.simulator.world import World

from . import control, doings
from .bot import Bot, Lost
from .changing import CHANGE
from .files import file_at, file_info
from .rarer import CHANGE_RARER, SEND_RARER
from .sending import SEND
from .settings import SETTINGS
from .updates import Webhook
from .wire import BotProblem, Fields, Json, encode, parse

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{3,128}")
_JSON = [(b"content-type", b"application/json")]
_OK = b'{"ok":true,"result":'
MAX_BODY = 60 * 1024 * 1024


def build(world: World, *, permissive: bool = False, tokens: frozenset[str] | None = None) -> BotApi:
    """The application in front of `world`.

    `permissive`: every chat id exists, for benches. `tokens`: the bots that exist; None takes any well-formed token.
    """
    return BotApi(world, permissive=permissive, tokens=tokens)


class BotApi:
    """All bots of one world. Call `close` (or the ASGI lifespan's shutdown) to end webhooks and waiting polls."""

    def __init__(self, world: World, *, permissive: bool = False, tokens: frozenset[str] | None = None) -> None:
        self.world = world
        self.permissive = permissive
        self.tokens = tokens
        self.bots: dict[str, Bot] = {}
        self._logged_out: set[str] = set()

    def bot(self, token: str) -> Bot:
        """The bot of a token, made when it is first named."""
        found = self.bots.get(token)
        if found is None:
            found = self.bots[token] = Bot(self.world, token, permissive=self.permissive)
            made = found

            async def hear(reports: list[Any]) -> None:
                await doings.tell(made, reports)

            found.account.subscribe(hear)
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if path.startswith("/bot"):
            await self._api(path, scope, receive, send)
        elif path.startswith("/file/bot"):
            await self._file(path, send)
        elif path.startswith("/control/bot/"):
            await self._control(path, scope, receive, send)
        else:
            await _answer(send, 404, BotProblem(404, "Not Found").body())

    # -- the Bot API

    async def _api(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, method = path[4:].partition("/")
        token = unquote(token) if "%" in token else token
        method = method.removeprefix("test/").lower()
        body = await _body(receive)
        try:
            bot = self._known(token)
            kind = ""
            for name, value in scope["headers"]:
                if name == b"content-type":
                    kind = value.decode("latin-1")
                    break
            fields = parse(scope["query_string"], kind, body)
            result = await self._run(bot, method, fields)
        except BotProblem as problem:
            await _answer(send, problem.status, problem.body())
        except Lost:
            await _hang_up(send)
        else:
            await _answer(send, 200, b"%b%b}" % (_OK, encode(result)))

    def _known(self, token: str) -> Bot:
        if not _TOKEN.fullmatch(token):
            raise BotProblem(404, "Not Found")
        if (self.tokens is not None and token not in self.tokens) or token in self._logged_out:
            raise BotProblem(401, "Unauthorized")
        bot = self.bot(token)
        if bot.revoked:
            raise BotProblem(401, "Unauthorized")
        return bot

    async def _run(self, bot: Bot, method: str, fields: Fields) -> Any:
        sender = _SEND.get(method)
        if sender is not None:
            try:
                return sender(bot, fields)
            finally:
                delay = bot.account.answer_delay()
                if delay:
                    await asyncio.sleep(delay)
        changer = _CHANGE.get(method)
        if changer is not None:
            return changer(bot, fields)
        own = getattr(self, f"_{method}", None) if method in _OWN else None
        if own is None:
            raise BotProblem(404, "Not Found: method not found")
        return await own(bot, fields)

    async def _getme(self, bot: Bot, fields: Fields) -> Json:
        return {
            **bot.user,
            "can_join_groups": True,
            "can_read_all_group_messages": True,
            "supports_inline_queries": False,
            "can_connect_to_business": True,
            "has_main_web_app": False,
        }

    async def _getupdates(self, bot: Bot, fields: Fields) -> list[Json]:
        if bot.account.faults.offline:
            raise BotProblem(503, "Service Unavailable")
        bot.updates.allow(fields.json("allowed_updates"))
        timeout = float(min(fields.integer("timeout", 0), 50))
        if bot.account.faults.silence:
            # Connected but deaf: polls come back empty although there is something to say.
            await asyncio.sleep(timeout)
            return []
        return await bot.updates.get(fields.integer("offset", 0), fields.integer("limit", 100), timeout)

    async def _setwebhook(self, bot: Bot, fields: Fields) -> bool:
        bot.updates.allow(fields.json("allowed_updates"))
        if fields.flag("drop_pending_updates"):
            bot.updates.drop()
        url = fields.text("url")
        webhook = (
            Webhook(url, fields.text("secret_token") or None, fields.integer("max_connections", 40)) if url else None
        )
        bot.updates.set_webhook(webhook, lambda answer: self._execute(bot, answer))
        return True

    async def _execute(self, bot: Bot, answer: Json) -> None:
        """A method in the answer to a webhook call; nobody sees its outcome."""
        try:
            await self._run(bot, str(answer["method"]).lower(), Fields(answer, {}))
        except (BotProblem, Lost):
            pass

    async def _deletewebhook(self, bot: Bot, fields: Fields) -> bool:
        if fields.flag("drop_pending_updates"):
            bot.updates.drop()
        bot.updates.set_webhook(None, lambda answer: self._execute(bot, answer))
        return True

    async def _getwebhookinfo(self, bot: Bot, fields: Fields) -> Json:
        if bot.updates.webhook is None:
            return {"url": "", "has_custom_certificate": False, "pending_update_count": len(bot.updates)}
        return bot.updates.webhook.info(len(bot.updates))

    async def _getfile(self, bot: Bot, fields: Fields) -> Json:
        return file_info(bot.account.media, fields.text("file_id"))

    async def _logout(self, bot: Bot, fields: Fields) -> bool:
        """The cloud server lets the bot go; as there, its calls fail from then on."""
        self._logged_out.add(bot.token)
        return True

    async def _close(self, bot: Bot, fields: Fields) -> bool:
        return True

    # -- downloads and controls

    async def _file(self, path: str, send: Send) -> None:
        token, _, place = path[len("/file/bot") :].partition("/")
        try:
            bot = self._known(unquote(token))
        except BotProblem as problem:
            await _answer(send, problem.status, problem.body())
            return
        data = file_at(bot.account.media, place)
        if data is None:
            await _answer(send, 404, BotProblem(404, "Not Found").body())
            return
        await _answer(send, 200, data, [(b"content-type", b"application/octet-stream")])

    async def _control(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, what = unquote(path[len("/control/bot/") :]).partition("/")
        body = await _body(receive)
        if not _TOKEN.fullmatch(token):
            await _answer(send, 404, encode({"error": "there is no bot with such a token"}))
            return
        bot = self.bot(token)
        if scope["method"] == "POST":
            self._logged_out.discard(token)
        try:
            answer = self._controlled(bot, scope, what, body)
        except (ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
            await _answer(send, 400, encode({"error": f"{type(error).__name__}: {error}"}))
            return
        await _answer(send, 404 if answer is None else 200, encode(answer))

    def _controlled(self, bot: Bot, scope: Scope, what: str, body: bytes) -> Any:
        if scope["method"] == "GET":
            if what == "outbox":
                query = {key: int(values[0]) for key, values in parse_qs(scope["query_string"].decode()).items()}
                return control.outbox(bot, query.get("after", 0), query.get("limit"))
            if what == "payments":
                return control.payments(bot)
            return control.state(bot) if not what else None
        posts: dict[str, Callable[[Bot, bytes], Json]] = {
            "": control.configure,
            "inbound": control.inbound,
            "edit": control.edit,
            "members": control.members,
            "pay": control.pay,
            "update": control.update,
        }
        return posts[what](bot, body) if what in posts else None

    # -- life and death

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def close(self) -> None:
        """End webhooks and waiting polls."""
        for bot in self.bots.values():
            await bot.updates.close()


_SEND: dict[str, Callable[[Bot, Fields], Any]] = {**SEND, **SEND_RARER}
_CHANGE: dict[str, Callable[[Bot, Fields], Any]] = {**CHANGE, **CHANGE_RARER, **SETTINGS}
_OWN = frozenset({"getme", "getupdates", "setwebhook", "deletewebhook", "getwebhookinfo", "getfile", "logout", "close"})


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    chunks, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY:
            chunks = []
    return b"".join(chunks)


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] = _JSON) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _hang_up(send: Send) -> None:
    """Begin an answer and never end it: the server then cuts the connection, and the client cannot know."""
    headers = [*_JSON, (b"content-length", b"1000000"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
