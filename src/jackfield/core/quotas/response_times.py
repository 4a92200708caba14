"""Response times: how long people waited for an answer by a person, by agent, team, channel or day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground import fields
from ..ground.store import Store
from ..ledger import states
from ..ledger.archive import of_all
from ..ledger.chats import KEYS_PER_STATEMENT
from ..models import LEDGER, AnyMessage, Channel, Chat, Department, Member
from .daily import DAY_MS, id_at
from .usage import MAX_ROWS, check_span

GROUPS: Final = ("day", "agent", "team", "channel")
SILENCE_MS: Final = DAY_MS
"""A conversation begins with a message after so long a silence: the service window of WhatsApp."""
REACH_MS: Final = 7 * DAY_MS
"""How far before and after the span messages are looked at: what was asked on its last day may be answered later."""
PROGRAMS: Final = ("api", "cli", "schedule")
"""Sources of messages that came through an API."""
NOBODY, PHONE, PROGRAM = 0, -1, -2
_WORDS: Final = {NOBODY: "none", PHONE: "phone", PROGRAM: "program"}
PAGE: Final = 4000
"""Rows that are read at once, so that others get their turn in between."""


class Waits(msgspec.Struct, kw_only=True, frozen=True):
    """How many waits there were; the median and the ninth decile in ms, None when there was none."""

    count: int = 0
    median: int | None = None
    p90: int | None = None


class ResponseRow(msgspec.Struct, kw_only=True, frozen=True):
    """The waits of one group. `key` is a day (YYYY-MM-DD) or an id; `phone`, `program` or `none` where there is no id.

    `first` are the answers that began a conversation, `all` every answer; `waiting` has none yet, and `unanswered`
    never got one: the chat was set done, or another conversation began.
    """

    key: str
    name: str | None = None
    first: Waits = Waits()
    all: Waits = Waits()
    waiting: int = 0
    unanswered: int = 0


class ResponseTimes(msgspec.Struct, kw_only=True, frozen=True):
    """All groups, and all of them together."""

    rows: list[ResponseRow]
    sum: ResponseRow


class _Group:
    """What is known of a group while rows are read."""

    __slots__ = ("all", "first", "unanswered", "waiting")

    def __init__(self) -> None:
        self.first: list[int] = []
        self.all: list[int] = []
        self.waiting = self.unanswered = 0

    def row(self, key: str, name: str | None) -> ResponseRow:
        return ResponseRow(
            key=key,
            name=name,
            first=_waits(self.first),
            all=_waits(self.all),
            waiting=self.waiting,
            unanswered=self.unanswered,
        )


class _Talk:
    """A chat as far as it is read: since when it waits (None: it does not), and when somebody last said something."""

    __slots__ = ("assignee", "begun", "channel", "done", "first", "last")

    def __init__(self, channel: int, assignee: int, done: bool) -> None:
        self.begun: int | None = None
        self.first = False
        self.last: int | None = None
        self.assignee = assignee
        self.channel = channel
        self.done = done


class Responses:
    """The service. It reads the ledger's rows of the span, and of a week before and after; ids bound what is read."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def report(
        self,
        workspace_id: int,
        *,
        by: str = "day",
        since: int,
        until: int,
        zone: str = "UTC",
        channel_id: int | None = None,
        programs: bool = False,
    ) -> ResponseTimes:
        """Waits that began from `since` until before `until` (Unix ms), in private chats; days are those of `zone`.

        A wait begins with a message in after an answer, or after a day of silence, and ends with the next answer by a
        person: a member who was logged in, or somebody at the phone itself. What automations and campaigns send is no
        answer, and what programs send through an API is one only with `programs`. At most 1,000 groups, those with the
        most answers first (days in their order). Raises Invalid.
        """
        fields.choice("by", by, GROUPS)
        check_span(since, until)
        place = ZoneInfo(fields.timezone(zone, "zone"))
        async with self._store.db.read() as session:
            bounds = {
                model: (await id_at(session, since - REACH_MS, model), await id_at(session, until + REACH_MS, model))
                for model in LEDGER
            }
            teams = await _teams(session, workspace_id) if by == "team" else {}
        keys: dict[str, Callable[[_Talk, int, int], int | str]] = {
            "day": lambda _talk, begun, _who: datetime.fromtimestamp(begun / 1000, place).strftime("%Y-%m-%d"),
            "agent": lambda _talk, _begun, who: who,
            "team": lambda _talk, _begun, who: teams.get(who, NOBODY),
            "channel": lambda talk, _begun, _who: talk.channel,
        }
        found = _Found(keys[by], since, until)

        def page(model: AnyMessage, after: int) -> Select[Any]:
            low, high = bounds[model]
            query = _said(model, programs).where(
                model.workspace_id == workspace_id, model.id >= low, model.id < high, model.id > after
            )
            if channel_id is not None:
                query = query.where(model.channel_id == channel_id)
            return select(*query.order_by(model.id).limit(PAGE).subquery().columns)

        after = 0
        while True:
            # A session per page: no snapshot of the database is held open while a year is read.
            async with self._store.db.read() as session:
                both = (await session.execute(of_all(partial(page, after=after)))).all()
                rows = sorted(both, key=itemgetter(0))[:PAGE]
                # By a statement of its own: joined, each message would cost a look-up, and a chat has many.
                await found.know(session, {(row[1], row[2]) for row in rows})
            for row in rows:
                found.take(*row[1:])
            if len(rows) < PAGE:
                break
            after = rows[-1][0]
        found.end()
        chosen = sorted(found.groups, key=lambda key: (-len(found.groups[key].all), str(key)))[:MAX_ROWS]
        if by == "day":
            chosen.sort(key=str)
        async with self._store.db.read() as session:
            names = await _names(session, by, chosen)
        rows_ = [found.groups[key].row(_key(key), names.get(key)) for key in chosen]
        return ResponseTimes(rows=rows_, sum=found.whole.row("", None))


class _Found:
    """Follows the chats row by row, and gives each wait to its group. A wait without an answer is the assignee's."""

    def __init__(self, key_of: Callable[[_Talk, int, int], int | str], since: int, until: int) -> None:
        self._key_of = key_of
        self._since = since
        self._until = until
        self._talks: dict[tuple[int, str], _Talk | None] = {}
        """Those that are not private have none."""
        self.groups: dict[int | str, _Group] = {}
        self.whole = _Group()

    async def know(self, session: AsyncSession, keys: set[tuple[int, str]]) -> None:
        """Read the chats that are new here, each by its channel and address."""
        peers: dict[int, list[str]] = {}
        for key in keys - self._talks.keys():
            peers.setdefault(key[0], []).append(key[1])
            self._talks[key] = None
        for channel, all_of_channel in peers.items():
            for start in range(0, len(all_of_channel), KEYS_PER_STATEMENT):
                some = all_of_channel[start : start + KEYS_PER_STATEMENT]
                query = select(Chat.peer, Chat.assignee_id, Chat.status).where(
                    Chat.channel_id == channel, Chat.peer.in_(some), Chat.kind == "private"
                )
                for peer, assignee, status in await session.execute(query):
                    self._talks[channel, peer] = _Talk(channel, assignee or NOBODY, status == "done")

    def take(self, channel: int, peer: str, direction: str, at: int, who: int) -> None:
        """Somebody said something."""
        talk = self._talks[channel, peer]
        if talk is None:
            return
        if direction == "in":
            begins = talk.last is None or at - talk.last > SILENCE_MS
            if begins and talk.begun is not None:
                self._missed(talk, talk.begun, waits=False)
            if begins or talk.begun is None:
                talk.begun, talk.first = at, begins
        elif talk.begun is not None:
            for group in self._groups(talk, talk.begun, who):
                # Clocks of phones and servers differ by seconds.
                wait = max(0, at - talk.begun)
                group.all.append(wait)
                if talk.first:
                    group.first.append(wait)
            talk.begun = None
        talk.last = at

    def end(self) -> None:
        """Nothing more was said."""
        for talk in self._talks.values():
            if talk is not None and talk.begun is not None:
                self._missed(talk, talk.begun, waits=not talk.done)

    def _missed(self, talk: _Talk, begun: int, *, waits: bool) -> None:
        for group in self._groups(talk, begun, talk.assignee):
            if waits:
                group.waiting += 1
            else:
                group.unanswered += 1

    def _groups(self, talk: _Talk, begun: int, who: int) -> tuple[_Group, ...]:
        if not self._since <= begun < self._until:
            return ()
        key = self._key_of(talk, begun, who)
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = _Group()
        return group, self.whole


def _said(model: AnyMessage, programs: bool) -> Any:
    """What people said, and who answered them."""
    at = func.coalesce(model.sent_at, model.created_at)
    person: ColumnElement[bool] = or_(model.member_id.is_not(None), model.source == "phone")
    if programs:
        person = or_(person, model.source.in_(PROGRAMS))
    answer = and_(
        model.direction == "out",
        model.campaign_id == 0,
        model.state.in_((states.SENT, states.DELIVERED, states.READ)),
        person,
    )
    who = func.coalesce(model.member_id, case((model.source == "phone", PHONE), else_=PROGRAM))
    return select(model.id, model.channel_id, model.peer, model.direction, at.label("at"), who.label("who")).where(
        model.kind.not_in(("reaction", "system")),
        # What a phone's history brings comes in no order, and long after it was said.
        model.created_at - at < DAY_MS,
        or_(model.direction == "in", answer),
    )


def _waits(waits: list[int]) -> Waits:
    """Quantiles by the nearest rank: each is a wait that was."""
    if not waits:
        return Waits()
    ranked, count = sorted(waits), len(waits)
    return Waits(count=count, median=ranked[(count * 50 - 1) // 100], p90=ranked[(count * 90 - 1) // 100])


def _key(key: int | str) -> str:
    return key if isinstance(key, str) else _WORDS.get(key, str(key))


async def _teams(session: AsyncSession, workspace_id: int) -> dict[int, int]:
    query = select(Member.id, Member.department_id).where(
        Member.workspace_id == workspace_id, Member.department_id.is_not(None)
    )
    return {row[0]: row[1] or NOBODY for row in await session.execute(query)}


async def _names(session: AsyncSession, by: str, keys: list[int | str]) -> dict[int | str, str]:
    if by == "agent":
        people = select(Member.id, Member.first_name, Member.last_name, Member.email).where(Member.id.in_(keys))
        return {
            row.id: f"{row.first_name} {row.last_name}".strip() or row.email for row in await session.execute(people)
        }
    if by == "day":
        return {}
    of: Any = Department if by == "team" else Channel
    return {row[0]: row[1] for row in await session.execute(select(of.id, of.name).where(of.id.in_(keys)))}
