"""The guard of what is dialled: it judges a name's addresses, an address in the URL, and each socket once more."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from functools import lru_cache
from typing import Any, Final

import aiohappyeyeballs
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from ..ground.addresses import AllowList
from .addresses import NOTHING, Blocked, GuardedResolver

JUDGED: Final = 1024
"""Addresses with their ports whose verdict is remembered, and names whose addresses are."""
_SECOND_TRY_S: Final = 0.25
"""After so long the next address of a name is tried beside the first (RFC 8305)."""


class Guard:
    """Lets connections through to public addresses and to those that the operator listed, and to no others.

    `remember` is for how many seconds `connect` takes a name to lead where it led.
    """

    def __init__(
        self, allow: AllowList = NOTHING, resolver: AbstractResolver | None = None, *, remember: float = 10.0
    ) -> None:
        # An address is judged at every request, which took a twentieth of a message's CPU; the verdict never changes.
        self._refusal = lru_cache(JUDGED)(allow.refusal)
        self.resolver = GuardedResolver(resolver or ThreadedResolver(), allow)
        self._remember = remember
        self._known: dict[tuple[str, int], tuple[float, asyncio.Future[list[ResolveResult]]]] = {}

    def check(self, host: str, port: int) -> None:
        """Judge a host that is an address; what only looks like one goes on to the resolver, which judges what it leads to.
        Raises Blocked."""
        host = host.rstrip(".")
        if host[-1:].isdigit() or ":" in host:
            reason = self._refusal(host, port)
            if reason and reason != "not an IP address":
                raise Blocked(f"{host} is {reason}")

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for an address that is about to be dialled. Raises Blocked."""
        family, kind, proto, _, address = info
        host, port = str(address[0]), int(address[1])
        if (host, port) not in self.resolver.named:
            reason = self._refusal(host, port)
            if reason:
                raise Blocked(f"{host} is {reason}")
        return socket.socket(family=family, type=kind, proto=proto)

    async def connect(self, host: str, port: int) -> socket.socket:
        """A socket that is connected to the host. Raises Blocked, or another OSError."""
        self.check(host, port)
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            found = [(one["family"], one["host"], one["proto"]) for one in await self._addresses(host, port)]
        else:
            found = [(socket.AF_INET6 if address.version == 6 else socket.AF_INET, host, 0)]
        infos: list[Any] = [
            (family, socket.SOCK_STREAM, proto, "", (one, port, 0, 0) if family == socket.AF_INET6 else (one, port))
            for family, one, proto in found
        ]
        return await aiohappyeyeballs.start_connection(
            infos, happy_eyeballs_delay=_SECOND_TRY_S, socket_factory=self.open_socket
        )

    async def _addresses(self, host: str, port: int) -> list[ResolveResult]:
        """Where a name leads; whoever asks meanwhile waits for the same answer."""
        loop = asyncio.get_running_loop()
        until, asked = self._known.get((host, port), (0.0, None))
        if asked is None or until <= loop.time():
            asked = asyncio.ensure_future(self.resolver.resolve(host, port))
            if len(self._known) >= JUDGED:
                self._known.clear()
            self._known[host, port] = (loop.time() + self._remember, asked)
            asked.add_done_callback(lambda done: self._forget_failure(host, port, done))
        # Who gives up must not take the answer from the others.
        return await asyncio.shield(asked)

    def _forget_failure(self, host: str, port: int, asked: asyncio.Future[list[ResolveResult]]) -> None:
        known = self._known.get((host, port))
        if (asked.cancelled() or asked.exception() is not None) and known is not None and known[1] is asked:
            del self._known[host, port]
