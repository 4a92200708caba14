"""`EngineContract`: the parts put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from .adapter import Adapter
from .claiming import Claiming
from .doing import DoingThings
from .line import Line
from .living import Living
from .receiving import Receiving
from .sending import Sending


@pytest.mark.asyncio
class EngineContract(Claiming, Sending, Receiving, DoingThings, Living):
    """Subclass it in a test file of your own and give it an `adapter` fixture."""

    @pytest.fixture
    def adapter(self) -> Adapter:
        """The engine under test: to be overridden."""
        raise AssertionError("give the class a fixture named adapter")

    @pytest_asyncio.fixture
    async def line(self, adapter: Adapter, tmp_path: Path) -> AsyncIterator[Line]:
        """A channel on the engine, not yet open."""
        async with Line(adapter, tmp_path) as made:
            yield made
