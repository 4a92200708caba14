"""The HTTP client for addresses that customers choose, and its errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from yarl import URL

from ..ground.addresses import AllowList
from .addresses import NOTHING, Resolver, parse_url
from .connector import GuardedConnector, blocked
from .post import Answer, Poster, PostError, header_lines


class EgressError(Exception):
    """A request that got no answer.

    `kind`: "blocked" (an address that is refused), "connect" (no connection or no TLS: the request surely did not
    arrive), "timeout" or "broken" (it may have arrived).
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class TooLarge(EgressError):
    """What a link leads to is larger than allowed."""


class Fetched(msgspec.Struct):
    """An open download. `size` is what the server announced, in bytes; `chunks` raises TooLarge past the limit."""

    status: int
    url: str
    content_type: str
    filename: str | None
    size: int | None
    chunks: AsyncIterator[bytes]


_KINDS = {"blocked": "blocked", "url": "blocked", "timeout": "timeout", "disconnected": "broken", "broken": "broken"}
"""Kinds of PostError; all others are "connect"."""


class SafeClient:
    """An HTTP client for addresses that customers choose. Open and close it, or use it as a context manager."""

    def __init__(
        self,
        *,
        allow: AllowList = NOTHING,
        resolver: AbstractResolver | None = None,
        user_agent: str = "Jackfield",
        keepalive: float = 4.0,
    ) -> None:
        """`keepalive` in seconds is below the 5 s after which many servers close an idle connection."""
        self._allow = allow
        self._resolver = resolver
        self._own_resolver: Resolver | None = None
        self._user_agent = user_agent
        self._keepalive = keepalive
        self._session: aiohttp.ClientSession | None = None
        self._poster: Poster | None = None

    async def open(self) -> None:
        """Ready the connection pool. It has no limit of its own: callers bound what they have in flight."""
        if self._resolver is None:
            self._resolver = self._own_resolver = Resolver()
        self._poster = Poster(self._allow, resolver=self._resolver, keepalive=self._keepalive)
        connector = GuardedConnector(
            self._allow,
            resolver=self._resolver,
            limit=0,
            ttl_dns_cache=10,
            keepalive_timeout=self._keepalive,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            # A few bytes of gzip can unpack to gigabytes; nothing is asked for or unpacked.
            auto_decompress=False,
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "identity"},
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._poster is not None:
            self._poster.close()
            self._poster = None
        if self._own_resolver is not None:
            await self._own_resolver.close()
            self._resolver = self._own_resolver = None

    async def __aenter__(self) -> SafeClient:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, timeout: float = 15.0, max_answer: int = 65536
    ) -> Answer:
        """POST and read at most `max_answer` bytes of the answer, all within `timeout` seconds. Raises EgressError.

        Redirects are answers like any other. A kept connection that the server closed in the very moment of use is
        replaced once; whether the first request arrived is then unknown, as after any broken connection.
        """
        assert self._poster is not None, "open the client first"
        deadline = asyncio.get_running_loop().time() + timeout
        try:
            lines = header_lines(self._with_ours(headers))
        except ValueError:
            raise EgressError("broken", "a header contains a line break") from None
        left, again = timeout, True
        while True:
            try:
                return await self._poster.post(
                    url, body, lines, total=left, connect=min(left, 10.0), max_answer=max_answer, partial=True
                )
            except PostError as error:
                if error.kind != "disconnected" or not again:
                    raise _told(error, timeout) from None
            left, again = max(deadline - asyncio.get_running_loop().time(), 0.1), False

    def _with_ours(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request, and ours where it has none of the name."""
        given = {name.lower() for name in headers}
        ours = {"User-Agent": self._user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        return {name: value for name, value in ours.items() if name.lower() not in given} | dict(headers)

    @asynccontextmanager
    async def get(
        self, url: str, max_bytes: int, *, timeout: float = 60.0, redirects: int = 0
    ) -> AsyncIterator[Fetched]:
        """Open a download of at most `max_bytes`. Raises Invalid for the URL's shape, EgressError, TooLarge.

        Up to `redirects` redirects are followed; each hop is checked like the first.
        """
        assert self._session is not None, "open the client first"
        limit = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 10.0))
        target = parse_url(url, allow=self._allow)
        for hop in range(redirects + 1):
            try:
                response = await self._session.get(target, timeout=limit, allow_redirects=False)
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise _translate(error, timeout) from None
            location = response.headers.get("Location")
            if hop < redirects and location and response.status in (301, 302, 303, 307, 308):
                response.release()
                try:
                    target = parse_url(str(target.join(URL(location))), allow=self._allow)
                except ValueError:
                    raise EgressError("broken", "redirected to something that is no URL") from None
                continue
            break
        async with response:
            size = response.content_length
            if size is not None and size > max_bytes:
                raise TooLarge("broken", f"{size} bytes, more than {max_bytes}")
            yield Fetched(
                status=response.status,
                url=str(target),
                content_type=response.content_type,
                filename=response.content_disposition.filename if response.content_disposition else None,
                size=size,
                chunks=_limited(response, max_bytes, timeout),
            )


def _told(error: PostError, timeout: float) -> EgressError:
    """An EgressError in plain words, without the URL (which may hold a token)."""
    words = {
        "blocked": f"refused to connect: {error.why}",
        "url": "refused to connect: the URL is not usable",
        "slow": "no connection within the time allowed",
        "tls": f"TLS failed: {error.why}",
        "dns": f"the host name does not resolve: {error.why}",
        "connect": f"cannot connect: {error.why}",
        "timeout": f"no answer within {timeout:g} s",
    }
    return EgressError(_KINDS.get(error.kind, "connect"), words.get(error.kind, error.why))


async def _limited(response: aiohttp.ClientResponse, max_bytes: int, timeout: float) -> AsyncIterator[bytes]:
    total = 0
    try:
        async for chunk in response.content.iter_chunked(65536):
            total += len(chunk)
            if total > max_bytes:
                raise TooLarge("broken", f"more than {max_bytes} bytes")
            yield chunk
    except (aiohttp.ClientError, TimeoutError) as error:
        raise _translate(error, timeout) from None


def _translate(error: Exception, timeout: float) -> EgressError:
    """An EgressError in plain words, without the URL (which may hold a token)."""
    cause: object = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if (refusal := blocked(error)) is not None:
        return EgressError("blocked", f"refused to connect: {refusal}")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return EgressError("connect", "no connection within the time allowed")
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return EgressError("connect", f"TLS failed: {_words(cause)}")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return EgressError("connect", f"the host name does not resolve: {_words(cause)}")
    if isinstance(error, aiohttp.ClientConnectorError):
        return EgressError("connect", f"cannot connect: {_words(cause)}")
    if isinstance(error, TimeoutError):
        return EgressError("timeout", f"no answer within {timeout:g} s")
    if isinstance(error, aiohttp.InvalidURL):
        return EgressError("blocked", "refused to connect: the URL is not usable")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return EgressError("broken", "the server closed the connection without an answer")
    return EgressError("broken", f"the connection broke: {type(error).__name__}")


def _words(error: object) -> str:
    text = getattr(error, "strerror", None) or type(error).__name__
    return str(text)[:200]
