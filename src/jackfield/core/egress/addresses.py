"""Which addresses may be called: the check of a URL when it is saved, and of an address when it is dialled.

What is refused follows IANA's special-purpose address registries (RFC 6890 and its updates) and the metadata
addresses of the large clouds.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from ..ground.errors import Invalid

MAX_URL = 2048
"""Longest URL accepted, in characters."""

_V4 = tuple(
    (ipaddress.IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers (CGNAT)"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud's own service"),
        ("169.254.0.0/16", "link-local or cloud metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_V6 = tuple(
    (ipaddress.IPv6Network(network), reason)
    for network, reason in (
        # Teredo, ORCHID, benchmarking and other protocol assignments: nobody's web server.
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "for documentation"),
    )
)
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAMES = ("localhost", "local", "internal", "localdomain", "home.arpa", "intranet", "lan")
_AUTHORITY = re.compile(r"\A[^/]*//([^/?#]*).*\Z", re.DOTALL)
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)\Z")


class Blocked(OSError):
    """An address that must not be called. The text names the address and why, and nothing else."""


def forbidden(address: str | ipaddress.IPv4Address | ipaddress.IPv6Address) -> str | None:
    """Why an IP address must not be called, or None for an ordinary public one.

    IPv4 addresses inside IPv6 ones (mapped, NAT64) are judged as what they lead to: an IPv6-only host reaches the
    whole IPv4 world by NAT64. 6to4, Teredo and all else outside the global range are refused.
    """
    if isinstance(address, str):
        try:
            address = ipaddress.ip_address(address)
        except ValueError:
            return "not an IP address"
    if isinstance(address, ipaddress.IPv4Address):
        return next((reason for network, reason in _V4 if address in network), None)
    if address.scope_id is not None:
        return "link-local"
    if address in _MAPPED or address in _NAT64:
        return forbidden(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.is_loopback:
        return "loopback"
    if address.is_multicast:
        return "multicast"
    if address not in _GLOBAL_V6:
        return "private, link-local or reserved"
    return next((reason for network, reason in _V6 if address in network), None)


def _refuse(message: str) -> Invalid:
    return Invalid(f"url: {message}", details={"url": [message]})


def parse_url(url: str, *, allow_private: bool = False) -> URL:
    """The URL, as it will be dialled, if its shape is right. Looks nothing up. Raises Invalid.

    It is parsed by the same code that later dials it, so that no second reading of the text can differ.
    """
    if not isinstance(url, str) or not url.strip():
        raise _refuse("Must not be empty.")
    url = url.strip()
    if len(url) > MAX_URL:
        raise _refuse(f"Must be at most {MAX_URL} characters.")
    if any(ord(character) <= 32 or ord(character) == 127 for character in url) or "\\" in url:
        raise _refuse("Must not contain blanks, control characters or backslashes.")
    try:
        parsed = URL(url)
        host, port = parsed.raw_host, parsed.port
    except ValueError:
        raise _refuse("Must be a URL such as https://example.com/hook.") from None
    if parsed.scheme not in ("http", "https"):
        raise _refuse("Must begin with http:// or https://.")
    if not host:
        raise _refuse("Must name a host.")
    if parsed.raw_user is not None or parsed.raw_password is not None or "@" in _AUTHORITY.sub(r"\1", url):
        raise _refuse("Must not contain a user name or password.")
    if not port or not 1 <= port <= 65535:
        raise _refuse("Must name a port from 1 to 65535.")
    problem = _host_problem(host, allow_private)
    if problem:
        raise _refuse(problem)
    return parsed.with_fragment(None)


def _host_problem(host: str, allow_private: bool) -> str | None:
    name = host.rstrip(".").lower()
    if ":" in name or _NUMBER.match(name.rpartition(".")[2]):
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            # 127.1, 2130706433 and 0x7f.0.0.1 mean 127.0.0.1 to a C library: no address is written so in good faith.
            return "Must name an IP address in its usual form."
        reason = None if allow_private else forbidden(address)
        return f"Must not lead to {address}: this address is {reason}." if reason else None
    if allow_private:
        return None
    if any(name == local or name.endswith("." + local) for local in _LOCAL_NAMES):
        return "Must not lead to a host of this network."
    return None


async def check_url(
    url: str, *, allow_private: bool = False, resolver: AbstractResolver | None = None, timeout: float = 1.5
) -> str:
    """The URL in its normal form, if it may be called. Raises Invalid.

    A name that does not resolve within `timeout` seconds is accepted: the receiver may not be set up yet, and every
    dial is checked in any case.
    """
    parsed = parse_url(url, allow_private=allow_private)
    host = parsed.raw_host
    assert host is not None
    if not allow_private and not _is_address(host):
        used = resolver or Resolver()
        try:
            results = await asyncio.wait_for(used.resolve(host, parsed.port or 443), timeout)
        except UnicodeError:
            raise _refuse("Must name a host.") from None
        except (OSError, TimeoutError):
            results = []
        finally:
            if resolver is None:
                await used.close()
        for result in results:
            reason = forbidden(result["host"])
            if reason:
                raise _refuse(f"Must not lead to {result['host']}: this address is {reason}.")
    return str(parsed)


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
    """Resolves, and refuses a name as a whole when any of its addresses is refused."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        results = await self._inner.resolve(host, port, family)
        for result in results:
            reason = forbidden(result["host"])
            if reason:
                raise Blocked(f"{host} leads to {result['host']}, which is {reason}")
        return results

    async def close(self) -> None:
        await self._inner.close()


def gate(info: tuple[object, ...]) -> socket.socket:
    """Open the socket for an address about to be dialled: the last look, whatever resolved it."""
    family, kind, proto, _, address = info
    assert isinstance(address, tuple)
    reason = forbidden(str(address[0]))
    if reason:
        raise Blocked(f"{address[0]} is {reason}")
    return socket.socket(family=family, type=kind, proto=proto)  # type: ignore[arg-type]
