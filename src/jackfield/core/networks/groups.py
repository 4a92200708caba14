"""`Groups`: groups and newsletters of a channel, asked of the network and kept for when it is out of reach."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Final, TypeVar

from sqlalchemy import select, update

from ..channels.service import Channels
from ..channels.views import AnyChannel
from ..ground.errors import (
    Conflict,
    Forbidden,
    Invalid,
    JackfieldError,
    LimitReached,
    LoginRequired,
    NotFound,
    OutcomeUnknown,
    SendError,
    Throttled,
    Unavailable,
    Unsupported,
)
from ..ground.events import GroupChanged
from ..ground.fields import text
from ..ground.store import Store
from ..ground.views import view_of
from ..models import Chat, Group, GroupMember
from ..port import CanGroup, CanHearJoinRequests, CanNewsletter, GroupInfo, GroupParticipant, Networks
from .intake import store_group
from .views import GroupMemberView, GroupView

T = TypeVar("T")

ACTIONS: Final = ("add", "remove", "promote", "demote")
Views = list[GroupView]
Members = list[GroupMember]
"""Inside the class, `list` is a method."""
MAX_PARTICIPANTS: Final = 1024
"""Most participants of a WhatsApp group."""


def not_found(address: object) -> NotFound:
    """The error for a group that this channel is not in."""
    return NotFound(f"There is no group {str(address)[:60]!r}, or this number is not in it.", code="GROUP_NOT_FOUND")


def core_error(error: SendError, address: object = "") -> JackfieldError:
    """A network's refusal of something about a group, as the core's callers know it.

    403 and 404 are WhatsApp's own codes, which the engines keep.
    """
    if isinstance(error, Throttled):
        return LimitReached(f"The network asks to slow down: {error.message}", retry_after=error.retry_after)
    if isinstance(error, LoginRequired):
        return Conflict(f"The profile is not connected: {error.message}", code="PROFILE_NOT_CONNECTED")
    if isinstance(error, Unavailable):
        return Conflict(f"The network is out of reach; try again: {error.message}", code="NETWORK_UNAVAILABLE")
    if isinstance(error, OutcomeUnknown):
        return Conflict(
            "The network did not answer, so it may have been done or not; look before you repeat it.",
            code="OUTCOME_UNKNOWN",
        )
    if error.code in ("404", "BAD_ADDRESS"):
        return not_found(address) if not error.message else NotFound(error.message, code="GROUP_NOT_FOUND")
    if error.code in ("401", "403", "NOT_GROUP_MEMBER"):
        return Forbidden(error.message, code="GROUP_FORBIDDEN")
    return Invalid(error.message, code="GROUP_REFUSED", details={"provider_code": error.code})


async def _ask(request: Awaitable[T], address: object = "") -> T:
    try:
        return await request
    except SendError as error:
        raise core_error(error, address) from error


class Groups:
    """The service. Channels are given as rows that the caller has found in its workspace."""

    def __init__(self, store: Store, channels: Channels, networks: Networks) -> None:
        self._store = store
        self._channels = channels
        self._networks = networks

    # -- reading -------------------------------------------------------------------------------------

    async def list(self, channel: AnyChannel, *, kind: str | None = None, refresh: bool = True) -> Views:
        """Groups (`kind` group) and newsletters (newsletter) that the channel is in, by name.

        Asked of the network; what is kept is given when that is not possible now, or not at all.
        """
        if refresh:
            try:
                await self._refresh(channel, kind)
            except (Conflict, Unsupported, LimitReached):
                pass
        query = select(Group).where(Group.channel_id == channel.id, Group.left.is_(False))
        if kind is not None:
            query = query.where(Group.kind == kind)
        async with self._store.db.read() as session:
            return [
                view_of(GroupView, row, members=())
                for row in await session.scalars(query.order_by(Group.name, Group.id))
            ]

    async def known(self, workspace_id: int, channel_ids: Sequence[int]) -> Views:
        """Groups and newsletters that these channels are in, by name, as they are kept; no network is asked.

        Groups known only by what was written in them are kept from now on: Telegram tells of a group when the bot comes
        in, and not of those that it was in before.
        """
        kept = select(Group.id).where(Group.channel_id == Chat.channel_id, Group.address == Chat.peer)
        query = select(Chat).where(
            Chat.workspace_id == workspace_id,
            Chat.channel_id.in_(channel_ids),
            Chat.kind.in_(("group", "newsletter")),
            ~kept.exists(),
        )
        async with self._store.db.read() as session:
            chats = [*await session.scalars(query.limit(500))]
        if chats:
            async with self._store.unit() as unit:
                for chat in chats:
                    info = GroupInfo(address=chat.peer, name=chat.name or chat.peer, kind=chat.kind)
                    await store_group(unit, workspace_id, chat.channel_id, info)
        groups = select(Group).where(
            Group.workspace_id == workspace_id, Group.channel_id.in_(channel_ids), Group.left.is_(False)
        )
        async with self._store.db.read() as session:
            rows = await session.scalars(groups.order_by(Group.name, Group.id))
            return [view_of(GroupView, row, members=()) for row in rows]

    async def newsletters(self, channel: AnyChannel) -> Views:
        """Newsletters that the channel owns or follows."""
        return await self.list(channel, kind="newsletter")

    async def info(self, channel: AnyChannel, address: str) -> GroupView:
        """One group with its members. Raises NotFound (GROUP_NOT_FOUND)."""
        try:
            if self._networks.of(channel.engine).addressing.chat_kind(address) != "newsletter":
                session = self._channels.session(channel, CanGroup)  # type: ignore[type-abstract]
                await self._keep(channel, await _ask(session.group_info(address), address))
            elif await self._find(channel, address) is None:
                await self._refresh(channel, "newsletter")
        except (Conflict, Unsupported, LimitReached):
            pass
        except NotFound:
            await self._left(channel, address)
            raise
        return await self._view(channel, address)

    async def ensure_writable(self, channel: AnyChannel, address: str) -> GroupView:
        """The group, if this channel may write to it.

        Raises NotFound (GROUP_NOT_FOUND), Forbidden (READ_ONLY_CHAT).
        """
        group = await self.info(channel, address)
        if group.read_only:
            raise Forbidden(f"Only admins may write in {group.name!r}; it is read-only here.", code="READ_ONLY_CHAT")
        return group

    # -- commands ------------------------------------------------------------------------------------

    async def create(
        self, channel: AnyChannel, name: str, participants: Sequence[str], description: str | None = None
    ) -> GroupView:
        """A new group. Raises Invalid, Unsupported, Conflict (not connected), LimitReached."""
        name = text("name", name, maximum=100)
        people = _people(participants)
        session = self._channels.session(channel, CanGroup)  # type: ignore[type-abstract]
        return await self._changed(channel, await _ask(session.create_group(name, people, description)))

    async def create_newsletter(self, channel: AnyChannel, name: str, description: str | None = None) -> GroupView:
        """A new newsletter. Raises as `create`."""
        name = text("name", name, maximum=100)
        session = self._channels.session(channel, CanNewsletter)  # type: ignore[type-abstract]
        return await self._changed(channel, await _ask(session.create_newsletter(name, description)))

    async def update(
        self, channel: AnyChannel, address: str, *, name: str | None = None, description: str | None = None
    ) -> GroupView:
        """Rename or describe. Raises NotFound, Forbidden (no admin), and as `create`."""
        if name is not None:
            name = text("name", name, maximum=100)
        if name is None and description is None:
            raise Invalid("name or description: one of them is needed", details={"name": ["Nothing to change."]})
        session = self._channels.session(channel, CanGroup)  # type: ignore[type-abstract]
        request = session.update_group(address, name=name, description=description)
        return await self._changed(channel, await _ask(request, address))

    async def participants(
        self, channel: AnyChannel, address: str, participants: Sequence[str], action: str
    ) -> GroupView:
        """Add, remove, promote or demote (`action`). Raises as `update`."""
        if action not in ACTIONS:
            raise Invalid(f"action: one of {', '.join(ACTIONS)}", details={"action": ["Unknown action."]})
        people = _people(participants)
        if not people:
            raise Invalid("participants: at least one is needed", details={"participants": ["Must not be empty."]})
        session = self._channels.session(channel, CanGroup)  # type: ignore[type-abstract]
        request = session.change_participants(address, people, action)
        return await self._changed(channel, await _ask(request, address))

    async def leave(self, channel: AnyChannel, address: str) -> None:
        """Leave a group. Raises NotFound, Unsupported, Conflict."""
        session = self._channels.session(channel, CanGroup)  # type: ignore[type-abstract]
        await _ask(session.leave_group(address), address)
        await self._left(channel, address)

    async def invite_link(self, channel: AnyChannel, address: str, *, revoke: bool = False) -> str:
        """The link by which people join; `revoke` makes the old one void and gives a new one. Raises as `update`."""
        session = self._channels.session(channel, CanGroup)  # type: ignore[type-abstract]
        return await _ask(session.invite_link(address, revoke=revoke), address)

    async def join_requests(self, channel: AnyChannel, address: str) -> Sequence[str]:
        """Addresses of those who ask to be let in; adding them lets them in. Raises as `update`."""
        session = self._channels.session(channel, CanHearJoinRequests)  # type: ignore[type-abstract]
        return await _ask(session.join_requests(address), address)

    # -- keeping -------------------------------------------------------------------------------------

    async def _refresh(self, channel: AnyChannel, kind: str | None) -> None:
        """Ask for the list and keep it; only what differs is written, a phone may be in hundreds of groups."""
        found: dict[str, GroupInfo] = {}
        asked: set[str] = set()
        problem: JackfieldError | None = None
        for one in ("group", "newsletter") if kind is None else (kind,):
            try:
                if one == "group":
                    groups = self._channels.session(channel, CanGroup)  # type: ignore[type-abstract]
                    rows = await _ask(groups.list_groups())
                else:
                    letters = self._channels.session(channel, CanNewsletter)  # type: ignore[type-abstract]
                    rows = await _ask(letters.list_newsletters())
            except (Conflict, Unsupported, LimitReached, Forbidden, Invalid, NotFound) as error:
                problem = error
                continue
            asked.add(one)
            found |= {info.address: info for info in rows}
        if not asked:
            if isinstance(problem, Conflict | Unsupported | LimitReached):
                raise problem
            return
        query = select(Group).where(Group.channel_id == channel.id, Group.kind.in_(asked))
        async with self._store.db.read() as session_:
            kept = {row.address: row for row in await session_.scalars(query)}
            members: dict[int, Members] = {}
            for member in await session_.scalars(
                select(GroupMember).where(GroupMember.group_id.in_([row.id for row in kept.values()]))
            ):
                members.setdefault(member.group_id, []).append(member)
        changed = [info for info in found.values() if _differs(kept.get(info.address), info, members)]
        gone = [row.id for address, row in kept.items() if address not in found and not row.left]
        if not changed and not gone:
            return
        async with self._store.unit() as unit:
            for info in changed:
                await store_group(unit, channel.workspace_id, channel.id, info)
            if gone:
                await unit.conn.execute(update(Group).where(Group.id.in_(gone)).values(left=True, updated_at=unit.now))

    async def _keep(self, channel: AnyChannel, info: GroupInfo) -> None:
        async with self._store.unit() as unit:
            await store_group(unit, channel.workspace_id, channel.id, info)

    async def _changed(self, channel: AnyChannel, info: GroupInfo) -> GroupView:
        async with self._store.unit() as unit:
            await store_group(unit, channel.workspace_id, channel.id, info)
            unit.emit(channel.workspace_id, GroupChanged(address=info.address, name=info.name), channel.id)
        return await self._view(channel, info.address)

    async def _left(self, channel: AnyChannel, address: str) -> None:
        async with self._store.unit() as unit:
            name = await unit.session.scalar(
                update(Group)
                .where(Group.channel_id == channel.id, Group.address == address, Group.left.is_(False))
                .values(left=True, updated_at=unit.now)
                .returning(Group.name)
            )
            if name is not None:
                unit.emit(channel.workspace_id, GroupChanged(address=address, name=name, left=True), channel.id)

    async def _find(self, channel: AnyChannel, address: str) -> Group | None:
        async with self._store.db.read() as session:
            found: Group | None = await session.scalar(
                select(Group).where(Group.channel_id == channel.id, Group.address == address, Group.left.is_(False))
            )
        return found

    async def _view(self, channel: AnyChannel, address: str) -> GroupView:
        group = await self._find(channel, address)
        if group is None:
            raise not_found(address)
        async with self._store.db.read() as session:
            query = select(GroupMember).where(GroupMember.group_id == group.id).order_by(GroupMember.address)
            members = tuple(view_of(GroupMemberView, row) for row in await session.scalars(query))
        return view_of(GroupView, group, members=members)


def _people(participants: Sequence[str]) -> list[str]:
    people = list(dict.fromkeys(participants))
    if len(people) > MAX_PARTICIPANTS:
        message = f"At most {MAX_PARTICIPANTS}."
        raise Invalid(f"participants: {message}", details={"participants": [message]})
    return people


def _differs(kept: Group | None, info: GroupInfo, members: dict[int, Members]) -> bool:
    """Whether what the network says is news: what it leaves out (None) is not."""
    if kept is None:
        return True
    pairs: tuple[tuple[object, object], ...] = (
        (info.name, kept.name),
        (info.kind, kept.kind),
        (info.read_only, kept.read_only),
        (info.left, kept.left),
        (info.description, kept.description),
        (info.owner, kept.owner),
        (info.picture_url, kept.picture_url),
        (info.created_at, kept.created_at),
    )
    if any(new is not None and new != old for new, old in pairs):
        return True
    if info.participants is None:
        return False
    known = {
        GroupParticipant(address=m.address, name=m.name, is_admin=m.is_admin, is_super_admin=m.is_super_admin)
        for m in members.get(kept.id, [])
    }
    return known != set(info.participants)
