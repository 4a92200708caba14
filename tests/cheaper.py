"""What the tests of one process share, since each makes databases and passwords of its own by the hundred."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import argon2

from jackfield.core.accounts import passwords
from jackfield.db import database

_MEMORY = Path("/dev/shm")
_ENOUGH = 4 << 30
"""Bytes that must be free there; a whole run takes about one gigabyte."""

_compiled: dict[str, tuple[Any, Any]] = {}


def keep_files_in_memory() -> None:
    """Keep the databases and folders of the tests in memory, where the machine has the room and `TMPDIR` says nothing.

    Each test makes databases of its own. On a disk that two processes share, copying one of PostgreSQL's and waiting for
    its checkpoint took most of a test's second: tests/core/ledger and test_identity.py ran for 80 s instead of 188.
    """
    if os.environ.get("TMPDIR") or not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ENOUGH:
        return
    # Processes that tests start are told as well.
    os.environ["TMPDIR"] = str(_MEMORY)
    tempfile.tempdir = None


def share_compiled_statements() -> None:
    """Compile each statement once in a process, not once for each test's database.

    SQLAlchemy keeps compiled statements per engine and dialect, and a server makes its engines once. Tests of the inner
    rooms spent two fifths of their processor time on compiling the same statements again.
    """
    make_engine = database.create_async_engine

    def make(url: Any, **options: Any) -> Any:
        engine = make_engine(url, **options)
        inner = engine.sync_engine
        known = _compiled.get(inner.dialect.name)
        if known is None or known[0].server_version_info is None:
            # A dialect learns of its server when its own engine first connects, which some never do: such a one is not
            # for others.
            _compiled[inner.dialect.name] = (inner.dialect, inner._compiled_cache)
        else:
            inner.dialect, inner._compiled_cache = known
        return engine

    database.create_async_engine = make  # type: ignore[assignment]


def hash_passwords_cheaply() -> None:
    """A password's hash takes 50 ms on purpose. Inside the tests' own process it need not; servers that tests start
    hash as they always do."""
    passwords.PasswordHasher = functools.partial(  # type: ignore[misc, assignment]
        argon2.PasswordHasher, time_cost=1, memory_cost=8, parallelism=1
    )
