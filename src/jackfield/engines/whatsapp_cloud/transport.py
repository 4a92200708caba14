"""HTTP to the Graph API: one keep-alive pool per channel, and what each way of failing says about certainty."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

import aiohttp
import msgspec

from jackfield.core.egress import NOTHING, AllowList, GuardedConnector, Poster, PostError, blocked, header_lines
from jackfield.core.ground.errors import OutcomeUnknown, Rejected, SendError, Unavailable

from .config import WhatsAppCloudConfig
from .errors import send_error

POOL = 256
"""Open connections at most: rate x latency. 1,000 messages a second at 250 ms need 250 (Little's law)."""

_CONNECT_S = 10.0
_ANSWER_S = 30.0
_TOTAL_S = 60.0
_UPLOAD_S = 300.0
_MOST = 16 * 1024 * 1024
"""Bytes of an answer at most."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_UNCERTAIN = {"timeout": "timeout", "disconnected": "outcome_unknown", "broken": "outcome_unknown"}
"""Failures after which the request may have arrived, and their codes."""
_CERTAIN = {"blocked": "blocked", "tls": "tls", "dns": "dns"}
"""Codes of failures before it can have left; of all others "connection"."""

T = TypeVar("T")


class Transport:
    """Requests with the channel's token. Every failure is a `SendError` that says whether the request surely failed."""

    def __init__(self, config: WhatsAppCloudConfig, pool: int = POOL, *, egress_allow: AllowList = NOTHING) -> None:
        self._config = config
        self._host = _host(config.base_url)
        ours = {"Authorization": f"Bearer {config.access_token.get_secret_value()}", "User-Agent": "jackfield"}
        # Messages, and all else that is JSON, without aiohttp's cost; see core.egress.post.
        self._poster = Poster(egress_allow, limit=pool, remember=300.0)
        self._lines = header_lines(
            ours | {"Accept": "*/*", "Accept-Encoding": "identity", "Content-Type": "application/json"}
        )
        self._client = aiohttp.ClientSession(
            connector=GuardedConnector(egress_allow, limit=pool, ttl_dns_cache=300),
            headers=ours,
            # Waiting for a free connection counts as connecting, so that it never looks like a lost answer.
            timeout=aiohttp.ClientTimeout(total=_TOTAL_S, connect=_CONNECT_S, sock_read=_ANSWER_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
        )

    async def close(self) -> None:
        """Close the pool; requests in flight end as unknown."""
        self._poster.close()
        await self._client.close()

    async def post(self, url: str, body: Any, attempt: int = 1) -> dict[str, Any]:
        """Send JSON, get JSON. Raises SendError."""
        try:
            answer = await self._poster.post(
                url,
                _encode(body),
                self._lines,
                total=_TOTAL_S,
                # Waiting for a free connection counts as connecting, so that it never looks like a lost answer.
                connect=_CONNECT_S,
                answer=_ANSWER_S,
                max_answer=_MOST,
            )
        except PostError as error:
            raise _failed(error) from error
        return self._read(answer.status, answer.body, answer.headers, attempt)

    async def get(self, url: str, **query: str) -> dict[str, Any]:
        """Read a node. Raises SendError; since nothing is sent by reading, a lost answer is Unavailable."""
        return await self._reading(self._json("GET", url, params=query))

    async def delete(self, url: str, **query: str) -> dict[str, Any]:
        """Delete a node. Raises SendError."""
        return await self._json("DELETE", url, params=query)

    async def upload(self, url: str, data: bytes, mime: str, filename: str) -> dict[str, Any]:
        """Upload a file as Meta's media endpoint wants it. Raises SendError; a lost answer is Unavailable."""
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime)
        form.add_field("file", data, filename=filename, content_type=mime)
        timeout = aiohttp.ClientTimeout(total=_UPLOAD_S, connect=_CONNECT_S)
        return await self._reading(self._json("POST", url, data=form, timeout=timeout))

    async def post_query(self, url: str, **query: str) -> dict[str, Any]:
        """A POST whose parameters are in its query. Raises SendError; a lost answer is Unavailable: it changes nothing."""
        return await self._reading(self._json("POST", url, params=query))

    async def post_bytes(self, url: str, data: bytes) -> dict[str, Any]:
        """A file's bytes to an upload session, from its beginning. Raises SendError; a lost answer is Unavailable."""
        # The one place where Graph documents the scheme OAuth in place of Bearer.
        headers = {"Authorization": f"OAuth {self._config.access_token.get_secret_value()}", "file_offset": "0"}
        timeout = aiohttp.ClientTimeout(total=_UPLOAD_S, connect=_CONNECT_S)
        return await self._reading(self._json("POST", url, data=data, headers=headers, timeout=timeout))

    async def download(self, url: str) -> tuple[bytes, str]:
        """Bytes and MIME type of a media URL that Meta gave. Raises SendError.

        The token is sent only to Meta's own hosts and the configured one: the URL comes out of an answer.
        """
        headers = {} if self._trusted(url) else {"Authorization": ""}
        timeout = aiohttp.ClientTimeout(total=_UPLOAD_S, connect=_CONNECT_S)

        async def fetch() -> tuple[bytes, str]:
            async with self._client.get(url, headers=headers, timeout=timeout, allow_redirects=False) as response:
                body = await response.read()
                if response.status != 200:
                    raise send_error(response.status, body, response.headers)
                return body, response.headers.get("Content-Type", "application/octet-stream").partition(";")[0]

        return await self._reading(_certain(fetch()))

    def _trusted(self, url: str) -> bool:
        host = _host(url)
        name = host.partition(":")[0]
        return host == self._host or (
            url.startswith("https://") and name.endswith((".facebook.com", ".fbcdn.net", ".fbsbx.com", ".whatsapp.net"))
        )

    async def _json(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        return await _certain(self._exchange(method, url, options))

    async def _exchange(self, method: str, url: str, options: dict[str, Any]) -> dict[str, Any]:
        async with self._client.request(method, url, allow_redirects=False, **options) as response:
            return self._read(response.status, await response.read(), response.headers)

    def _read(self, status: int, body: bytes, headers: Mapping[str, str], attempt: int = 1) -> dict[str, Any]:
        if not 200 <= status < 300:
            raise send_error(status, body, headers, attempt, self._config.phone_number_id)
        try:
            data = _decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            data = None
        if not isinstance(data, dict):
            raise OutcomeUnknown("bad_answer", f"HTTP {status} with a body that is not Graph's")
        return data

    @staticmethod
    async def _reading(call: Awaitable[T]) -> T:
        try:
            return await call
        except OutcomeUnknown as error:
            raise Unavailable(error.code, error.message) from error


def _failed(error: PostError) -> SendError:
    """Only what fails before the request can have left is certain."""
    if error.kind == "url":
        return Rejected("http:404", "The address is not valid")
    code = _UNCERTAIN.get(error.kind)
    if code is not None:
        return OutcomeUnknown(code, "No answer in time" if code == "timeout" else f"No answer: {error.why}")
    words = {
        "slow": "No connection in time",
        "closed": "The channel is being closed",
        "tls": "The server's certificate cannot be trusted",
        "blocked": f"The address may not be called: {error.why}.",
        "dns": "The host name cannot be resolved",
    }
    return Unavailable(_CERTAIN.get(error.kind, "connection"), words.get(error.kind, f"No connection: {error.why}"))


async def _certain(call: Awaitable[T]) -> T:
    """Translate aiohttp's errors. Only what fails before the request can have left is certain."""
    try:
        return await call
    except SendError:
        raise
    except aiohttp.ConnectionTimeoutError as error:
        raise Unavailable("connection", "No connection in time") from error
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLCertVerificationError) as error:
        raise Unavailable("tls", "The server's certificate cannot be trusted") from error
    except aiohttp.ClientConnectorError as error:
        if (refusal := blocked(error)) is not None:
            raise Unavailable("blocked", f"The address may not be called: {refusal}.") from error
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            raise Unavailable("dns", "The host name cannot be resolved") from error
        raise Unavailable("connection", f"No connection: {error.strerror or 'refused'}") from error
    except aiohttp.InvalidURL as error:
        raise Rejected("http:404", "The address is not valid") from error
    except asyncio.CancelledError as error:
        # A pool that closes cancels the futures of requests that wait for a connection, not their tasks.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise Unavailable("connection", "The channel is being closed") from error
    except TimeoutError as error:
        raise OutcomeUnknown("timeout", "No answer in time") from error
    except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
        if type(error) is aiohttp.ClientConnectionError and "Connector is closed" in str(error):
            raise Unavailable("connection", "The channel is being closed") from error
        raise OutcomeUnknown("outcome_unknown", f"The connection broke ({type(error).__name__})") from error
    except RuntimeError as error:
        # aiohttp's word for a pool that was closed while the request waited for its turn.
        if "closed" in str(error).lower():
            raise Unavailable("connection", "The channel is being closed") from error
        raise


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()
