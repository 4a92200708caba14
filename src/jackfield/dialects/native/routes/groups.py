"""Groups and newsletters of a profile."""

import contextlib
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from pydantic import Field

from jackfield.core import ChannelView, GroupView, Invalid, Principal

from ..._jids import to_jid
from ..._kit import Str, Wire
from ..._strict import told_as
from .. import answers
from ..checks import invalid
from ..context import Context, example
from ..envelope import Ok, iso, ok

ProfileId = Annotated[str | None, Query(alias="profileId", description="The default profile when left out.")]
Name = Annotated[Str, Field(min_length=1, max_length=100)]
People = Annotated[list[Str | int], Field(max_length=1024)]


class OnProfileBody(Wire):
    """Which profile; the default one when left out."""

    model_config = example(profileId="1")

    profile_id: Annotated[Str | int | None, Field(alias="profileId")] = None


class GroupBody(OnProfileBody):
    """A new group."""

    model_config = example(profileId="1", name="Friends", participants=["628123456789"], description="Us")

    name: Name
    participants: People = Field(default_factory=list)
    description: Annotated[Str | None, Field(max_length=2048)] = None


class GroupChange(OnProfileBody):
    """What to change."""

    model_config = example(profileId="1", name="Best friends")

    name: Name | None = None
    description: Annotated[Str | None, Field(max_length=2048)] = None


class PeopleBody(OnProfileBody):
    """Whom."""

    model_config = example(profileId="1", participants=["628123456789"])

    participants: Annotated[People, Field(min_length=1)]


class NewsletterBody(OnProfileBody):
    """A new newsletter."""

    model_config = example(profileId="1", name="News", description="What is new")

    name: Name
    description: Annotated[Str | None, Field(max_length=2048)] = None


def group(row: GroupView) -> answers.Group:
    """A group as MultiWA shows it, with more."""
    return {
        "id": row.address,
        "name": row.name,
        "kind": row.kind,
        "description": row.description,
        "owner": to_jid(row.owner) if row.owner else None,
        "createdAt": iso(row.created_at),
        "participantsCount": row.participants,
        "readOnly": row.read_only,
        "pictureUrl": row.picture_url,
        "profileId": str(row.channel_id),
    }


def group_details(view: GroupView) -> answers.GroupDetails:
    """One group with its participants."""
    return {
        **group(view),
        "participantsCount": len(view.members) or view.participants,
        "participants": [
            {
                "id": to_jid(one.address),
                "phone": one.address if one.address.isdigit() else None,
                "pushName": one.name,
                "isAdmin": one.is_admin or one.is_super_admin,
                "isSuperAdmin": one.is_super_admin,
            }
            for one in view.members
        ],
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("groups:read"))]
    Writer = Annotated[Principal, Depends(context.allow("groups:write"))]
    tags: list[Any] = ["Groups"]

    async def group_address(
        caller: Principal, group_id: str, query: str | None, body: OnProfileBody | None = None
    ) -> tuple[ChannelView, str]:
        """The channel, and the group's address on it."""
        given = query or (body.profile_id if body else None)
        channel = await context.channel(caller, given)
        peer, kind = "", "private"
        with contextlib.suppress(Invalid):
            peer, kind = core.networks.parse(channel.engine, group_id)
        if kind == "private":
            with contextlib.suppress(Invalid):
                peer, kind = core.networks.parse(channel.engine, group_id if "@" in group_id else f"{group_id}@g.us")
        if kind == "private":
            raise invalid("groupId", "Give a group's id, such as 1203...@g.us.")
        return channel, peer

    def people(channel: ChannelView, given: list[str | int]) -> list[str]:
        found = []
        for index, one in enumerate(given):
            try:
                peer, kind = core.networks.parse(channel.engine, one)
            except Invalid as error:
                why = error.message
                raise Invalid(why, code=error.code, details={f"participants.{index}": [why]}) from None
            if kind != "private":
                raise invalid(f"participants.{index}", "Must be a person.")
            found.append(peer)
        return found

    @app.get("/groups/profile/{profileId}", tags=tags, summary="List all groups")
    async def list_profile_groups(profileId: str, caller: Reader, refresh: bool = True) -> Ok[list[answers.Group]]:
        """Groups that the profile is in; asked of the network unless `refresh` is false."""
        channel = await context.channel(caller, profileId)
        return ok([group(row) for row in await core.groups.list(channel, kind="group", refresh=refresh)])

    @app.get("/groups", tags=tags, summary="List groups of a profile")
    async def list_groups(
        caller: Reader, profileId: str | None = None, refresh: bool = True
    ) -> Ok[list[answers.Group]]:
        """As `/groups/profile/{profileId}`, of the default profile when none is named."""
        channel = await context.channel(caller, profileId)
        return ok([group(row) for row in await core.groups.list(channel, kind="group", refresh=refresh)])

    @app.post("/groups", tags=tags, summary="Create group", status_code=201)
    async def create_group(body: GroupBody, caller: Writer) -> Ok[answers.GroupDetails]:
        """Make a group with these participants."""
        channel = await context.channel(caller, body.profile_id)
        made = await core.groups.create(channel, body.name, people(channel, body.participants), body.description)
        return ok(group_details(made), 201)

    @app.get("/groups/{groupId}", tags=tags, summary="Get group info")
    async def get_group(groupId: str, caller: Reader, profile_id: ProfileId = None) -> Ok[answers.GroupDetails]:
        """One group with its participants."""
        channel, address = await group_address(caller, groupId, profile_id)
        return ok(group_details(await core.groups.info(channel, address)))

    @app.patch("/groups/{groupId}", tags=tags, summary="Update group")
    @app.put("/groups/{groupId}", tags=tags, summary="Update group", include_in_schema=False)
    async def update_group(
        groupId: str, body: GroupChange, caller: Writer, profile_id: ProfileId = None
    ) -> Ok[answers.GroupDetails]:
        """Rename or describe a group."""
        channel, address = await group_address(caller, groupId, profile_id, body)
        return ok(
            group_details(await core.groups.update(channel, address, name=body.name, description=body.description))
        )

    def participants_route(action: str, summary: str) -> None:
        @app.post(
            f"/groups/{{groupId}}/participants/{action}", tags=tags, summary=summary, name=f"{action}_participants"
        )
        async def change_participants(
            groupId: str, body: PeopleBody, caller: Writer, profile_id: ProfileId = None
        ) -> Ok[answers.GroupDetails]:
            """Answers with the group as it is now."""
            channel, address = await group_address(caller, groupId, profile_id, body)
            return ok(
                group_details(
                    await core.groups.participants(channel, address, people(channel, body.participants), action)
                )
            )

    for action, summary in (
        ("add", "Add participants"),
        ("remove", "Remove participants"),
        ("promote", "Promote to admin"),
        ("demote", "Demote from admin"),
    ):
        participants_route(action, summary)

    @app.post("/groups/{groupId}/leave", tags=tags, summary="Leave group")
    async def leave_group(
        groupId: str, caller: Writer, profile_id: ProfileId = None, body: OnProfileBody | None = None
    ) -> Ok[answers.GroupLeft]:
        """Leave a group."""
        channel, address = await group_address(caller, groupId, profile_id, body)
        await core.groups.leave(channel, address)
        return ok({"id": address, "left": True})

    @app.get("/groups/{groupId}/invite-link", tags=tags, summary="Get invite link")
    async def get_invite_link(groupId: str, caller: Reader, profile_id: ProfileId = None) -> Ok[answers.InviteLink]:
        """The link by which people join."""
        channel, address = await group_address(caller, groupId, profile_id)
        link = await core.groups.invite_link(channel, address)
        return ok({"link": link, "inviteLink": link})

    @app.post("/groups/{groupId}/invite-link/revoke", tags=tags, summary="Revoke the invite link")
    async def revoke_invite_link(
        groupId: str, caller: Writer, profile_id: ProfileId = None, body: OnProfileBody | None = None
    ) -> Ok[answers.InviteLink]:
        """Make the link void; answers with the new one."""
        channel, address = await group_address(caller, groupId, profile_id, body)
        link = await core.groups.invite_link(channel, address, revoke=True)
        return ok({"link": link, "inviteLink": link})

    @app.get("/groups/{groupId}/join-requests", tags=tags, summary="Who asks to join")
    async def list_join_requests(
        groupId: str, caller: Reader, profile_id: ProfileId = None
    ) -> Ok[list[answers.JoinRequest]]:
        """Those who ask to be let into a group; `participants/add` lets them in."""
        channel, address = await group_address(caller, groupId, profile_id)
        asking = await core.groups.join_requests(channel, address)
        return ok([{"id": to_jid(one), "phone": one if one.isdigit() else None} for one in asking])

    letters: list[Any] = ["Newsletters"]

    @app.get("/newsletters", tags=letters, summary="List newsletters")
    async def list_newsletters(
        caller: Reader, profile_id: ProfileId = None, refresh: bool = True
    ) -> Ok[list[answers.Group]]:
        """WhatsApp's broadcast channels that the profile owns or follows."""
        channel = await context.channel(caller, profile_id)
        return ok([group(row) for row in await core.groups.list(channel, kind="newsletter", refresh=refresh)])

    @app.post("/newsletters", tags=letters, summary="Create a newsletter", status_code=201)
    async def create_newsletter(body: NewsletterBody, caller: Writer) -> Ok[answers.GroupDetails]:
        """Make a newsletter; write to it with `to` set to its id."""
        channel = await context.channel(caller, body.profile_id)
        return ok(group_details(await core.groups.create_newsletter(channel, body.name, body.description)), 201)

    @app.get("/newsletters/{id}", tags=letters, summary="Get a newsletter")
    async def get_newsletter(id: str, caller: Reader, profile_id: ProfileId = None) -> Ok[answers.GroupDetails]:
        """One newsletter."""
        channel = await context.channel(caller, profile_id)
        with told_as("id"):
            peer, kind = core.networks.parse(channel.engine, id)
        if kind != "newsletter":
            raise invalid("id", "Give a newsletter's id, such as 1203...@newsletter.")
        return ok(group_details(await core.groups.info(channel, peer)))
