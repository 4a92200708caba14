"""Which URLs and addresses may be called."""

from __future__ import annotations

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from jackfield.core.egress import check_url, forbidden, parse_url
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
def test_the_operator_may_allow_private_addresses(url: str) -> None:
    parse_url(url, allow_private=True)


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
    assert await check_url("https://bad.example/x", resolver=names, allow_private=True)


async def test_a_name_that_does_not_resolve_yet_is_accepted() -> None:
    assert await check_url("https://later.example/x", resolver=Names())
