"""Tags that messages give by themselves: to who writes one of a tag's words, or writes for the first time.

They are rules of messages as automations have them, and are met in the same place. They take no run: the tag is given in the
transaction that reads the event, also where a person has the chat and while a question of ours is open.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update

from ..ground.events import ContactUpdated
from ..ground.unit import Unit
from ..models import Contact, ContactTag, Tag
from .document import RULE, Document, OnMessage
from .matching import Rule
from .steps import TagContact

COLUMNS = (Tag.id, Tag.workspace_id, Tag.name, Tag.first_message, Tag.keywords, Tag.ruled_at)
"""What `rules_of` reads of a tag."""


def rules_of(row: Any) -> list[Rule]:
    """A tag's rules: one for its words, one for first messages. Their ids are the tag's, doubled, and the next."""
    triggers = []
    if row.keywords:
        triggers.append((2 * row.id, OnMessage(match="contains", words=list(row.keywords))))
    if row.first_message:
        triggers.append((2 * row.id + 1, OnMessage(first="ever")))
    return [
        Rule(
            id=id_,
            workspace_id=row.workspace_id,
            kind=RULE,
            version=1,
            enabled_at=row.ruled_at,
            document=Document(trigger=trigger, steps=[TagContact(id="tag", add=[row.name])]),
        )
        for id_, trigger in triggers
    ]


async def give(unit: Unit, workspace_id: int, contact_id: int, rules: Iterable[Rule]) -> None:
    """Give a contact the tags of these rules. One that it has stays, one that is gone meanwhile is left out."""
    wanted = {rule.id // 2 for rule in rules}
    had = select(ContactTag.tag_id).where(ContactTag.contact_id == contact_id)
    tags = (
        await unit.conn.execute(
            select(Tag.id, Tag.name)
            .where(Tag.workspace_id == workspace_id, Tag.id.in_(wanted), Tag.id.not_in(had))
            .order_by(Tag.id)
        )
    ).all()
    mine = (Contact.id == contact_id, Contact.workspace_id == workspace_id)
    person = (await unit.conn.execute(select(Contact.id, Contact.name, Contact.phone).where(*mine))).first()
    if not tags or person is None:
        return
    rows = [{"contact_id": contact_id, "tag_id": tag.id} for tag in tags]
    await unit.conn.execute(unit.upsert(ContactTag).on_conflict_do_nothing(), rows)
    await unit.conn.execute(update(Contact).where(*mine).values(updated_at=unit.now))
    told = ContactUpdated(
        id=person.id, name=person.name, phone=person.phone, tags_added=[tag.name for tag in tags], automatic=True
    )
    unit.emit(workspace_id, told)
