"""Logging in, and the tokens that say so.

A token is a JWT (RFC 7519, HS256): sub the member, ws the workspace, ver the member's token_version (which a new
password or disabling raises, so that older tokens stop), iat, exp. Session cookies hold the same token.
"""

from __future__ import annotations

import time
from typing import Any, Final

import jwt
import msgspec
import structlog
from sqlalchemy import select, update

from ...db.secrets import signing_key
from ..ground import fields
from ..ground.errors import Invalid, LimitReached, Unauthenticated
from ..ground.store import Store
from ..ground.views import view_of
from ..models import Member
from .base import Part, find_member
from .principal import ROLES, Principal
from .views import MemberView

TOKEN_SECONDS: Final = 24 * 3600
CACHE_SECONDS: Final = 2.0
CACHE_MEMBERS: Final = 10_000
ATTEMPTS: Final = (10, 300)
"""Failed logins of one e-mail address from one IP address: so many in so many seconds."""
ATTEMPTS_PER_IP: Final = (100, 300)
"""Failed logins from one IP address, whatever the e-mail address: against trying one password on everybody."""

log = structlog.get_logger(__name__)


class _Cached(msgspec.Struct, frozen=True):
    principal: Principal
    version: int
    stale_at: float


class Logins(Part):
    """Log in, and tell whose a token is."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.token_seconds = TOKEN_SECONDS
        self._members: dict[int, _Cached] = {}
        self._member_generation = 0
        store.bus.subscribe("members", self._forget_members)

    async def login(self, email: str, password: str, *, ip: str | None = None) -> tuple[MemberView, str]:
        """The member and a token, for the right password.

        An unknown address takes as long as a wrong password and is answered alike.

        Raises Unauthenticated (wrong, or disabled), LimitReached after too many failures.
        """
        try:
            address = fields.email(email)
        except Invalid:
            address = ""
        who = f"{address}\n{ip or ''}"
        # Counted before the password is looked at: any number of attempts at once must not slip by together.
        await self.limits.hit("login", who, *ATTEMPTS)
        if ip is not None:
            await self.limits.check("login-ip", ip, *ATTEMPTS_PER_IP)
        async with self._store.db.read() as session:
            member = await session.scalar(select(Member).where(Member.email == address)) if address else None
        stored = None if member is None else member.password_hash
        right = isinstance(password, str) and await self.passwords.verify(stored, password)
        if member is None or not right or member.disabled:
            if ip is not None:
                # Its refusal is the next attempt's business.
                try:
                    await self.limits.hit("login-ip", ip, *ATTEMPTS_PER_IP)
                except LimitReached:
                    pass
            await self._failed(member, ip, "disabled" if right else "password")
            raise Unauthenticated("E-mail address or password is wrong.", code="INVALID_CREDENTIALS")
        await self.limits.clear("login", who, *ATTEMPTS)
        fresh = await self.passwords.hash(password) if self.passwords.outdated(member.password_hash) else None
        async with self._store.unit() as unit:
            await unit.session.execute(update(Member).where(Member.id == member.id).values(last_login_at=unit.now))
            if fresh is not None:
                # Only over the hash that was verified: the password may have been changed meanwhile.
                await unit.session.execute(
                    update(Member)
                    .where(Member.id == member.id, Member.password_hash == member.password_hash)
                    .values(password_hash=fresh)
                )
            actor = f"member:{member.id} {member.email}"
            await self._audit.record(unit, member.workspace_id, actor, "login.succeeded", f"member:{member.id}", ip)
        member.last_login_at = unit.now
        return view_of(MemberView, member), self._issue_token(member)

    def _issue_token(self, member: Member) -> str:
        """A token for a member whose identity is proved: after a login, or a password change of their own.

        It lasts `token_seconds` from now.
        """
        now = int(time.time())
        claims = {
            "sub": str(member.id),
            "ws": member.workspace_id,
            "ver": member.token_version,
            "iat": now,
            "exp": now + self.token_seconds,
        }
        return jwt.encode(claims, signing_key(), algorithm="HS256")

    async def authenticate_token(self, token: str) -> Principal:
        """Whose token this is. Raises Unauthenticated when it is not ours, expired, or ended by a new password."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token, signing_key(), algorithms=["HS256"], options={"require": ["sub", "exp", "iat"]}
            )
            member_id, workspace_id, version = int(claims["sub"]), int(claims["ws"]), int(claims["ver"])
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("The login has expired; log in again.", code="TOKEN_EXPIRED") from None
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            raise Unauthenticated("This token is not valid.", code="INVALID_TOKEN") from None
        found = self._members.get(member_id)
        if found is None or found.stale_at < time.monotonic():
            found = await self._load_member(member_id)
        if found is None or found.principal.workspace_id != workspace_id or found.version != version:
            raise Unauthenticated("The login has ended; log in again.", code="INVALID_TOKEN")
        return found.principal

    async def logout_everywhere(
        self, workspace_id: int, member_id: int, *, by: Principal | None = None, ip: str | None = None
    ) -> None:
        """End every token of a member. Raises NotFound."""
        async with self._store.unit() as unit:
            member = await find_member(unit.session, workspace_id, member_id, lock=True)
            member.token_version += 1
            await self._note(unit, workspace_id, by, "member.logged_out", f"member:{member_id}", ip)
            unit.notify("members")

    async def _failed(self, member: Member | None, ip: str | None, why: str) -> None:
        if member is None:
            # No workspace to file it under; the address itself may be a password typed into the wrong box.
            log.warning("login failed", reason="unknown e-mail address", ip=ip)
            return
        await self._audit.record(
            None, member.workspace_id, "anonymous", "login.failed", f"member:{member.id}", ip, {"reason": why}
        )

    async def _load_member(self, member_id: int) -> _Cached | None:
        generation = self._member_generation
        async with self._store.db.read() as session:
            member = await session.get(Member, fields.row_id(member_id))
        if member is None or member.disabled:
            self._members.pop(member_id, None)
            return None
        found = _Cached(
            Principal(
                workspace_id=member.workspace_id,
                role=member.role,
                scopes=ROLES.get(member.role, frozenset()),
                name=member.email,
                member_id=member.id,
            ),
            member.token_version,
            time.monotonic() + CACHE_SECONDS,
        )
        if generation == self._member_generation:
            if len(self._members) >= CACHE_MEMBERS:
                self._members.clear()
            self._members[member_id] = found
        return found

    def _forget_members(self, _payload: Any = None) -> None:
        self._member_generation += 1
        self._members.clear()
