"""Alembic's entry: runs on the connection that jackfield.migrations hands over."""

from __future__ import annotations

from alembic import context

import jackfield.core.models  # noqa: F401 - registers the tables
from jackfield.db.base import Base

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("run migrations with `jackfield migrate`")
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
