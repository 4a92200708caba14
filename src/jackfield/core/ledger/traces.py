"""The trace contexts that messages were accepted in; asked only where traces are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select

from ..ground.store import Store
from ..ground.tracing import TRACE
from ..models import Message
from .claim import Claimed

_EXTRAS = select(Message.id, Message.extra).where(
    Message.id.in_(bindparam("ids", expanding=True)), Message.extra.is_not(None)
)
_AT_ONCE = 1000


async def find_traces(store: Store, ids: Iterable[int]) -> dict[int, str]:
    """The contexts of those messages that have one, by id."""
    wanted = sorted(set(ids))
    found: dict[int, str] = {}
    if not wanted:
        return found
    async with store.db.read() as session:
        for start in range(0, len(wanted), _AT_ONCE):
            for id_, extra in await session.execute(_EXTRAS, {"ids": wanted[start : start + _AT_ONCE]}):
                if extra is not None and TRACE in extra:
                    found[id_] = str(extra[TRACE])
    return found


async def add_traces(store: Store, messages: Sequence[Claimed]) -> None:
    """Give claimed messages their contexts; those of campaigns have none."""
    found = await find_traces(store, [one.id for one in messages if not one.campaign_id])
    for one in messages:
        one.trace = found.get(one.id)
