"""The connector that judges each connection: the one way to dial an address that somebody chose."""

from __future__ import annotations

import socket
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver

from ..ground.addresses import AllowList
from .addresses import NOTHING, Blocked, GuardedResolver, port_of

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

JUDGED = 1024
"""Addresses with their ports whose verdict is remembered."""


class GuardedConnector(aiohttp.TCPConnector):
    """Connects to public addresses and to those that the operator listed, and to no others.

    An address in the URL is judged at every request, and so at every redirect; a name when it is resolved, and the
    connection goes to the addresses that this gave. The socket is opened for an address that is judged once more.
    A refusal is a ClientConnectorError with `Blocked` as its `os_error`.
    """

    def __init__(self, allow: AllowList = NOTHING, *, resolver: AbstractResolver | None = None, **options: Any) -> None:
        # An address is judged at every request, which took a twentieth of a message's CPU; the verdict never changes.
        self._refusal = lru_cache(JUDGED)(allow.refusal)
        self._guard = GuardedResolver(resolver or ThreadedResolver(), allow)
        super().__init__(resolver=self._guard, socket_factory=self._open_socket, **options)

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:
        """A connection for a request. Raises ClientConnectorError."""
        host = (req.url.raw_host or "").rstrip(".")
        if host[-1:].isdigit() or ":" in host:
            reason = self._refusal(host, port_of(req.url))
            # What only looks like an address goes on to the resolver, which judges what it leads to.
            if reason and reason != "not an IP address":
                raise aiohttp.ClientConnectorError(req.connection_key, Blocked(f"{host} is {reason}"))
        return await super().connect(req, traces, timeout)

    def _open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, proto, _, address = info
        host, port = str(address[0]), int(address[1])
        if (host, port) not in self._guard.named:
            reason = self._refusal(host, port)
            if reason:
                raise Blocked(f"{host} is {reason}")
        return socket.socket(family=family, type=kind, proto=proto)


def blocked(error: BaseException) -> str | None:
    """Why the guard refused a connection, in words without the URL; None when the error is another."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return str(cause) if isinstance(cause, Blocked) else None
