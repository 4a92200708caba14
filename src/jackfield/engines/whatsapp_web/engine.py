"""The WhatsApp Web engine: opens sessions over child processes that it shares between them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from jackfield.core.egress import AllowList, Blocked, pin_url
from jackfield.core.ground.errors import LoginRequired, Unavailable
from jackfield.core.port import AccountNotice, ChannelInfo, Engine, EngineConfig, Limits, Network, Sink

from . import requirements
from .config import WhatsAppWebConfig
from .fetch import Fetcher
from .keeper import NEONIZE, Keeper
from .memory import Memory
from .network import NETWORK
from .options import DeviceOptions, Pulse
from .seal import paired
from .session import WhatsAppWebSession


class WhatsAppWebEngine:
    """Paired phones through neonize. Unofficial; see docs/engines/whatsapp-web.md for the risk."""

    name: ClassVar[str] = NETWORK.engine
    title: ClassVar[str] = "WhatsApp Web (paired phone)"
    config_model: ClassVar[type[EngineConfig]] = WhatsAppWebConfig
    limits: ClassVar[Limits] = Limits(rate=0.5, delay_ms=(2000, 5000), concurrency=2, daily_cap=None)
    """A random 2 to 5 s between messages, as a person would; WhatsApp publishes no limit."""
    network: ClassVar[Network] = NETWORK
    session_type: ClassVar[type] = WhatsAppWebSession

    def __init__(
        self,
        *,
        maker: str = NEONIZE,
        keeper: Keeper | None = None,
        pulse: Pulse | None = None,
    ) -> None:
        """`maker` names what makes a phone ("module:function"); tests name a fake."""
        self._maker = maker
        self._keeper = keeper
        self._pulse = pulse or Pulse()

    def missing(self) -> str | None:
        """What must be installed first; None when all is there, and for a fake, which needs nothing."""
        return requirements.missing() if self._maker == NEONIZE else None

    def outdated(self) -> tuple[str, str] | None:
        """An older library than the tested one, and the remedy; None for a fake."""
        old = requirements.outdated() if self._maker == NEONIZE else None
        return None if old is None else (old, f"{requirements.UPGRADE}, then restart; pairings stay.")

    @property
    def keeper(self) -> Keeper:
        """The processes, made when the first channel opens."""
        if self._keeper is None:
            self._keeper = Keeper(self._maker)
        return self._keeper

    async def open(self, channel: ChannelInfo, sink: Sink) -> WhatsAppWebSession:
        """Connect a paired number; an unpaired one waits for `start_login`.

        Raises LoginRequired with the install line when something is missing, Unavailable when no process starts.
        """
        config = channel.config
        if not isinstance(config, WhatsAppWebConfig):
            raise TypeError(f"the WhatsApp Web engine needs a WhatsAppWebConfig, not {type(config).__name__}")
        if (lack := self.missing()) is not None:
            raise LoginRequired("INSTALL", lack)
        if not channel.data_dir:
            raise Unavailable("DATA_DIR", "The channel has no folder for the device's keys.")
        memory = Memory.load(channel.state)
        if not channel.state:
            await channel.save_state(memory.dump())
        folder = Path(channel.data_dir) / "whatsapp_web"
        # The device's keys are in there: nobody else on the machine may read them.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = DeviceOptions(
            folder=str(folder),
            seal_key=memory.seal_key,
            device_name=config.device_name,
            proxy=await _proxy(config, channel.egress_allow),
            mark_online=config.mark_online,
            pulse=self._pulse,
        )
        session = WhatsAppWebSession(channel, sink, self.keeper, options, memory, Fetcher(channel.egress_allow))
        try:
            await session.start(paired=await asyncio.to_thread(paired, Path(options.database)))
        except BaseException:
            await session.close()
            raise
        if (lack := requirements.missing_converter()) is not None:
            await sink([AccountNotice(kind="missing_converter", message=lack)])
        return session


async def _proxy(config: WhatsAppWebConfig, egress_allow: AllowList) -> str | None:
    """The proxy with its checked address: the device's library would resolve the name anew. Raises Unavailable."""
    if config.proxy is None:
        return None
    try:
        return await pin_url(config.proxy.get_secret_value(), allow=egress_allow)
    except Blocked as error:
        raise Unavailable("blocked", f"The proxy may not be called: {error}.") from None
    except OSError:
        raise Unavailable("dns", "The proxy's host name cannot be resolved.") from None


ENGINE: type[Engine] = WhatsAppWebEngine
