"""Long polling: fetch updates, make them durable, remember the place, and only then confirm.

A poll's offset confirms all updates before it, so the offset moves only after the sink has made the reports durable
and the state is saved. A crash in between makes Telegram give the same updates again; the core knows them by id.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from jackfield.core.ground.errors import LoginRequired, SendError
from jackfield.core.port import Disconnected

from .errors import ApiError, to_send_error
from .incoming import ALLOWED_UPDATES
from .memory import Memory
from .vendor import bot

if TYPE_CHECKING:
    from .api import Api

POLL_SECONDS = 50
"""How long Telegram may hold a poll open. Its own gateway gives up after about a minute."""
_GRACE_S = 10.0
_RETRY_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_QUIET_FAILURES = 2
"""Failures in a row before the channel is shown as disconnected: a lost poll now and then is normal."""

_CONFLICT = (
    "Another program reads this bot's updates, so messages go to it instead. "
    "Stop it, or make a bot of its own for it with BotFather."
)


class Poller:
    """The loop. `handle` makes one batch durable; `down` and `up` tell how the connection is."""

    def __init__(
        self,
        api: Api,
        memory: Memory,
        *,
        handle: Callable[[list[dict[str, Any]]], Awaitable[None]],
        save: Callable[[], Awaitable[None]],
        down: Callable[[Disconnected], Awaitable[None]],
        up: Callable[[], Awaitable[None]],
        seconds: int = POLL_SECONDS,
    ) -> None:
        self._api, self._memory, self._seconds = api, memory, seconds
        self._handle, self._save, self._down, self._up = handle, save, down, up
        self._failures = 0
        self._told = False
        self._busy = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to poll."""
        self._task = asyncio.create_task(self._run(), name="telegram-poll")

    async def stop(self) -> None:
        """End; a batch that is being made durable is finished first."""
        if self._task is None:
            return
        async with self._busy:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        while not await self._round():
            pass

    async def _round(self) -> bool:
        """One poll; gives whether it was the last, as the token is dead."""
        try:
            updates = await self._fetch()
            async with self._busy:
                await self._deal_with(updates)
        except ApiError as error:
            return await self._refused(error)
        except SendError as error:
            await self._failed(error.message)
        except Exception as error:
            # The sink or the store failed: the same updates come again with the next poll.
            await self._failed(f"The updates could not be stored: {type(error).__name__}")
        return False

    async def _refused(self, error: ApiError) -> bool:
        refusal = to_send_error(error)
        if isinstance(refusal, LoginRequired):
            with contextlib.suppress(Exception):
                await self._down(Disconnected(reason=refusal.message, permanent=True))
            return True
        if error.status != 409:
            await self._failed(refusal.message, error.retry_after)
        elif "webhook" not in error.description.lower():
            await self._failed(_CONFLICT, now=True)
        else:
            # Left over from a time with a public address; polling is impossible while it is set.
            try:
                await self._api.call(bot.DeleteWebhook())
            except (ApiError, SendError):
                await self._failed("A webhook is set and could not be removed.")
        return False

    async def _fetch(self) -> list[dict[str, Any]]:
        seconds = 0 if self._failures else self._seconds
        method = bot.GetUpdates(
            offset=self._memory.fresh_offset(), limit=100, timeout=seconds, allowed_updates=ALLOWED_UPDATES
        )
        answer = await self._api.call(method, seconds=seconds + _GRACE_S)
        return [update for update in answer if isinstance(update, dict)]

    async def _deal_with(self, updates: list[dict[str, Any]]) -> None:
        if updates:
            await self._handle(updates)
            self._memory.advance(max(int(update["update_id"]) for update in updates) + 1)
            await self._save()
        self._failures = 0
        if self._told:
            self._told = False
            await self._up()

    async def _failed(self, reason: str, retry_after: float | None = None, *, now: bool = False) -> None:
        pause = _RETRY_S[min(self._failures, len(_RETRY_S) - 1)] if retry_after is None else retry_after
        self._failures += 1
        if not self._told and (now or self._failures > _QUIET_FAILURES):
            self._told = True
            try:
                await self._down(Disconnected(reason=reason))
            except Exception:
                self._told = False
        await asyncio.sleep(pause)
