"""What the provider keeps for us (templates, catalogs) is read when a channel connects, and hourly after that.

Only the process that owns the channel's session can read, and it is the one that hears it connect.
"""

from __future__ import annotations

import asyncio

import structlog

from ..channels.service import Channels
from ..ground.bus import Wake
from ..ground.errors import JackfieldError, Rejected, SendError
from ..ground.store import Store
from ..models import Channel
from ..networks.catalogs import Catalogs
from ..port import claims
from ..templates.service import Templates

log = structlog.get_logger(__name__)

EVERY_S = 3600.0
"""Users of other products ask for hourly (field.md, template sync)."""
AT_MOST_EVERY_S = 60.0
"""A connection that flaps does not read everything each time."""
_REGISTERED_WITHIN_S = (0.05, 0.2, 0.5, 1, 3, 10)


class Refresh:
    """Keeps the caches of this process's channels fresh."""

    def __init__(self, store: Store, catalogs: Catalogs, channels: Channels, templates: Templates) -> None:
        self._store = store
        self._catalogs = catalogs
        self._channels = channels
        self._templates = templates
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._wakes: dict[int, Wake] = {}
        self._read_at: dict[int, float] = {}
        self._end = store.bus.subscribe("channel-status", self._hear)

    def _hear(self, channel_id: object) -> None:
        if not isinstance(channel_id, int):
            return
        task = self._tasks.get(channel_id)
        if task is None or task.done():
            self._wakes[channel_id] = Wake()
            self._tasks[channel_id] = asyncio.get_running_loop().create_task(
                self._keep(channel_id, self._wakes[channel_id]), name=f"refresh:{channel_id}"
            )
        else:
            self._wakes[channel_id].set()

    async def close(self) -> None:
        """Stop reading."""
        self._end()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _keep(self, channel_id: int, wake: Wake) -> None:
        live = self._channels.live
        # A session says that it is up a moment before its owner registers it.
        for pause in _REGISTERED_WITHIN_S:
            if channel_id in live:
                break
            await wake.wait(pause)
        while channel_id in live:
            await self.read(channel_id)
            await wake.wait(EVERY_S)

    async def read(self, channel_id: int) -> None:
        """Read a connected channel's templates and catalogs now, unless that was done a minute ago."""
        now = asyncio.get_running_loop().time()
        if now - self._read_at.get(channel_id, -AT_MOST_EVERY_S) < AT_MOST_EVERY_S:
            return
        async with self._store.db.read() as session:
            channel = await session.get(Channel, channel_id)
        if channel is None or channel.status != "connected":
            return
        able = claims((await self._channels.loaded(channel.engine)).session_type)
        for name, sync in (
            ("templates", self._templates.sync_channel),
            ("catalogs", self._catalogs.sync_channel),
        ):
            if name not in able:
                continue
            try:
                count = await sync(channel_id)
            except Rejected as error:
                # A channel without an account id, or a token without the permission: nothing to repeat at once.
                log.info("not to be read from the provider", channel=channel_id, what=name, reason=error.message)
            except (SendError, JackfieldError) as error:
                log.warning("could not be read from the provider", channel=channel_id, what=name, reason=str(error))
                return
            except Exception:
                log.exception("reading from the provider failed", channel=channel_id, what=name)
                return
            else:
                log.debug("read from the provider", channel=channel_id, what=name, count=count)
        self._read_at[channel_id] = now
