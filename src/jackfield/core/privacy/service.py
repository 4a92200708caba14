"""`Privacy`: what is known of a person, handed over whole or erased."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from ..accounts import Principal
from ..accounts.audit import Audit
from ..contacts.people import validate as inputs
from ..ground.events import ContactDeleted
from ..ground.sealing import Sealing
from ..ground.store import Store
from ..media import MediaFiles
from ..port import Networks
from ..search.index import SearchIndex
from .erase import Eraser
from .export import export
from .person import Person, find
from .scrub import scrub


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows of each kind an erasure found."""

    messages: int
    files: int
    conversations: int
    events: int
    mentions: int


class Privacy:
    """The service. `contact_id` as the API takes it."""

    def __init__(
        self,
        store: Store,
        networks: Networks,
        media: MediaFiles,
        sealing: Sealing,
        audit: Audit,
        search_index: SearchIndex,
    ) -> None:
        self._store = store
        self._search_index = search_index
        self._networks = networks
        self._media = media
        self._sealing = sealing
        self._audit = audit

    async def person(self, workspace_id: int, contact_id: int | str) -> Person:
        """By what a contact is found. Raises NotFound."""
        number = inputs.known_id(contact_id, "Contact", "CONTACT_NOT_FOUND")
        async with self._store.db.read() as session:
            return await find(session, self._networks, workspace_id, number)

    async def export(
        self,
        workspace_id: int,
        contact_id: int | str,
        *,
        audit: bool = True,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> AsyncIterator[bytes]:
        """Everything known of a person as one JSON object in pieces, noted in the audit log; `audit` adds what that log
        has of them. Raises NotFound before the first piece."""
        person = await self.person(workspace_id, contact_id)
        await self._note(person, "contact.exported", by, ip)
        return export(self._store, person, audit=audit)

    async def erase(
        self, workspace_id: int, contact_id: int | str, *, by: Principal | None = None, ip: str | None = None
    ) -> Erasure:
        """Forget a person: contact, chats, messages, events, deliveries, files, tickets, notes, and what other rows say of
        their addresses. Campaigns keep their figures, under a pseudonym; the suppression list keeps hashes of the
        addresses, so that nobody writes to them again.

        Raises NotFound, and Conflict (MESSAGE_IN_FLIGHT) while a message to them is on its way. When it is cut off, ask
        again: it goes on.
        """
        person = await self.person(workspace_id, contact_id)
        eraser = Eraser(self._store, self._media, await self._sealing.pseudonym_key(), person)
        await eraser.check()
        async with eraser.forgetting():
            await eraser.suppress()
            await eraser.recall()
            messages = await eraser.messages()
            files = await eraser.files()
            conversations = await eraser.conversations()
            await eraser.audit()
            events = await eraser.events()
            mentions = await scrub(self._store, person)
            await self._search_index.forget_deleted()
            await eraser.contact()
        async with self._store.unit() as unit:
            unit.emit(workspace_id, ContactDeleted(id=person.contact_id))
            done = Erasure(
                messages=messages, files=files, conversations=conversations, events=events, mentions=mentions
            )
            await self._audit.record(
                unit,
                workspace_id,
                by.actor if by is not None else "system",
                "contact.erased",
                f"contact:{person.contact_id}",
                ip,
                msgspec.structs.asdict(done),
            )
        return done

    async def _note(self, person: Person, action: str, by: Principal | None, ip: str | None) -> None:
        await self._audit.record(
            None,
            person.workspace_id,
            by.actor if by is not None else "system",
            action,
            f"contact:{person.contact_id}",
            ip,
        )
