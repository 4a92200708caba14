"""Which IP addresses are public, and which others the operator lets this server call.

What is not public follows IANA's special-purpose address registries (RFC 6890 and its updates) and the metadata
addresses of the large clouds.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Self

import msgspec
from yarl import URL

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

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


def forbidden(address: str | Address) -> str | None:
    """Why an IP address must not be called, or None for an ordinary public one.

    IPv4 addresses inside IPv6 ones (mapped, NAT64) are judged as what they lead to: an IPv6-only host reaches the
    whole IPv4 world by NAT64. 6to4, Teredo and all else outside the global range are refused.
    """
    if isinstance(address, str):
        try:
            address = ipaddress.ip_address(address)
        except ValueError:
            return "not an IP address"
    address = _destination(address)
    if isinstance(address, ipaddress.IPv4Address):
        return next((reason for network, reason in _V4 if address in network), None)
    if address.scope_id is not None:
        return "link-local"
    if address.is_loopback:
        return "loopback"
    if address.is_multicast:
        return "multicast"
    if address not in _GLOBAL_V6:
        return "private, link-local or reserved"
    return next((reason for network, reason in _V6 if address in network), None)


def _destination(address: Address) -> Address:
    """The address that an address leads to: the IPv4 one inside a mapped or NAT64 one."""
    if address.version == 6 and address.scope_id is None and any(address in inner for inner in (_MAPPED, _NAT64)):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class AllowList(msgspec.Struct, frozen=True):
    """Hosts that may be called though their addresses are not public. Empty: none.

    `names` are host names in lower case, `networks` address ranges, each with a port or None for every port.
    """

    names: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[_Network, int | None], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The list that an operator wrote: `host`, `host:port`, an address, `address:port` or a range such as 10.0.0.0/8,
        separated by commas or blanks. Raises ValueError that says which entry is wrong and how to write it."""
        names: set[tuple[str, int | None]] = set()
        networks: list[tuple[_Network, int | None]] = []
        for entry in re.split(r"[,\s]+", text.strip()):
            if not entry:
                continue
            found, port = _entry(entry)
            if isinstance(found, str):
                names.add((found, port))
            else:
                networks.append((found, port))
        return cls(frozenset(names), tuple(networks))

    def __bool__(self) -> bool:
        return bool(self.names or self.networks)

    def __add__(self, other: AllowList) -> AllowList:
        return AllowList(self.names | other.names, (*self.networks, *other.networks))

    def allows_name(self, host: str, port: int) -> bool:
        """Whether this host is listed by its name: then whatever it resolves to may be called."""
        name = host.rstrip(".").lower()
        return (name, None) in self.names or (name, port) in self.names

    def refusal(self, address: str | Address, port: int) -> str | None:
        """Why an address must not be called, or None when it is public or listed."""
        reason = forbidden(address)
        if reason is None or not self.networks:
            return reason
        try:
            given = ipaddress.ip_address(address) if isinstance(address, str) else address
        except ValueError:
            return reason
        # An address with a zone (fe80::1%eth0) is in the range of the address without it.
        plain = _destination(given if given.version == 4 else ipaddress.IPv6Address(int(given)))
        return None if any(plain in network and only in (None, port) for network, only in self.networks) else reason


class AddressRanges:
    """Addresses and ranges of them; `in` takes an address as text, in any spelling."""

    def __init__(self, ranges: Iterable[_Network] = ()) -> None:
        self._ranges = tuple(ranges)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Addresses and ranges such as 10.0.0.0/8, separated by commas. Raises ValueError that says which entry is wrong."""
        found = []
        for entry in filter(None, re.split(r"[,\s]+", text.strip())):
            if "/" in entry:
                found.append(_range(entry))
                continue
            try:
                found.append(ipaddress.ip_network(entry))
            except ValueError:
                raise ValueError(
                    f"{entry!r} is not an address; write addresses and ranges, such as 127.0.0.1, 10.0.0.0/8"
                ) from None
        return cls(found)

    def __contains__(self, address: object) -> bool:
        if not self._ranges:
            return False
        try:
            given = _destination(ipaddress.ip_address(str(address)))
        except ValueError:
            return False
        return any(given in one for one in self._ranges)


def one_client(ip: str | None) -> str:
    """Under what a client's attempts are counted: its IPv4 address, or the /64 network of its IPv6 address, all of which
    belongs to one subscriber. What is no address is taken as it is."""
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return ip or ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
        address = address.ipv4_mapped
    return str(address)


def _range(entry: str) -> _Network:
    try:
        return ipaddress.ip_network(entry)
    except ValueError:
        try:
            near = f"; did you mean {ipaddress.ip_network(entry, strict=False)}?"
        except ValueError:
            near = "; write it as 10.1.0.0/16"
        raise ValueError(f"{entry!r} is not a range of addresses{near}") from None


def _entry(entry: str) -> tuple[str | _Network, int | None]:
    if "://" in entry or "@" in entry:
        raise ValueError(f"{entry!r}: write the host alone, such as crm.internal or crm.internal:8080")
    if "*" in entry:
        raise ValueError(f"{entry!r}: list hosts by name, or a range of addresses such as 10.1.0.0/16")
    if "/" in entry:
        return _range(entry), None
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?", entry)
    if bracketed:
        host, port_text = bracketed[1], bracketed[2]
    elif entry.count(":") > 1:
        host, port_text = entry, None
    else:
        host, colon, rest = entry.partition(":")
        port_text = rest if colon else None
    port = None
    if port_text is not None:
        if not (port_text.isascii() and port_text.isdigit() and 1 <= int(port_text) <= 65535):
            raise ValueError(f"{entry!r}: the port must be 1 to 65535")
        port = int(port_text)
    try:
        return ipaddress.ip_network(host), port
    except ValueError:
        pass
    try:
        name = URL(f"http://{host}/").raw_host or ""
    except ValueError:
        name = ""
    name = name.rstrip(".").lower()
    if not _NAME.fullmatch(name) or _NUMERIC.fullmatch(name.rpartition(".")[2]):
        raise ValueError(f"{entry!r} is not a host name or an address")
    return name, port


_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")
_NUMERIC = re.compile(r"0x[0-9a-f]*|[0-9]+")

LOOPBACK = AllowList.parse("localhost, 127.0.0.0/8, ::1")
"""This machine: for the demo, a simulator beside the server, and tests."""
