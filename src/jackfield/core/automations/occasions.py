"""What may start an automation, looked at in one way: as it happens, and in a dry run over the past."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import select

from ..contacts.consent.may_send import Consent
from ..ground.events import CallReceived, EventData, MessageReceived, load
from ..ledger import states
from ..models import LEDGER, Call, Chat, Event, Message
from ..port import Networks
from .document import OnCampaign, OnMessage, department_of
from .facts import Facts
from .matching import Rule, text_of

DAY_MS: Final = 86_400_000
MAX_TEXT: Final = 4096
"""Characters of a message that a run keeps."""
REPLY_DAYS: Final = 30
"""Days after a campaign's message within which an answer is one to it."""
COLUMNS: Final = (Event.id, Event.workspace_id, Event.channel_id, Event.type, Event.data, Event.created_at)


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the table: `at` in Unix ms."""

    id: int
    workspace_id: int
    channel_id: int | None
    at: int
    event: EventData

    @classmethod
    def of(cls, row: Any) -> Occasion:
        """From a row of COLUMNS."""
        return cls(
            id=row.id,
            workspace_id=row.workspace_id,
            channel_id=row.channel_id,
            at=row.created_at,
            event=load(row.type, row.data),
        )

    @property
    def peer(self) -> str | None:
        """The address of the chat that it is about."""
        return getattr(self.event, "peer", None)

    @property
    def variables(self) -> dict[str, Any]:
        """What a run begins with."""
        return {"message": text_of(self.event)[:MAX_TEXT]} if isinstance(self.event, MessageReceived) else {}

    @property
    def contact_told(self) -> int | None:
        """Whom it is about, where the event says so itself."""
        event: Any = self.event
        if event.type.startswith("contact."):
            found = getattr(event, "contact_id", None) or getattr(event, "id", None)
        else:
            found = getattr(event, "contact_id", None)
        return None if found is None else int(found)

    async def contact(self, reads: Any) -> int | None:
        """Whom it is about; None for nobody."""
        event: Any = self.event
        if isinstance(event, CallReceived):
            found = await reads.scalar(select(Call.contact_id).where(Call.id == event.id))
        else:
            found = self.contact_told
            chat_id = getattr(event, "chat_id", None)
            if found is None and chat_id is not None:
                found = await reads.scalar(select(Chat.contact_id).where(Chat.id == chat_id))
        return None if found is None else int(found)

    async def admits(
        self, reads: Any, rule: Rule, contact_id: int, *, networks: Networks, consent: Consent, now: int
    ) -> Facts | None:
        """What is known about the person, where they are there and the rule is for them; its trigger was asked before
        (`Rules.matching`)."""
        trigger = rule.document.trigger
        if not await self.is_first_of(reads, trigger):
            return None
        if isinstance(trigger, OnCampaign) and trigger.what == "replied" and not await self._is_reply(reads, trigger):
            return None
        facts = Facts(
            reads,
            networks,
            consent,
            workspace_id=self.workspace_id,
            contact_id=contact_id,
            channel_id=self.channel_id,
            peer=self.peer,
            variables=self.variables,
            now=now,
            department_id=department_of(rule.document),
        )
        if await facts.person() is None or not await facts.hold(rule.document.conditions):
            return None
        return facts

    async def is_first_of(self, reads: Any, trigger: Any) -> bool:
        """Whether a message is as seldom as its trigger asks; what asks nothing of the kind has it always."""
        asks = isinstance(trigger, OnMessage) and trigger.first is not None
        if not asks or not isinstance(self.event, MessageReceived):
            return True
        return await _is_first(reads, self.channel_id, self.event, trigger)

    async def _is_reply(self, reads: Any, trigger: OnCampaign) -> bool:
        """Whether the message is the person's first after one of the campaign's."""
        event: Any = self.event
        before = (Message.channel_id == self.channel_id, Message.peer == event.peer, Message.id < event.id)
        latest = (
            select(Message.id, Message.campaign_id, Message.sent_at)
            .where(
                *before,
                Message.direction == "out",
                Message.campaign_id > 0,
                Message.state.in_((states.SENT, states.DELIVERED, states.READ)),
                Message.sent_at.between(self.at - REPLY_DAYS * DAY_MS, self.at),
            )
            .order_by(Message.id.desc())
            .limit(1)
        )
        campaign = (await reads.execute(latest)).first()
        ids = {int(one) for one in trigger.campaign_ids if str(one).isdigit()}
        if campaign is None or (trigger.campaign_ids and campaign.campaign_id not in ids):
            return False
        between = select(Message.id).where(
            *before,
            Message.id > campaign.id,
            Message.created_at > campaign.sent_at,
            Message.direction == "in",
            Message.kind.not_in(("reaction", "system")),
        )
        return (await reads.execute(between.limit(1))).first() is None


async def _is_first(reads: Any, channel_id: int | None, event: MessageReceived, trigger: Any) -> bool:
    """Whether the person's message is their first in this chat, ever or in some days."""
    last = None
    for model in LEDGER:
        query = (
            select(model.sent_at, model.created_at)
            .where(
                model.channel_id == channel_id,
                model.peer == event.peer,
                model.id < event.id,
                model.direction == "in",
                model.kind.not_in(("reaction", "system")),
            )
            .order_by(model.id.desc())
            .limit(1)
        )
        last = last or (await reads.execute(query)).first()
    if last is None:
        return True
    return bool(trigger.first == "days" and (last.sent_at or last.created_at) < event.timestamp - trigger.days * DAY_MS)
