"""Logins of browsers: a session cookie that scripts cannot read, and requests that other sites cannot forge.

The cookie is sent by the browser without being asked, so a request that comes with it counts only when the browser says
that one of our own pages made it: by `Sec-Fetch-Site` (Fetch Metadata), or by an `Origin` that is ours. Keys and bearer
tokens need none of this: no browser adds them by itself.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from jackfield.core import Forbidden

from . import DialectOptions

COOKIE: Final = "jackfield_session"
SECURE_COOKIE: Final = "__Host-jackfield_session"
"""The name over TLS: browsers take a cookie of this prefix from the host itself only, for all paths, with Secure."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS: Final = {"http": "80", "https": "443"}


def is_secure(connection: HTTPConnection, options: DialectOptions) -> bool:
    """Whether the caller came by TLS, as far as we or a trusted proxy know."""
    if options.public_url.startswith("https://") or connection.url.scheme in ("https", "wss"):
        return True
    direct = connection.client.host if connection.client else ""
    proxied = direct in options.trusted_proxies
    return proxied and connection.headers.get("x-forwarded-proto", "").strip().lower() == "https"


def session_token(connection: HTTPConnection, options: DialectOptions) -> str | None:
    """The token in the session cookie, if there is one."""
    return connection.cookies.get(SECURE_COOKIE if is_secure(connection, options) else COOKIE) or None


def set_session_cookie(
    response: Response, connection: HTTPConnection, options: DialectOptions, token: str, seconds: int
) -> None:
    """Have the browser keep a token for `seconds`, out of reach of scripts and of requests from other sites."""
    secure = is_secure(connection, options)
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        token,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=secure,
        samesite="strict",
    )
    response.headers["Cache-Control"] = "no-store"


def clear_session_cookie(response: Response, connection: HTTPConnection, options: DialectOptions) -> None:
    """Have the browser forget its token."""
    secure = is_secure(connection, options)
    response.delete_cookie(
        SECURE_COOKIE if secure else COOKIE, path="/", httponly=True, secure=secure, samesite="strict"
    )


def check_same_origin(
    connection: HTTPConnection, options: DialectOptions, *, safe: bool = False, programs: bool = False
) -> None:
    """Raises Forbidden (CROSS_ORIGIN) unless one of our own pages made this request.

    `safe` for requests that change nothing: refused only where the browser says that another site made them.
    `programs` also lets through what says neither, as programs with a cookie jar do and browsers do not.
    """
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site == "same-origin" or (safe and site in ("same-site", "none")):
            return
        raise _foreign()
    origin = connection.headers.get("origin")
    if origin is None:
        if safe or programs:
            return
        raise _foreign()
    if not _is_ours(origin, connection, options):
        raise _foreign()


def _is_ours(origin: str, connection: HTTPConnection, options: DialectOptions) -> bool:
    try:
        given = _place(origin)
        if options.public_url and given == _place(options.public_url):
            return True
        scheme = "https" if is_secure(connection, options) else "http"
        return given == _place(f"{scheme}://{connection.headers.get('host', '')}")
    except ValueError:
        return False


def _place(url: str) -> tuple[str, str, str]:
    """Scheme, host and port of an address. Raises ValueError for what is none."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(url)
    return parts.scheme, parts.hostname.rstrip("."), str(parts.port or _PORTS[parts.scheme])


def _foreign() -> Forbidden:
    return Forbidden(
        "This request came from another site. With a session cookie, only our own pages may make it; programs send an "
        "API key or a bearer token.",
        code="CROSS_ORIGIN",
    )
