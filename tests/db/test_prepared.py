"""Statements that are run with many rows do what SQLAlchemy's own execution does, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, MetaData, String, Table, Text, bindparam, case, insert, select, update
from sqlalchemy import Column as C
from sqlalchemy.exc import IntegrityError

from jackfield.db.base import Json
from jackfield.db.database import Database
from jackfield.db.prepared import Prepared, insert_into, insert_new_into

things = Table(
    "prepared_things",
    MetaData(),
    C("id", BigInteger, primary_key=True),
    C("name", String(20), unique=True),
    C("state", Text, nullable=False, default="new"),
    C("wanted", Boolean, nullable=False, default=True),
    C("data", Json),
    C("made", Text, default=lambda: "by Python"),
)
"""With every kind of default, and types whose values are changed on their way."""


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.transaction() as session:
        await (await session.connection()).run_sync(things.create)
    yield database
    async with database.transaction() as session:
        await (await session.connection()).run_sync(things.drop)
    await database.close()


async def run(db: Database, statement: Prepared, *rows: dict[str, Any]) -> None:
    async with db.transaction() as session:
        await statement.run(await session.connection(), rows)


async def found(db: Database) -> list[tuple[Any, ...]]:
    async with db.read() as session:
        return [tuple(row) for row in await session.execute(select(things).order_by(things.c.id))]


async def test_values_and_defaults_are_stored_as_ever(db: Database) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "name": "one", "data": {"a": [1, "é"]}, "made": "here"},
        {"id": 2, "name": None, "data": None, "made": None},
    ]
    await run(db, insert_into(things), *rows)
    ours = await found(db)
    assert ours == [(1, "one", "new", True, {"a": [1, "é"]}, "here"), (2, None, "new", True, None, None)]
    async with db.transaction() as session:
        await session.execute(things.delete())
        await session.execute(insert(things), rows)
    assert await found(db) == ours


async def test_a_default_that_python_makes_is_made_for_each_row(db: Database) -> None:
    await run(db, insert_into(things), {"id": 1, "name": "one"}, {"id": 2, "name": "two"})
    assert [row[5] for row in await found(db)] == ["by Python"] * 2


async def test_rows_with_other_keys_have_a_plan_of_their_own(db: Database) -> None:
    await run(db, insert_into(things), {"id": 1, "wanted": False, "made": "x"})
    await run(db, insert_into(things), {"id": 2, "state": "old", "made": "x"})
    assert [row[2:4] for row in await found(db)] == [("new", False), ("old", True)]


async def test_an_update_with_what_it_holds_itself(db: Database) -> None:
    await run(db, insert_into(things), *({"id": id_, "name": str(id_), "made": ""} for id_ in (1, 2, 3)))
    statement = Prepared(
        update(things)
        .where(things.c.id == bindparam("which"), things.c.state == "new")
        .values(
            state="changed",
            wanted=False,
            data=bindparam("what", type_=Json()),
            name=case((things.c.id > 1, bindparam("name_")), else_="first"),
        )
    )
    await run(db, statement, {"which": 1, "what": {"x": 1}, "name_": "a"}, {"which": 3, "what": [2], "name_": "c"})
    assert [row[1:5] for row in await found(db)] == [
        ("first", "changed", False, {"x": 1}),
        ("2", "new", True, None),
        ("c", "changed", False, [2]),
    ]


async def test_what_is_there_is_left_out(db: Database) -> None:
    await run(db, insert_into(things), {"id": 1, "name": "one", "made": ""})
    new = insert_new_into(db.writer.dialect.name, things)
    await run(db, new, {"id": 2, "name": "one", "made": ""}, {"id": 3, "name": "three", "made": ""})
    assert [row[0] for row in await found(db)] == [1, 3]


async def test_a_refused_row_is_sqlalchemys_error_and_leaves_nothing(db: Database) -> None:
    with pytest.raises(IntegrityError):
        await run(db, insert_into(things), {"id": 1, "name": "a", "made": ""}, {"id": 2, "name": "a", "made": ""})
    assert await found(db) == []


async def test_nothing_is_done_for_no_rows(db: Database) -> None:
    await run(db, insert_into(things))
    assert await found(db) == []
