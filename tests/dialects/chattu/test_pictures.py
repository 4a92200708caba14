"""`profilePic`: "Profile picture URL (if available)", asked of the network a few at a time."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from jackfield.core import Conflict, Unavailable
from jackfield.dialects.chattu.pictures import ASKED, FRESH_MS, Pictures
from jackfield.testing.server import until

from .conftest import Chattu

CHANNEL: Any = SimpleNamespace(id=1)


class Network:
    """A session that shows pictures, as the core gives it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.links: dict[str, str | None] = {}
        self.error: Exception | None = None
        self.connected = True
        self.hold: asyncio.Event | None = None
        self.channels = self

    def session(self, channel: Any, capability: Any) -> Network:
        if not self.connected:
            raise Conflict("The profile is not connected.", code="PROFILE_NOT_CONNECTED")
        return self

    async def picture(self, address: str) -> str | None:
        self.asked.append(address)
        if self.hold is not None:
            await self.hold.wait()
        if self.error is not None:
            raise self.error
        return self.links.get(address, f"https://example.com/{address}.jpg")


class Clock:
    now = 0

    def __call__(self) -> int:
        return self.now


async def test_a_picture_is_asked_for_once_and_again_when_it_is_old() -> None:
    network, clock = Network(), Clock()
    network.links["2"] = None
    pictures = Pictures(network, clock)  # type: ignore[arg-type]
    for _ in range(2):
        assert await pictures.of(CHANNEL, ["1", "2"]) == {"1": "https://example.com/1.jpg"}
    assert network.asked == ["1", "2"], "who has none is remembered too"
    clock.now = FRESH_MS
    network.links["1"] = "https://example.com/new.jpg"
    assert await pictures.of(CHANNEL, ["1", "2"]) == {"1": "https://example.com/new.jpg"}


async def test_a_list_of_many_asks_for_a_few_the_most_recent_first() -> None:
    network, people = Network(), [str(n) for n in range(ASKED + 3)]
    pictures = Pictures(network, Clock())  # type: ignore[arg-type]
    assert [*await pictures.of(CHANNEL, people)] == network.asked == people[:ASKED]
    assert [*await pictures.of(CHANNEL, people)] == people


async def test_what_the_network_does_not_tell_is_null_and_never_an_error() -> None:
    network, clock = Network(), Clock()
    pictures = Pictures(network, clock)  # type: ignore[arg-type]
    network.error = Unavailable("network_down", "The network is down.")
    assert await pictures.of(CHANNEL, ["1"]) == {}
    network.error = None
    assert await pictures.of(CHANNEL, ["1"]) == {"1": "https://example.com/1.jpg"}
    network.connected, clock.now = False, FRESH_MS
    assert await pictures.of(CHANNEL, ["1", "2"]) == {"1": "https://example.com/1.jpg"}, "the old one is kept"


async def test_two_lists_at_once_ask_once() -> None:
    network = Network()
    network.hold = asyncio.Event()
    pictures = Pictures(network, Clock())  # type: ignore[arg-type]
    first = asyncio.create_task(pictures.of(CHANNEL, ["1"]))
    while not network.asked:
        await asyncio.sleep(0)
    assert await pictures.of(CHANNEL, ["1"]) == {}
    network.hold.set()
    assert await first == {"1": "https://example.com/1.jpg"}
    assert network.asked == ["1"]


def test_profile_pic_of_a_private_chat_is_a_link(chattu: Chattu) -> None:
    _, profile = chattu.add("pictures", "972502220077")
    chattu.inbound(profile, **{"from": "972502220078", "text": "Hello!"})
    chats = until(lambda: chattu.page("GET", "/api/chats/pictures").json["chats"], what="the chat")
    assert chats[0]["profilePic"].startswith("https://")
