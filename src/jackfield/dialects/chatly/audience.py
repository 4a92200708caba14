"""Who a campaign goes to: a contact list and a segment, both of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jackfield.core import Conflict, Core, NotFound, SegmentView

from .form import Form

ALL_CONTACTS: Final = "All contacts"
"""The name of an account's first segment."""
MOST_RECIPIENTS: Final = 20_000
"""Contacts that a campaign may name one by one."""


async def lists_of(core: Core, workspace_id: int, form: Form, *, required: bool) -> list[int]:
    """The lists of contact_list_id (one or several); what is wrong is noted in the form."""
    found = []
    for id_ in form.ids("contact_list_id", "contact_list_ids", required=required):
        try:
            found.append((await core.contacts.lists.get(workspace_id, id_)).id)
        except NotFound:
            form.fail("contact_list_id", "The selected contact list id is invalid.")
    return found


async def ensure_segment(core: Core, workspace_id: int) -> None:
    """Give an account without any segment its first one, all contacts: a campaign must name a segment."""
    if not (await core.contacts.segments.list(workspace_id, limit=1)).items:
        try:
            await core.contacts.segments.create(workspace_id, ALL_CONTACTS, {})
        except Conflict:
            pass  # Somebody else has just made it.


async def segment_of(core: Core, workspace_id: int, form: Form, *, required: bool) -> SegmentView | None:
    """The segment of segment_id; what is wrong is noted in the form."""
    given = form.ids("segment_id", "segment_ids", required=required)
    if len(given) > 1:
        form.fail("segment_id", "The segment id may name one segment only.")
        return None
    if not given:
        return None
    await ensure_segment(core, workspace_id)
    try:
        return await core.contacts.segments.get(workspace_id, given[0], count=False)
    except NotFound:
        form.fail("segment_id", "The selected segment id is invalid.")
        return None


async def audience(
    core: Core, workspace_id: int, form: Form, lists: list[int], segment: Mapping[str, Any]
) -> dict[str, Any]:
    """The filter of contacts that are in one of the lists and match the segment too.

    A segment that is itself about lists cannot be put into one filter with ours; its contacts are then named one by
    one, as they are now.
    """
    if "lists" not in segment or not lists:
        return {**segment, **({"lists": lists} if lists else {})}
    ids = await core.contacts.matching_ids(workspace_id, [{"lists": lists}, segment], limit=MOST_RECIPIENTS + 1)
    if len(ids) > MOST_RECIPIENTS:
        form.fail("segment_id", f"This segment is about lists too, and more than {MOST_RECIPIENTS} contacts match.")
    return {"ids": list(ids)}
