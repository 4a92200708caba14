"""`Core`: one object that holds every service of the product. A handler binds, calls once, converts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Self

from sqlalchemy import text

from ..db.database import Database, sqlite_url
from ..db.errors import PoolerBetween
from ..db.postgres import DEFAULT_LIMITS, Limits
from ..db.secrets import load_or_make, use_key
from ..migrations import Schema, SchemaRefused, current, head, inspected, upgrade
from ..migrations.policy import Steps, allowed
from .accounts import Accounts
from .accounts.audit import Audit
from .ai import AiSettings, AiUses, Knowledge
from .automations import Automations, DryRuns, EventReader, Rulebook, RunDriver, Schedules, Services, Triggers
from .backlog import Backlog
from .backups.hold import Holds
from .campaigns import Campaigns
from .campaigns.progress import CampaignWatch
from .campaigns.running import RunningCampaigns
from .channels import Channels
from .channels.lease import Leases
from .contacts import Contacts
from .contacts.consent.may_send import Consent
from .desk.canned import CannedReplies
from .desk.chats import Chats
from .desk.drafts import Drafts
from .desk.notes import Notes
from .desk.saved_views import SavedViews
from .desk.tickets import Tickets
from .desk.working_hours import WorkingTimes
from .ground.bus import Bus
from .ground.errors import Conflict
from .ground.sealing import Sealing
from .ground.store import Options, Store
from .ground.unit import Unit
from .ledger import Messages
from .ledger.queue import Queue
from .media import ChannelMedia, MediaFiles
from .networks.actions import Actions
from .networks.calls import Calls
from .networks.catalogs import Catalogs
from .networks.groups import Groups
from .networks.inbound.directory import Directory
from .networks.inbound.files import IncomingFiles
from .networks.inbound.service import Inbound
from .networks.intake import Intake
from .networks.provider import AtProvider
from .networks.refresh import Refresh
from .port import Engine, Networks
from .privacy import Privacy
from .privacy.archive import Archive
from .privacy.retention import Retention
from .quotas.api_use import ApiUses
from .quotas.budgets import Budgets
from .quotas.daily import DailyCaps
from .quotas.response_times import Responses
from .quotas.usage import Usage
from .search.index import SearchIndex
from .search.service import Search
from .service import Assignments, ReplyTargets, Surveys
from .templates import Templates
from .webhooks import Webhooks
from .webhooks.live import Live
from .webhooks.relay import EventLog


class Core:
    """The product. Open before use; `unit()` opens a transaction whose events are published after the commit.

    A service is given what it uses: the store, and the services below it (the order here is the order of the rooms).
    """

    def __init__(
        self,
        db: Database,
        *,
        engines: Mapping[str, Engine] | None = None,
        options: Options | None = None,
        bus: Bus | None = None,
    ) -> None:
        self.store = store = Store(db, options=options, bus=bus)
        self.db = store.db
        self.options = store.options
        self.bus = store.bus
        self.writer = store.writer
        self.meters = store.meters
        self.backlog = Backlog(store)
        self.engines: Mapping[str, Engine] = engines or {}
        self.networks = networks = Networks(self.engines)
        self.sealing = Sealing(store)
        self.accounts = Accounts(store)
        self.limits = self.accounts.limits
        self.audit = Audit(store)
        self.usage = Usage(store)
        self.responses = Responses(store)
        self.api_uses = ApiUses(store)
        self.media = MediaFiles(store)
        self.contacts = Contacts(store, networks)
        self.consent = consent = Consent(networks)
        self.messages = Messages(store, networks, consent)
        self.queue = Queue(store, consent)
        self.channels = Channels(store, self.engines, networks)
        self.owner_requests = self.channels.requests
        self.leases = Leases(store)
        self.caps = DailyCaps(store, self.channels.daily_cap)
        self.budgets = Budgets(store)
        self.templates = Templates(store, self.channels)
        self.campaigns = Campaigns(store, self.contacts, self.messages, consent)
        self.running_campaigns = RunningCampaigns(store, networks)
        self.campaign_watch = CampaignWatch(store, self.channels, self.budgets, self.caps)
        self.webhooks = Webhooks(store)
        self.live = Live(store)
        self.event_log = EventLog(store)
        self.chats = Chats(store, self.channels)
        self.notes = Notes(store)
        self.canned_replies = CannedReplies(store)
        self.drafts = Drafts(store)
        self.saved_views = SavedViews(store)
        self.search = Search(store, networks, self.chats)
        self.search_index = SearchIndex(store)
        self.tickets = Tickets(store)
        self.working_times = WorkingTimes(store)
        self.assignments = Assignments(store)
        self.surveys = Surveys(store, networks, consent, self.messages)
        self.reply_targets = ReplyTargets(store, self.surveys)
        self.ai_settings = AiSettings(store)
        self.ai_uses = AiUses(store)
        self.knowledge = Knowledge(store)
        self.rulebook = rulebook = Rulebook()
        services = Services(
            store, networks, consent, self.contacts, self.messages, self.chats, self.notes, self.tickets, rulebook
        )
        self.automations = Automations(store)
        self.automation_events = EventReader(store, networks, consent, rulebook)
        self.automation_runs = RunDriver(services)
        self.automation_schedules = Schedules(store, networks, consent, rulebook)
        self.automation_triggers = Triggers(store, self.contacts, networks, consent, rulebook)
        self.automation_tests = DryRuns(store, networks, consent)
        self.intake = Intake(store, self.channels)
        self.directory = Directory(store, self.channels)
        self.incoming_files = IncomingFiles(store, self.channels, self.media, self.intake)
        self.inbound = Inbound(store, self.channels, self.intake, self.directory, self.incoming_files)
        self.actions = Actions(store, self.channels, self.messages)
        self.groups = Groups(store, self.channels, networks)
        self.calls = Calls(store, self.channels, self.messages)
        self.catalogs = Catalogs(store, self.channels)
        self.at_provider = AtProvider(store, self.channels)
        self.privacy = Privacy(store, networks, self.media, self.sealing, self.audit, self.search_index)
        self.retention = Retention(store, self.media, self.search_index)
        self.archive = Archive(store, networks, self.audit)
        self.holds = Holds(store)
        self.refresh = Refresh(store, self.catalogs, self.channels, self.templates)

    @classmethod
    def at(
        cls,
        database_url: str,
        secret: str,
        *,
        old_secret: str = "",
        engines: Mapping[str, Engine] | None = None,
        options: Options | None = None,
        bus: Bus | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Self:
        """The core on a database, sealed with a secret key.

        An empty `database_url` means SQLite in the data folder; an empty `secret` means the one that is kept there, and
        is made on first use. What was sealed with `old_secret` is opened too. `limits` are those of PostgreSQL. Raises
        ValueError for a database that is neither SQLite nor PostgreSQL.
        """
        options = options or Options()
        use_key(*([secret, old_secret] if secret else load_or_make(options.data_dir)))
        # Newer versions see by the name which schema this one knows.
        db = Database(
            database_url or sqlite_url(options.data_dir / "jackfield.db"), name=f"jackfield/{head()}", limits=limits
        )
        return cls(db, engines=engines, options=options, bus=bus)

    async def migrate(
        self, *, adopt_key: bool = False, steps: Steps = "all", anyway: bool = False
    ) -> tuple[str | None, str | None]:
        """Bring the database to this version's schema. Gives its revision before (None: it was empty) and after.

        `steps`: `all`, but while servers of an older version are connected those alone that they bear; `pre`: those that
        older servers bear; `none`. `anyway` takes no heed of connected servers. `adopt_key` as in `Sealing.check`.
        Raises Conflict where this version cannot work with what comes out, and WrongSecretKey for a database that
        was sealed with another key.
        """
        before = await self.revision()
        if before != head():
            try:
                target = allowed(await inspected(self.db), steps, anyway=anyway)
                if target is not None:
                    await upgrade(self.db, target)
            except SchemaRefused as error:
                raise Conflict(error.message) from None
        await self.sealing.check(adopt=adopt_key)
        return before, await current(self.db)

    async def schema(self) -> Schema:
        """How the database's schema stands to this version; nothing is changed. Raises as `revision`."""
        await self.revision()
        return await inspected(self.db)

    async def revision(self) -> str | None:
        """The schema's revision as it is; None where the database is empty. Raises Conflict where a pooler stands between
        that the address says nothing of."""
        try:
            return await current(self.db)
        except PoolerBetween as error:
            raise Conflict(f"{error}.") from None

    @staticmethod
    def newest_revision() -> str:
        """The revision that this version brings the schema to."""
        return head()

    async def ping(self, seconds: float) -> None:
        """Ask the database for an answer, and whether there is room to store more.

        Raises TimeoutError after so many seconds, StorageUnavailable, or what the database raises.
        """
        async with asyncio.timeout(seconds):
            async with self.db.read() as session:
                await session.execute(text("SELECT 1"))
            await self.store.room.check()

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a file in the data folder, which one process at a time works on."""
        return self.db.is_sqlite

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """A transaction of its own; for what many callers do at once use `writer`."""
        return self.store.unit()

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """One transaction of all commands inside the block: a request that is several of them (see `Store`)."""
        return self.store.transaction()

    def media_store(self, workspace_id: int, channel_id: int) -> ChannelMedia:
        """The files of a workspace as an engine sees them."""
        return ChannelMedia(self.media, workspace_id, channel_id)

    async def open(self) -> None:
        """Begin to write, and to hear other processes."""
        self.writer.start()
        await self.bus.start()

    async def close(self) -> None:
        """Write what waits and close the database."""
        await self.live.close()
        await self.refresh.close()
        await self.calls.close()
        await self.api_uses.close()
        await self.writer.close()
        await self.bus.close()
        await self.db.close()

    async def __aenter__(self) -> Core:
        await self.open()
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()
