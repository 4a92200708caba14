"""Passwords: argon2id, worked out in threads of its own so that the loop never waits for one."""

from __future__ import annotations

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from ..ground import fields

MIN_LENGTH = 8
MAX_LENGTH = 1024


def check_password(value: Any, field: str = "password") -> str:
    """A password as typed, 8 to 1,024 characters. Raises Invalid."""
    if not isinstance(value, str):
        raise fields.refuse(field, "Must be text.")
    if len(value) < MIN_LENGTH:
        raise fields.refuse(field, f"Must have at least {MIN_LENGTH} characters.")
    if len(value) > MAX_LENGTH:
        raise fields.refuse(field, f"Must have at most {MAX_LENGTH} characters.")
    return value


class Passwords:
    """Hash and verify. One verification takes about 50 ms and 64 MiB, so few run at once."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(max(1, (os.cpu_count() or 2) // 2), thread_name_prefix="argon2")
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        """The hash to store."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one. With None (no such member) it takes as long and says no."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, stored, password)

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False)

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
