"""Groups and newsletters: what WhatsApp tells of them, and what can be done to them. Imported in child processes only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neonize.proto import Neonize_pb2 as nz
from neonize.utils.enum import ParticipantChange

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import GroupInfo, GroupParticipant

from . import jids
from .phone import Phone

_ACTIONS = {action.value: action for action in ParticipantChange}


def group_info(group: nz.GroupInfo, *, left: bool = False) -> GroupInfo:
    """A group in the core's terms; one without a list of participants leaves it untold."""
    owner = group.OwnerPN if jids.is_set(group.OwnerPN) else group.OwnerJID
    return GroupInfo(
        address=jids.show(group.JID),
        name=group.GroupName.Name or group.JID.User,
        description=group.GroupTopic.Topic or None,
        owner=jids.show(owner) if jids.is_set(owner) else None,
        created_at=int(group.GroupCreated * 1000) if 0 < group.GroupCreated < 10**11 else None,
        read_only=group.GroupAnnounce.IsAnnounce,
        participants=[_participant(member) for member in group.Participants] or None,
        left=left,
    )


def _participant(member: nz.GroupParticipant) -> GroupParticipant:
    who = member.PhoneNumber if jids.is_set(member.PhoneNumber) else member.JID
    return GroupParticipant(
        address=jids.show(who),
        name=member.DisplayName or None,
        is_admin=member.IsAdmin or member.IsSuperAdmin,
        is_super_admin=member.IsSuperAdmin,
    )


def newsletter_info(found: nz.NewsletterMetadata) -> GroupInfo:
    """A newsletter in the core's terms."""
    meta = found.ThreadMeta
    return GroupInfo(
        address=jids.show(found.ID),
        name=meta.Name.Text or found.ID.User,
        kind="newsletter",
        description=meta.Description.Text or None,
        created_at=int(meta.CreationTime * 1000) if 0 < meta.CreationTime < 10**11 else None,
        picture_url=meta.Picture.URL or None,
    )


class Groups:
    """Group requests on one phone. Addresses as in the port; all raise Rejected or NeonizeError."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    async def list_groups(self) -> list[GroupInfo]:
        """The groups the number is in."""
        return [group_info(group) for group in await self._phone.get_joined_groups()]

    async def group_info(self, group: str) -> GroupInfo:
        """One group."""
        return group_info(await self._phone.get_group_info(_group(group)))

    async def create_group(self, name: str, participants: Sequence[str], description: str | None) -> GroupInfo:
        """A new group of ours; WhatsApp cuts names at 25 characters on old phones, at 100 at most."""
        if not 1 <= len(name) <= 100:
            raise Rejected("400", "A group's name must have 1 to 100 characters.")
        made = await self._phone.create_group(name, [jids.parse(address) for address in participants])
        if description:
            await self._phone.set_group_topic(made.JID, "", "", description)
            made = await self._phone.get_group_info(made.JID)
        return group_info(made)

    async def update_group(self, group: str, *, name: str | None, description: str | None) -> GroupInfo:
        """Change name and description where given."""
        jid = _group(group)
        if name is not None:
            await self._phone.set_group_name(jid, name)
        if description is not None:
            await self._phone.set_group_topic(jid, "", "", description)
        return await self.group_info(group)

    async def change_participants(self, group: str, participants: Sequence[str], action: str) -> GroupInfo:
        """Add, remove, promote or demote; WhatsApp's refusals of single people are told in words."""
        wanted = _ACTIONS.get(action)
        if wanted is None:
            raise Rejected("400", f"A participant can be added, removed, promoted or demoted, not {action!r}.")
        people = [jids.parse(address) for address in participants]
        results = await self._phone.update_group_participants(_group(group), people, wanted)
        refused = [f"{jids.show(result.JID)} ({result.Error})" for result in results if result.Error]
        if refused:
            raise Rejected("PARTICIPANTS", f"WhatsApp did not {action}: {', '.join(refused)}.")
        return await self.group_info(group)

    async def leave_group(self, group: str) -> None:
        """Leave."""
        await self._phone.leave_group(_group(group))

    async def invite_link(self, group: str, *, revoke: bool = False) -> str:
        """The link to join; `revoke` makes the old one void."""
        return await self._phone.get_group_invite_link(_group(group), revoke)

    async def join_requests(self, group: str) -> list[str]:
        """Addresses of those who ask to be let in."""
        found = await self._phone.get_group_request_participants(_group(group))
        return [jids.show(request.Participant) for request in found]

    async def list_newsletters(self) -> list[GroupInfo]:
        """The newsletters that the number owns or follows."""
        return [newsletter_info(found) for found in await self._phone.get_subscribed_newletters()]

    async def create_newsletter(self, name: str, description: str | None) -> GroupInfo:
        """A new newsletter of ours, without a picture."""
        return newsletter_info(await self._phone.create_newsletter(name, description or "", b""))


def _group(address: str) -> Any:
    jid = jids.parse(address)
    if jid.Server != jids.GROUPS:
        raise Rejected("BAD_ADDRESS", f"{address!r} is not a group.")
    return jid
