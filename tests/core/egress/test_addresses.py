"""Which URLs and addresses may be called."""

from __future__ import annotations

import re
import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from jackfield.core.egress import AllowList, Blocked, check_url, forbidden, parse_url, pin_url
from jackfield.core.ground.errors import Invalid

REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:7f00:1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "not an address",
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.0.1",
    "198.20.0.1",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_inside_is_refused(address: str) -> None:
    assert forbidden(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not(address: str) -> None:
    assert forbidden(address) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "example.com",
        "//example.com/x",
        "ftp://example.com",
        "file:///etc/passwd",
        "gopher://example.com",
        "javascript:alert(1)",
        "http://",
        "https:///path",
        "http://user:pass@example.com/",
        "http://user@example.com/",
        "http://@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://exa mple.com/",
        "http://example.com/\r\nHost: x",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:http/",
        "http://[::1",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]:8080/",
        "http://[fe80::1%25eth0]/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://0/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://2130706433/",
        "http://127.0.0.1./",
        "http://①②⑦.⓪.⓪.①/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://x.localhost:3000/",
        "http://metadata.google.internal/",
        "http://printer.local/",
        "https://example.com/" + "a" * 2048,
    ],
)
def test_a_bad_url_is_refused_by_its_shape(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_url(url)
    assert "url" in caught.value.details


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://example.com/hook", "https://example.com/hook"),
        (" https://EXAMPLE.com/Hook?a=1&b=%20#part ", "https://example.com/Hook?a=1&b=%20"),
        ("http://example.com:8080", "http://example.com:8080/"),
        ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://[2606:4700:4700::1111]/x", "http://[2606:4700:4700::1111]/x"),
    ],
)
def test_a_good_url_passes_in_its_normal_form(url: str, normal: str) -> None:
    assert str(parse_url(url)) in (normal, normal.rstrip("/"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://localhost/x", "http://[::1]/", "http://10.1.2.3/"])
def test_the_operator_may_list_private_addresses(url: str) -> None:
    parse_url(url, allow=AllowList.parse("localhost, 127.0.0.1:9, ::1, 10.1.0.0/16"))


class Names(AbstractResolver):
    """A resolver that knows what the test tells it."""

    def __init__(self, **names: list[str]) -> None:
        self.names = names
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked += 1
        known = self.names.get(host.partition(".")[0])
        if known is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            ResolveResult(hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0) for one in known
        ]

    async def close(self) -> None:
        """Nothing to close."""


async def test_a_name_is_looked_up_when_it_is_saved() -> None:
    names = Names(good=["8.8.8.8"], bad=["192.168.1.1"], mixed=["8.8.8.8", "127.0.0.1"])
    assert await check_url("https://good.example/x", resolver=names) == "https://good.example/x"
    for host in ("bad", "mixed"):
        with pytest.raises(Invalid, match="Must not lead to"):
            await check_url(f"https://{host}.example/x", resolver=names)
    assert await check_url("https://bad.example/x", resolver=names, allow=AllowList.parse("bad.example"))


async def test_a_name_that_does_not_resolve_yet_is_accepted() -> None:
    assert await check_url("https://later.example/x", resolver=Names())


def test_a_listed_port_is_the_only_one() -> None:
    allow = AllowList.parse("crm.internal:8080 127.0.0.1:9")
    parse_url("http://CRM.internal.:8080/x", allow=allow)
    parse_url("http://127.0.0.1:9/", allow=allow)
    for url in ("http://127.0.0.1:10/", "http://127.0.0.2:9/", "http://[::1]:9/"):
        with pytest.raises(Invalid, match="JACKFIELD_EGRESS_ALLOW"):
            parse_url(url, allow=allow)
    assert allow.allows_name("crm.internal", 8080)
    assert not allow.allows_name("crm.internal", 80)
    assert not allow.allows_name("other.internal", 8080)


@pytest.mark.parametrize("text", ["", "  ", ","])
def test_an_empty_list_allows_nothing(text: str) -> None:
    assert AllowList.parse(text) == AllowList()
    assert AllowList.parse(text).refusal("127.0.0.1", 80) == "loopback"


@pytest.mark.parametrize(
    ("listed", "address"),
    [
        ("10.0.0.0/8", "::ffff:10.1.2.3"),
        ("10.0.0.0/8", "64:ff9b::a01:203"),
        ("fd00::/8", "fd00::1"),
        ("[fd00::1]", "fd00::1"),
        ("[fd00::1]:443", "fd00::1"),
        ("fe80::/10", "fe80::1%eth0"),
        ("169.254.169.254", "169.254.169.254"),
        ("0.0.0.0/0,::/0", "::1"),
    ],
)
def test_a_range_covers_every_spelling_of_its_addresses(listed: str, address: str) -> None:
    assert AllowList.parse(listed).refusal(address, 443) is None
    assert AllowList.parse("192.168.0.0/16").refusal(address, 443)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("http://crm.internal", "write the host alone"),
        ("*.internal", "list hosts by name"),
        ("10.0.0.5/8", "did you mean 10.0.0.0/8?"),
        ("10.0.0.0/64", "is not a range"),
        ("crm.internal:0", "the port must be 1 to 65535"),
        ("crm.internal:http", "the port must be 1 to 65535"),
        ("127.1", "is not a host name or an address"),
        ("0x7f000001", "is not a host name or an address"),
        ("[::1", "is not a host name or an address"),
        ("a b!", "is not a host name or an address"),
    ],
)
def test_a_wrong_entry_is_told(entry: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        AllowList.parse(entry)


async def test_a_local_name_is_judged_by_its_addresses_where_ranges_are_listed() -> None:
    names = Names(crm=["10.1.2.3"], db=["10.9.9.9"])
    allow = AllowList.parse("10.1.0.0/16")
    assert await check_url("http://crm.internal/x", resolver=names, allow=allow)
    with pytest.raises(Invalid, match=r"10\.9\.9\.9"):
        await check_url("http://db.internal/x", resolver=names, allow=allow)


async def test_a_url_for_a_foreign_client_names_the_checked_address() -> None:
    names = Names(out=["8.8.8.8"], inside=["10.1.2.3"])
    assert await pin_url("socks5://me:pw@out.example:9050", resolver=names) == "socks5://me:pw@8.8.8.8:9050"
    assert await pin_url("https://out.example:8443", resolver=names) == "https://out.example:8443"
    for url in ("socks5://inside.example", "https://inside.example", "http://10.0.0.1:3128"):
        with pytest.raises(Blocked, match="private"):
            await pin_url(url, resolver=names)
    allow = AllowList.parse("10.0.0.1:3128, inside.example:1080")
    assert await pin_url("http://10.0.0.1:3128", allow=allow) == "http://10.0.0.1:3128"
    assert await pin_url("socks5://inside.example", resolver=names, allow=allow) == "socks5://10.1.2.3"
