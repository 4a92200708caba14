"""The connector that judges each connection: the one way to dial an address that somebody chose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.abc import AbstractResolver

from ..ground.addresses import AllowList
from .addresses import NOTHING, Blocked, port_of
from .guard import Guard

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace


class GuardedConnector(aiohttp.TCPConnector):
    """Connects to public addresses and to those that the operator listed, and to no others.

    An address in the URL is judged at every request, and so at every redirect; a name when it is resolved, and the
    connection goes to the addresses that this gave. The socket is opened for an address that is judged once more.
    A refusal is a ClientConnectorError with `Blocked` as its `os_error`.
    """

    def __init__(self, allow: AllowList = NOTHING, *, resolver: AbstractResolver | None = None, **options: Any) -> None:
        self._guard = Guard(allow, resolver)
        super().__init__(resolver=self._guard.resolver, socket_factory=self._guard.open_socket, **options)

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:
        """A connection for a request. Raises ClientConnectorError."""
        try:
            self._guard.check(req.url.raw_host or "", port_of(req.url))
        except Blocked as refusal:
            raise aiohttp.ClientConnectorError(req.connection_key, refusal) from None
        return await super().connect(req, traces, timeout)


def blocked(error: BaseException) -> str | None:
    """Why the guard refused a connection, in words without the URL; None when the error is another."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return str(cause) if isinstance(cause, Blocked) else None
