"""Team: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Deleted
from .answers_5 import Invitation
from .answers_6 import Member, NewInvitation, Role
from .inputs_3 import InvitationBody
from .inputs_4 import MemberBody, MemberChange, PasswordBody


class ListMembersQuery(Paging):
    """What list_members may be told."""

    role: NotRequired[str | None]
    disabled: NotRequired[bool | None]
    search: NotRequired[str | None]


class TeamCalls(Resource):
    """Team: all calls."""

    def list_invitations(self, **given: Unpack[Paging]) -> Pages[Invitation]:
        """Those that nobody has accepted yet, newest first."""
        return self._pages(Invitation, "/team/invitations", given)

    def invite_member(self, **given: Unpack[InvitationBody]) -> Call[NewInvitation]:
        """Valid for seven days. The token is shown this once: hand it to the person."""
        return self._call(NewInvitation, "POST", "/team/invitations", given)

    def withdraw_invitation(self, id_: str, /) -> Call[Deleted]:
        """Its token is void."""
        return self._call(Deleted, "DELETE", f"/team/invitations/{quoted(id_)}")

    def list_members(self, **given: Unpack[ListMembersQuery]) -> Pages[Member]:
        """Oldest first."""
        return self._pages(Member, "/team", given)

    def create_member(self, **given: Unpack[MemberBody]) -> Call[Member]:
        """A member with a password that you choose."""
        return self._call(Member, "POST", "/team", given)

    def list_roles(self) -> Call[list[Role]]:
        """Scopes by role."""
        return self._call(list[Role], "GET", "/team/roles")

    def get_member(self, id_: str, /) -> Call[Member]:
        """One member."""
        return self._call(Member, "GET", f"/team/{quoted(id_)}")

    def update_member(self, id_: str, /, **given: Unpack[MemberChange]) -> Call[Member]:
        """Name, address, role, department, and whether they are away. A disabled member's tokens and API keys
        stop at once."""
        return self._call(Member, "PATCH", f"/team/{quoted(id_)}", given)

    def delete_member(self, id_: str, /) -> Call[Deleted]:
        """Their sessions end and their keys are revoked; what else they made stays."""
        return self._call(Deleted, "DELETE", f"/team/{quoted(id_)}")

    def set_password(self, id_: str, /, **given: Unpack[PasswordBody]) -> Call[Member]:
        """All sessions of the member end. Your own password takes `currentPassword` too."""
        return self._call(Member, "POST", f"/team/{quoted(id_)}/password", given)

    def remove_second_factor(self, id_: str, /) -> Call[Deleted]:
        """For somebody who has lost phone and recovery codes. Your own is switched off with your password."""
        return self._call(Deleted, "DELETE", f"/team/{quoted(id_)}/second-factor")
