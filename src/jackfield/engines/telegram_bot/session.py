"""One bot's live session: sends, edits and deletes, and what comes in by polling."""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, ClassVar

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, SendError, Unavailable
from jackfield.core.port import (
    AccountInfo,
    CanDelete,
    CanDescribeAccount,
    CanDownload,
    CanEdit,
    CanPoll,
    CanReact,
    CanType,
    ChannelInfo,
    Disconnected,
    Done,
    LoginChanged,
    Outgoing,
    Report,
    Sent,
    Session,
    Sink,
)
from jackfield.core.port.content import Album, Content, Poll, Reaction

from .config import CALL_SECONDS
from .errors import ApiError, to_send_error
from .incoming import moved_reports, read, with_groups
from .memory import Memory, PollMade
from .outgoing import files_in, load, to_call, to_edit
from .places import Place, ids_of, place_of, provider_id
from .polling import POLL_SECONDS, Poller
from .vendor import bot

if TYPE_CHECKING:
    from .api import Api
    from .outgoing import Call

UPLOAD_SECONDS = 300.0
_DRAIN_S = 15.0


class _Pace:
    """Recent sends per chat, to tell whose limit a 429 is: Telegram's answer does not say."""

    def __init__(self, chats: int = 4096) -> None:
        self._sent: OrderedDict[str, deque[float]] = OrderedDict()
        self._chats = chats

    def note(self, chat: str) -> None:
        """A send to this chat begins."""
        times = self._sent.setdefault(chat, deque(maxlen=20))
        self._sent.move_to_end(chat)
        times.append(time.monotonic())
        if len(self._sent) > self._chats:
            self._sent.popitem(last=False)

    def scope(self, chat: str) -> str:
        """Whether this chat itself was sent to faster than 1 a second (or, for a group, 20 a minute), or the bot."""
        times = self._sent.get(chat, deque())
        now = time.monotonic()
        within_second = sum(now - at < 1.0 for at in times)
        crowded = chat.startswith("-") and len(times) == 20 and now - times[0] < 60.0
        return "recipient" if within_second > 1 or crowded else "channel"


class TelegramSession:
    """A bot's connection. Made by `TelegramBotEngine.open`."""

    reactions: ClassVar[bool] = True
    polls: ClassVar[bool] = True

    def __init__(self, channel: ChannelInfo, api: Api, sink: Sink, memory: Memory, me: dict[str, Any]) -> None:
        self._channel, self._api, self._sink = channel, api, sink
        self.memory = memory
        self._me = me
        self._pace = _Pace()
        self._groups: dict[str, str] = {}
        self._poller: Poller | None = None
        self._gone: LoginRequired | None = None
        self._closing = False
        self._open_sends = 0
        self._idle = asyncio.Event()
        self._idle.set()

    # -- sending

    async def send(self, message: Outgoing) -> Sent:
        """One call to the Bot API. Its answer is the final word: Telegram reports neither delivery nor reading."""
        async with self._working():
            content = message.content
            address = self.memory.current(message.to)
            files = [await load(one, self._channel.media) for one in files_in(content)]
            call = to_call(message, place_of(address), files)
            try:
                answer = await self._call(call, address, uploads=bool(files))
            except ApiError as error:
                if error.migrate_to is None:
                    raise to_send_error(error, scope=self._pace.scope(address)) from None
                address = await self._moved(address, error.migrate_to)
                call = to_call(message, place_of(address), files)
                try:
                    answer = await self._call(call, address, uploads=bool(files))
                except ApiError as again:
                    raise to_send_error(again, scope=self._pace.scope(address)) from None
            return await self._sent(message, answer, place_of(address))

    async def _call(self, call: Call, address: str, *, uploads: bool = False) -> Any:
        self._pace.note(address)
        return await self._api.call(call, seconds=UPLOAD_SECONDS if uploads else CALL_SECONDS)

    async def _sent(self, message: Outgoing, answer: Any, place: Place) -> Sent:
        if isinstance(message.content, Reaction):
            # A reaction is no message of its own; our id tells several on one message apart.
            return Sent(provider_id=f"{message.content.target}:reaction{message.id}")
        try:
            made = answer if isinstance(message.content, Album) else [answer]
            name, *others = [provider_id(one["chat"]["id"], one["message_id"], place.business) for one in made]
        except (KeyError, TypeError, ValueError):
            raise OutcomeUnknown("bad_answer", "Telegram took the message but its answer names none.") from None
        if isinstance(message.content, Poll) and isinstance(answer.get("poll"), dict):
            poll = PollMade(provider_id=name, options=list(message.content.options))
            self.memory.made_poll(str(answer["poll"]["id"]), poll)
            await self._save_quietly()
        if others:
            self.memory.made_album(name, [ids_of(one).message for one in (name, *others)])
            await self._save_quietly()
        return Sent(provider_id=name, raw={"messages": answer} if others else answer)

    async def _moved(self, old: str, new: int) -> str:
        """Telegram refused because the group has a new id: remember it and tell the core."""
        if self.memory.move(old, str(new)):
            await self._save_quietly()
            chat = {"id": old, "type": "group"}
            with contextlib.suppress(ApiError, SendError):
                chat = {**await self._api.call(bot.GetChat(chat_id=new)), "id": old}
            with contextlib.suppress(Exception):
                # The message goes first: the move is told again by the update that Telegram sends of it.
                await self._sink(moved_reports(chat, new))
        return str(new)

    async def _save_quietly(self) -> None:
        with contextlib.suppress(Exception):
            await self._channel.save_state(self.memory.dump())

    # -- changes to what was sent

    async def edit(self, to: str, provider_id: str, content: Content) -> None:
        """Change a message of ours; with a file given, its file. Unchanged content is no error."""
        async with self._working():
            ids = ids_of(provider_id)
            named = [one for one in files_in(content) if one.media_id or one.url]
            file = await load(named[0], self._channel.media) if named else None
            try:
                await self._api.call(to_edit(ids, content, file), seconds=UPLOAD_SECONDS if file else CALL_SECONDS)
            except ApiError as error:
                if "message is not modified" not in error.description.lower():
                    raise to_send_error(error, scope="recipient") from None

    async def delete(self, to: str, provider_id: str) -> None:
        """Delete a message for everyone, an album whole; Telegram allows it for 48 hours."""
        async with self._working():
            ids = ids_of(provider_id)
            numbers = self.memory.albums.get(provider_id, [ids.message])
            call: Call = bot.DeleteMessage(chat_id=ids.chat, message_id=ids.message)
            if ids.place.business is not None:
                call = bot.DeleteBusinessMessages(business_connection_id=ids.place.business, message_ids=numbers)
            elif len(numbers) > 1:
                call = bot.DeleteMessages(chat_id=ids.chat, message_ids=numbers)
            await self._api.ask(call)

    async def typing(self, to: str, on: bool, last_incoming: str | None = None) -> None:
        """Shows for five seconds or until the next message; there is no call that ends it."""
        if not on:
            return
        async with self._working():
            place = place_of(self.memory.current(to))
            await self._api.ask(bot.SendChatAction(action="typing", **place.fields()))

    # -- the account and its files

    async def account(self) -> AccountInfo:
        """The bot as Telegram describes it."""
        async with self._working():
            me = await self._api.ask(bot.GetMe())
        return AccountInfo(address=bot_address(me), name=me.get("first_name"), throughput=30, raw=me)

    async def download(self, media_id: str) -> tuple[bytes, str]:
        """A received file; bots may fetch 20 MB."""
        async with self._working():
            data, path = await self._api.download(media_id)
        return data, _type_of(path)

    # -- coming in

    def poll(self, seconds: int = POLL_SECONDS) -> None:
        """Begin to fetch updates; `seconds` is how long Telegram may hold an empty poll."""
        self._poller = Poller(
            self._api,
            self.memory,
            handle=self._handle,
            save=lambda: self._channel.save_state(self.memory.dump()),
            down=self._down,
            up=self._up,
            seconds=seconds,
        )
        self._poller.start()

    async def _handle(self, updates: list[dict[str, Any]]) -> None:
        reports: list[Report] = []
        replies: list[dict[str, Any]] = []
        for update in updates:
            seen = read(update, self.memory.polls)
            reports += seen.reports
            if seen.reply is not None:
                replies.append(seen.reply)
            if seen.moved is not None:
                self.memory.move(*seen.moved)
        await self._sink(with_groups(reports, self._groups))
        for reply in replies:
            # Ends the button's spinner, or the payment; what is too old for an answer is no loss.
            with contextlib.suppress(ApiError, SendError):
                await self._api.call(_answer(reply["method"]).model_validate(reply))

    async def _up(self) -> None:
        await self._sink([LoginChanged(step=Done(address=bot_address(self._me), name=self._me.get("first_name")))])

    async def _down(self, report: Disconnected) -> None:
        if report.permanent:
            self._gone = LoginRequired("telegram:401", report.reason)
        await self._sink([report])

    async def _log_out(self, error: LoginRequired) -> None:
        """The token no longer works: stop calling Telegram, and tell the core once."""
        if self._gone is None:
            self._gone = error
            with contextlib.suppress(Exception):
                await self._sink([Disconnected(reason=error.message, permanent=True)])

    @contextlib.asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        """Around every call: refuses on a dead or closing session, and lets `close` wait for what is in flight."""
        if self._gone is not None:
            raise LoginRequired(self._gone.code, self._gone.message)
        if self._closing:
            raise Unavailable("DISCONNECTED", "The channel is being closed.")
        self._open_sends += 1
        self._idle.clear()
        try:
            yield
        except LoginRequired as error:
            await self._log_out(error)
            raise
        finally:
            self._open_sends -= 1
            if not self._open_sends:
                self._idle.set()

    async def close(self) -> None:
        """Stop polling, let open calls end (at most 15 s), and close the connections."""
        self._closing = True
        if self._poller is not None:
            await self._poller.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                await self._idle.wait()
        await self._api.close()


def _answer(name: str) -> type[Call]:
    """The call of this name, of those that answer an update."""
    answers: dict[str, type[Call]] = {
        "answerCallbackQuery": bot.AnswerCallbackQuery,
        "answerPreCheckoutQuery": bot.AnswerPreCheckoutQuery,
        "answerShippingQuery": bot.AnswerShippingQuery,
    }
    return answers[name]


def bot_address(me: dict[str, Any]) -> str:
    """A bot's public name with @, or its id."""
    return f"@{me['username']}" if me.get("username") else str(me["id"])


def _type_of(path: str) -> str:
    """Telegram serves every file as octet-stream; the path's ending tells more."""
    special = {".oga": "audio/ogg", ".tgs": "application/x-tgsticker", ".webp": "image/webp", ".webm": "video/webm"}
    ending = "." + path.rpartition(".")[2].lower()
    return special.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"


def _claims(session: TelegramSession) -> None:
    """The capabilities claimed, for the type checker to hold."""
    _: list[object] = []
    required: Session = session
    reacts: CanReact = session
    polls: CanPoll = session
    edits: CanEdit = session
    deletes: CanDelete = session
    types: CanType = session
    downloads: CanDownload = session
    describes: CanDescribeAccount = session
    _ += [required, reacts, polls, edits, deletes, types, downloads, describes]
