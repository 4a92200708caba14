"""The first owner, made in the browser by whoever can read the server's output."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ...db.secrets import signing_key, signing_keys
from ..ground import fields
from ..ground.addresses import one_client
from ..ground.errors import Conflict, Forbidden
from ..ground.views import view_of
from ..models import ApiKey, Member, Workspace
from .base import Part, find_workspace
from .members import email_taken, hold_team
from .passwords import check_password
from .principal import OPERATOR_WORKSPACE
from .views import MemberView

ATTEMPTS: Final = (10, 300)
"""Wrong setup codes from one IP address: so many in so many seconds."""


def _code(key: bytes) -> str:
    digest = hmac.new(key, b"jackfield first owner", hashlib.sha256).digest()
    letters = base64.b32encode(digest[:10]).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


class Setup(Part):
    """Make the first owner of an installation that has none."""

    _has_owner = False

    async def needs_setup(self) -> bool:
        """Whether the first workspace is there and has no owner yet."""
        if self._has_owner:
            return False
        async with self._store.db.read() as session:
            if await session.get(Workspace, OPERATOR_WORKSPACE) is None:
                return False
            owner = await session.scalar(
                select(Member.id).where(Member.workspace_id == OPERATOR_WORKSPACE, Member.role == "owner").limit(1)
            )
        # There is always an owner from the first one on.
        self._has_owner = owner is not None
        return not self._has_owner

    def setup_code(self) -> str:
        """What proves that somebody may read this server's output: 80 bits, the same in each of its processes."""
        return _code(signing_key())

    async def set_up(
        self,
        code: str,
        *,
        email: str,
        password: str,
        first_name: str = "",
        last_name: str = "",
        workspace_name: str = "",
        timezone: str = "UTC",
        default_country: str | None = None,
        ip: str | None = None,
    ) -> MemberView:
        """Make the owner and name the workspace: once, whoever comes first. The workspace's first key becomes the owner's.

        Raises Conflict (SETUP_DONE: there is an owner; or the e-mail address is in use), Forbidden (wrong code), Invalid,
        LimitReached.
        """
        if not await self.needs_setup():
            raise _done()
        await self.limits.hit("setup", one_client(ip), *ATTEMPTS)
        given = code.strip().lower().encode()
        # The code of the key before counts while the key is changed.
        if not any(hmac.compare_digest(given, _code(key).encode()) for key in signing_keys()):
            raise Forbidden(
                "The setup code is wrong. The server prints it, with a link, each time it starts.",
                code="INVALID_SETUP_CODE",
            )
        member = Member(
            workspace_id=OPERATOR_WORKSPACE,
            email=fields.email(email),
            role="owner",
            first_name=fields.text("first_name", first_name, maximum=100, required=False),
            last_name=fields.text("last_name", last_name, maximum=100, required=False),
            settings={},
        )
        name = fields.text("workspace_name", workspace_name or "Jackfield", maximum=200)
        zone = fields.timezone(timezone)
        country = fields.country(default_country) if default_country else None
        member.password_hash = await self.passwords.hash(check_password(password))
        try:
            async with self._store.unit() as unit:
                # Two who set up at once take turns here; the second one finds the first one's owner.
                await hold_team(unit.session, OPERATOR_WORKSPACE)
                workspace = await find_workspace(unit.session, OPERATOR_WORKSPACE)
                owners = select(Member.id).where(Member.workspace_id == workspace.id, Member.role == "owner").limit(1)
                if await unit.session.scalar(owners) is not None:
                    raise _done()
                workspace.name, workspace.timezone, workspace.default_country = name, zone, country
                member.created_at = unit.now
                unit.session.add(member)
                await unit.session.flush()
                first_key = select(ApiKey.id).where(ApiKey.workspace_id == workspace.id).order_by(ApiKey.id).limit(1)
                await unit.session.execute(
                    update(ApiKey)
                    .where(ApiKey.id == first_key.scalar_subquery(), ApiKey.member_id.is_(None))
                    .values(member_id=member.id)
                )
                await self._note(
                    unit,
                    workspace.id,
                    None,
                    "member.created",
                    f"member:{member.id}",
                    ip,
                    email=member.email,
                    role="owner",
                )
                for topic in ("workspaces", "members", "keys"):
                    unit.notify(topic)
        except IntegrityError:
            raise email_taken() from None
        self._has_owner = True
        return view_of(MemberView, member)


def _done() -> Conflict:
    return Conflict("This server has an owner already. Log in instead.", code="SETUP_DONE")
