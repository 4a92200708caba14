"""Changes of a contact's labels, lists and attributes: replace, add, remove."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, select

from ...ground.unit import Unit
from ...models import ContactList, ContactListMember, ContactTag, Tag
from . import write


class LabelsChanged(msgspec.Struct, kw_only=True):
    """What became of a contact's labels, by name."""

    tags_added: list[str]
    tags_removed: list[str]
    lists_added: list[str]
    lists_removed: list[str]
    attributes: list[str]


async def labels_of(unit: Unit, contact_id: int) -> tuple[set[str], set[str]]:
    """The names of a contact's tags, and of its lists."""
    tags = select(Tag.name).join(ContactTag, ContactTag.tag_id == Tag.id).where(ContactTag.contact_id == contact_id)
    lists = (
        select(ContactList.name)
        .join(ContactListMember, ContactListMember.list_id == ContactList.id)
        .where(ContactListMember.contact_id == contact_id)
    )
    return set((await unit.conn.execute(tags)).scalars()), set((await unit.conn.execute(lists)).scalars())


class LabelChanges(msgspec.Struct, kw_only=True):
    """What to do; `tags` and `lists` replace unless None. An attribute with an empty value is taken away."""

    tags: list[str] | None = None
    add: list[str] = []
    remove: list[str] = []
    lists: list[str | int] | None = None
    lists_add: list[str | int] = []
    lists_remove: list[str | int] = []
    attributes: dict[str, str] = {}
    strict: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing of tags, lists and attributes changes."""
        added = (*self.add, *self.remove, *self.lists_add, *self.lists_remove, *self.attributes)
        return self.tags is None and self.lists is None and not added

    async def told(self, unit: Unit, workspace_id: int, contact_id: int) -> LabelsChanged | None:
        """Carry it out as `apply`, and give what became of it; None where nothing was to change."""
        if self.is_empty:
            return None
        tags, lists = await labels_of(unit, contact_id)
        await self.apply(unit, workspace_id, contact_id)
        new_tags, new_lists = await labels_of(unit, contact_id)
        return LabelsChanged(
            tags_added=sorted(new_tags - tags),
            tags_removed=sorted(tags - new_tags),
            lists_added=sorted(new_lists - lists),
            lists_removed=sorted(lists - new_lists),
            attributes=sorted(self.attributes),
        )

    async def apply(self, unit: Unit, workspace_id: int, contact_id: int) -> None:
        """Carry it out. Raises Invalid for unknown names when `strict`, and for unknown list ids."""
        conn = unit.conn
        tags: dict[str, int] = {}
        for field, names in (("tags", self.tags), ("tags_to_add", self.add)):
            if names:
                tags |= await write.ensure(unit, Tag, workspace_id, names, strict=self.strict, field=field)
        if self.tags is not None:
            kept = [tags[name.casefold()] for name in self.tags]
            await conn.execute(
                delete(ContactTag).where(ContactTag.contact_id == contact_id, ContactTag.tag_id.not_in(kept))
            )
        await write.add_tags(unit, ((contact_id, tag) for tag in tags.values()))
        if self.strict:
            gone = await write.ensure(unit, Tag, workspace_id, self.remove, strict=True, field="tags_to_remove")
        else:
            gone = await write.named(unit, Tag, workspace_id, self.remove)
        if gone:
            await conn.execute(
                delete(ContactTag).where(ContactTag.contact_id == contact_id, ContactTag.tag_id.in_(gone.values()))
            )
        await self._lists(unit, workspace_id, contact_id)
        await write.set_attributes(unit, workspace_id, contact_id, self.attributes, strict=self.strict)

    async def _lists(self, unit: Unit, workspace_id: int, contact_id: int) -> None:
        conn = unit.conn
        if self.lists is not None:
            kept = await write.ensure_lists(unit, workspace_id, self.lists, strict=self.strict)
            await conn.execute(
                delete(ContactListMember).where(
                    ContactListMember.contact_id == contact_id, ContactListMember.list_id.not_in(kept)
                )
            )
            await write.add_members(unit, ((contact_id, list_) for list_ in kept))
        added = await write.ensure_lists(unit, workspace_id, self.lists_add, strict=self.strict, field="lists_to_add")
        await write.add_members(unit, ((contact_id, list_) for list_ in added))
        names = [one for one in self.lists_remove if isinstance(one, str)]
        gone = set((await write.named(unit, ContactList, workspace_id, names)).values())
        gone.update(one for one in self.lists_remove if isinstance(one, int) and 0 < one < 1 << 63)
        if gone:
            # A list of another workspace has no members that are contacts of this one.
            await conn.execute(
                delete(ContactListMember).where(
                    ContactListMember.contact_id == contact_id, ContactListMember.list_id.in_(gone)
                )
            )
