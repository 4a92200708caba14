"""`Calls`: the log of incoming calls, and refusing them, by hand or at once.

A channel's settings say how its calls are answered: `auto_reject_calls` (true or false), `auto_reject_message` (text
for the caller; empty sends none) and `auto_reject_wait_s` (seconds that the text waits for a webhook's own words,
see `answer`).
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import select, update

from ..channels.service import Channels
from ..channels.views import AnyChannel, ChannelView
from ..ground.errors import Conflict, Invalid, JackfieldError, NotFound, SendError
from ..ground.events import CallRejected
from ..ground.fields import row_id
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.views import view_of
from ..ledger import states
from ..ledger.service import Messages
from ..ledger.submit import Submission
from ..models import Call, Channel, Message
from ..port import CanCall
from ..port.content import Text, encode
from ..search.index import reindex
from .groups import core_error
from .views import CallView

log = structlog.get_logger(__name__)

STATUSES: Final = ("ringing", "rejected", "missed", "ended")
SOURCE: Final = "call"
"""`source` of the messages that are sent to callers."""
MAX_TEXT: Final = 4096


class CallSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a channel's calls are answered."""

    auto_reject: bool = False
    message: str = ""
    wait_s: float = 0.0


def settings_of(channel: AnyChannel) -> CallSettings:
    """The settings of a channel; what is not set or not of the right type counts as left out."""
    given = channel.settings
    message, wait = given.get("auto_reject_message"), given.get("auto_reject_wait_s")
    return CallSettings(
        auto_reject=given.get("auto_reject_calls") is True,
        message=message.strip() if isinstance(message, str) else "",
        wait_s=min(60.0, max(0.0, float(wait))) if isinstance(wait, int | float) else 0.0,
    )


def duration(call: Call | CallView) -> int | None:
    """Seconds from the first ring to the end; None while it rings."""
    return None if call.ended_at is None else max(0, round((call.ended_at - call.started_at) / 1000))


def _view(row: Call) -> CallView:
    return view_of(CallView, row)


class Calls:
    """The service. It listens on the bus topic "calls", told (channel id, call id) of each call that rings."""

    def __init__(self, store: Store, channels: Channels, messages: Messages) -> None:
        self._store = store
        self._channels = channels
        self._messages = messages
        self._busy: dict[int, asyncio.Task[CallView]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._end = store.bus.subscribe("calls", self._hear)

    async def close(self) -> None:
        """Finish what is being refused."""
        self._end()
        await asyncio.gather(*self._tasks, *self._busy.values(), return_exceptions=True)

    # -- the log -------------------------------------------------------------------------------------

    async def list(
        self,
        workspace_id: int,
        *,
        channel_id: int | None = None,
        status: str | None = None,
        caller: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[CallView]:
        """Calls, newest first. Raises Invalid for an unknown status."""
        query = select(Call).where(Call.workspace_id == workspace_id)
        if channel_id is not None:
            query = query.where(Call.channel_id == channel_id)
        if status is not None:
            if status not in STATUSES:
                message = f"Must be one of {', '.join(STATUSES)}."
                raise Invalid(f"status: {message}", details={"status": [message]})
            query = query.where(Call.status == status)
        if caller is not None:
            query = query.where(Call.caller == caller)
        async with self._store.db.read() as session:
            return await page_by_id(session, query, Call.id, _view, limit=limit, cursor=cursor, page=page, total=total)

    async def get(self, workspace_id: int, call_id: int) -> CallView:
        """One call. Raises NotFound."""
        async with self._store.db.read() as session:
            call: Call | None = await session.scalar(
                select(Call).where(Call.id == row_id(call_id), Call.workspace_id == workspace_id)
            )
        if call is None:
            raise NotFound(f"There is no call {call_id}.", code="CALL_NOT_FOUND")
        return _view(call)

    async def configure(
        self, workspace_id: int, channel_id: int, *, auto_reject: bool | None = None, message: str | None = None
    ) -> ChannelView:
        """Choose how a channel's calls are answered. Raises NotFound, Invalid."""
        settings: dict[str, Any] = {}
        if auto_reject is not None:
            settings["auto_reject_calls"] = bool(auto_reject)
        if message is not None:
            if not isinstance(message, str) or len(message) > MAX_TEXT or "\x00" in message:
                why = f"Must be text of at most {MAX_TEXT} characters."
                raise Invalid(f"message: {why}", details={"message": [why]})
            settings["auto_reject_message"] = message
        return await self._channels.update(workspace_id, channel_id, settings=settings)

    # -- refusing ------------------------------------------------------------------------------------

    async def reject(self, workspace_id: int, call_id: int, *, message: str | None = None) -> CallView:
        """Refuse a ringing call, and tell the caller `message` if given.

        A call that was refused already is given as it is. Raises NotFound, Conflict when it rings no more or the
        channel is not connected, Unsupported.
        """
        call = await self.get(workspace_id, call_id)
        channel = await self._channels.get(workspace_id, call.channel_id)
        call = await self._reject_once(channel, call)
        if message:
            await self._send_text(channel, call, message)
        return call

    async def _reject_once(self, channel: AnyChannel, call: CallView) -> CallView:
        """Refuse the call once, however many ask for it at the same time."""
        task = self._busy.get(call.id)
        if task is None:
            task = asyncio.create_task(self._reject(channel, call), name=f"reject-call:{call.id}")
            self._busy[call.id] = task
            task.add_done_callback(lambda _: self._busy.pop(call.id, None))
        return await asyncio.shield(task)

    async def _reject(self, channel: AnyChannel, call: CallView) -> CallView:
        # Read again: it may have been refused between the look and this.
        call = await self.get(call.workspace_id, call.id)
        if call.status == "rejected":
            return call
        if call.status != "ringing":
            raise Conflict(f"The call is {call.status}; it has ended.", code="CALL_OVER")
        session = self._channels.session(channel, CanCall)  # type: ignore[type-abstract]
        try:
            await session.reject_call(call.provider_id, call.caller)
        except SendError as error:
            if error.code == "404":
                raise Conflict("The call has ended.", code="CALL_OVER") from error
            raise core_error(error) from error
        async with self._store.unit() as unit:
            # The network's own report of the end may have come first; its time of the end then stays.
            row = await unit.session.get_one(Call, call.id)
            row.status, row.ended_at = "rejected", row.ended_at or unit.now
            unit.emit(
                row.workspace_id,
                CallRejected(id=row.id, caller=row.caller, is_video=row.is_video, timestamp=row.ended_at),
                row.channel_id,
            )
            return _view(row)

    def _hear(self, payload: Any) -> None:
        try:
            channel_id, call_id = payload
        except (TypeError, ValueError):
            return
        # Told in the process that took the call in; where another one holds the session, that one is asked to refuse.
        if channel_id in self._channels.live or not self._store.options.exclusive:
            task = asyncio.get_running_loop().create_task(
                self._auto(channel_id, call_id), name=f"auto-reject:{call_id}"
            )
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _auto(self, channel_id: int, call_id: int) -> None:
        try:
            async with self._store.db.read() as session:
                channel = await session.get(Channel, channel_id)
                call = await session.get(Call, call_id)
            if channel is None or call is None:
                return
            chosen = settings_of(channel)
            if not chosen.auto_reject:
                return
            refused = await self._reject_once(channel, _view(call))
            if chosen.message:
                await self._send_text(channel, refused, chosen.message, wait_s=chosen.wait_s)
        except JackfieldError as error:
            log.warning("a call could not be refused", channel=channel_id, call=call_id, error=error.message)

    # -- words for the caller ------------------------------------------------------------------------

    async def _send_text(self, channel: AnyChannel, call: CallView, text: str, *, wait_s: float = 0.0) -> None:
        """Queue a message to the caller, once per call however often this is repeated."""
        await self._messages.submit(
            Submission(
                workspace_id=channel.workspace_id,
                channel_id=channel.id,
                peer=call.caller,
                content=Text(text=text),
                category="service",
                contact_id=call.contact_id,
                source=SOURCE,
                tag=f"call:{call.id}",
                due_at=(call.ended_at or 0) + round(wait_s * 1000) if wait_s else None,
                idempotency_key=f"call:{call.id}",
            )
        )

    async def answer(self, workspace_id: int, call_id: int, text: str | None) -> bool:
        """A webhook's words for the caller, in place of the channel's own; None: the channel's own, now.

        True when they will be sent; False when it is too late, or nothing was to be said. Raises NotFound.
        """
        call = await self.get(workspace_id, call_id)
        channel = await self._channels.get(workspace_id, call.channel_id)
        default = settings_of(channel).message
        words = (text or "").strip()[:MAX_TEXT].replace("\x00", "") or default
        if not words:
            return False
        # Whoever comes first, this or the refusal itself, makes the message; the other one changes it.
        await self._send_text(channel, call, words, wait_s=60.0)
        async with self._store.unit() as unit:
            changed = await unit.session.scalar(
                update(Message)
                .where(
                    Message.channel_id == channel.id,
                    Message.peer == call.caller,
                    Message.tag == f"call:{call.id}",
                    Message.source == SOURCE,
                    Message.state == states.SCHEDULED,
                )
                .values(content=encode(Text(text=words)), due_at=unit.now)
                .returning(Message.id)
            )
            if changed is not None:
                await reindex(unit, changed)
            unit.notify("scheduled")
        return changed is not None
