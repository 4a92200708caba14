"""`Channels`: made, listed, connected, deleted; and the live sessions of this process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, cast

import msgspec
import pydantic
from sqlalchemy import delete, select, update

from ...db.base import now_ms
from ..egress import check_url
from ..ground.errors import Conflict, Invalid, NotFound, Unsupported
from ..ground.store import Store
from ..models import Channel, Workspace
from ..models.channel import NEEDS_A_PERSON
from ..port import CAPABILITIES, CanPair, Engine, EngineConfig, Networks, Session, claims, require, unsupported
from ..quotas.pacing import PacedChannel, Pacing, parse_pacing
from .lease import ChannelSetup
from .remote import RemoteSession, encode_call
from .requests import OwnerRequests
from .views import AnyChannel, ChannelView, channel_view

DAY_MS = 86_400_000
TAKE_OVER_MS = 30_000
"""So long after a lease ran out somebody is expected to take the channel over."""
_KEY = re.compile(r"[^\x00-\x1f]{1,100}\Z")
C = TypeVar("C")


class Channels:
    """The service. `live` holds the sessions that this process owns, by channel id."""

    def __init__(self, store: Store, engines: Mapping[str, Engine], networks: Networks) -> None:
        self._store = store
        self.networks = networks
        self._engines = engines
        self.live: dict[int, Session] = {}
        self.requests = OwnerRequests(store)
        self._facts: dict[int, tuple[int, str]] = {}
        self._known: dict[str, Engine] = {}
        store.bus.subscribe("channels", self._forget)

    def _forget(self, _payload: Any) -> None:
        self._facts.clear()

    # -- engines -------------------------------------------------------------------------------------

    def engine(self, name: str) -> Engine:
        """The engine of this name. Raises Invalid."""
        engine = self._engines.get(name)
        if engine is None:
            known = ", ".join(self._engines)
            raise Invalid(f"engine: {name!r} is not one of {known}", details={"engine": [f"Use one of {known}."]})
        return engine

    async def loaded(self, name: str) -> Engine:
        """As `engine`, for whoever has an event loop to keep alive: the first time it is imported, in a thread.

        An engine's modules may take long to import; on the loop that would hold up every request, and lose leases on a
        busy machine. Raises Invalid.
        """
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = await asyncio.to_thread(self.engine, name)
        return known

    def parse_config(self, engine: Engine, data: Mapping[str, Any] | None) -> EngineConfig:
        """An engine's configuration from a caller's mapping. Raises Invalid that names the fields."""
        try:
            return engine.config_model.model_validate(dict(data or {}))
        except pydantic.ValidationError as error:
            details: dict[str, list[str]] = {}
            for one in error.errors(include_input=False, include_url=False):
                details.setdefault("config." + ".".join(map(str, one["loc"])), []).append(
                    one["msg"].removeprefix("Value error, ")
                )
            raise Invalid(
                "config: "
                + "; ".join(f"{field.removeprefix('config.')}: {texts[0]}" for field, texts in details.items()),
                details=details,
            ) from None

    async def _checked_config(self, engine: Engine, data: Mapping[str, Any] | None) -> EngineConfig:
        """As `parse_config`, with every address in it checked: whoever names one must not reach this server's network."""
        config = self.parse_config(engine, data)
        for field, url in config.addresses().items():
            await check_url(
                url,
                allow=self._store.options.egress_allow,
                field=f"config.{field}",
                schemes=("http", "https", "socks5"),
                credentials=True,
            )
        return config

    @staticmethod
    def dump_config(config: EngineConfig) -> str:
        """A configuration as stored (with its secrets; the column is encrypted)."""

        def plain(value: Any) -> Any:
            if isinstance(value, pydantic.SecretStr):
                return value.get_secret_value()
            if isinstance(value, dict):
                return {key: plain(item) for key, item in value.items()}
            return value

        return msgspec.json.encode(plain(config.model_dump(by_alias=True))).decode()

    def config_of(self, channel: AnyChannel | ChannelSetup) -> EngineConfig:
        """A channel's configuration, opened."""
        config = channel.config
        stored = config.get_secret_value() if isinstance(config, pydantic.SecretStr) else config
        return self.engine(channel.engine).config_model.model_validate_json(stored)

    # -- commands ------------------------------------------------------------------------------------

    async def create(
        self,
        workspace_id: int,
        *,
        name: str,
        engine: str | None = None,
        config: Mapping[str, Any] | None = None,
        key: str | None = None,
        pacing: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> ChannelView:
        """Make a channel; the workspace's first one becomes its default. Without `engine` it gets the registry's first.

        Raises Invalid, Conflict (key taken).
        """
        name = name.strip()
        if not name or len(name) > 200:
            raise Invalid("name: 1 to 200 characters", details={"name": ["Must be 1 to 200 characters."]})
        if key is not None and not _KEY.match(key):
            raise Invalid("key: 1 to 100 characters", details={"key": ["Must be 1 to 100 characters."]})
        chosen = await self.loaded(engine if engine is not None else next(iter(self._engines)))
        stored = self.dump_config(await self._checked_config(chosen, config))
        parse_pacing(pacing)
        async with self._store.unit() as unit:
            if key is not None:
                taken = (
                    await unit.conn.execute(
                        select(Channel.id).where(Channel.workspace_id == workspace_id, Channel.key == key)
                    )
                ).first()
                if taken:
                    raise Conflict(f"There is already a channel {key!r}.", code="CHANNEL_EXISTS")
            channel = Channel(
                workspace_id=workspace_id,
                key=key,
                name=name,
                engine=chosen.name,
                config=stored,
                settings=dict(settings or {}),
                pacing=dict(pacing or {}),
                created_at=unit.now,
            )
            unit.session.add(channel)
            await unit.session.flush()
            workspace = await unit.session.get_one(Workspace, workspace_id)
            if workspace.default_channel_id is None:
                workspace.default_channel_id = channel.id
            unit.notify("channels")
            return self._view(channel)

    async def update(
        self,
        workspace_id: int,
        channel_id: int,
        *,
        name: str | None = None,
        config: Mapping[str, Any] | None = None,
        pacing: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> ChannelView:
        """Change a channel; given settings are merged, None takes one out. Raises NotFound, Invalid."""
        if config is not None:
            # Before the transaction: the import and the name servers would keep every other writer waiting.
            before = await self.get(workspace_id, channel_id)
            stored = msgspec.json.decode(before.config.get_secret_value())
            await self._checked_config(await self.loaded(before.engine), {**stored, **config})
        async with self._store.unit() as unit:
            channel = await unit.session.get(Channel, channel_id)
            if channel is None or channel.workspace_id != workspace_id:
                raise self._missing(channel_id)
            if name is not None:
                if not name.strip() or len(name) > 200:
                    raise Invalid("name: 1 to 200 characters", details={"name": ["Must be 1 to 200 characters."]})
                channel.name = name.strip()
            if config is not None:
                merged = {**msgspec.json.decode(channel.config), **config}
                channel.config = self.dump_config(self.parse_config(self.engine(channel.engine), merged))
            if pacing is not None:
                parse_pacing(pacing)
                channel.pacing = dict(pacing)
            if settings is not None:
                merged = {**channel.settings, **settings}
                channel.settings = {key: value for key, value in merged.items() if value is not None}
            unit.notify("channels")
            unit.notify(f"channel:{channel_id}", "changed")
            return self._view(channel)

    async def unlink(self, workspace_id: int, channel_id: int) -> None:
        """Log a paired phone's session out, where it can be reached. Raises NotFound."""
        channel = await self.get(workspace_id, channel_id)
        try:
            session = self.session(channel, CanPair)  # type: ignore[type-abstract]
            async with asyncio.timeout(5):
                await session.log_out()
        except Exception:  # noqa: S110 - the device is unlinked by the phone's owner then
            pass

    async def delete(self, workspace_id: int, channel_id: int, *, unlink: bool = True) -> None:
        """Unlink and remove a channel with its messages and chats. Raises NotFound.

        `unlink` False leaves the network alone, for callers that have called `unlink` already.
        """
        if unlink:
            await self.unlink(workspace_id, channel_id)
        else:
            await self.get(workspace_id, channel_id)
        async with self._store.unit() as unit:
            await unit.conn.execute(delete(Channel).where(Channel.id == channel_id))
            workspace = await unit.session.get_one(Workspace, workspace_id)
            if workspace.default_channel_id == channel_id:
                workspace.default_channel_id = (
                    await unit.conn.execute(
                        select(Channel.id).where(Channel.workspace_id == workspace_id).order_by(Channel.id).limit(1)
                    )
                ).scalar()
            unit.notify("channels")
            unit.notify(f"channel:{channel_id}", "deleted")

    async def connect(self, workspace_id: int, channel_id: int, *, pair_phone: str | None = None) -> ChannelView:
        """Ask for the channel to be up; its owner connects it and reports login steps.

        With `pair_phone` (digits) a phone is paired by a code to be typed on it, else by QR. Raises NotFound, and
        Unsupported when the engine pairs no phones.
        """
        channel = await self.get(workspace_id, channel_id)
        if pair_phone is not None and "pairing" not in claims((await self.loaded(channel.engine)).session_type):
            raise Unsupported(
                f"The engine {channel.engine} cannot do this (it has no pairing).", details={"capability": "pairing"}
            )
        if pair_phone != channel.settings.get("pair_phone"):
            await self.update(workspace_id, channel_id, settings={"pair_phone": pair_phone})
        return await self._want(workspace_id, channel_id, "up")

    async def disconnect(self, workspace_id: int, channel_id: int) -> ChannelView:
        """Ask for the channel to be down; what is queued stays queued. Raises NotFound."""
        return await self._want(workspace_id, channel_id, "down")

    async def _want(self, workspace_id: int, channel_id: int, wanted: str) -> ChannelView:
        async with self._store.unit() as unit:
            channel = await unit.session.get(Channel, channel_id)
            if channel is None or channel.workspace_id != workspace_id:
                raise self._missing(channel_id)
            channel.wanted = wanted
            if wanted == "up" and channel.status in ("disconnected", *NEEDS_A_PERSON):
                channel.status = "connecting"
                channel.status_reason = None
                channel.login = None
            unit.notify("channels")
            unit.notify(f"channel:{channel_id}", "changed")
            return self._view(channel)

    # -- reading -------------------------------------------------------------------------------------

    @staticmethod
    def _missing(channel_id: object) -> NotFound:
        return NotFound(f"There is no profile {channel_id}.", code="PROFILE_NOT_FOUND")

    def _view(self, row: Channel) -> ChannelView:
        return channel_view(row, self.networks)

    async def find(self, channel_id: object) -> ChannelView | None:
        """The channel with this id, in whatever workspace: for callers that are not of one, such as a network's callbacks.

        `channel_id` may be text from an address. None when there is no such channel.
        """
        digits = str(channel_id)
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
            return None
        async with self._store.db.read() as session:
            row = await session.get(Channel, int(digits))
            return None if row is None else self._view(row)

    async def get(self, workspace_id: int, channel_id: int) -> ChannelView:
        """One channel. Raises NotFound."""
        async with self._store.db.read() as session:
            channel = await session.get(Channel, channel_id)
        if channel is None or channel.workspace_id != workspace_id:
            raise self._missing(channel_id)
        return self._view(channel)

    async def wait_for(
        self, channel: ChannelView, statuses: Sequence[str], seconds: float, *, login: str | None = None
    ) -> ChannelView:
        """The channel once its status is one of these, or as it is when the time is up. Raises NotFound.

        With `login` (qr, pairing_code) a channel that is pairing counts only once it shows that.
        """
        changed = asyncio.Event()
        end = self._store.bus.subscribe("channel-status", lambda id_: changed.set() if id_ == channel.id else None)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        try:
            while True:
                row = await self.get(channel.workspace_id, channel.id)
                left = deadline - loop.time()
                shows = login is None or row.status != "pairing" or (row.login or {}).get("type") == login
                if (row.status in statuses and shows) or left <= 0:
                    return row
                try:
                    # At least every quarter of a second: in a cluster another process may write the status.
                    await asyncio.wait_for(changed.wait(), min(left, 0.25))
                except TimeoutError:
                    continue
                changed.clear()
        finally:
            end()

    async def by_key(self, workspace_id: int, key: str) -> ChannelView:
        """The channel of the caller's own name. Raises NotFound."""
        async with self._store.db.read() as session:
            channel = (
                await session.execute(select(Channel).where(Channel.workspace_id == workspace_id, Channel.key == key))
            ).scalar_one_or_none()
        if channel is None:
            raise self._missing(key)
        return self._view(channel)

    async def list(self, workspace_id: int) -> list[ChannelView]:
        """All channels of a workspace, oldest first."""
        async with self._store.db.read() as session:
            rows = await session.scalars(
                select(Channel).where(Channel.workspace_id == workspace_id).order_by(Channel.id)
            )
            return [self._view(row) for row in rows]

    async def default(self, workspace_id: int) -> ChannelView:
        """The workspace's default channel. Raises NotFound when it has none."""
        async with self._store.db.read() as session:
            workspace = await session.get(Workspace, workspace_id)
            channel = (
                await session.get(Channel, workspace.default_channel_id)
                if workspace is not None and workspace.default_channel_id is not None
                else None
            )
        if channel is None:
            raise NotFound("The workspace has no channel yet; create a profile first.", code="PROFILE_NOT_FOUND")
        return self._view(channel)

    async def facts(self, channel_id: int) -> tuple[int, str]:
        """Workspace and engine of a channel, cached for the hot path; neither ever changes. Raises NotFound.

        A deleted channel is forgotten when "channels" is told on the bus; in another process a stale hit ends in a
        foreign key violation, which is answered the same way.
        """
        known = self._facts.get(channel_id)
        if known is None:
            async with self._store.db.read() as session:
                row = (
                    await session.execute(select(Channel.workspace_id, Channel.engine).where(Channel.id == channel_id))
                ).one_or_none()
            if row is None:
                raise self._missing(channel_id)
            known = self._facts[channel_id] = (row.workspace_id, row.engine)
        return known

    def session(self, channel: AnyChannel, capability: type[C]) -> C:
        """The live session of a channel as this capability; where another process holds it, one that asks that process.

        Raises Unsupported when the engine cannot, Conflict when the channel is not connected.
        """
        session = self.live.get(channel.id)
        if session is None and self.is_elsewhere(channel):
            engine = self._known.get(channel.engine)
            # An engine that this process has not imported yet is the owner's to judge: the import would hold up the loop.
            if engine is not None and capability not in map(CAPABILITIES.get, claims(engine.session_type)):
                raise unsupported(capability, channel.engine)
            remote: Any = RemoteSession(capability, partial(self.requests.ask, channel.id))
            return cast(C, remote)
        if session is None or channel.status not in ("connected", "connecting", "pairing"):
            raise Conflict(f"The profile {channel.name!r} is not connected.", code="PROFILE_NOT_CONNECTED")
        return require(session, capability, channel.engine)

    def is_elsewhere(self, channel: AnyChannel) -> bool:
        """Whether another process holds the channel's session, as far as its row tells."""
        options = self._store.options
        return (
            channel.id not in self.live
            and not options.exclusive
            and channel.wanted == "up"
            and channel.status in ("connected", "connecting", "pairing")
            and channel.lease_owner not in (None, options.node)
            and channel.lease_until > now_ms() - TAKE_OVER_MS
        )

    async def tell_owner(self, channel: AnyChannel, capability: type, method: str, *args: Any) -> None:
        """Have the process that holds the session call this method; nobody waits for what comes of it."""
        call = f"{capability.__name__}.{method}"
        await self.requests.leave(channel.id, call, encode_call(capability.__name__, method, *args))

    # -- what the owner of the session writes --------------------------------------------------------

    async def set_status(self, channel_id: int, status: str, reason: str | None = None, **values: Any) -> None:
        """Record what a channel's session is doing, with further columns where given."""
        async with self._store.unit() as unit:
            await unit.conn.execute(
                update(Channel).where(Channel.id == channel_id).values(status=status, status_reason=reason, **values)
            )
            unit.notify("channel-status", channel_id)

    def pacing_of(self, channel: PacedChannel) -> Pacing:
        """A channel's pacing as data."""
        return parse_pacing(channel.pacing)

    def daily_cap(self, channel: PacedChannel) -> int | None:
        """How many messages a channel may send today: its own cap or its engine's, and its warm-up's where that is
        lower. None: as many as the network takes."""
        pacing = self.pacing_of(channel)
        cap = pacing.over(self.engine(channel.engine).limits).daily_cap
        if pacing.warm_up_start is not None:
            days = max(0, (now_ms() - (channel.connected_at or now_ms())) // DAY_MS)
            warm = int(pacing.warm_up_start * (pacing.warm_up_growth or 1.5) ** min(days, 60))
            cap = warm if cap is None else min(warm, cap)
        return cap
