"""Workspaces, members, logins and API keys: whose everything is, and who may do what.

One file per verb; `Accounts` is all of them. The audit log gets an entry for each change made here.
"""

from __future__ import annotations

from ..ground.errors import Unauthenticated
from .idempotency import Answer, Idempotency, Repeated
from .invitations import Invitations, NewInvitation
from .keys import Keys, NewKey
from .logins import Logins
from .principal import ROLES, SCOPES, Principal
from .second_factor import Enrolment, SecondFactors, SecondFactorState
from .setup import Setup
from .views import ApiKeyView, AuditEntryView, InvitationView, MemberView, SessionView, WorkspaceView
from .workspaces import Bootstrap, Workspaces

__all__ = [
    "ROLES",
    "SCOPES",
    "Accounts",
    "Answer",
    "ApiKeyView",
    "AuditEntryView",
    "Bootstrap",
    "Enrolment",
    "InvitationView",
    "MemberView",
    "NewInvitation",
    "NewKey",
    "Principal",
    "Repeated",
    "SecondFactorState",
    "SessionView",
    "WorkspaceView",
]


class Accounts(Workspaces, Setup, SecondFactors, Invitations, Logins, Keys, Idempotency):
    """The people and programs of each workspace. `by` is who does it (None: the operator), `ip` where from."""

    async def authenticate(self, credential: str) -> Principal:
        """Whose API key or token this is: for headers that may hold either. Raises Unauthenticated."""
        if credential.startswith("eyJ") and credential.count(".") == 2:
            try:
                return await self.authenticate_token(credential)
            except Unauthenticated as no_token:
                # A key that somebody chose may look like a token.
                try:
                    return await self.authenticate_key(credential)
                except Unauthenticated:
                    raise no_token from None
        return await self.authenticate_key(credential)
