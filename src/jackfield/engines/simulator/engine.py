"""The simulator engine: the default channel, which needs no network."""

from __future__ import annotations

from typing import ClassVar

from jackfield.core.port import ChannelInfo, Engine, EngineConfig, Limits, Network, Session, Sink

from .account import Account
from .config import SimulatorConfig
from .line import Line, LocalLine
from .network import NETWORK
from .people import Temper
from .remote import RemoteLine
from .session import SimulatorSession
from .world import World

_Network = tuple[int, Temper, float]
_worlds: dict[_Network, World] = {}
_owners: dict[tuple[_Network, str], str] = {}


def world_for(config: SimulatorConfig) -> World:
    """The network inside this process that channels with this seed, these people and delays share."""
    _, seed, people, scale = config.network()
    key = (seed, people, scale)
    if key not in _worlds:
        _worlds[key] = World(seed, people, scale=None if scale == 1 else scale)
    return _worlds[key]


def account_key(channel_id: int, config: SimulatorConfig) -> str:
    """The channel's key in its network."""
    return config.account or str(channel_id)


def account_for(channel_id: int, config: SimulatorConfig) -> Account:
    """The channel's account in this process: the one its session talks to, made at the first call."""
    return world_for(config).account(account_key(channel_id, config), phone=config.phone.lstrip("+") or None)


def forget_worlds() -> None:
    """Drop every network of this process (between tests)."""
    _worlds.clear()
    _owners.clear()


class SimulatorEngine:
    """A network with people in it, embedded or in a process of its own."""

    name: ClassVar[str] = NETWORK.engine
    title: ClassVar[str] = "Simulator"
    config_model: ClassVar[type[EngineConfig]] = SimulatorConfig
    limits: ClassVar[Limits] = Limits(rate=5000, burst=5000, concurrency=1000)
    network: ClassVar[Network] = NETWORK
    session_type: ClassVar[type] = SimulatorSession

    async def open(self, channel: ChannelInfo, sink: Sink) -> Session:
        """Connect; an unpaired channel waits for `start_login`. Raises Unavailable."""
        config = channel.config
        if not isinstance(config, SimulatorConfig):
            config = SimulatorConfig.model_validate(config.model_dump())
        line: Line
        url = config.network()[0]
        if url:
            line = RemoteLine(
                url,
                account_key(channel.id, config),
                phone=config.phone.lstrip("+"),
                egress_allow=channel.egress_allow,
            )
        else:
            line = LocalLine(self._account(channel, config))
        session = SimulatorSession(channel, sink, line, auto_scan=config.auto_scan)
        try:
            await session.start()
        except BaseException:
            await session.close()
            raise
        return session

    @staticmethod
    def _account(channel: ChannelInfo, config: SimulatorConfig) -> Account:
        """The channel's account; a fresh one when another installation in this process used the key before."""
        world, key = world_for(config), account_key(channel.id, config)
        _, seed, people, scale = config.network()
        owner = ((seed, people, scale), key)
        before = _owners.setdefault(owner, channel.data_dir)
        if before != channel.data_dir:
            _owners[owner] = channel.data_dir
            world.forget(key)
        return account_for(channel.id, config)


ENGINE: type[Engine] = SimulatorEngine
