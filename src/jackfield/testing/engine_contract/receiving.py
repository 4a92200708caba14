"""What comes in: every declared kind, files, what happened meanwhile, and what is told twice."""

from __future__ import annotations

import time

import pytest

from jackfield.core.port import CanDownload, CanReact, Incoming
from jackfield.core.port.content import Image, MediaContent, Reaction, Text

from .claiming import require_or_skip
from .line import Line
from .samples import INCOMING


class Receiving:
    """Part of the contract."""

    async def test_every_declared_kind_comes_in(self, line: Line) -> None:
        """As the port's content, from the peer, with an id, a time and a name by which the peer is known."""
        await line.open()
        for kind in line.adapter.incoming:
            came = await line.heard.incoming(await line.adapter.write(kind))
            assert INCOMING[kind](came.content), f"{kind} came as {came.content}"
            assert (came.chat, came.sender) == (line.adapter.peer, line.adapter.peer)
            assert came.chat_kind == "private"
            assert not came.from_me
            assert line.adapter.peer in came.identities.values(), "people are found by their identities"
            assert abs(came.timestamp / 1000 - time.time()) < 86_400, "times are Unix ms"
            if isinstance(came.content, MediaContent):
                assert came.content.media_id or came.content.url, "a file can be fetched"
        ids = [one.provider_id for one in line.heard.of(Incoming)]
        assert len(ids) == len(set(ids)) == len(line.adapter.incoming)

    async def test_files_can_be_fetched(self, line: Line) -> None:
        """By the id that came with the message."""
        session = await line.open()
        fetches = require_or_skip(session, CanDownload)
        if "image" not in line.adapter.incoming:
            pytest.skip("nobody sends pictures on this network")
        came = await line.heard.incoming(await line.adapter.write("image"))
        assert isinstance(came.content, Image)
        assert came.content.media_id
        data, mime = await fetches.download(came.content.media_id)
        assert data
        assert mime.startswith("image/")

    async def test_reactions(self, line: Line) -> None:
        """What the peer wrote can be reacted to, and the reaction taken back."""
        session = await line.open()
        require_or_skip(session, CanReact)
        came = await line.heard.incoming(await line.adapter.write("text"))
        one = await session.send(line.message(Reaction(target=came.provider_id, emoji="👍"), came.chat))
        two = await session.send(line.message(Reaction(target=came.provider_id, emoji=""), came.chat))
        assert one.provider_id != two.provider_id

    async def test_what_is_not_durable_is_told_again(self, line: Line) -> None:
        """The sink fails once: the same message comes again, under the same id, and those after it in order."""
        await line.open()
        line.heard.failing = True
        first = await line.adapter.write("text")
        await line.heard.until(lambda: line.heard.refused, "the sink was asked")
        assert line.heard.of(Incoming) == []
        line.heard.failing = False
        came = await line.heard.incoming(first)
        assert isinstance(came.content, Text)
        second = await line.heard.incoming(await line.adapter.write("text"))
        assert second.provider_id != came.provider_id

    async def test_a_redelivery_has_the_same_id(self, line: Line) -> None:
        """The network tells a message twice: whoever keeps it knows it by its id."""
        if not line.adapter.repeats:
            pytest.skip("this network cannot be made to repeat itself")
        await line.open()
        came = await line.heard.incoming(await line.adapter.write("text"))
        await line.adapter.write("text", repeat=True)
        # The second telling is either passed on under the same id or already known to the engine.
        await line.heard.incoming(await line.adapter.write("text"))
        ids = [one.provider_id for one in line.heard.of(Incoming)]
        assert set(ids) == {came.provider_id, ids[-1]}
        assert len(ids) in (2, 3)

    async def test_what_happened_meanwhile(self, line: Line) -> None:
        """What people sent while the channel was closed arrives when it opens."""
        if not line.adapter.holds_incoming:
            pytest.skip("this network keeps nothing for later")
        session = await line.open()
        await line.heard.incoming(await line.adapter.write("text"))
        await line.close(session)
        missed = await line.adapter.write("text")
        await line.open()
        assert isinstance((await line.heard.incoming(missed)).content, Text)
