"""The check of a URL when it is saved, and of an address when it is dialled."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from ..ground.addresses import AllowList
from ..ground.errors import Invalid

NOTHING = AllowList()

MAX_URL = 2048
"""Longest URL accepted, in characters."""

_LOCAL_NAMES = ("localhost", "local", "internal", "localdomain", "home.arpa", "intranet", "lan")
_AUTHORITY = re.compile(r"\A[^/]*//([^/?#]*).*\Z", re.DOTALL)
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)\Z")


_HINT = "The operator can allow it in JACKFIELD_EGRESS_ALLOW."
_PORTS = {"socks5": 1080}
"""Where the scheme has a usual port that the parser does not know."""
_MOST_NAMED = 4096


class Blocked(OSError):
    """An address that must not be called. The text names the address and why, and nothing else."""


def _refuse(message: str, field: str) -> Invalid:
    return Invalid(f"{field}: {message}", details={field: [message]})


def parse_url(
    url: str,
    *,
    allow: AllowList = NOTHING,
    field: str = "url",
    schemes: tuple[str, ...] = ("http", "https"),
    credentials: bool = False,
) -> URL:
    """The URL, as it will be dialled, if its shape is right. Looks nothing up. Raises Invalid about `field`.

    It is parsed by the same code that later dials it, so that no second reading of the text can differ.
    """

    def refuse(message: str) -> Invalid:
        return _refuse(message, field)

    if not isinstance(url, str) or not url.strip():
        raise refuse("Must not be empty.")
    url = url.strip()
    if len(url) > MAX_URL:
        raise refuse(f"Must be at most {MAX_URL} characters.")
    if any(ord(character) <= 32 or ord(character) == 127 for character in url) or "\\" in url:
        raise refuse("Must not contain blanks, control characters or backslashes.")
    try:
        parsed = URL(url)
        host, port = parsed.raw_host, port_of(parsed)
    except ValueError:
        raise refuse("Must be a URL such as https://example.com/hook.") from None
    if parsed.scheme not in schemes:
        raise refuse(f"Must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    if not host:
        raise refuse("Must name a host.")
    named = parsed.raw_user is not None or parsed.raw_password is not None or "@" in _AUTHORITY.sub(r"\1", url)
    if named and not credentials:
        raise refuse("Must not contain a user name or password.")
    if not port or not 1 <= port <= 65535:
        raise refuse("Must name a port from 1 to 65535.")
    problem = _host_problem(host, port, allow)
    if problem:
        raise refuse(problem)
    return parsed.with_fragment(None)


def port_of(url: URL) -> int:
    """The port that a URL is dialled at, 0 when there is none. Raises ValueError."""
    return url.port or _PORTS.get(url.scheme, 0)


def _host_problem(host: str, port: int, allow: AllowList) -> str | None:
    name = host.rstrip(".").lower()
    if ":" in name or _NUMBER.match(name.rpartition(".")[2]):
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            # 127.1, 2130706433 and 0x7f.0.0.1 mean 127.0.0.1 to a C library: no address is written so in good faith.
            return "Must name an IP address in its usual form."
        reason = allow.refusal(address, port)
        return f"Must not lead to {address}: this address is {reason}. {_HINT}" if reason else None
    if allow.allows_name(name, port) or allow.networks:
        # Where ranges are listed, a name of this network is judged by its addresses.
        return None
    if any(name == local or name.endswith("." + local) for local in _LOCAL_NAMES):
        return f"Must not lead to a host of this network. {_HINT}"
    return None


async def check_url(
    url: str,
    *,
    allow: AllowList = NOTHING,
    field: str = "url",
    schemes: tuple[str, ...] = ("http", "https"),
    credentials: bool = False,
    resolver: AbstractResolver | None = None,
    timeout: float = 1.5,
) -> str:
    """The URL in its normal form, if it may be called. Raises Invalid about `field`.

    A name that does not resolve within `timeout` seconds is accepted: the receiver may not be set up yet, and every
    dial is checked in any case.
    """
    parsed = parse_url(url, allow=allow, field=field, schemes=schemes, credentials=credentials)
    host, port = parsed.raw_host, port_of(parsed)
    assert host is not None
    if not _is_address(host) and not allow.allows_name(host, port):
        used = resolver or Resolver()
        try:
            results = await asyncio.wait_for(used.resolve(host, port), timeout)
        except UnicodeError:
            raise _refuse("Must name a host.", field) from None
        except (OSError, TimeoutError):
            results = []
        finally:
            if resolver is None:
                await used.close()
        for result in results:
            reason = allow.refusal(result["host"], port)
            if reason:
                raise _refuse(f"Must not lead to {result['host']}: this address is {reason}. {_HINT}", field)
    return str(parsed)


async def pin_url(url: str, *, allow: AllowList = NOTHING, resolver: AbstractResolver | None = None) -> str:
    """The URL with its host's name replaced by the address that was checked: for a client of others' making, whose dial
    cannot be guarded, so that it resolves nothing itself.

    https keeps its name, which the certificate must show: an address inside has none for a stranger's name. Raises
    Blocked, or another OSError when the name does not resolve.
    """
    parsed = URL(url)
    host, port = parsed.raw_host or "", port_of(parsed)
    if _is_address(host):
        reason = allow.refusal(host.rstrip("."), port)
        if reason:
            raise Blocked(f"{host} is {reason}")
        return url
    used = GuardedResolver(resolver or ThreadedResolver(), allow)
    results = await used.resolve(host, port)
    return url if parsed.scheme == "https" else str(parsed.with_host(results[0]["host"]))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.rstrip("."))
    except ValueError:
        return False
    return True


class Resolver(AbstractResolver):
    """The system's resolver on threads of its own, so that slow name servers keep nothing else waiting."""

    def __init__(self, threads: int = 8) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=found_family,
                proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found_family, _, proto, _, address in found
            if found_family in (socket.AF_INET, socket.AF_INET6)
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedResolver(AbstractResolver):
    """Resolves, and refuses a name as a whole when any of its addresses is refused. `named` are the addresses of hosts
    that the operator listed by name."""

    def __init__(self, inner: AbstractResolver, allow: AllowList = NOTHING) -> None:
        self._inner = inner
        self._allow = allow
        self.named: set[tuple[str, int]] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        results = await self._inner.resolve(host, port, family)
        if self._allow.allows_name(host, port):
            if len(self.named) > _MOST_NAMED:
                self.named.clear()
            self.named.update((result["host"], port) for result in results)
            return results
        for result in results:
            reason = self._allow.refusal(result["host"], port)
            if reason:
                raise Blocked(f"{host} leads to {result['host']}, which is {reason}")
        return results

    async def close(self) -> None:
        await self._inner.close()
