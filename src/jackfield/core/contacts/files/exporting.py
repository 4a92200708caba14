"""Contacts as a file, in pieces: a page of contacts at a time, whatever their number."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlalchemy import select

from ...ground.store import Store
from ...models import Attribute
from .. import columns
from ..columns import EXPORTED
from ..find.filters import conditions
from ..find.matching import matching
from ..people import validate as inputs
from ..people.views import ContactView, load_views
from . import TableFormat, phone_cell, table

PAGE = 1000
COLUMNS = (*EXPORTED, "tags", "lists")


async def export(
    store: Store, workspace_id: int, filter_: Mapping[str, Any], format: TableFormat
) -> AsyncIterator[bytes]:
    """See `Contacts.export`."""
    conditions(workspace_id, filter_)
    async with store.db.read() as session:
        names = list(
            await session.scalars(
                select(Attribute.name).where(Attribute.workspace_id == workspace_id).order_by(Attribute.id)
            )
        )
    # An attribute called like a field keeps a column of its own.
    titles = {name: f"{name} (attribute)" if name.casefold() in COLUMNS else name for name in names}
    file = table(format, [*COLUMNS, *titles.values()])
    yield file.add([])
    after = 0
    while True:
        # A session per page: a slow reader of the file holds no snapshot of the database open.
        async with store.db.read() as session:
            query, id_ = (await matching(session, workspace_id, filter_)).ids()
            ids = list(await session.scalars(query.where(id_ > after).order_by(id_).limit(PAGE)))
            views = await load_views(session, workspace_id, ids)
        yield file.add(_row(view, titles) for view in views)
        if len(ids) < PAGE:
            break
        after = ids[-1]
    yield file.end()


def _row(view: ContactView, titles: Mapping[str, str]) -> dict[str, Any]:
    values = {name: getattr(view, name) for name in EXPORTED}
    values.update((name, inputs.iso_time(values[name])) for name in EXPORTED if columns.COLUMNS[name].kind == "time")
    values["phone"] = [phone_cell(one.value) for one in view.identities if one.kind == "phone"]
    return {
        **{titles[name]: value for name, value in view.attributes.items() if name in titles},
        **values,
        "tags": view.tags,
        "lists": view.lists,
    }
