"""A bare store on a migrated database: quotas stand on nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from jackfield.db.database import Database
from jackfield.db.secrets import use_key

on_both = pytest.mark.parametrize("db_url", ["sqlite", "postgresql"], indirect=True)
"""For what depends on how the database keeps concurrent transactions apart."""


@pytest.fixture
def db_url(request: pytest.FixtureRequest) -> str:
    """SQLite, unless the test asks for both by `on_both`."""
    postgres = getattr(request, "param", "sqlite") == "postgresql"
    return str(request.getfixturevalue("migrated_postgres" if postgres else "migrated_sqlite"))


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    """A migrated database."""
    use_key("a secret for tests")
    db = Database(db_url)
    yield db
    await db.close()
