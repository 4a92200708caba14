"""What conditions and texts ask about: the person, their chat, and the run's variables. Each is read when it is first asked
for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from ..campaigns.recipients import fields_of, filled, placeholders
from ..contacts import ContactView
from ..contacts.consent.may_send import MARKETING, Consent, ConsentQuestion
from ..contacts.people.views import load_views
from ..desk.hours import Calendar
from ..desk.working_hours import calendar_of
from ..models import Channel, Chat, Identity, Workspace
from ..port import Networks
from ..port.content import Content, encode, personalise
from .conditions import (
    AtHours,
    AttributeIs,
    AtWork,
    ChatIs,
    Compares,
    Condition,
    ConsentIs,
    HasTag,
    InChannel,
    InList,
    VariableIs,
    number_of,
)

OPENS_TIME, OPENS_DATE = "opens_time", "opens_date"
"""Placeholders that tell when working hours begin next."""


class Place(msgspec.Struct, frozen=True):
    """Where somebody is written to."""

    channel_id: int
    peer: str
    engine: str


class Facts:
    """About one person, in one transaction. `channel_id` and `peer` are where it began, None where that was nowhere.
    `department_id`: by whose working hours texts tell when it opens, None for the workspace's."""

    def __init__(
        self,
        conn: Any,
        networks: Networks,
        consent: Consent,
        *,
        workspace_id: int,
        contact_id: int,
        channel_id: int | None,
        peer: str | None,
        variables: Mapping[str, Any],
        now: int,
        department_id: int | None = None,
    ) -> None:
        self._conn = conn
        self._networks = networks
        self._consent = consent
        self.workspace_id = workspace_id
        self.contact_id = contact_id
        self.channel_id = channel_id
        self.peer = peer
        self.variables = variables
        self.now = now
        self._department_id = department_id
        self._calendars: dict[int | None, Calendar] = {}
        self._person: ContactView | None = None
        self._chat: Any = None
        self._place: Place | None = None

    async def person(self) -> ContactView | None:
        """The contact; None when there is none any more."""
        if self._person is None:
            found = await load_views(self._conn, self.workspace_id, [self.contact_id])
            self._person = found[0] if found else None
        return self._person

    def forget(self) -> None:
        """What was read is out of date: a step changed it."""
        self._person = self._chat = None

    async def place(self, wanted: int | None = None) -> Place | None:
        """Where to write: where it began, else the person's latest chat, else by the workspace's default channel. `wanted`: on
        this channel alone. None where the person cannot be reached."""
        if self._place is not None and wanted in (None, self._place.channel_id):
            return self._place
        channel_id, peer = self.channel_id, self.peer
        if wanted is not None and wanted != channel_id:
            channel_id, peer = wanted, None
        if peer is None:
            query = select(Chat.channel_id, Chat.peer).where(Chat.contact_id == self.contact_id, Chat.kind == "private")
            if channel_id is not None:
                query = query.where(Chat.channel_id == channel_id)
            row = (await self._conn.execute(query.order_by(Chat.last_at.desc(), Chat.id.desc()).limit(1))).first()
            if row is not None:
                channel_id, peer = row.channel_id, row.peer
        if channel_id is None:
            channel_id = await self._conn.scalar(
                select(Workspace.default_channel_id).where(Workspace.id == self.workspace_id)
            )
        engine = await self._conn.scalar(
            select(Channel.engine).where(Channel.id == channel_id, Channel.workspace_id == self.workspace_id)
        )
        if channel_id is None or engine is None:
            return None
        if peer is None:
            peer = await self._address(engine)
        if peer is None:
            return None
        self._place = Place(channel_id, peer, engine)
        return self._place

    async def _address(self, engine: str) -> str | None:
        addressing = self._networks.of(engine).addressing
        kinds = addressing.identity_kinds
        if not kinds:
            return None
        rows = await self._conn.execute(
            select(Identity.kind, Identity.value)
            .where(Identity.contact_id == self.contact_id, Identity.kind.in_(kinds))
            .order_by(Identity.id)
        )
        ranked = sorted(rows, key=lambda row: kinds.index(row.kind))
        addresses = (addressing.address(row.kind, row.value) for row in ranked)
        return next((one for one in addresses if addressing.chat_kind(one) == "private"), None)

    async def chat(self) -> Any:
        """The chat's row; None where there is none yet."""
        if self._chat is None:
            place = await self.place()
            if place is None:
                return None
            columns = (Chat.id, Chat.status, Chat.assignee_id, Chat.window_until, Chat.last_in_id)
            query = select(*columns).where(Chat.channel_id == place.channel_id, Chat.peer == place.peer)
            self._chat = (await self._conn.execute(query)).first()
        return self._chat

    async def refusal(self) -> str | None:
        """Why the person may not get marketing, as a code of the consent question; None where they may."""
        place = await self.place()
        asked = ConsentQuestion(
            workspace_id=self.workspace_id,
            channel_id=0 if place is None else place.channel_id,
            peer="" if place is None else place.peer,
            category=MARKETING,
            contact_id=self.contact_id,
        )
        return (await self._consent.refusals(self._conn, [asked]))[0]

    async def calendar(self, department_id: int | None) -> Calendar:
        """The working hours of a department, else (None) of the workspace."""
        known = self._calendars.get(department_id)
        if known is None:
            known = self._calendars[department_id] = await calendar_of(self._conn, self.workspace_id, department_id)
        return known

    async def _opening(self) -> dict[str, str]:
        """When working hours begin next, or now, by the wall clock; nothing where they never do."""
        calendar = await self.calendar(self._department_id)
        at = calendar.opens_at(self.now)
        if at is None:
            return {}
        local = calendar.local(at)
        return {OPENS_TIME: local.strftime("%H:%M"), OPENS_DATE: local.date().isoformat()}

    # -- texts ---------------------------------------------------------------------------------------

    async def values(self, names: set[str], fallbacks: Mapping[str, Any]) -> dict[str, Any]:
        """Values of placeholders: of the run's variables, the contact's attributes and fields, else the fallbacks; a name
        that none of them has becomes nothing. `opens_time` and `opens_date` are when working hours begin next."""
        person = await self.person()
        fields = fields_of(person) if person is not None else {}
        known = {name.casefold(): value for name, value in (person.attributes if person is not None else {}).items()}
        if OPENS_TIME in names or OPENS_DATE in names:
            known |= await self._opening()
        known |= {name.casefold(): str(value) for name, value in self.variables.items() if value not in (None, "")}
        return filled(fields, known, names, fallbacks)

    async def said(self, content: Content, fallbacks: Mapping[str, Any]) -> Content:
        """Content with its placeholders filled."""
        names = placeholders(encode(content))
        return personalise(content, await self.values(names, fallbacks)) if names else content

    # -- conditions ----------------------------------------------------------------------------------

    async def hold(self, conditions: Sequence[Condition]) -> bool:
        """Whether all of them hold."""
        for one in conditions:
            if await self._holds(one) is one.negate:
                return False
        return True

    async def _holds(self, one: Condition) -> bool:
        if isinstance(one, AtHours):
            return one.hours.contains(self.now)
        if isinstance(one, AtWork):
            return (await self.calendar(number_of(one.department_id))).is_open(self.now)
        if isinstance(one, VariableIs):
            return compares(one, self.variables.get(one.variable))
        if isinstance(one, InChannel):
            place = await self.place()
            return place is not None and str(place.channel_id) in {str(id_) for id_ in one.channel_ids}
        if isinstance(one, ChatIs):
            chat = await self.chat()
            return chat is not None and (
                chat.assignee_id is not None if one.status == "assigned" else chat.status == one.status
            )
        if isinstance(one, ConsentIs):
            person = await self.person()
            if one.consent == "given":
                return person is not None and person.optin is True
            return (await self.refusal() is None) is (one.consent == "allowed")
        person = await self.person()
        if person is None:
            return False
        if isinstance(one, HasTag):
            return one.tag.casefold() in (tag.casefold() for tag in person.tags)
        if isinstance(one, InList):
            return one.list.casefold() in (str(name).casefold() for name in _names(person.lists))
        if isinstance(one, AttributeIs):
            wanted = one.attribute.casefold()
            known = {name.casefold(): value for name, value in person.attributes.items()}
            return compares(one, known.get(wanted))
        return False


def _names(lists: Any) -> list[str]:
    return [getattr(one, "name", one) for one in lists]


def compares(one: Compares, value: Any) -> bool:
    """Whether a value compares as it is asked to; one that is not there compares with nothing."""
    if one.op == "exists":
        return value not in (None, "")
    if value is None:
        return False
    said = str(value).strip().casefold()
    if one.op == "is":
        return said in (wanted.strip().casefold() for wanted in one.values)
    if one.op == "contains":
        return any(wanted.strip().casefold() in said for wanted in one.values)
    try:
        left, right = float(said.replace(",", ".")), float(one.values[0].replace(",", "."))
    except ValueError:
        return False
    return left < right if one.op == "less" else left > right
