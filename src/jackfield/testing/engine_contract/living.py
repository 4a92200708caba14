"""The life of a session: connecting, losing the connection, logging out."""

from __future__ import annotations

import pytest

from jackfield.core.ground.errors import LoginRequired, SendError, Unavailable
from jackfield.core.port import CanPair, Disconnected
from jackfield.core.port.content import Text

from .claiming import require_or_skip
from .line import Line


class Living:
    """Part of the contract."""

    async def test_opening_again(self, line: Line) -> None:
        """A closed channel connects again by itself, from its saved state."""
        session = await line.open()
        await session.send(line.message(Text(text="Before")))
        await line.close(session)
        again = await line.open()
        await again.send(line.message(Text(text="After")))
        await line.taken(2)

    async def test_a_lost_connection_is_told_and_healed(self, line: Line) -> None:
        """Down is said (and not as final), up is said, and both directions work again."""
        if not line.adapter.connection:
            pytest.skip("this engine holds no connection")
        session = await line.open()
        before = line.heard.logins()
        await line.adapter.cut()
        await line.heard.until(lambda: line.heard.of(Disconnected), "disconnected")
        assert not line.heard.of(Disconnected)[0].permanent
        assert line.heard.of(Disconnected)[0].reason
        await line.adapter.mend()
        await line.heard.until(lambda: line.heard.logins() > before, "connected again")
        await session.send(line.message(Text(text="Back again")))
        await line.taken(1)
        await line.heard.incoming(await line.adapter.write("text"))

    async def test_an_outage_passes(self, line: Line) -> None:
        """The network of an engine without a connection is out of reach: certain, and over by itself."""
        if not line.adapter.outages:
            pytest.skip("the engine holds a connection, or the test cannot cut the network off")
        session = await line.open()
        await line.adapter.cut()
        with pytest.raises(Unavailable) as failed:
            await session.send(line.message(Text(text="Anybody there?")))
        assert failed.value.certain
        await line.taken(0)
        await line.adapter.mend()
        await session.send(line.message(Text(text="Back again")))
        await line.taken(1)
        await line.heard.incoming(await line.adapter.write("text"))
        assert not line.heard.of(Disconnected), "nobody need do anything"

    async def test_a_log_out_needs_a_person(self, line: Line) -> None:
        """The network ends the login: it is told as final with the reason, and nothing more is sent."""
        session = await line.open()
        await line.adapter.log_out()
        if line.adapter.tells_log_out:
            await line.heard.until(lambda: line.heard.of(Disconnected), "the log-out")
            assert line.heard.of(Disconnected)[-1].permanent
            assert len(line.heard.of(Disconnected)[-1].reason) > 5
        for _ in range(2):
            with pytest.raises(LoginRequired) as refused:
                await session.send(line.message(Text(text="Too late")))
            assert len(refused.value.message) > 5
            assert not any(secret in f"{refused.value!r}" for secret in line.adapter.secrets)
        await line.taken(0)

    async def test_opening_after_a_log_out(self, line: Line) -> None:
        """Without a person the channel does not come up: LoginRequired, or a session that is not connected."""
        session = await line.open()
        await line.adapter.log_out()
        await line.close(session)
        before = line.heard.logins()
        again, refused = None, None
        try:
            again = await line.open(login=False)
        except LoginRequired as error:
            refused = error
        if again is None:
            assert refused is not None
            assert len(refused.message) > 5
            return
        assert line.heard.logins() == before
        with pytest.raises(SendError) as failed:
            await again.send(line.message(Text(text="Too late")))
        assert failed.value.certain
        await line.taken(0)

    async def test_logging_out_here(self, line: Line) -> None:
        """`log_out` unlinks for good: nothing is sent until somebody pairs again."""
        session = await line.open()
        pairs = require_or_skip(session, CanPair)
        await pairs.log_out()
        with pytest.raises(SendError) as failed:
            await session.send(line.message(Text(text="Too late")))
        assert failed.value.certain
        await line.taken(0)
