"""Groups: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Resource, quoted

from .answers_5 import Group, GroupDetails, GroupLeft, InviteLink, JoinRequest
from .inputs_3 import GroupBody, GroupChange
from .inputs_4 import OnProfileBody, PeopleBody


class ListProfileGroupsQuery(TypedDict):
    """What list_profile_groups may be told."""

    refresh: NotRequired[bool]


class ListGroupsQuery(TypedDict):
    """What list_groups may be told."""

    profileId: NotRequired[str | None]
    refresh: NotRequired[bool]


class GetGroupQuery(TypedDict):
    """What get_group may be told."""

    profileId: NotRequired[str | None]


class GetInviteLinkQuery(TypedDict):
    """What get_invite_link may be told."""

    profileId: NotRequired[str | None]


class ListJoinRequestsQuery(TypedDict):
    """What list_join_requests may be told."""

    profileId: NotRequired[str | None]


class GroupsCalls(Resource):
    """Groups: all calls."""

    def list_profile_groups(self, profile_id: str, /, **given: Unpack[ListProfileGroupsQuery]) -> Call[list[Group]]:
        """Groups that the profile is in; asked of the network unless `refresh` is false."""
        return self._call(list[Group], "GET", f"/groups/profile/{quoted(profile_id)}", **given)

    def list_groups(self, **given: Unpack[ListGroupsQuery]) -> Call[list[Group]]:
        """As `/groups/profile/{profileId}`, of the default profile when none is named."""
        return self._call(list[Group], "GET", "/groups", **given)

    def create_group(self, **given: Unpack[GroupBody]) -> Call[GroupDetails]:
        """Make a group with these participants."""
        return self._call(GroupDetails, "POST", "/groups", given)

    def get_group(self, group_id: str, /, **given: Unpack[GetGroupQuery]) -> Call[GroupDetails]:
        """One group with its participants."""
        return self._call(GroupDetails, "GET", f"/groups/{quoted(group_id)}", **given)

    def update_group(self, group_id: str, /, **given: Unpack[GroupChange]) -> Call[GroupDetails]:
        """Rename or describe a group."""
        return self._call(GroupDetails, "PATCH", f"/groups/{quoted(group_id)}", given)

    def add_participants(self, group_id: str, /, **given: Unpack[PeopleBody]) -> Call[GroupDetails]:
        """Answers with the group as it is now."""
        return self._call(GroupDetails, "POST", f"/groups/{quoted(group_id)}/participants/add", given)

    def remove_participants(self, group_id: str, /, **given: Unpack[PeopleBody]) -> Call[GroupDetails]:
        """Answers with the group as it is now."""
        return self._call(GroupDetails, "POST", f"/groups/{quoted(group_id)}/participants/remove", given)

    def promote_participants(self, group_id: str, /, **given: Unpack[PeopleBody]) -> Call[GroupDetails]:
        """Answers with the group as it is now."""
        return self._call(GroupDetails, "POST", f"/groups/{quoted(group_id)}/participants/promote", given)

    def demote_participants(self, group_id: str, /, **given: Unpack[PeopleBody]) -> Call[GroupDetails]:
        """Answers with the group as it is now."""
        return self._call(GroupDetails, "POST", f"/groups/{quoted(group_id)}/participants/demote", given)

    def leave_group(self, group_id: str, /, **given: Unpack[OnProfileBody]) -> Call[GroupLeft]:
        """Leave a group."""
        return self._call(GroupLeft, "POST", f"/groups/{quoted(group_id)}/leave", given)

    def get_invite_link(self, group_id: str, /, **given: Unpack[GetInviteLinkQuery]) -> Call[InviteLink]:
        """The link by which people join."""
        return self._call(InviteLink, "GET", f"/groups/{quoted(group_id)}/invite-link", **given)

    def revoke_invite_link(self, group_id: str, /, **given: Unpack[OnProfileBody]) -> Call[InviteLink]:
        """Make the link void; answers with the new one."""
        return self._call(InviteLink, "POST", f"/groups/{quoted(group_id)}/invite-link/revoke", given)

    def list_join_requests(self, group_id: str, /, **given: Unpack[ListJoinRequestsQuery]) -> Call[list[JoinRequest]]:
        """Those who ask to be let into a group; `participants/add` lets them in."""
        return self._call(list[JoinRequest], "GET", f"/groups/{quoted(group_id)}/join-requests", **given)
