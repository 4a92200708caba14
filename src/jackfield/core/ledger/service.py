"""`Messages`: what handlers call."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, exists, select, text

from ..contacts.consent.may_send import Consent
from ..egress.links import check_links
from ..errorbook import RetryClass, lookup
from ..ground.bus import SETTLED_ELSEWHERE, SettledElsewhere
from ..ground.errors import Conflict, Invalid, NotFound
from ..ground.listing import page_by_id
from ..ground.paging import Page, check_limit, decode_cursor, encode_cursor
from ..ground.store import Store
from ..ground.times import must_lie_ahead
from ..models import AnyMessage, ArchivedMessage, Channel, Chat, Message, ShortLink, of_campaign
from ..port import Networks
from . import states
from .archive import anywhere, page_of_all
from .submit import Accepted, Submission, submit_batch
from .transition import Move, Settled, held, load, transition
from .views import MessageView, message_views
from .waiting import WAITING

Rows = list[Message]
"""Inside the class, `list` is a method."""


class Filter(msgspec.Struct, kw_only=True):
    """Which messages to list. Times are Unix ms, `until` is exclusive. `error_code`: failed or left out for this reason.
    `replied`: the person has written since the network took it, or has not. `clicked`: they have
    followed a link of the campaign, or have not."""

    channel_id: int | None = None
    campaign_id: int | None = None
    peer: str | None = None
    state: str | None = None
    direction: str | None = None
    kind: str | None = None
    tag: str | None = None
    template: str | None = None
    error_code: str | None = None
    replied: bool | None = None
    clicked: bool | None = None
    since: int | None = None
    until: int | None = None


class _Waiter(NamedTuple):
    """Somebody who waits for a message's outcome, and which refusals for now are one too. The future may give None: then
    the row is worth reading."""

    future: asyncio.Future[Settled | None]
    refused: Collection[RetryClass]


def _is_outcome(state: str, code: str | None, refused: Collection[RetryClass]) -> bool:
    """Whether a state ends the wait of somebody who also wants to hear of refusals of these classes."""
    if state == states.QUEUED:
        return bool(refused) and code is not None and lookup(code).retry_class in refused
    return state not in (states.SENDING, states.SCHEDULED)


def _replied(model: AnyMessage) -> ColumnElement[bool]:
    answered = exists(
        select(1).where(Chat.channel_id == model.channel_id, Chat.peer == model.peer, Chat.last_in_id > model.id)
    )
    return model.state.in_((states.SENT, states.DELIVERED, states.READ)) & answered


def _clicked(model: AnyMessage) -> ColumnElement[bool]:
    return exists(
        select(1).where(
            ShortLink.campaign_id == model.campaign_id,
            ShortLink.slot == model.slot,
            ShortLink.first_at.is_not(None),
        )
    )


def matching(workspace_id: int, filter_: Filter, model: AnyMessage = Message) -> Select[Any]:
    """The messages of a workspace that a filter takes, of the ledger or the archive. Raises Invalid."""
    if filter_.state is not None and filter_.state not in states.MOVES:
        raise Invalid(f"status: one of {', '.join(states.MOVES)}", details={"status": ["Unknown status."]})
    query = select(model).where(model.workspace_id == workspace_id)
    if filter_.campaign_id is not None:
        # The sum keeps the workspace's indexes out of it: the campaign's own has far fewer rows.
        query = select(model).where(model.workspace_id + 0 == workspace_id, of_campaign(filter_.campaign_id, model))
    for column, value in (
        (model.channel_id, filter_.channel_id),
        (model.peer, filter_.peer),
        (model.state, filter_.state),
        (model.direction, filter_.direction),
        (model.kind, filter_.kind),
        (model.tag, filter_.tag),
        (model.template, filter_.template),
        (model.error_code, filter_.error_code),
    ):
        if value is not None:
            query = query.where(column == value)
    if filter_.peer is not None and filter_.channel_id is None:
        # By channel, because the index of a conversation begins with it.
        ours = select(Channel.id).where(Channel.workspace_id == workspace_id)
        query = query.where(model.channel_id.in_(ours))
    if filter_.replied is not None:
        query = query.where(_replied(model) if filter_.replied else ~_replied(model))
    if filter_.clicked is not None:
        query = query.where(_clicked(model) if filter_.clicked else ~_clicked(model))
    if filter_.since is not None:
        query = query.where(model.created_at >= filter_.since)
    if filter_.until is not None:
        query = query.where(model.created_at < filter_.until)
    return query


class Messages:
    """The ledger's service."""

    def __init__(self, store: Store, networks: Networks, consent: Consent) -> None:
        self._store = store
        self._networks = networks
        # One object for all submissions: the group commit knows a handler by its identity.
        self._submit_batch = partial(submit_batch, consent=consent)
        self._waiters: dict[int, list[_Waiter]] = {}
        store.bus.subscribe("settled", self._settled)
        store.bus.subscribe(SETTLED_ELSEWHERE, self._settled_elsewhere)

    async def submit(self, item: Submission) -> Accepted:
        """Put one message into the ledger; it is durable when this returns.

        Raises Conflict when its idempotency key was used with another request, Forbidden (SKIPPED) for marketing to
        somebody who refused it, Invalid for a time in the past or a file at an address inside, LimitReached when the writer is
        overloaded (nothing was stored).
        """
        must_lie_ahead(item.due_at)
        check_links(item.content, self._store.options.egress_allow)
        spellings = self._networks.spellings(item.peer)
        if len(spellings) > 1:
            item.spellings = spellings
        if self._store.tracer is not None:
            item.trace = self._store.tracer.current()
        answer: Any = await self._store.submit(self._submit_batch, item)
        accepted: Accepted = answer
        return accepted

    # -- waiting for the outcome (design, decision 8) ------------------------------------------------

    def _settled(self, settled: list[Settled]) -> None:
        if not self._waiters:
            return
        for one in settled:
            for waiter in self._waiters.get(one.id, ()):
                if _is_outcome(one.state, one.code, waiter.refused) and not waiter.future.done():
                    waiter.future.set_result(one)

    def _settled_elsewhere(self, settled: list[SettledElsewhere]) -> None:
        if not self._waiters:
            return
        for one in settled:
            for waiter in self._waiters.get(one.id, ()):
                if _is_outcome(one.state, one.code, waiter.refused) and not waiter.future.done():
                    waiter.future.set_result(None)

    async def submit_and_wait(self, item: Submission, timeout: float | None = None) -> tuple[Accepted, Settled | None]:
        """Submit durably, then wait for the network's answer up to `timeout` seconds.

        The second part is None when it has not come by then: the message is still owed and will be sent. A
        message that is already settled (a repeat under the same key) answers at once.
        """
        accepted = await self.submit(item)
        return accepted, await self.outcome(accepted.id, timeout)

    async def outcome(
        self, message_id: int, timeout: float | None = None, *, refused: Collection[RetryClass] = ()
    ) -> Settled | None:
        """Wait until a message is sent, failed or uncertain, up to `timeout` seconds (see `submit_and_wait`).

        With `refused` also until the network refuses it for now for a reason of these classes: its state is then `queued`
        and `code` says why.
        """
        limit = self._store.options.outcome_wait_seconds if timeout is None else timeout
        loop = asyncio.get_running_loop()
        waiters = self._waiters.setdefault(message_id, [])
        deadline = loop.time() + limit
        try:
            while True:
                # Listening begins before each look: what is settled in between is in one of the two. The looks serve a
                # cluster, where another process may own the channel.
                waiter = _Waiter(loop.create_future(), refused)
                waiters.append(waiter)
                try:
                    row = await self._peek(message_id, refused)
                    if row is not None:
                        return row
                    left = deadline - loop.time()
                    if left <= 0:
                        return None
                    settled = await asyncio.wait_for(waiter.future, min(left, 0.5))
                except TimeoutError:
                    continue
                finally:
                    waiters.remove(waiter)
                if settled is not None:
                    return settled
        finally:
            if not waiters and self._waiters.get(message_id) is waiters:
                del self._waiters[message_id]

    async def _peek(self, message_id: int, refused: Collection[RetryClass]) -> Settled | None:
        async with self._store.db.read() as session:
            row = (
                await session.execute(
                    select(Message.state, Message.provider_id, Message.error_code, Message.error, Message.extra).where(
                        Message.id == message_id
                    )
                )
            ).one_or_none()
        if row is None or not _is_outcome(row.state, row.error_code, refused):
            return None
        return Settled(
            id=message_id,
            state=row.state,
            provider_id=row.provider_id,
            code=row.error_code,
            error=row.error,
            raw=(row.extra or {}).get("answer"),
            held=held(row.state, row.extra),
        )

    # -- reading -------------------------------------------------------------------------------------

    async def get(self, workspace_id: int, message_id: int) -> MessageView:
        """One message, of the archive too. Raises NotFound."""
        async with self._store.db.read() as session:
            row = await anywhere(session, lambda model: select(model).where(model.id == message_id))
            if row is None or row.workspace_id != workspace_id:
                raise NotFound(f"There is no message {message_id}.")
            (view,) = await message_views(session, self._networks, [row])
        return view

    async def list(
        self,
        workspace_id: int,
        filter_: Filter | None = None,
        *,
        limit: int = 50,
        cursor: str | None = None,
        newest_first: bool = True,
        page: int | None = None,
        total: bool = False,
    ) -> Page[MessageView]:
        """Messages of a workspace, newest first, by cursor or by page number (see `page_by_id`); those of a campaign whole,
        others without what is archived (`Archive.find`).

        Raises Invalid for a bad filter, page or cursor.
        """
        wanted = filter_ or Filter()
        how: dict[str, Any] = {
            "limit": limit, "cursor": cursor, "page": page, "newest_first": newest_first, "total": total,
        }  # fmt: skip
        async with self._store.db.read() as session:
            found: Page[Message]
            if wanted.campaign_id is not None:
                found = await page_of_all(session, partial(matching, workspace_id, wanted), **how)
            else:
                query = matching(workspace_id, wanted)
                found = await page_by_id(session, query, Message.id, lambda row: row, **how)
            return Page(
                items=await message_views(session, self._networks, found.items), cursor=found.cursor, total=found.total
            )

    async def sent(
        self, workspace_id: int, *, channel_id: int | None = None, limit: int = 100
    ) -> Sequence[MessageView]:
        """The last messages that a network took, newest first."""
        query = select(Message).where(Message.workspace_id == workspace_id, Message.direction == "out")
        if channel_id is not None:
            query = query.where(Message.channel_id == channel_id)
        found: Rows = []
        async with self._store.db.read() as session:
            for state in (states.SENT, states.DELIVERED, states.READ):
                # One by one, by the index of each: together they are looked for among all that is newer, such as a
                # campaign that waits.
                found += await session.scalars(
                    query.where(Message.state == state).order_by(Message.id.desc()).limit(limit)
                )
            rows = sorted(found, key=lambda row: row.id, reverse=True)[:limit]
            return await message_views(session, self._networks, rows)

    async def received(self, workspace_id: int, channel_id: int, *, limit: int = 100) -> Sequence[MessageView]:
        """The last messages that came in on a channel, newest first, without reactions."""
        query = select(Message).where(
            Message.workspace_id == workspace_id,
            Message.channel_id == channel_id,
            Message.direction == "in",
            Message.kind != "reaction",
        )
        async with self._store.db.read() as session:
            rows = [*await session.scalars(query.order_by(Message.id.desc()).limit(limit))]
            return await message_views(session, self._networks, rows)

    async def planned(
        self, workspace_id: int, *, channel_id: int | None = None, limit: int = 500
    ) -> Sequence[MessageView]:
        """Messages with the source `schedule`, whatever became of them, newest first."""
        # A literal, in the words of the partial index.
        query = select(Message).where(Message.workspace_id == workspace_id, text("messages.source = 'schedule'"))
        if channel_id is not None:
            query = query.where(Message.channel_id == channel_id)
        async with self._store.db.read() as session:
            rows = [*await session.scalars(query.order_by(Message.id.desc()).limit(limit))]
            return await message_views(session, self._networks, rows)

    async def find(self, workspace_id: int, channel_id: int, message_id: str) -> MessageView | None:
        """A channel's message by the network's id, or by ours; None where there is none."""
        async with self._store.db.read() as session:
            row = await anywhere(
                session,
                lambda model: select(model).where(
                    model.workspace_id == workspace_id,
                    model.channel_id == channel_id,
                    model.provider_id == message_id,
                ),
            )
            if row is None and message_id.isascii() and message_id.isdigit() and len(message_id) < 19:
                row = await anywhere(
                    session,
                    lambda model: select(model).where(
                        model.workspace_id == workspace_id,
                        model.channel_id == channel_id,
                        model.id == int(message_id),
                    ),
                )
            return None if row is None else (await message_views(session, self._networks, [row]))[0]

    # -- changing what has not gone out yet ----------------------------------------------------------

    async def cancel(self, workspace_id: int, message_id: int) -> MessageView:
        """Cancel a message that is scheduled or queued. Raises NotFound, Conflict when it has gone out."""
        async with self._store.unit() as unit:
            rows = await load(unit, Message.id == message_id, Message.workspace_id == workspace_id)
            if not rows:
                kept = ArchivedMessage.id == message_id, ArchivedMessage.workspace_id == workspace_id
                rows = [{"state": one} for one in await unit.conn.scalars(select(ArchivedMessage.state).where(*kept))]
            if not rows:
                raise NotFound(f"There is no message {message_id}.")
            state = rows[0]["state"]
            if state not in WAITING:
                raise Conflict(f"The message is {state} and can no longer be cancelled.", code="NOT_CANCELLABLE")
            await transition(unit, [(rows[0], Move(to=states.CANCELLED, at=unit.now))])
        return await self.get(workspace_id, message_id)

    async def scheduled(
        self, workspace_id: int, *, channel_id: int | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[MessageView]:
        """Scheduled messages, the next first."""
        limit = check_limit(limit)
        query = select(Message).where(Message.workspace_id == workspace_id, Message.state == states.SCHEDULED)
        if channel_id is not None:
            query = query.where(Message.channel_id == channel_id)
        if cursor:
            due, id_ = decode_cursor(cursor, tuple[int, int])
            query = query.where((Message.due_at > due) | ((Message.due_at == due) & (Message.id > id_)))
        async with self._store.db.read() as session:
            rows = list((await session.execute(query.order_by(Message.due_at, Message.id).limit(limit + 1))).scalars())
            more = len(rows) > limit
            rows = rows[:limit]
            views = await message_views(session, self._networks, rows)
        return Page(items=views, cursor=encode_cursor(rows[-1].due_at, rows[-1].id) if more else None)
