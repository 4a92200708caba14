"""Authentication: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Deleted
from .answers_5 import LoggedOut, Login, LoginUser
from .answers_6 import Me, Member, RecoveryCodes, SecondFactor, SecondFactorSecret
from .answers_7 import Session, SessionsEnded, Setup
from .inputs_1 import AcceptBody
from .inputs_3 import CodeBody, ConfirmPasswordBody
from .inputs_4 import LoginBody, OwnPasswordBody, OwnProfileBody
from .inputs_5 import SetupBody


class EndSessionsQuery(TypedDict):
    """What end_sessions may be told."""

    current: NotRequired[bool]


class AuthCalls(Resource):
    """Authentication: all calls."""

    def login(self, **given: Unpack[LoginBody]) -> Call[Login]:
        """A member's e-mail address and password for a bearer token, valid for 24 hours. With `cookie` the token
        is not in the answer: it becomes a session cookie that scripts cannot read, for pages of this
        server."""
        return self._call(Login, "POST", "/auth/login", given)

    def logout(self) -> Call[LoggedOut]:
        """The session's token stops at once, and the browser forgets its cookie."""
        return self._call(LoggedOut, "POST", "/auth/logout")

    def get_me(self) -> Call[Me]:
        """The caller: its workspace, role and scopes."""
        return self._call(Me, "GET", "/auth/me")

    def get_own_profile(self) -> Call[LoginUser]:
        """Name, address, role and language of the member who is logged in."""
        return self._call(LoginUser, "GET", "/auth/profile")

    def update_own_profile(self, **given: Unpack[OwnProfileBody]) -> Call[LoginUser]:
        """Your own name, language and whether you are away, whatever your role. Address and role are changed by
        whoever manages the team."""
        return self._call(LoginUser, "PATCH", "/auth/profile", given)

    def change_own_password(self, **given: Unpack[OwnPasswordBody]) -> Call[LoginUser]:
        """Takes the present password. All your other sessions end; this one goes on."""
        return self._call(LoginUser, "POST", "/auth/password", given)

    def list_sessions(self, **given: Unpack[Paging]) -> Pages[Session]:
        """Where you are logged in, newest first."""
        return self._pages(Session, "/auth/sessions", given)

    def end_sessions(self, **given: Unpack[EndSessionsQuery]) -> Call[SessionsEnded]:
        """All others stop at once; `current=true` ends this one too."""
        return self._call(SessionsEnded, "DELETE", "/auth/sessions", **given)

    def end_session(self, id_: str, /) -> Call[Deleted]:
        """Its token stops at once."""
        return self._call(Deleted, "DELETE", f"/auth/sessions/{quoted(id_)}")

    def get_setup(self) -> Call[Setup]:
        """`needed`: the server has no owner yet, and somebody with its setup code may become it."""
        return self._call(Setup, "GET", "/setup")

    def set_up(self, **given: Unpack[SetupBody]) -> Call[Login]:
        """Makes the first owner, once, and logs them in; 409 `SETUP_DONE` ever after."""
        return self._call(Login, "POST", "/setup", given)

    def get_second_factor(self) -> Call[SecondFactor]:
        """Whether you log in with a code too, and how many recovery codes are left. `required`: the workspace's
        setting `requireSecondFactor` lets members without one do nothing but set one up."""
        return self._call(SecondFactor, "GET", "/auth/second-factor")

    def enrol_second_factor(self, **given: Unpack[ConfirmPasswordBody]) -> Call[SecondFactorSecret]:
        """A secret for an authenticator app (TOTP), shown this once; `url` is for a QR code. It counts once
        confirmed."""
        return self._call(SecondFactorSecret, "POST", "/auth/second-factor", given)

    def confirm_second_factor(self, **given: Unpack[CodeBody]) -> Call[RecoveryCodes]:
        """By a code of the app. The answer has the recovery codes, shown this once; your other sessions end."""
        return self._call(RecoveryCodes, "POST", "/auth/second-factor/confirm", given)

    def renew_recovery_codes(self, **given: Unpack[ConfirmPasswordBody]) -> Call[RecoveryCodes]:
        """New recovery codes, shown this once; the old ones stop."""
        return self._call(RecoveryCodes, "POST", "/auth/second-factor/recovery-codes", given)

    def disable_second_factor(self, **given: Unpack[ConfirmPasswordBody]) -> Call[SecondFactor]:
        """From now on the password alone logs you in."""
        return self._call(SecondFactor, "POST", "/auth/second-factor/disable", given)

    def accept_invitation(self, **given: Unpack[AcceptBody]) -> Call[Member]:
        """Become a member, with a password of one's own."""
        return self._call(Member, "POST", "/auth/invitations/accept", given)
