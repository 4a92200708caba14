from __future__ import annotations

import asyncio
import threading
import time

import jwt
import pytest
from argon2 import PasswordHasher

from jackfield.core import MemberView
from jackfield.core.accounts.logins import ATTEMPTS, ATTEMPTS_PER_IP
from jackfield.core.accounts.passwords import MAX_WAITING, Passwords
from jackfield.core.ground.addresses import one_client
from jackfield.core.ground.errors import Invalid, LimitReached, Unauthenticated
from jackfield.db.secrets import signing_key

from .conftest import SmallCore

PASSWORD = "correct horse"


@pytest.fixture
async def ann(core: SmallCore) -> MemberView:
    workspace_id = await core.workspace()
    return await core.accounts.create_member(workspace_id, "ann@example.org", PASSWORD, role="owner")


async def test_login_and_token(core: SmallCore, ann: MemberView) -> None:
    member, token = await core.accounts.login(" ANN@example.org", PASSWORD, ip="10.0.0.1")
    assert member.last_login_at is not None
    claims = jwt.decode(token, signing_key(), algorithms=["HS256"])
    assert (claims["sub"], claims["ws"]) == (str(ann.id), ann.workspace_id)
    assert claims["exp"] - claims["iat"] == 24 * 3600
    principal = await core.accounts.authenticate_token(token)
    assert (principal.member_id, principal.role, principal.name) == (ann.id, "owner", "ann@example.org")
    assert principal.actor == f"member:{ann.id} ann@example.org"
    entry = (await core.audit.list(ann.workspace_id, action="login.*")).items[0]
    assert (entry.action, entry.ip, entry.target) == ("login.succeeded", "10.0.0.1", f"member:{ann.id}")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ann@example.org", "wrong password"),
        ("nobody@example.org", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
        ("ann@example.org\x00", PASSWORD),
        ("ann@example.org", "\ud800"),
        ("ann@example.org", PASSWORD + "x" * 5000),
    ],
)
async def test_wrong_logins_are_all_answered_alike(core: SmallCore, ann: MemberView, email: str, password: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        await core.accounts.login(email, password)
    assert caught.value.code == "INVALID_CREDENTIALS"


async def test_an_unknown_address_costs_a_verification_too(core: SmallCore, ann: MemberView) -> None:
    seen: list[str | None] = []
    verify = core.accounts.passwords.verify

    async def watch(stored: str | None, password: str) -> bool:
        seen.append(stored)
        return await verify(stored, password)

    core.accounts.passwords.verify = watch  # type: ignore[method-assign]
    with pytest.raises(Unauthenticated):
        await core.accounts.login("nobody@example.org", PASSWORD)
    assert seen == [None]


async def test_failures_are_audited_without_the_password(core: SmallCore, ann: MemberView) -> None:
    with pytest.raises(Unauthenticated):
        await core.accounts.login(ann.email, "wrong password", ip="10.0.0.9")
    entry = (await core.audit.list(ann.workspace_id, action="login.failed")).items[0]
    assert (entry.actor, entry.ip, entry.data) == ("anonymous", "10.0.0.9", {"reason": "password"})


async def test_brute_force_is_throttled_per_address_and_ip(core: SmallCore, ann: MemberView) -> None:
    for _ in range(ATTEMPTS[0]):
        with pytest.raises(Unauthenticated):
            await core.accounts.login(ann.email, "wrong password", ip="10.0.0.1")
    with pytest.raises(LimitReached) as caught:
        await core.accounts.login(ann.email, PASSWORD, ip="10.0.0.1")
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= ATTEMPTS[1]
    # The person themselves, from elsewhere, gets in.
    await core.accounts.login(ann.email, PASSWORD, ip="10.0.0.2")


async def test_an_ipv6_network_is_one_client(core: SmallCore, ann: MemberView) -> None:
    """A subscriber has 2^64 addresses: guesses from each of them count together, and nobody else's do."""
    for n in range(ATTEMPTS[0]):
        with pytest.raises(Unauthenticated):
            await core.accounts.login(ann.email, "wrong password", ip=f"2001:db8:0:1::{n + 1:x}")
    with pytest.raises(LimitReached):
        await core.accounts.login(ann.email, PASSWORD, ip="2001:db8:0:1:ffff:ffff:ffff:ffff")
    await core.accounts.login(ann.email, PASSWORD, ip="2001:db8:0:2::1")


@pytest.mark.parametrize(
    ("ip", "counted"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:0:1::9", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a proxy's word", "a proxy's word"),
        (None, ""),
    ],
)
def test_what_an_address_is_counted_as(ip: str | None, counted: str) -> None:
    assert one_client(ip) == counted


async def test_success_starts_the_count_afresh(core: SmallCore, ann: MemberView) -> None:
    for _ in range(3):
        for _ in range(ATTEMPTS[0] - 1):
            with pytest.raises(Unauthenticated):
                await core.accounts.login(ann.email, "wrong password", ip="10.0.0.1")
        await core.accounts.login(ann.email, PASSWORD, ip="10.0.0.1")


async def test_one_password_on_everybody_is_throttled_per_ip(core: SmallCore, ann: MemberView) -> None:
    for n in range(ATTEMPTS_PER_IP[0]):
        with pytest.raises(Unauthenticated):
            await core.accounts.login(f"{n}@example.org", "password", ip="10.0.0.1")
    with pytest.raises(LimitReached):
        await core.accounts.login("another@example.org", "password", ip="10.0.0.1")


async def test_a_disabled_member_is_out_at_once(core: SmallCore, ann: MemberView) -> None:
    bob = await core.accounts.create_member(ann.workspace_id, "bob@example.org", PASSWORD)
    _, token = await core.accounts.login(bob.email, PASSWORD)
    assert not (await core.accounts.authenticate_token(token)).may("team:write")
    await core.accounts.update_member(ann.workspace_id, bob.id, disabled=True)
    with pytest.raises(Unauthenticated):
        await core.accounts.authenticate_token(token)
    with pytest.raises(Unauthenticated):
        await core.accounts.login(bob.email, PASSWORD)
    await core.accounts.update_member(ann.workspace_id, bob.id, disabled=False)
    with pytest.raises(Unauthenticated):
        await core.accounts.authenticate_token(token)
    await core.accounts.login(bob.email, PASSWORD)


async def test_a_changed_role_counts_at_once(core: SmallCore, ann: MemberView) -> None:
    bob = await core.accounts.create_member(ann.workspace_id, "bob@example.org", PASSWORD)
    _, token = await core.accounts.login(bob.email, PASSWORD)
    assert not (await core.accounts.authenticate_token(token)).may("campaigns:write")
    await core.accounts.update_member(ann.workspace_id, bob.id, role="admin")
    assert (await core.accounts.authenticate_token(token)).may("campaigns:write")
    await core.accounts.delete_member(ann.workspace_id, bob.id)
    with pytest.raises(Unauthenticated):
        await core.accounts.authenticate_token(token)


async def test_an_expired_token_says_so(core: SmallCore, ann: MemberView) -> None:
    core.accounts.token_seconds = -1
    _, token = await core.accounts.login(ann.email, PASSWORD)
    for authenticate in (core.accounts.authenticate_token, core.accounts.authenticate):
        with pytest.raises(Unauthenticated) as caught:
            await authenticate(token)
        assert caught.value.code == "TOKEN_EXPIRED"


async def test_forged_tokens_are_refused(core: SmallCore, ann: MemberView) -> None:
    now = int(time.time())
    key = signing_key()
    _, own = await core.accounts.login(ann.email, PASSWORD)
    said = jwt.decode(own, key, algorithms=["HS256"])
    session_id, at = said["sid"], said["at"]
    good = {"sub": str(ann.id), "ws": ann.workspace_id, "sid": session_id, "at": at, "iat": now, "exp": now + 60}
    assert await core.accounts.authenticate_token(jwt.encode(good, key, algorithm="HS256"))
    forged = [
        jwt.encode(good, b"another key of thirty-two bytes!", algorithm="HS256"),
        jwt.encode(good, "", algorithm="none"),
        jwt.encode(good, key * 2, algorithm="HS512"),
        jwt.encode({**good, "ws": ann.workspace_id + 1}, key, algorithm="HS256"),
        jwt.encode({**good, "sid": session_id + 1}, key, algorithm="HS256"),
        jwt.encode({**good, "sid": None}, key, algorithm="HS256"),
        jwt.encode({**good, "at": at - 1}, key, algorithm="HS256"),
        jwt.encode({name: value for name, value in good.items() if name != "at"}, key, algorithm="HS256"),
        jwt.encode({**good, "sub": str(ann.id + 1)}, key, algorithm="HS256"),
        jwt.encode({**good, "sub": "ann"}, key, algorithm="HS256"),
        jwt.encode({**good, "sub": str(10**30)}, key, algorithm="HS256"),
        jwt.encode({name: good[name] for name in ("sub", "ws", "sid", "iat")}, key, algorithm="HS256"),
        "eyJ..",
        "eyJhbGciOiJIUzI1NiJ9.e30.x",
        "",
        "ü.ü.ü",
        "\ud800",
    ]
    for token in forged:
        with pytest.raises(Unauthenticated):
            await core.accounts.authenticate_token(token)
        with pytest.raises(Unauthenticated):
            await core.accounts.authenticate(token)


async def test_a_token_stays_ended_when_the_number_of_its_session_is_given_again(
    core: SmallCore, ann: MemberView
) -> None:
    """SQLite gives the number of a deleted row to the next one; a restored backup does so on PostgreSQL too."""
    _, stolen = await core.accounts.login(ann.email, PASSWORD)
    await core.accounts.logout(await core.accounts.authenticate_token(stolen))
    _, own = await core.accounts.login(ann.email, PASSWORD)
    [now] = (await core.accounts.sessions(ann.workspace_id, ann.id)).items
    before = jwt.decode(stolen, options={"verify_signature": False})["sid"]
    assert now.id == before, "what this test is about no longer happens here"
    assert (await core.accounts.authenticate_token(own)).session_id == now.id
    with pytest.raises(Unauthenticated):
        await core.accounts.authenticate_token(stolen)


async def test_logging_out_everywhere_ends_every_token(core: SmallCore, ann: MemberView) -> None:
    tokens = [(await core.accounts.login(ann.email, PASSWORD))[1] for _ in range(2)]
    assert await core.accounts.end_sessions(ann.workspace_id, ann.id) == 2
    for token in tokens:
        with pytest.raises(Unauthenticated):
            await core.accounts.authenticate_token(token)


async def test_an_old_hash_is_renewed_at_login(core: SmallCore, ann: MemberView) -> None:
    before = await core.password_hash(ann.id)
    core.accounts.passwords.close()
    core.accounts.passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    _, token = await core.accounts.login(ann.email, PASSWORD)
    renewed = await core.password_hash(ann.id)
    assert renewed != before
    assert "t=2" in renewed
    await core.accounts.authenticate_token(token)
    await core.accounts.login(ann.email, PASSWORD)
    assert await core.password_hash(ann.id) == renewed


async def test_many_attempts_at_once_count_before_they_are_verified(core: SmallCore, ann: MemberView) -> None:
    checked = 0
    go_on = asyncio.Event()

    async def slowly(stored: str | None, password: str) -> bool:
        nonlocal checked
        checked += 1
        await go_on.wait()
        return False

    core.accounts.passwords.verify = slowly  # type: ignore[method-assign]
    attempts = [
        asyncio.create_task(core.accounts.login(f"{n}@example.org", "password", ip="10.0.0.1"))
        for n in range(ATTEMPTS_PER_IP[0] + 20)
    ]
    while sum(task.done() for task in attempts) < 20:
        await asyncio.sleep(0)
    assert checked == ATTEMPTS_PER_IP[0]
    go_on.set()
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(one, LimitReached) for one in outcomes) == 20


async def test_so_many_passwords_wait_and_no_more(core: SmallCore) -> None:
    release = threading.Event()
    core.accounts.passwords._hash = lambda _password: release.wait() and "hash"  # type: ignore[method-assign]
    waiting = [asyncio.create_task(core.accounts.passwords.hash("x")) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(LimitReached) as caught:
        await core.accounts.passwords.hash("x")
    assert caught.value.code == "OVERLOADED"
    # Whoever gives up makes room.
    waiting[-1].cancel()
    await asyncio.gather(waiting[-1], return_exceptions=True)
    last = asyncio.create_task(core.accounts.passwords.hash("x"))
    await asyncio.sleep(0)
    release.set()
    assert await asyncio.gather(*waiting[:-1], last) == ["hash"] * MAX_WAITING


@pytest.mark.parametrize("password", ["password123", "Password123", "qwertyuiop", "iloveyou1"])
async def test_common_passwords_are_refused(core: SmallCore, ann: MemberView, password: str) -> None:
    with pytest.raises(Invalid, match="most common"):
        await core.accounts.set_password(ann.workspace_id, ann.id, password)
    with pytest.raises(Invalid, match="most common"):
        await core.accounts.create_member(ann.workspace_id, "bob@example.org", password)
