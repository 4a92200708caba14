"""Erasure, step by step. Each step is made of small transactions and may be repeated: when an erasure is cut off, the
contact is still there, and asking again goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import and_, delete, insert, or_, select, update

from ..ground.errors import Conflict, NotFound
from ..ground.sealing import erased_address
from ..ground.store import Store
from ..ground.unit import Unit
from ..ledger import states
from ..ledger.archive import recall
from ..ledger.transition import Move, load, transition
from ..media import MediaFiles
from ..models import (
    ArchivedMessage,
    AuditEntry,
    BudgetUse,
    Call,
    Campaign,
    CannedReply,
    Chat,
    Contact,
    Event,
    Media,
    Message,
    ShortLink,
    Suppression,
    Ticket,
)
from ..port.content import Text, decode, encode, stored_files
from ..port.content.media import Media as MediaContent
from .export import events_of
from .person import Person, pattern
from .scrub import ERASED

BATCH: Final = 500
SPAN: Final = 20_000
"""Ids of the ledger or the events that one question looks through."""
_OPEN: Final = (states.QUEUED, states.SCHEDULED, states.UNCERTAIN)
_EMPTY: Final = encode(Text(text=""))


class Eraser:
    """Erases one person. `key` makes the pseudonyms (`Sealing.pseudonym_key`)."""

    def __init__(self, store: Store, media: MediaFiles, key: bytes, person: Person) -> None:
        self._store = store
        self._media = media
        self._key = key
        self._person = person
        self._files: set[int] = set()
        self._provider_files: set[str] = set()

    async def check(self) -> None:
        """Raises Conflict (MESSAGE_IN_FLIGHT) while a message of theirs is on its way to the network."""
        async with self._store.db.read() as session:
            query = select(Message.id).where(self._person.own_messages, Message.state == states.SENDING)
            if await session.scalar(query.limit(1)) is not None:
                raise _in_flight()

    async def recall(self) -> None:
        """Bring what is archived of them back into the ledger, where it is erased with the rest."""
        for which in (self._person.chats_in(ArchivedMessage), self._person.wrote_in(ArchivedMessage)):
            after = 0
            while True:
                query = select(ArchivedMessage.id).where(which, ArchivedMessage.id > after)
                # Found before the transaction: no index leads to what they wrote into groups.
                async with self._store.db.read() as session:
                    ids = [*await session.scalars(query.order_by(ArchivedMessage.id).limit(BATCH))]
                if ids:
                    async with self._store.unit() as unit:
                        await recall(unit, ArchivedMessage.id.in_(ids))
                if len(ids) < BATCH:
                    break
                after = ids[-1]

    async def messages(self) -> int:
        """Single messages go; a campaign's stay in its figures, without whose they were and what they said. What waits to
        be sent is not sent. Raises Conflict as `check`."""
        gone = 0
        pseudonyms = {one: erased_address(self._key, self._person.workspace_id, one) for one in self._person.addresses}
        while True:
            columns = (Message.id, Message.campaign_id, Message.peer, Message.slot, Message.state, Message.content)
            async with self._store.unit() as unit:
                rows = (await unit.conn.execute(select(*columns).where(self._person.own_messages).limit(BATCH))).all()
                if any(row.state == states.SENDING for row in rows):
                    raise _in_flight()  # It was claimed since we looked; its outcome would bring the number back.
                self._note_files([row.content for row in rows])
                single = [row.id for row in rows if not row.campaign_id]
                if single:
                    await unit.conn.execute(delete(Message).where(Message.id.in_(single)))
                await _end(unit, [row.id for row in rows if row.campaign_id and row.state in _OPEN])
                for row in rows:
                    if row.campaign_id:
                        await _blank(unit, row, pseudonyms)
            gone += len(rows)
            if len(rows) < BATCH:
                break
        return gone + await self._in_groups()

    async def _in_groups(self) -> int:
        """What they wrote into groups; no index leads there."""
        person = self._person
        mine = and_(
            Message.workspace_id == person.workspace_id,
            or_(Message.sender.in_(person.addresses), Message.contact_id.in_(person.ids)),
        )
        gone, after = 0, 0
        while True:
            async with self._store.unit() as unit:
                ids = await self._span(unit.conn, Message, after)
                if not ids:
                    return gone
                rows = (
                    await unit.conn.execute(
                        select(Message.id, Message.content, Message.campaign_id).where(
                            mine, Message.id > after, Message.id <= ids
                        )
                    )
                ).all()
                self._note_files([row.content for row in rows])
                single = [row.id for row in rows if not row.campaign_id]
                if single:
                    await unit.conn.execute(delete(Message).where(Message.id.in_(single)))
                # Messages of campaigns to another address of theirs, or to one that is no longer theirs.
                rest = [row.id for row in rows if row.campaign_id]
                if rest:
                    await unit.conn.execute(update(Message).where(Message.id.in_(rest)).values(contact_id=None))
            gone += len(single)
            after = ids

    async def _span(self, conn: Any, model: Any, after: int) -> int | None:
        """The id at the end of the next span of the workspace's rows; None where there are no more."""
        query = (
            select(model.id).where(model.workspace_id == self._person.workspace_id, model.id > after).order_by(model.id)
        )
        found = (await conn.execute(query.offset(SPAN - 1).limit(1))).scalar()
        if found is None:
            last = select(model.id).where(model.workspace_id == self._person.workspace_id, model.id > after)
            found = (await conn.execute(last.order_by(model.id.desc()).limit(1))).scalar()
        return None if found is None else int(found)

    def _note_files(self, stored: Sequence[str | None]) -> None:
        for one in stored:
            if one is None or '"media' not in one:
                continue
            content = decode(one)
            self._files |= stored_files(content)
            if isinstance(content, MediaContent) and content.media_id:
                self._provider_files.add(content.media_id)

    async def files(self) -> int:
        """Files that only this person's messages show, and lists of refused rows that name them."""
        workspace_id = self._person.workspace_id
        ids = list(self._files)
        provider = list(self._provider_files)
        wanted: dict[int, bool] = {}
        async with self._store.db.read() as session:
            for start in range(0, max(len(ids), len(provider)), BATCH):
                rows = await session.execute(
                    select(Media.id, Media.channel_id).where(
                        Media.workspace_id == workspace_id,
                        or_(
                            Media.id.in_(ids[start : start + BATCH]),
                            Media.provider_media_id.in_(provider[start : start + BATCH]),
                        ),
                    )
                )
                wanted.update({id_: channel is None for id_, channel in rows})
        ours = {id_ for id_, uploaded in wanted.items() if uploaded}
        if ours:
            for shown in await self._shown_elsewhere(ours):
                del wanted[shown]
        for id_ in await self._refused_lists():
            wanted[id_] = False
        for id_ in wanted:
            try:
                await self._media.delete(workspace_id, id_)
            except NotFound:
                continue  # Somebody deleted it meanwhile.
        return len(wanted)

    async def _shown_elsewhere(self, ids: set[int]) -> set[int]:
        """Which uploaded files other messages, campaigns or canned replies show too."""
        found: set[int] = set()
        async with self._store.db.read() as session:
            replies = select(CannedReply.media).where(CannedReply.workspace_id == self._person.workspace_id)
            for kept in await session.scalars(replies):
                found |= ids.intersection(kept)
        for model in (Message, ArchivedMessage, Campaign):
            after = 0
            while True:
                async with self._store.db.read() as session:
                    query = (
                        select(model.id, model.content)
                        .where(
                            model.workspace_id == self._person.workspace_id,
                            model.id > after,
                            model.content.contains('"media:'),
                        )
                        .order_by(model.id)
                        .limit(BATCH)
                    )
                    rows = (await session.execute(query)).all()
                for row in rows:
                    found |= stored_files(decode(row[1] or _EMPTY)) & ids
                if len(rows) < BATCH:
                    break
                after = rows[-1][0]
        return found

    async def _refused_lists(self) -> list[int]:
        words = pattern([*self._person.needles, *self._person.full_names])
        query = select(Media.id).where(
            Media.workspace_id == self._person.workspace_id, Media.mime == "text/csv", Media.filename == "refused.csv"
        )
        async with self._store.db.read() as session:
            ids = (await session.scalars(query)).all()
        found = []
        for id_ in ids:
            data = await self._media.read(await self._media.get(self._person.workspace_id, id_))
            if words is not None and words.search(data.decode("utf-8", "replace")):
                found.append(id_)
        return found

    async def conversations(self) -> int:
        """Chats with their notes, tickets with their replies, and calls."""
        person = self._person
        chats = list(person.chat_ids)
        workspace = person.workspace_id
        async with self._store.unit() as unit:
            gone = 0
            for statement in (
                delete(Ticket).where(
                    Ticket.workspace_id == workspace,
                    or_(Ticket.contact_id.in_(person.ids), Ticket.chat_id.in_(chats)),
                ),
                delete(Chat).where(Chat.workspace_id == workspace, Chat.id.in_(chats)),
                delete(Call).where(
                    Call.workspace_id == workspace,
                    or_(Call.contact_id.in_(person.ids), Call.caller.in_(person.addresses)),
                ),
                # Their own short links: whether they pressed one, and where it led them.
                delete(ShortLink).where(ShortLink.workspace_id == workspace, ShortLink.contact_id.in_(person.ids)),
                delete(BudgetUse).where(BudgetUse.workspace_id == workspace, BudgetUse.peer.in_(person.addresses)),
            ):
                gone += (await unit.conn.execute(statement)).rowcount
        return gone

    async def events(self) -> int:
        """Events of theirs, and with them what was owed or delivered to webhooks."""
        person = self._person
        mine = events_of(person)
        gone, after = 0, 0
        while True:
            async with self._store.unit() as unit:
                last = await self._span(unit.conn, Event, after)
                if last is None:
                    return gone
                some = delete(Event).where(mine, Event.id > after, Event.id <= last)
                gone += (await unit.conn.execute(some)).rowcount
            after = last

    async def audit(self) -> int:
        """The audit log keeps that something was done to them, by whom and when; what it said of them goes."""
        person = self._person
        targets = [f"contact:{one}" for one in person.ids] + [f"chat:{one}" for one in person.chat_ids]
        async with self._store.unit() as unit:
            rows = (
                await unit.conn.execute(
                    select(AuditEntry.id, AuditEntry.data).where(
                        AuditEntry.workspace_id == person.workspace_id, AuditEntry.target.in_(targets)
                    )
                )
            ).all()
            for id_, data in rows:
                await unit.conn.execute(update(AuditEntry).where(AuditEntry.id == id_).values(data=_hidden(data)))
        return len(rows)

    async def suppress(self) -> None:
        """Their addresses stay on the suppression list as keyed hashes: nobody writes marketing to them again."""
        person = self._person
        async with self._store.unit() as unit:
            for one in sorted(person.addresses):
                hashed = erased_address(self._key, person.workspace_id, one)
                mine = (Suppression.workspace_id == person.workspace_id, Suppression.address)
                known = await unit.conn.scalar(select(Suppression.id).where(mine[0], mine[1] == hashed))
                await unit.conn.execute(delete(Suppression).where(mine[0], mine[1] == one))
                if known is None:
                    await unit.conn.execute(
                        insert(Suppression).values(
                            workspace_id=person.workspace_id,
                            address=hashed,
                            reason="erased",
                            source="erasure",
                            created_at=unit.now,
                        )
                    )

    async def contact(self) -> None:
        """The contact itself, with identities, attributes, labels, notes and what merges kept: the last step."""
        async with self._store.unit() as unit:
            await unit.conn.execute(
                delete(Contact).where(
                    Contact.workspace_id == self._person.workspace_id, Contact.id == self._person.contact_id
                )
            )

    @asynccontextmanager
    async def forgetting(self) -> AsyncIterator[None]:
        """Inside the block SQLite overwrites what is deleted; at its end what the journal holds of it is written back
        and cut off. What PostgreSQL deleted is overwritten by its vacuum."""
        await self._pragma("secure_delete=ON")
        try:
            yield
        finally:
            await self._pragma("secure_delete=FAST")
        await self._pragma("wal_checkpoint(TRUNCATE)")

    async def _pragma(self, words: str) -> None:
        if not self._store.db.is_sqlite:
            return
        async with self._store.db.writer.connect() as connection:
            # On the driver's own connection: these do not go inside a transaction.
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await (await driver.execute(f"PRAGMA {words}")).close()


def _in_flight() -> Conflict:
    return Conflict("A message to this contact is being sent now; try again in a moment.", code="MESSAGE_IN_FLIGHT")


async def _end(unit: Unit, ids: list[int]) -> None:
    """What waits of a campaign is not sent; nobody can ask any more what became of a send whose outcome is unknown."""
    skipped = Move(to=states.SKIPPED, at=unit.now, code="suppressed")
    failed = Move(to=states.FAILED, at=unit.now, code="outcome_unknown")
    rows = await load(unit, Message.id.in_(ids)) if ids else []
    await transition(unit, [(row, failed if row["state"] == states.UNCERTAIN else skipped) for row in rows])


async def _blank(unit: Unit, row: Any, pseudonyms: dict[str, str]) -> None:
    """A campaign's row keeps its state and times, under a pseudonym."""
    peer = pseudonyms.get(row.peer, ERASED)
    await unit.conn.execute(
        update(Message)
        .where(Message.id == row.id)
        .values(
            {
                "peer": peer,
                # Still unique in the campaign: an expansion that is repeated gives nobody a second message.
                "slot": peer if row.slot == row.peer else row.slot,
                "content": None if row.content is None else _EMPTY,
                "kind": Message.kind if row.content is None else "text",
                "contact_id": None,
                "sender": None,
                "variables": None,
                "reply_to": None,
                # The network's id of a message may hold the number, and so may its words.
                "provider_id": None,
                "error": None,
                "extra": None,
            }
        )
    )


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hidden(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_hidden(one) for one in value]
    return ERASED if isinstance(value, str) else value
