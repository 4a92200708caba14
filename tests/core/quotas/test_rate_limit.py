from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, update

from jackfield.core import Options
from jackfield.core.ground.errors import LimitReached
from jackfield.core.ground.store import Store
from jackfield.core.models import RateWindow
from jackfield.core.quotas.rate_limit import Limits
from jackfield.db.database import Database

from .conftest import on_both


@pytest.fixture(params=["shared", "alone"])
def limits(request: pytest.FixtureRequest, db: Database) -> Limits:
    return Limits(Store(db, options=Options(exclusive=request.param == "alone")))


@on_both
async def test_so_many_and_no_more(limits: Limits) -> None:
    for left in (2, 1, 0):
        await limits.hit("delete", "10.0.0.1", 3, 900)
        remaining, wait = await limits.remaining("delete", "10.0.0.1", 3, 900)
        assert remaining == left
        assert 890 < wait <= 900
    with pytest.raises(LimitReached) as caught:
        await limits.hit("delete", "10.0.0.1", 3, 900)
    assert caught.value.code == "RATE_LIMITED"
    assert caught.value.retry_after is not None
    assert 890 < caught.value.retry_after <= 900
    with pytest.raises(LimitReached):
        await limits.check("delete", "10.0.0.1", 3, 900)
    await limits.hit("delete", "10.0.0.2", 3, 900)
    await limits.hit("other", "10.0.0.1", 3, 900)


async def test_checking_does_not_count(limits: Limits) -> None:
    for _ in range(5):
        await limits.check("login", "a", 1, 60)
    await limits.hit("login", "a", 1, 60)
    with pytest.raises(LimitReached):
        await limits.check("login", "a", 1, 60)
    await limits.clear("login", "a", 1, 60)
    await limits.hit("login", "a", 1, 60)


@on_both
async def test_at_once_no_more_than_allowed_get_through(limits: Limits) -> None:
    outcomes = await asyncio.gather(*(limits.hit("login", "a", 5, 60) for _ in range(20)), return_exceptions=True)
    assert outcomes.count(None) == 5
    assert all(one is None or isinstance(one, LimitReached) for one in outcomes)


async def test_any_text_will_do_as_a_key(limits: Limits) -> None:
    for key in ("", "a/b", "ü" * 5000, "\ud800", "a\x00b"):
        await limits.hit("login", key, 1, 60)
        with pytest.raises(LimitReached):
            await limits.hit("login", key, 1, 60)


async def test_a_window_ends(db: Database) -> None:
    limits = Limits(Store(db))
    await limits.hit("login", "a", 1, 60)
    async with db.transaction() as session:
        await session.execute(update(RateWindow).values(expires_at=1))
    await limits.check("login", "a", 1, 60)
    await limits.hit("login", "a", 1, 60)
    with pytest.raises(LimitReached):
        await limits.hit("login", "a", 1, 60)


@on_both
async def test_processes_share_the_count_and_old_windows_go(db: Database) -> None:
    one, two = Limits(Store(db)), Limits(Store(db))
    await one.hit("login", "a", 2, 60)
    await two.hit("login", "a", 2, 60)
    for each in (one, two):
        with pytest.raises(LimitReached):
            await each.hit("login", "a", 2, 60)
    await one.hit("login", "b", 2, 60)
    async with db.transaction() as session:
        await session.execute(update(RateWindow).where(RateWindow.count > 1).values(expires_at=1))
    await one.prune()
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(RateWindow)) == 1


async def test_no_addresses_are_kept(db: Database) -> None:
    await Limits(Store(db)).hit("login", "ann@example.org", 2, 60)
    async with db.read() as session:
        (key,) = (await session.scalars(select(RateWindow.key))).all()
    assert "ann" not in key
