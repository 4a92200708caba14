"""One bot's way to the Bot API: aiogram's client and methods, with answers and failures taken as they are.

aiogram checks every answer against its own models and raises when a field is missing or new. For a message that has
gone out, that would turn a success into a doubt, and in a batch of updates one odd entry would block all others for
good. So this session hands out the answer's `result` as plain data and leaves reading it to the caller.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import GetFile, TelegramMethod
from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
)

from jackfield.core.egress import NOTHING, AllowList, GuardedConnector, blocked
from jackfield.core.ground.errors import OutcomeUnknown, Rejected, SendError, Unavailable
from jackfield.core.port import decode_lenient

from .config import CALL_SECONDS, TelegramBotConfig
from .errors import ApiError, to_send_error

CONNECT_SECONDS = 10.0


class _Session(AiohttpSession):
    """aiogram's HTTP session, with guarded addresses, timeouts by phase and plain results."""

    def __init__(self, *, egress_allow: AllowList, connections: int, **options: Any) -> None:
        super().__init__(**options)
        self._connector_type = partial(GuardedConnector, egress_allow)  # type: ignore[assignment]
        self._connector_init = {"limit": connections, "ttl_dns_cache": 3600}

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: float | None = None) -> Any:
        """Carry out one call. Raises ApiError, Unavailable (surely not taken) or OutcomeUnknown."""
        session = await self.create_session()
        limits = ClientTimeout(total=timeout or CALL_SECONDS, sock_connect=CONNECT_SECONDS)
        form = self.build_form_data(bot=bot, method=method)
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        try:
            async with session.post(url, data=form, timeout=limits) as response:
                status, body = response.status, await response.read()
        except (ClientConnectorError, ConnectionTimeoutError, InvalidURL) as error:
            raise _unavailable(error, bot.token) from None
        except asyncio.CancelledError:
            # A pool that closes cancels the futures of calls that wait for a connection, not their tasks.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise Unavailable("connection", "The channel is being closed.") from None
        except TimeoutError:
            raise OutcomeUnknown("timeout", "Telegram did not answer in time.") from None
        except (ClientError, OSError) as error:
            if type(error) is ClientConnectionError and "Connector is closed" in str(error):
                raise Unavailable("connection", "The channel is being closed.") from None
            raise OutcomeUnknown("outcome_unknown", _words(error, bot.token)) from None
        return _result(status, body)

    async def close(self) -> None:
        """Close the connections; aiohttp itself waits for TLS to shut down, so aiogram's pause is not needed."""
        if self._session is not None and not self._session.closed:
            await self._session.close()


def _unavailable(error: Exception, token: str) -> Unavailable:
    if (refusal := blocked(error)) is not None:
        return Unavailable("blocked", f"The address may not be called: {refusal}.")
    return Unavailable("connection", _words(error, token))


def _words(error: Exception, token: str) -> str:
    return f"{type(error).__name__}: {error}".replace(token, "***")


def _result(status: int, body: bytes) -> Any:
    try:
        answer = decode_lenient(body)
        ok = answer["ok"]
    except (ValueError, KeyError, TypeError):
        # A gateway's own page. With status 200 the message may well be out.
        if status < 400:
            raise OutcomeUnknown("bad_answer", f"HTTP {status}, but not an answer of the Bot API.") from None
        raise ApiError(status, f"not an answer of the Bot API (HTTP {status})") from None
    if ok:
        return answer.get("result")
    parameters = answer.get("parameters") or {}
    raise ApiError(
        int(answer.get("error_code") or status),
        str(answer.get("description") or "no description"),
        retry_after=parameters.get("retry_after"),
        migrate_to=parameters.get("migrate_to_chat_id"),
    )


class Api:
    """The Bot API as seen by one bot. Its token appears in no error and no log."""

    def __init__(self, config: TelegramBotConfig, *, connections: int = 100, egress_allow: AllowList = NOTHING) -> None:
        self._server = TelegramAPIServer.from_base(config.base_url)
        self._session = _Session(api=self._server, connections=connections, egress_allow=egress_allow)
        self._bot = Bot(config.token.get_secret_value(), session=self._session)
        self.calls = 0

    async def call(self, method: TelegramMethod[Any], *, seconds: float = CALL_SECONDS) -> Any:
        """The answer's `result` as plain data.

        `seconds` bounds the whole call. Raises ApiError when the Bot API refuses, Unavailable or OutcomeUnknown when
        there is no answer.
        """
        self.calls += 1
        return await self._session.make_request(self._bot, method, timeout=seconds)

    async def ask(self, method: TelegramMethod[Any], *, seconds: float = CALL_SECONDS) -> Any:
        """Like `call`, with refusals as SendError; for everything that is not the sending of a message."""
        try:
            return await self.call(method, seconds=seconds)
        except ApiError as error:
            raise to_send_error(error) from None

    async def download(self, file_id: str, *, seconds: float = 300.0) -> tuple[bytes, str]:
        """A file's bytes and its path at Telegram, whose ending tells the type. Raises SendError."""
        file = await self.ask(GetFile(file_id=file_id))
        path = file.get("file_path")
        if not path:
            raise Rejected("telegram:file", "Telegram gives no path for this file.")
        session = await self._session.create_session()
        url = self._server.file_url(self._bot.token, path)
        limits = ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        try:
            async with session.get(url, timeout=limits) as response:
                if response.status != 200:
                    raise _download_error(response.status)
                return await response.read(), str(path)
        except (TimeoutError, ClientError, OSError) as error:
            raise _unavailable(error, self._bot.token) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _download_error(status: int) -> SendError:
    if status == 404:
        return Rejected("telegram:404:file", "Telegram no longer has this file; its link lives for an hour.")
    return Unavailable(f"telegram:{status}", f"Telegram answered HTTP {status} to a download.")
