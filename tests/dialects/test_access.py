"""Every endpoint of every dialect with every kind of caller: who has no right is refused, and changes nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select

from jackfield.app import build_app
from jackfield.core import Core, Principal
from jackfield.core.accounts.principal import SCOPES
from jackfield.db.base import Base
from jackfield.dialects._access import Requirement
from jackfield.dialects.chattu.routes import clients
from jackfield.dialects.native.routes import profiles
from jackfield.server.startup import bootstrap, open_core
from jackfield.settings import Settings
from jackfield.testing.access import access_table

KEY, PASSWORD = "test-key-0123456789", "correct horse battery"
NO_TOKEN = "eyJhbGciOiJIUzI1NiJ9.e30.x"
UNCOUNTED = {"audit_entries", "rate_windows", "api_uses"}
"""Tables that may note a refusal."""
UNCOUNTED_COLUMNS = {"last_used_at"}


class Caller(msgspec.Struct, kw_only=True):
    """What somebody sends, and what they may do by it. For Chatly, which takes a key and a login, `beside` is the other."""

    key: str | None = None
    token: str | None = None
    who: Principal | None = None

    def may(self, asked: Requirement) -> bool:
        """Whether the endpoint lets this caller in."""
        if asked.who == "anybody":
            return True
        if self.who is None:
            return False
        scope = asked.scope is None or self.who.may(asked.scope)
        if asked.who == "key":
            return scope and self.key is not None
        if asked.who == "login":
            return scope and self.token is not None
        return scope


@pytest.fixture
async def core(migrated_sqlite: str, tmp_path: Path) -> AsyncIterator[Core]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=migrated_sqlite,
        owner_email="owner@example.com",
        owner_password=PASSWORD,  # type: ignore[arg-type]
        api_key=KEY,  # type: ignore[arg-type]
    )
    async with open_core(settings) as core:
        await bootstrap(core, settings)
        yield core


@pytest.fixture
async def callers(core: Core) -> dict[str, Caller]:
    accounts = core.accounts
    made: dict[str, Caller] = {"nobody": Caller(), "a wrong key and token": Caller(key="wrong-key", token=NO_TOKEN)}

    async def key(name: str, scopes: list[str], channel_id: int | None = None) -> None:
        secret = (await accounts.create_key(1, name, scopes=scopes, channel_id=channel_id)).secret
        made[name] = Caller(key=secret, who=await accounts.authenticate_key(secret))

    await key("a key without the scope", ["usage:read"])
    await key("a key that only reads", [scope for scope in SCOPES if scope.endswith(":read")])
    await key("a bound key", ["*"], 1)
    made["a full key"] = Caller(key=KEY, who=await accounts.authenticate_key(KEY))
    for role in ("agent", "admin"):
        await accounts.create_member(1, f"{role}@example.com", PASSWORD, role=role)
    for role in ("agent", "admin", "owner"):
        _, token = await accounts.login(f"{role}@example.com", PASSWORD)
        made[f"an {role}"] = Caller(token=token, who=await accounts.authenticate_token(token))
    return made


@pytest.fixture(autouse=True)
def _no_wait_for_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs here, so that no QR code ever comes: nobody waits for one."""
    for module in (profiles, clients):
        monkeypatch.setattr(module, "QR_WAIT_S", 0.01)


@pytest.fixture
async def client(core: Core) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(
        app=build_app(core, Settings(trusted_proxies="127.0.0.1")), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
        yield client


async def stored(core: Core) -> dict[str, Any]:
    """Everything in the database but what notes refusals."""
    found = {}
    async with core.db.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in UNCOUNTED:
                columns = [column for column in table.columns if column.name not in UNCOUNTED_COLUMNS]
                rows = (await session.execute(select(*columns).order_by(*table.primary_key.columns))).all()
                found[table.name] = [tuple(row) for row in rows]
    return found


def headers(dialect: str, asked: Requirement, caller: Caller, callers: dict[str, Caller]) -> dict[str, str]:
    """The caller's credentials as the dialect takes them."""
    key, token = caller.key, caller.token
    if dialect == "chatly" and caller.who is not None and asked.who != "key":
        # What the other side lacks is to be told apart: the one beside it may do everything.
        key, token = key or KEY, token or callers["an owner"].token
    name = "apikey" if dialect == "chatly" else "X-API-Key"
    return {
        **({name: key} if key is not None else {}),
        **({"Authorization": f"Bearer {token}"} if token is not None else {}),
    }


def address(asked: Requirement) -> str:
    return re.sub(r"\{\w+(:path)?\}", "1", asked.path)


TABLE = access_table()


@pytest.mark.parametrize("dialect", TABLE)
async def test_nobody_without_the_right_gets_in(
    dialect: str, core: Core, client: httpx.AsyncClient, callers: dict[str, Caller]
) -> None:
    before = await stored(core)
    refused = 0
    for asked in TABLE[dialect]:
        for name, caller in callers.items():
            if caller.may(asked):
                continue
            # A body that no parser takes: whoever is refused is refused before it is read.
            answer = await client.request(
                asked.method,
                address(asked),
                content=None if asked.method == "GET" else b"{",
                headers={
                    "Content-Type": "application/json",
                    # Each from an address of its own: how often one address may try is not what is walked here.
                    "X-Forwarded-For": f"10.0.{refused // 250}.{refused % 250 + 1}",
                    **headers(dialect, asked, caller, callers),
                },
            )
            assert answer.status_code in (401, 403), (asked, name, answer.status_code, answer.text[:300])
            assert answer.headers["content-type"].startswith("application/json"), (asked, name)
            refused += 1
    assert refused > len(TABLE[dialect])
    assert await stored(core) == before


@pytest.mark.parametrize("dialect", TABLE)
async def test_whoever_has_the_right_gets_in(
    dialect: str, core: Core, client: httpx.AsyncClient, callers: dict[str, Caller]
) -> None:
    let_in = 0
    for asked in TABLE[dialect]:
        if asked.method != "GET" or asked.path.endswith("/events"):
            continue
        for name, caller in callers.items():
            if not caller.may(asked) or asked.who == "anybody":
                continue
            answer = await client.get(address(asked), headers=headers(dialect, asked, caller, callers))
            reaches = caller.who is not None and caller.who.channel_id is None
            # The list shows the clients' keys, which takes all that they may do.
            reaches = reaches and (asked.path != "/chattu/api/clients" or name == "a full key")
            assert answer.status_code != 401, (asked, name, answer.text[:300])
            assert answer.status_code != 403 or not reaches, (asked, name, answer.text[:300])
            let_in += 1
    assert let_in > 0


def test_every_scope_that_is_asked_is_one_that_can_be_given() -> None:
    asked = {one.scope for rows in TABLE.values() for one in rows if one.scope is not None}
    assert asked <= set(SCOPES)


def test_only_logins_and_pages_are_open_to_anybody() -> None:
    paths = {one.path for rows in TABLE.values() for one in rows if one.who == "anybody"}
    assert paths == {
        "/api/auth/login",
        "/api/auth/invitations/accept",
        "/api/setup",
        "/api/automations/hooks/{token}",
        "/api/docs",
        "/pabbly/docs",
        "/pabbly/chatflow",
        "/pabbly/chatflow.md",
        "/pabbly/chatflow/{path:path}",
        "/chitchatlabs/docs",
        "/chattu/api/reset-api-key",
        "/chattu/chat",
        "/chattu/docs",
        "/chattu/login",
        "/chattu/logout",
        "/chatly/docs",
    }
