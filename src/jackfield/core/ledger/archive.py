"""The archive: settled messages in a table beside the ledger's, so that the work of today costs the same after years.

A message is in one of the two tables, with the same id. It goes over in one transaction, so a process that dies leaves it where
it was. Nothing is changed in the archive: what must change (a late receipt, an edit, an erasure) is first brought back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground.errors import Invalid
from ..ground.paging import MAX_LIMIT, Page, check_limit, decode_cursor, encode_cursor
from ..ground.unit import Unit
from ..models import LEDGER, AnyMessage, ArchivedMessage, Campaign, Chat, Message
from . import states

BATCH: Final = 500
"""Most rows that one transaction moves."""
_NAMES: Final = tuple(column.name for column in Message.__table__.columns)
Question = Callable[[AnyMessage], Any]
"""A select of messages of the ledger or of the archive."""
_OVER: Final = ("finished", "cancelled")


def is_settled(workspace_id: int, before: int) -> ColumnElement[bool]:
    """Messages of a workspace that may be archived: settled and of a time before `before` (Unix ms). What a campaign that is
    not over has sent stays, and the last message of a chat, and the last that came in, which the inbox shows."""
    shown = exists(
        select(1).where(
            Chat.channel_id == Message.channel_id,
            Chat.peer == Message.peer,
            or_(Chat.last_message_id == Message.id, Chat.last_in_id == Message.id),
        )
    )
    goes_on = exists(select(1).where(Campaign.id == Message.campaign_id, Campaign.state.not_in(_OVER)))
    return and_(
        Message.workspace_id == workspace_id,
        Message.created_at < before,
        func.coalesce(Message.sent_at, 0) < before,
        Message.state.in_(sorted({*states.SETTLED, states.RECEIVED})),
        ~shown,
        or_(Message.campaign_id == 0, ~goes_on),
    )


async def put_away(unit: Unit, ids: Sequence[int], which: ColumnElement[bool]) -> int:
    """Move those of these messages into the archive that `which` still holds for. Gives how many."""
    gone = await unit.conn.execute(
        delete(Message.__table__)  # type: ignore[arg-type]
        .where(Message.id.in_(ids), which)
        .returning(*Message.__table__.columns)
    )
    rows = [{**row, "archived_at": unit.now} for row in gone.mappings()]
    if rows:
        await unit.conn.execute(insert(ArchivedMessage), rows)
    return len(rows)


async def recall(unit: Unit, *which: Any) -> int:
    """Bring messages back from the archive into the ledger, as they were, to be changed there. They are archived again
    later. Gives how many."""
    ids = select(ArchivedMessage.id).where(*which).order_by(ArchivedMessage.id)
    found = list((await unit.conn.execute(ids)).scalars())
    if not found:
        return 0
    # Whoever deletes the row has it: two who call the same message do not bring it back twice.
    gone = await unit.conn.execute(
        delete(ArchivedMessage.__table__)  # type: ignore[arg-type]
        .where(ArchivedMessage.id.in_(found))
        .returning(*(ArchivedMessage.__table__.columns[name] for name in _NAMES))
    )
    rows = [dict(row) for row in gone.mappings()]
    if rows:
        await unit.conn.execute(insert(Message), rows)
    return len(rows)


def of_all(find: Question) -> CompoundSelect[Any]:
    """A question to the ledger and the archive, in one statement: it sees no message twice while one is moved. The answers of
    both come one after the other."""
    return union_all(*(find(model) for model in LEDGER))


async def anywhere(session: AsyncSession, find: Question) -> Any:
    """The message that a query finds, in the ledger or else in the archive; None where there is none."""
    for model in LEDGER:
        row = await session.scalar(find(model))
        if row is not None:
            return row
    return None


async def page_of_all(
    session: AsyncSession,
    find: Question,
    *,
    limit: int = 50,
    cursor: str | None = None,
    page: int | None = None,
    newest_first: bool = True,
    total: bool = False,
    maximum: int = MAX_LIMIT,
) -> Page[Any]:
    """As `page_by_id`, of the messages in the ledger and the archive together."""
    limit = check_limit(limit, maximum=maximum)
    skipped, after = 0, None
    if page is not None:
        if not 1 <= page <= 10_000_000:
            raise Invalid("page: must be at least 1", details={"page": ["Must be at least 1."]})
        skipped = (page - 1) * limit
    elif cursor:
        (after,) = decode_cursor(cursor, tuple[int])
    counted = None
    if total:
        counts = of_all(lambda model: find(model).with_only_columns(func.count(), maintain_column_froms=True))
        counted = sum(int(one) for one in (await session.scalars(counts)).all())

    def ids(model: AnyMessage) -> Select[Any]:
        query = find(model).with_only_columns(model.id.label("id"), literal(model is Message).label("here"))
        if after is not None:
            query = query.where(model.id < after if newest_first else model.id > after)
        query = query.order_by(model.id.desc() if newest_first else model.id).limit(skipped + limit + 1)
        return select(*query.subquery().columns)

    places = {id_: bool(here) for id_, here in await session.execute(of_all(ids))}
    found = sorted(places.items(), reverse=newest_first)
    shown, more = found[skipped : skipped + limit], len(found) > skipped + limit
    rows = await rows_of(session, shown)
    return Page(items=rows, cursor=encode_cursor(shown[-1][0]) if more else None, total=counted)


async def rows_of(session: AsyncSession, places: Sequence[tuple[int, bool]]) -> list[Any]:
    """The rows with these ids, in this order, each from the ledger (True) or the archive."""
    rows: dict[int, Any] = {}
    models: tuple[tuple[Any, bool], ...] = ((Message, True), (ArchivedMessage, False))
    for model, here in models:
        ids = [id_ for id_, place in places if place is here]
        if ids:
            rows |= {row.id: row for row in await session.scalars(select(model).where(model.id.in_(ids)))}
    return [rows[id_] for id_, _ in places if id_ in rows]
