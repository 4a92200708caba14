"""Logging in, and the sessions that a login opens.

A login makes a session, which is a row, and a token, which names it: a JWT (RFC 7519, HS256) with sub the member, ws the
workspace, sid the session, iat, exp. The token is good as long as the row is there: logging out, a new password or
disabling the member deletes rows. A browser's cookie holds the same token.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import jwt
import msgspec
import structlog
from sqlalchemy import delete, or_, select, update

from ...db.groupcommit import Overloaded
from ...db.secrets import signing_key, signing_keys
from ..ground import fields
from ..ground.addresses import one_client
from ..ground.errors import Invalid, LimitReached, NotFound, Unauthenticated
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..models import Member, SecondFactor, Session, Workspace
from . import codes
from .base import Part, find_member, retrieve_exception
from .principal import ROLES, Principal, check_role
from .views import MemberView, SessionView

TOKEN_SECONDS: Final = 24 * 3600
CACHE_SECONDS: Final = 2.0
"""How long another process may go on accepting an ended session; this one is told by the bus and stops at once."""
CACHE_SESSIONS: Final = 10_000
TOUCH_MS: Final = 60_000
"""How often at most a session's `last_used_at` is written."""
ATTEMPTS: Final = (10, 300)
"""Failed logins of one e-mail address from one IP address: so many in so many seconds."""
ATTEMPTS_PER_IP: Final = (100, 300)
"""Failed logins from one IP address, whatever the e-mail address: against trying one password on everybody."""

log = structlog.get_logger(__name__)


class _Cached(msgspec.Struct, frozen=True):
    principal: Principal
    opened_at: int
    stale_at: float
    """By the monotonic clock."""


class Logins(Part):
    """Log in, log out, list and end sessions, and tell whose a token is."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.token_seconds = TOKEN_SECONDS
        self._sessions: dict[int, _Cached] = {}
        self._session_generation = 0
        self._attempts: Counter[str] = Counter()
        self._session_used: dict[int, int] = {}
        # One object for good: the group commit tells handlers apart by identity.
        self._session_touch_handler = self._touch_sessions
        store.bus.subscribe("members", self._forget_sessions)
        store.bus.subscribe("workspaces", self._forget_sessions)

    async def login(
        self,
        email: str,
        password: str,
        *,
        code: str | None = None,
        ip: str | None = None,
        user_agent: str | None = None,
    ) -> tuple[MemberView, str]:
        """The member and a token, for the right password, and `code` where the member has a second factor: one of the
        app, or a recovery code.

        An unknown address takes as long as a wrong password and is answered alike.

        Raises Unauthenticated (wrong, or disabled; SECOND_FACTOR_REQUIRED, INVALID_SECOND_FACTOR after the right
        password), LimitReached after too many failures.
        """
        try:
            address = fields.email(email)
        except Invalid:
            address = ""
        client = None if ip is None else one_client(ip)
        who = f"{address}\n{client or ''}"
        # Counted before the password is looked at: any number of attempts at once must not slip by together.
        await self.limits.hit("login", who, *ATTEMPTS)
        async with self._store.db.read() as session:
            member = await session.scalar(select(Member).where(Member.email == address)) if address else None
        stored = None if member is None else member.password_hash
        async with self._attempt(client):
            right = isinstance(password, str) and await self.passwords.verify(stored, password)
        if member is None or not right or member.disabled:
            if client is not None:
                # Its refusal is the next attempt's business.
                try:
                    await self.limits.hit("login-ip", client, *ATTEMPTS_PER_IP)
                except LimitReached:
                    pass
            await self._failed(member, ip, "disabled" if right else "password")
            raise _wrong_credentials()
        factor = await self._check_code(member, code, ip)
        await self.limits.clear("login", who, *ATTEMPTS)
        fresh = await self.passwords.hash(password) if self.passwords.outdated(member.password_hash) else None
        async with self._store.unit() as unit:
            # The password may have been changed, or the member disabled, while it was verified.
            same = select(Member).where(Member.id == member.id, Member.password_hash == member.password_hash)
            current = await unit.session.scalar(same.with_for_update())
            if current is None or current.disabled:
                raise _wrong_credentials()
            current.last_login_at = unit.now
            if fresh is not None:
                current.password_hash = fresh
            token = await self._open_session(unit, current, ip, user_agent)
            actor = f"member:{member.id} {member.email}"
            target, data = f"member:{member.id}", {"second_factor": factor} if factor is not None else {}
            await self._audit.record(unit, member.workspace_id, actor, "login.succeeded", target, ip, data)
        return view_of(MemberView, current), token

    async def _check_code(self, member: Member, code: str | None, ip: str | None) -> str | None:
        """Ask for the second factor and use its code up. Gives which it was; None: the member has none.

        Raises Unauthenticated, LimitReached.
        """
        async with self._store.db.read() as session:
            known = await codes.find_factor(session, member.id)
        if known is None or known.confirmed_at is None:
            return None
        if not code:
            raise codes.needed()
        if codes.is_app_code(code):
            # Whoever knows the password must not try all codes from many addresses.
            await self.limits.hit("code", str(member.id), *codes.CODES)
        async with self._store.unit() as unit:
            await find_member(unit.session, member.workspace_id, member.id, lock=True)
            row = await codes.find_factor(unit.session, member.id)
            used = None if row is None or row.confirmed_at is None else codes.take(row, code)
        if used is None:
            await self._failed(member, ip, "code")
            raise codes.refused()
        if used == "app":
            await self.limits.clear("code", str(member.id), *codes.CODES)
        return used

    @asynccontextmanager
    async def _attempt(self, client: str | None) -> AsyncIterator[None]:
        """Around the check of a password: those of one client that are under way count as failures to come, so that
        any number at once do not slip by together. Raises LimitReached."""
        if client is None:
            yield
            return
        left, wait = await self.limits.remaining("login-ip", client, *ATTEMPTS_PER_IP)
        if self._attempts[client] >= left:
            raise LimitReached("Too many attempts; try again later.", code="RATE_LIMITED", retry_after=max(1.0, wait))
        self._attempts[client] += 1
        try:
            yield
        finally:
            self._attempts[client] -= 1
            if not self._attempts[client]:
                del self._attempts[client]

    async def authenticate_token(self, token: str) -> Principal:
        """Whose token this is. Raises Unauthenticated when it is not ours, has expired, or its session has ended."""
        try:
            claims = _claims(token)
            member_id, workspace_id, session_id = int(claims["sub"]), int(claims["ws"]), int(claims["sid"])
            opened_at = int(claims["at"])
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("The login has expired; log in again.", code="TOKEN_EXPIRED") from None
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            raise Unauthenticated("This token is not valid.", code="INVALID_TOKEN") from None
        found = self._sessions.get(session_id)
        if found is None or found.stale_at < time.monotonic():
            found = await self._load_session(session_id)
        if (
            found is None
            # A number alone does not tell a session: SQLite gives that of a row that was deleted to the next, and a restored
            # backup gives again what was given since it was made. The token of an ended session must stay ended.
            or found.opened_at != opened_at
            or found.principal.workspace_id != workspace_id
            or found.principal.member_id != member_id
        ):
            raise Unauthenticated("The login has ended; log in again.", code="INVALID_TOKEN")
        return found.principal

    # Sessions.

    async def sessions(
        self, workspace_id: int, member_id: int, *, limit: int = 50, cursor: str | None = None
    ) -> Page[SessionView]:
        """A member's open sessions, newest first. Raises NotFound."""
        async with self._store.db.read() as session:
            await find_member(session, workspace_id, member_id)
            query = select(Session).where(Session.member_id == member_id, Session.expires_at > int(time.time() * 1000))
            return await page_by_id(
                session, query, Session.id, partial(view_of, SessionView), limit=limit, cursor=cursor
            )

    async def end_session(
        self,
        workspace_id: int,
        member_id: int,
        session_id: int,
        *,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> None:
        """End one session of a member: its token stops at once.

        Raises NotFound, Forbidden (another member's, whose role may do more than `by`).
        """
        async with self._store.unit() as unit:
            if by is not None and by.member_id != member_id:
                check_role(by, (await find_member(unit.session, workspace_id, member_id)).role)
            gone = await unit.session.scalar(
                delete(Session)
                .where(
                    Session.workspace_id == workspace_id,
                    Session.member_id == fields.row_id(member_id),
                    Session.id == fields.row_id(session_id),
                )
                .returning(Session.id)
            )
            if gone is None:
                raise NotFound("No such session.")
            await self._note(unit, workspace_id, by, "session.ended", f"member:{member_id}", ip, session=session_id)
            unit.notify("members")

    async def end_sessions(
        self,
        workspace_id: int,
        member_id: int,
        *,
        but: int | None = None,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> int:
        """End all sessions of a member, except the one with the id `but`. Gives how many.

        Raises NotFound, Forbidden (as end_session).
        """
        async with self._store.unit() as unit:
            member = await find_member(unit.session, workspace_id, member_id, lock=True)
            if by is not None and by.member_id != member_id:
                check_role(by, member.role)
            ended = await drop_sessions(unit, member_id, but=but)
            await self._note(unit, workspace_id, by, "member.logged_out", f"member:{member_id}", ip, sessions=ended)
        return ended

    async def logout(self, caller: Principal, *, ip: str | None = None) -> None:
        """End the session that the caller came with; a caller with a key has none, and nothing happens."""
        if caller.session_id is None or caller.member_id is None:
            return
        try:
            await self.end_session(caller.workspace_id, caller.member_id, caller.session_id, by=caller, ip=ip)
        except NotFound:
            pass  # It has just been ended elsewhere.

    async def _open_session(self, unit: Unit, member: Member, ip: str | None, user_agent: str | None) -> str:
        """Add a session to the unit and give its token, which lasts `token_seconds` from now."""
        now = int(time.time())
        row = Session(
            workspace_id=member.workspace_id,
            member_id=member.id,
            ip=None if ip is None else ip[:64],
            user_agent=_printable(user_agent),
            created_at=unit.now,
            last_used_at=unit.now,
            expires_at=(now + self.token_seconds) * 1000,
        )
        unit.session.add(row)
        await unit.session.flush()
        claims = {
            "sub": str(member.id),
            "ws": member.workspace_id,
            "sid": row.id,
            "at": row.created_at,
            "iat": now,
            "exp": now + self.token_seconds,
        }
        return jwt.encode(claims, signing_key(), algorithm="HS256")

    async def _failed(self, member: Member | None, ip: str | None, why: str) -> None:
        if member is None:
            # No workspace to file it under; the address itself may be a password typed into the wrong box.
            log.warning("login failed", reason="unknown e-mail address", ip=ip)
            return
        await self._audit.record(
            None, member.workspace_id, "anonymous", "login.failed", f"member:{member.id}", ip, {"reason": why}
        )

    async def _load_session(self, session_id: int) -> _Cached | None:
        generation = self._session_generation
        query = (
            select(Session, Member, Workspace.settings, SecondFactor.confirmed_at)
            .join(Member, Member.id == Session.member_id)
            .join(Workspace, Workspace.id == Session.workspace_id)
            .outerjoin(SecondFactor, SecondFactor.member_id == Member.id)
            .where(Session.id == fields.row_id(session_id))
        )
        async with self._store.db.read() as session:
            row = (await session.execute(query)).first()
        if row is None or row.Member.disabled:
            self._sessions.pop(session_id, None)
            return None
        opened, member = row.Session, row.Member
        found = _Cached(
            Principal(
                workspace_id=member.workspace_id,
                role=member.role,
                scopes=ROLES.get(member.role, frozenset()),
                name=member.email,
                member_id=member.id,
                session_id=opened.id,
                lacks_second_factor=bool(row.settings.get(codes.REQUIRED_SETTING)) and row.confirmed_at is None,
            ),
            opened.created_at,
            time.monotonic() + CACHE_SECONDS,
        )
        # What was read before a change must not be remembered after it.
        if generation == self._session_generation:
            if len(self._sessions) >= CACHE_SESSIONS:
                self._sessions.clear()
            self._sessions[session_id] = found
        self._note_use(opened.id, opened.last_used_at)
        return found

    def _forget_sessions(self, _payload: Any = None) -> None:
        self._session_generation += 1
        self._sessions.clear()

    def _note_use(self, session_id: int, last: int) -> None:
        now = int(time.time() * 1000)
        if now - max(last, self._session_used.get(session_id, 0)) < TOUCH_MS:
            return
        if len(self._session_used) >= CACHE_SESSIONS:
            self._session_used.clear()
        self._session_used[session_id] = now
        try:
            written = self._store.writer.submit(self._session_touch_handler, (session_id, now))
        except Overloaded:
            return
        written.add_done_callback(retrieve_exception)

    async def _touch_sessions(self, unit: Unit, items: Sequence[tuple[int, int]]) -> Sequence[None]:
        for session_id, now in items:
            await unit.conn.execute(
                update(Session)
                .where(Session.id == session_id, or_(Session.last_used_at.is_(None), Session.last_used_at < now))
                .values(last_used_at=now)
            )
        return [None] * len(items)


async def drop_sessions(unit: Unit, member_id: int, *, but: int | None = None) -> int:
    """Delete a member's sessions in the unit, so that their tokens stop with its commit. Gives how many."""
    query = delete(Session).where(Session.member_id == member_id)
    if but is not None:
        query = query.where(Session.id != but)
    gone = await unit.session.scalars(query.returning(Session.id))
    unit.notify("members")
    return len(gone.all())


def _wrong_credentials() -> Unauthenticated:
    return Unauthenticated("E-mail address or password is wrong.", code="INVALID_CREDENTIALS")


def _printable(text: str | None) -> str | None:
    """A browser's description of itself, as far as it can be stored and shown."""
    return None if text is None else "".join(c for c in text if c.isprintable())[:200] or None


def _claims(token: str) -> dict[str, Any]:
    """What a token says, signed with the key in use or with the one before it while that is changed.

    Raises jwt.InvalidTokenError.
    """
    first: jwt.InvalidTokenError | None = None
    for key in signing_keys():
        try:
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=["HS256"], options={"require": ["sub", "exp", "iat"]}
            )
        except jwt.InvalidSignatureError as error:
            first = first or error
        else:
            return claims
    raise first or jwt.InvalidTokenError("no key")
