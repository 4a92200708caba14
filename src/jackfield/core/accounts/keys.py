"""API keys: found by hash, kept sealed because two dialects show them again."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from ...db.base import now_ms
from ...db.groupcommit import Overloaded
from ..ground import fields
from ..ground.audited import changes_of
from ..ground.errors import Conflict, Forbidden, NotFound, Unauthenticated
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..models import ApiKey, Member
from .base import Part, check_channel, find_workspace, retrieve_exception
from .principal import OPERATOR_WORKSPACE, Principal, check_grant, check_scopes
from .views import ApiKeyView

CACHE_SECONDS: Final = 2.0
"""How long another process may go on accepting a revoked key; this one is told by the bus and stops at once."""
CACHE_KEYS: Final = 10_000
"""Most known and most unknown keys remembered; with more, the cache starts afresh."""
TOUCH_MS: Final = 60_000
"""How often at most a key's `last_used_at` is written."""


class NewKey(msgspec.Struct):
    """A key just made, with the secret in clear."""

    key: ApiKeyView
    secret: str

    def __repr__(self) -> str:
        return f"NewKey(key={self.key!r})"


class _Cached(msgspec.Struct, frozen=True):
    principal: Principal
    expires_at: int
    """Unix ms; far in the future when it never expires."""
    stale_at: float
    """By the monotonic clock."""


_NEVER: Final = 1 << 62


def make_secret() -> str:
    """A new random secret (192 bits)."""
    return "jf_" + secrets.token_urlsafe(24)


def check_given_secret(value: Any) -> str:
    """A secret that somebody chose: 8 to 512 printable characters without blanks. Raises Invalid."""
    if not isinstance(value, str) or not 8 <= len(value) <= 512:
        raise fields.refuse("api_key", "Must have 8 to 512 characters.")
    if not value.isprintable() or " " in value:
        raise fields.refuse("api_key", "Must be printable, without spaces.")
    return value


def hash_secret(secret: str) -> bytes:
    """What a key is found by. Plain SHA-256 suffices: a random secret cannot be guessed from it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _prefix(secret: str) -> str:
    # A short secret that somebody chose must not be shown by half.
    return secret[: min(9, len(secret) // 4)]


def new_key(
    workspace_id: int,
    name: str,
    secret: str,
    scopes: list[str],
    *,
    created_at: int,
    channel_id: int | None = None,
    member_id: int | None = None,
    expires_at: int | None = None,
) -> ApiKey:
    """The row of a key."""
    return ApiKey(
        workspace_id=workspace_id,
        name=name,
        prefix=_prefix(secret),
        hash=hash_secret(secret).hex(),
        secret=secret,
        scopes=scopes,
        channel_id=channel_id,
        member_id=member_id,
        created_at=created_at,
        expires_at=expires_at,
    )


def _maker(by: Principal | None) -> int | None:
    """Whose a key is that `by` makes: a key made by a key belongs to the same person, and stops with them."""
    return None if by is None else by.member_id or by.maker_id


def _view(row: ApiKey) -> ApiKeyView:
    return view_of(ApiKeyView, row)


async def _find(session: AsyncSession, workspace_id: int, key_id: int) -> ApiKey:
    query = select(ApiKey).where(ApiKey.workspace_id == workspace_id, ApiKey.id == fields.row_id(key_id))
    found = await session.scalar(query.with_for_update())
    if found is None:
        raise NotFound("No such API key.")
    return found


async def _check_secret(session: AsyncSession, by: Principal | None, row: ApiKey) -> None:
    """Raises Forbidden unless `by` may come to know the secret of a key: it does what they may do, and it is no key of
    an owner that makes workspaces, unless they may make them too."""
    check_grant(by, row.scopes, row.channel_id)
    if by is None or by.is_operator or by.key_id == row.id or row.member_id is None or "*" not in row.scopes:
        return
    maker = await session.get(Member, row.member_id)
    if (
        maker is not None
        and maker.role == "owner"
        and row.workspace_id == OPERATOR_WORKSPACE
        and row.channel_id is None
    ):
        raise Forbidden("This key of an owner may do more than you.")


class Keys(Part):
    """Create, list, show, rotate and revoke keys; tell whose a secret is."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._known: dict[bytes, _Cached] = {}
        self._unknown: dict[bytes, float] = {}
        self._loading: dict[bytes, asyncio.Future[Principal]] = {}
        self._generation = 0
        self._touched: dict[int, int] = {}
        # One object for good: the group commit tells handlers apart by identity.
        self._touch_handler = self._touch
        store.bus.subscribe("keys", self._forget_keys)

    # Who is it?

    def cached_key(self, secret: str) -> Principal | None:
        """As authenticate_key when the answer is in memory, else None; never waits. For hot routes."""
        found = self._known.get(hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest())
        if found is None or found.stale_at < time.monotonic() or found.expires_at <= time.time() * 1000:
            return None
        return found.principal

    async def authenticate_key(self, secret: str) -> Principal:
        """Whose key this is. Raises Unauthenticated when it is unknown, expired or revoked.

        From memory for CACHE_SECONDS after the database was asked; expiry is checked each time.
        """
        return self.cached_key(secret) or await self._ask(secret)

    async def _ask(self, secret: str) -> Principal:
        if not secret:
            raise Unauthenticated("An API key is needed.")
        digest = hash_secret(secret)
        if self._unknown.get(digest, 0.0) > time.monotonic():
            raise Unauthenticated("Unknown API key.")
        # Many requests find the cache stale at the same moment: one asks, the others wait for its answer.
        loading = self._loading.get(digest)
        if loading is None:
            loading = asyncio.ensure_future(self._load(digest))
            self._loading[digest] = loading
            loading.add_done_callback(lambda done: self._loaded(digest, done))
        return await asyncio.shield(loading)

    def _loaded(self, digest: bytes, done: asyncio.Future[Principal]) -> None:
        if self._loading.get(digest) is done:
            del self._loading[digest]
        retrieve_exception(done)

    async def _load(self, digest: bytes) -> Principal:
        generation = self._generation
        query = (
            select(ApiKey, Member)
            .outerjoin(Member, Member.id == ApiKey.member_id)
            .where(ApiKey.hash == digest.hex())
            .options(defer(ApiKey.secret))
        )
        async with self._store.db.read() as session:
            found = (await session.execute(query)).one_or_none()
        row, maker = (None, None) if found is None else found
        # Answers read before a key was changed must not be remembered after it.
        keep = generation == self._generation
        stale_at = time.monotonic() + CACHE_SECONDS
        if row is None or row.revoked_at is not None:
            if keep:
                if len(self._unknown) >= CACHE_KEYS:
                    self._unknown.clear()
                self._unknown[digest] = stale_at
            raise Unauthenticated("Unknown API key." if row is None else "This API key was revoked.")
        if maker is not None and maker.disabled:
            raise Unauthenticated("The person who made this API key is disabled.")
        now = now_ms()
        if row.expires_at is not None and row.expires_at <= now:
            raise Unauthenticated("This API key has expired.")
        principal = Principal(
            workspace_id=row.workspace_id,
            role="key",
            scopes=frozenset(row.scopes),
            name=row.name,
            key_id=row.id,
            channel_id=row.channel_id,
            maker_id=row.member_id,
            maker_role=None if maker is None else maker.role,
        )
        if keep:
            if len(self._known) >= CACHE_KEYS:
                self._known.clear()
            self._known[digest] = _Cached(principal, row.expires_at or _NEVER, stale_at)
        self._used(row.id, row.last_used_at or 0, now)
        return principal

    def _forget_keys(self, _payload: Any = None) -> None:
        self._generation += 1
        self._known.clear()
        self._unknown.clear()
        self._loading.clear()

    # When was it used last? Noted when the cache asks the database, so a busy key costs a write a minute.

    def _used(self, key_id: int, last: int, now: int) -> None:
        if now - max(last, self._touched.get(key_id, 0)) < TOUCH_MS:
            return
        if len(self._touched) >= CACHE_KEYS:
            self._touched.clear()
        self._touched[key_id] = now
        try:
            written = self._store.writer.submit(self._touch_handler, (key_id, now))
        except Overloaded:
            return
        written.add_done_callback(retrieve_exception)

    async def _touch(self, unit: Unit, items: Sequence[tuple[int, int]]) -> Sequence[None]:
        for key_id, now in items:
            await unit.conn.execute(
                update(ApiKey)
                .where(ApiKey.id == key_id, or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < now))
                .values(last_used_at=now)
            )
        return [None] * len(items)

    # Managing them.

    async def create_key(
        self,
        workspace_id: int,
        name: str,
        *,
        scopes: Iterable[str] = ("*",),
        channel_id: int | None = None,
        expires_at: int | None = None,
        secret: str | None = None,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> NewKey:
        """A new key. `expires_at` in Unix ms; `secret` only where the caller must choose it.

        Raises Invalid, NotFound for a channel that is not the workspace's, Conflict for a secret that is taken,
        Forbidden when `by` grants more than they have.
        """
        name = fields.text("name", name, maximum=100)
        chosen = check_scopes(scopes)
        check_grant(by, chosen, channel_id)
        if expires_at is not None and fields.timestamp("expires_at", expires_at) <= now_ms():
            raise fields.refuse("expires_at", "Must be in the future.")
        value = make_secret() if secret is None else check_given_secret(secret)
        try:
            async with self._store.unit() as unit:
                await find_workspace(unit.session, workspace_id)
                if channel_id is not None:
                    await check_channel(unit.session, workspace_id, channel_id)
                row = new_key(
                    workspace_id,
                    name,
                    value,
                    chosen,
                    created_at=unit.now,
                    channel_id=channel_id,
                    member_id=_maker(by),
                    expires_at=expires_at,
                )
                unit.session.add(row)
                await unit.session.flush()
                await self._note(unit, workspace_id, by, "key.created", f"key:{row.id}", ip, name=name, scopes=chosen)
                unit.notify("keys")
        except IntegrityError:
            raise Conflict("This API key is in use already.", code="KEY_EXISTS") from None
        return NewKey(_view(row), value)

    async def keys(
        self,
        workspace_id: int,
        *,
        channel_id: int | None = None,
        revoked: bool = False,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[ApiKeyView]:
        """Keys, newest first; revoked ones too when asked; of one channel only when asked."""
        query = select(ApiKey).where(ApiKey.workspace_id == workspace_id).options(defer(ApiKey.secret))
        if channel_id is not None:
            query = query.where(ApiKey.channel_id == fields.row_id(channel_id))
        if not revoked:
            query = query.where(ApiKey.revoked_at.is_(None))
        async with self._store.db.read() as session:
            return await page_by_id(
                session, query, ApiKey.id, _view, limit=limit, cursor=cursor, page=page, total=total
            )

    async def key(self, workspace_id: int, key_id: int) -> ApiKeyView:
        """One key. Raises NotFound."""
        query = select(ApiKey).where(ApiKey.workspace_id == workspace_id, ApiKey.id == fields.row_id(key_id))
        async with self._store.db.read() as session:
            row = await session.scalar(query.options(defer(ApiKey.secret)))
        if row is None:
            raise NotFound("No such API key.")
        return _view(row)

    async def reveal(
        self, workspace_id: int, key_id: int, *, by: Principal | None = None, ip: str | None = None
    ) -> str:
        """The secret in clear, for the dialects that show it again; noted in the audit log.

        Raises NotFound, also for a revoked key, and Forbidden for a key that may do more than `by`.
        """
        async with self._store.unit() as unit:
            row = await _find(unit.session, workspace_id, key_id)
            if row.revoked_at is not None:
                raise NotFound("No such API key.")
            await _check_secret(unit.session, by, row)
            await self._note(unit, workspace_id, by, "key.revealed", f"key:{key_id}", ip)
            return row.secret

    async def channel_secrets(
        self,
        workspace_id: int,
        name: str,
        channel_ids: Sequence[int],
        *,
        scopes: Iterable[str],
        by: Principal | None = None,
        ip: str | None = None,
    ) -> dict[int, str]:
        """The secrets in clear of the keys of this name that are bound to these channels, by channel: the oldest of
        each, and a new one with `scopes` where a channel has none.

        New keys are noted in the audit log; that the others were shown is left to the caller, who may ask often.
        Raises Invalid, NotFound for a channel that is not the workspace's, Forbidden as `create_key`.
        """
        name = fields.text("name", name, maximum=100)
        chosen = check_scopes(scopes)
        for channel_id in channel_ids:
            check_grant(by, chosen, channel_id)
        query = select(ApiKey).where(
            ApiKey.workspace_id == workspace_id,
            ApiKey.name == name,
            ApiKey.channel_id.in_(channel_ids),
            ApiKey.revoked_at.is_(None),
        )
        async with self._store.unit() as unit:
            known = await unit.session.scalars(query.order_by(ApiKey.id.desc()))
            found = {row.channel_id: row.secret for row in known if row.channel_id is not None}
            for channel_id in channel_ids:
                if channel_id in found:
                    continue
                await check_channel(unit.session, workspace_id, channel_id)
                row = new_key(
                    workspace_id,
                    name,
                    make_secret(),
                    chosen,
                    created_at=unit.now,
                    channel_id=channel_id,
                    member_id=_maker(by),
                )
                unit.session.add(row)
                await unit.session.flush()
                await self._note(unit, workspace_id, by, "key.created", f"key:{row.id}", ip, name=name, scopes=chosen)
                unit.notify("keys")
                found[channel_id] = row.secret
        return found

    async def update_key(
        self,
        workspace_id: int,
        key_id: int,
        *,
        name: str | UnsetType = UNSET,
        scopes: Iterable[str] | UnsetType = UNSET,
        expires_at: int | UnsetType | None = UNSET,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> ApiKeyView:
        """Change what is given. Raises as create_key."""
        async with self._store.unit() as unit:
            row = await _find(unit.session, workspace_id, key_id)
            check_grant(by, row.scopes, row.channel_id)
            if not isinstance(name, UnsetType):
                row.name = fields.text("name", name, maximum=100)
            if not isinstance(scopes, UnsetType):
                row.scopes = check_scopes(scopes)
                check_grant(by, row.scopes, row.channel_id)
            if not isinstance(expires_at, UnsetType):
                row.expires_at = None if expires_at is None else fields.timestamp("expires_at", expires_at)
            told = {"scopes": row.scopes, "changes": changes_of(row)}
            await self._note(unit, workspace_id, by, "key.updated", f"key:{key_id}", ip, **told)
            unit.notify("keys")
            return _view(row)

    async def rotate_key(
        self, workspace_id: int, key_id: int, *, by: Principal | None = None, ip: str | None = None
    ) -> NewKey:
        """The same key with a new secret; the old one stops at once. Raises NotFound, also for a revoked key, Forbidden."""
        value = make_secret()
        async with self._store.unit() as unit:
            row = await _find(unit.session, workspace_id, key_id)
            if row.revoked_at is not None:
                raise NotFound("No such API key.")
            await _check_secret(unit.session, by, row)
            row.secret, row.prefix, row.hash = value, _prefix(value), hash_secret(value).hex()
            await self._note(unit, workspace_id, by, "key.rotated", f"key:{key_id}", ip)
            unit.notify("keys")
            return NewKey(_view(row), value)

    async def revoke_key(
        self, workspace_id: int, key_id: int, *, by: Principal | None = None, ip: str | None = None
    ) -> ApiKeyView:
        """End a key for good; ending it twice changes nothing. Raises NotFound."""
        async with self._store.unit() as unit:
            row = await _find(unit.session, workspace_id, key_id)
            if row.revoked_at is None:
                check_grant(by, row.scopes, row.channel_id)
                row.revoked_at = unit.now
                await self._note(unit, workspace_id, by, "key.revoked", f"key:{key_id}", ip)
                unit.notify("keys")
            return _view(row)
