"""Profile pictures of people in the list of private chats: asked of the network a few at a time, and remembered.

A list of all chats must not ask WhatsApp for thousands of people at once, which looks like a scraper and takes minutes. Each
list asks for the most recent chats whose picture is not known, waits a moment, and shows what it has; the next one shows
more. The network's links do not last, so that each is asked for anew after some hours.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from jackfield.core import CanShowPicture, ChannelView, Core, JackfieldError, SendError, now_ms

log = structlog.get_logger(__name__)

ASKED: Final = 8
"""People whom one list asks the network for."""
PATIENCE_S: Final = 3.0
"""How long a list waits for them; what comes later is for the next list."""
LONGEST_S: Final = 30.0
"""How long an answer may take before it is given up."""
FRESH_MS: Final = 6 * 3_600_000
"""How long a link is shown, and how long a person without a picture is not asked for again."""
MOST: Final = 20_000
"""People remembered; the longest unseen are forgotten first."""


class Pictures:
    """Links to people's pictures, by channel and address. None: the person has none, or none for us."""

    def __init__(self, core: Core, clock: Callable[[], int] = now_ms) -> None:
        self._core, self._clock = core, clock
        self._known: OrderedDict[tuple[int, str], tuple[int, str | None]] = OrderedDict()
        self._asking: set[asyncio.Task[None]] = set()

    async def of(self, channel: ChannelView, peers: Sequence[str]) -> dict[str, str]:
        """The links that are known of these people, most recent first, after asking for some of the others. Never fails:
        a channel that is down, or shows no pictures, has those that it had."""
        now = self._clock()
        unknown = [one for one in peers if self._age(channel.id, one, now) >= FRESH_MS][:ASKED]
        ask = self._asker(channel) if unknown else None
        if ask is not None and not self._asking:
            tasks = [asyncio.create_task(self._ask(ask, channel.id, one)) for one in unknown]
            self._asking.update(tasks)
            for task in tasks:
                task.add_done_callback(self._asking.discard)
            await asyncio.wait(tasks, timeout=PATIENCE_S)
        found = {one: self._known[channel.id, one][1] for one in peers if (channel.id, one) in self._known}
        return {one: link for one, link in found.items() if link}

    def _age(self, channel_id: int, peer: str, now: int) -> int:
        known = self._known.get((channel_id, peer))
        return FRESH_MS if known is None else now - known[0]

    def _asker(self, channel: ChannelView) -> Callable[[str], Awaitable[str | None]] | None:
        try:
            return self._core.channels.session(channel, CanShowPicture).picture  # type: ignore[type-abstract]
        except JackfieldError:
            return None

    async def _ask(self, ask: Callable[[str], Awaitable[str | None]], channel_id: int, peer: str) -> None:
        try:
            async with asyncio.timeout(LONGEST_S):
                link = await ask(peer)
        except (SendError, JackfieldError, TimeoutError) as error:
            log.info("no picture", channel=channel_id, reason=type(error).__name__)
            return
        self._known[channel_id, peer] = (self._clock(), link)
        self._known.move_to_end((channel_id, peer))
        while len(self._known) > MOST:
            self._known.popitem(last=False)
