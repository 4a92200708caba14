"""Who calls the native API: by key, by bearer token, or by the session cookie of a browser."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from jackfield.core import Core, Principal, Unauthenticated

from .. import DialectOptions
from .._browser import SAFE, check_same_origin, session_token
from .._kit import credential

HEADERS = ("x-api-key", "bearer")
OPERATOR = "jackfield.operator"
"""Key of an ASGI scope: the Principal as whom the process itself calls, as the command line does. What comes over a network
cannot set it: servers make the scope anew for each request."""


async def caller_of(core: Core, options: DialectOptions, connection: HTTPConnection) -> Principal:
    """The caller. A key or token in a header goes before the cookie.

    Raises Unauthenticated that says what to send, Forbidden (CROSS_ORIGIN) for a cookie that another site made the
    browser send.
    """
    operator: Principal | None = connection.scope.get(OPERATOR)
    if operator is not None:
        return operator
    given = credential(connection, HEADERS)
    if given is not None:
        return await core.accounts.authenticate(given)
    token = session_token(connection, options)
    if token is None:
        raise Unauthenticated("Send your API key in X-API-Key, or Authorization: Bearer with a key or token.")
    # A WebSocket's handshake is a GET, but what follows is not bound by the rules for reading from other sites. Browsers
    # must say there where the page came from (RFC 6455, 4.1), so who says nothing is a program with a cookie jar.
    socket = connection.scope["type"] == "websocket"
    safe = not socket and connection.scope["method"] in SAFE
    check_same_origin(connection, options, safe=safe, programs=socket)
    return await core.accounts.authenticate_token(token)
