"""Which channels a callback concerns, on networks that call one address for many channels."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import select

from ...channels.service import Channels
from ...channels.views import ChannelView, channel_view
from ...ground.store import Store
from ...models import Channel
from ...port import CallbackPart, EngineConfig, SharesCallbacks

KEPT_S: Final = 30.0
"""How long the directory is used when nobody tells of a change."""
MISSED_S: Final = 2.0
"""How long it is used after an account was asked for that is not in it: another process may have made the channel."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A channel with its opened configuration, and the names by which callbacks mean it."""

    channel: ChannelView
    config: EngineConfig
    account: str
    group: str
    secret: str | None

    def __repr__(self) -> str:
        return f"Entry(channel={self.channel.id})"


class Directory:
    """The channels of each engine by account. Opening a configuration costs more than checking a signature, so they are
    kept open until a channel changes."""

    def __init__(self, store: Store, channels: Channels, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._channels = channels
        self._clock = clock
        self._known: dict[str, tuple[float, list[Entry]]] = {}
        store.bus.subscribe("channels", lambda _: self._known.clear())

    async def entries(self, engine: str) -> list[Entry]:
        """All channels of an engine, oldest first."""
        known = self._known.get(engine)
        if known is None or self._clock() - known[0] > KEPT_S:
            known = self._known[engine] = (self._clock(), await self._read(engine))
        return known[1]

    async def find(self, engine: str, part: CallbackPart) -> list[Entry]:
        """The channels that a part of a callback concerns."""
        if not (part.account or part.phone or part.group):
            return []
        found = _matching(await self.entries(engine), part)
        known = self._known.get(engine)
        if not found and known is not None and self._clock() - known[0] > MISSED_S:
            del self._known[engine]
            found = _matching(await self.entries(engine), part)
        return found

    async def _read(self, engine: str) -> list[Entry]:
        loaded: Any = await self._channels.loaded(engine)
        if not isinstance(loaded, SharesCallbacks):
            return []
        async with self._store.db.read() as session:
            rows = await session.scalars(select(Channel).where(Channel.engine == engine).order_by(Channel.id))
            views = [channel_view(row, self._channels.networks) for row in rows]
        found = []
        for view in views:
            try:
                config = self._channels.config_of(view)
            except ValueError:
                # One configuration that cannot be opened hides no other channel.
                continue
            account, group = loaded.account_of(config)
            found.append(
                Entry(
                    channel=view,
                    config=config,
                    account=account,
                    group=group,
                    secret=loaded.callback_secret(config),
                )
            )
        return found


def _matching(entries: Iterable[Entry], part: CallbackPart) -> list[Entry]:
    if part.account:
        return [one for one in entries if one.account == part.account]
    if part.phone:
        return [one for one in entries if one.channel.address == part.phone]
    return [one for one in entries if one.group == part.group]
