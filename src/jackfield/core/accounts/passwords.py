"""Passwords: argon2id, worked out in threads of its own so that the loop never waits for one."""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ..ground import fields
from ..ground.errors import LimitReached

T = TypeVar("T")

MIN_LENGTH = 8
MAX_LENGTH = 1024
RETRY_AFTER_S = 2.0


MAX_WAITING = 32
"""Passwords that may wait to be hashed: at about 50 ms each, the last one waits a second or two. More are refused."""


@functools.cache
def common_passwords() -> frozenset[str]:
    """The passwords that attackers try first, in lower case: those of at least MIN_LENGTH among zxcvbn's 30,000."""
    # Read when it is first needed: it takes a tenth of a second and most commands never do.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MIN_LENGTH)


def check_password(value: Any, field: str = "password") -> str:
    """A new password as typed: 8 to 1,024 characters, and none of the most common ones. Raises Invalid."""
    if not isinstance(value, str):
        raise fields.refuse(field, "Must be text.")
    if len(value) < MIN_LENGTH:
        raise fields.refuse(field, f"Must have at least {MIN_LENGTH} characters.")
    if len(value) > MAX_LENGTH:
        raise fields.refuse(field, f"Must have at most {MAX_LENGTH} characters.")
    if value.lower() in common_passwords():
        raise fields.refuse(field, "This is one of the most common passwords. Choose another.")
    return value


class Passwords:
    """Hash and verify. One takes about 50 ms and 64 MiB, so few run at once, and a bounded number wait.

    Both raise LimitReached (OVERLOADED) when MAX_WAITING others wait already. Whoever is cancelled gives up the place.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(max(1, (os.cpu_count() or 2) // 2), thread_name_prefix="argon2")
        self._dummy: str | None = None
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to store."""
        return await self._run(self._hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one. With None (no such member) it takes as long and says no."""
        return await self._run(self._verify, stored, password)

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False)

    async def _run(self, work: Callable[..., T], *arguments: Any) -> T:
        if self._waiting >= MAX_WAITING:
            raise LimitReached(
                "Too many logins at once; try again in a moment.", code="OVERLOADED", retry_after=RETRY_AFTER_S
            )
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return self._hasher.hash(password.encode("utf-8", "surrogatepass"))

    def _verify(self, stored: str | None, password: str) -> bool:
        raw = password[: MAX_LENGTH + 1].encode("utf-8", "surrogatepass")
        if stored is None:
            if self._dummy is None:
                self._dummy = self._hasher.hash(secrets.token_bytes(16))
            stored, known = self._dummy, False
        else:
            known = True
        try:
            return self._hasher.verify(stored, raw) and known
        except (Argon2Error, InvalidHashError):
            return False
