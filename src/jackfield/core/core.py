"""`Core`: one object that holds every service of the product. A handler binds, calls once, converts."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..db.database import Database
from ..db.groupcommit import GroupCommit
from .ground.bus import Bus, LocalBus
from .ground.unit import Unit, unit_of_work

if TYPE_CHECKING:
    from .media.service import ChannelMedia
    from .port.engine import Engine


class Options(msgspec.Struct, kw_only=True):
    """What the core needs to know of its surroundings. Times in seconds, sizes in bytes."""

    data_dir: Path = Path("data")
    node: str = "node"
    public_url: str = ""
    allow_private_webhooks: bool = False
    lease_seconds: float = 6.0
    poll_seconds: float = 0.5
    uncertain_wait_seconds: float = 600.0
    outcome_wait_seconds: float = 20.0
    event_retention_days: int = 30
    media_url: str = ""
    max_upload: int = 100 * 1024 * 1024
    exclusive: bool = False
    """True when this process alone may work on the database (SQLite with the folder's lock held)."""


class Core:
    """The product. Open before use; `unit()` opens a transaction whose events are told after the commit."""

    def __init__(
        self,
        db: Database,
        *,
        engines: Mapping[str, Engine] | None = None,
        options: Options | None = None,
        bus: Bus | None = None,
    ) -> None:
        from .accounts import Accounts
        from .accounts.audit import Audit
        from .campaigns import Campaigns
        from .channels import AtProvider, Channels
        from .contacts import Contacts
        from .desk.notes import Notes
        from .desk.tickets import Tickets
        from .ledger import Messages
        from .media.service import MediaFiles
        from .networks import Inbox
        from .networks.calls import Calls
        from .networks.catalogs import Catalogs
        from .networks.groups import Groups
        from .networks.refresh import Refresh
        from .quotas.api_use import ApiUses
        from .quotas.budgets import Budgets
        from .quotas.daily import DailyCaps
        from .templates import Templates
        from .webhooks import Webhooks
        from .webhooks.live import Live

        self.db = db
        self.options = options or Options()
        self.engines: Mapping[str, Engine] = engines or {}
        self.bus: Bus = bus or LocalBus()
        self.writer: GroupCommit[Unit] = GroupCommit(self.unit)
        self.accounts = Accounts(self)
        self.channels = Channels(self)
        self.at_provider = AtProvider(self)
        self.limits = self.accounts.limits
        self.audit = Audit(self)
        self.tickets = Tickets(self)
        self.notes = Notes(self)
        self.contacts = Contacts(self)
        self.messages = Messages(self)
        self.campaigns = Campaigns(self)
        self.inbox = Inbox(self)
        self.groups = Groups(self)
        self.calls = Calls(self)
        self.api_uses = ApiUses(self)
        self.webhooks = Webhooks(self)
        self.media = MediaFiles(self)
        self.templates = Templates(self)
        self.catalogs = Catalogs(self)
        self.refresh = Refresh(self)
        self.live = Live(self)
        self.caps = DailyCaps(self)
        self.budgets = Budgets(self)

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """A transaction of its own; for what many callers do at once use `writer`."""
        return unit_of_work(self.db, self.bus)

    def media_store(self, workspace_id: int, channel_id: int) -> ChannelMedia:
        """The files of a workspace as an engine sees them."""
        from .media.service import ChannelMedia

        return ChannelMedia(self.media, workspace_id, channel_id)

    async def open(self) -> None:
        """Begin to write."""
        self.writer.start()

    async def close(self) -> None:
        """Write what waits and close the database."""
        await self.live.close()
        await self.refresh.close()
        await self.calls.close()
        await self.api_uses.close()
        await self.writer.close()
        await self.db.close()

    async def __aenter__(self) -> Core:
        await self.open()
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()
