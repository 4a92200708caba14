"""The Telegram engine: opens sessions, and reads what Telegram posts to the webhook."""

from __future__ import annotations

import asyncio
import hmac
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

import msgspec

from jackfield.core.port import (
    CallbackAnswer,
    CallbackRequest,
    CanReread,
    ChannelInfo,
    Done,
    Engine,
    EngineConfig,
    HasCallbacks,
    Limits,
    LoginChanged,
    Network,
    Sink,
    UnknownReport,
    decode_lenient,
)

from .config import TelegramBotConfig
from .incoming import ALLOWED_UPDATES, read, with_groups
from .memory import Memory, PollMade
from .network import NETWORK
from .polling import POLL_SECONDS
from .session import TelegramSession, bot_address
from .vendor import bot

if TYPE_CHECKING:
    from .api import Api


class TelegramBotEngine:
    """Telegram through the Bot API."""

    name: ClassVar[str] = NETWORK.engine
    title: ClassVar[str] = "Telegram bot"
    config_model: ClassVar[type[EngineConfig]] = TelegramBotConfig
    limits: ClassVar[Limits] = Limits(rate=30, concurrency=64, per_recipient_s=1, group_per_minute=20)
    """https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this"""
    network: ClassVar[Network] = NETWORK
    session_type: ClassVar[type] = TelegramSession

    def __init__(self, *, poll_seconds: int = POLL_SECONDS) -> None:
        self._poll_seconds = poll_seconds
        self._polls: dict[int, dict[str, PollMade]] = {}
        """Per bot id, the open polls of sessions in this process, which webhook updates refer to."""
        self._groups: dict[int, dict[str, str]] = {}
        """Per bot id, the groups whose names were told, in webhook mode."""

    async def open(self, channel: ChannelInfo, sink: Sink) -> TelegramSession:
        """Check the token, choose webhook (with a public address) or long polling, and begin.

        Raises LoginRequired when Telegram refuses the token, Unavailable when it is out of reach.
        """
        config = _own(channel.config)
        # In a thread: aiogram takes seconds to import, which the first bot pays.
        await asyncio.to_thread(import_module, f"{__package__}.api")
        from .api import Api

        api = Api(config, connections=self.limits.concurrency + 4, egress_allow=channel.egress_allow)
        try:
            me = await api.ask(bot.GetMe())
            memory = Memory.load(channel.state)
            if channel.public_url:
                await self._set_webhook(api, config, callback_url(channel))
            elif (await api.ask(bot.GetWebhookInfo())).get("url"):
                await api.ask(bot.DeleteWebhook())
            session = TelegramSession(channel, api, sink, memory, me)
            self._polls[config.bot_id] = memory.polls
            await sink([LoginChanged(step=Done(address=bot_address(me), name=me.get("first_name")))])
        except BaseException:
            await api.close()
            raise
        if not channel.public_url:
            session.poll(self._poll_seconds)
        return session

    async def _set_webhook(self, api: Api, config: TelegramBotConfig, url: str) -> None:
        await api.ask(
            bot.SetWebhook(
                url=url,
                secret_token=config.callback_secret(),
                allowed_updates=ALLOWED_UPDATES,
                # One at a time keeps a chat's messages in order; the answer comes within milliseconds.
                max_connections=1,
            )
        )

    def parse_callback(self, config: EngineConfig, request: CallbackRequest) -> CallbackAnswer:
        """One update posted by Telegram. The secret token is compared in constant time before the body is read.

        A button press or an attempt to pay is answered in the answer itself, which saves a call
        (https://core.telegram.org/bots/api#making-requests-when-getting-updates).
        """
        own = _own(config)
        if request.method != "POST":
            return CallbackAnswer(status=405, body=b"POST only")
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(given.encode(), own.callback_secret().encode()):
            return CallbackAnswer(status=401, body=b"wrong secret token")
        return self.reread(own, request.body)

    def reread(self, config: EngineConfig, body: bytes) -> CallbackAnswer:
        """One update that was verified when it came. What is no update is kept: asking for it again would not mend it."""
        own = _own(config)
        try:
            update = decode_lenient(body)
            if not isinstance(update, dict):
                raise ValueError("not an object")
        except ValueError:
            report = UnknownReport(kind="telegram:update", raw={}, callback=body, unreadable=True)
            return CallbackAnswer(body=b"not a JSON object", reports=[report])
        seen = read(update, self._polls.get(own.bot_id, {}))
        reports = with_groups(seen.reports, self._groups.setdefault(own.bot_id, {}))
        if seen.reply is None:
            return CallbackAnswer(reports=reports)
        return CallbackAnswer(body=msgspec.json.encode(seen.reply), content_type="application/json", reports=reports)


def callback_url(channel: ChannelInfo) -> str:
    """Where Telegram must post: the channel's public address, with the callback path if it has none yet."""
    url = (channel.public_url or "").rstrip("/")
    return url if "/hooks/" in url else f"{url}/hooks/{channel.id}"


def _own(config: EngineConfig) -> TelegramBotConfig:
    if not isinstance(config, TelegramBotConfig):
        raise TypeError(f"the Telegram engine needs a TelegramBotConfig, not {type(config).__name__}")
    return config


def _claims(engine: TelegramBotEngine) -> tuple[Engine, HasCallbacks, CanReread]:
    """The protocols claimed, for the type checker to hold."""
    return engine, engine, engine


ENGINE: type[Engine] = TelegramBotEngine
