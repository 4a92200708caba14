"""The engine contract: one set of tests that every engine passes, yours among them.

    from jackfield.testing.engine_contract import Adapter, EngineContract

    class MyNetwork(Adapter):
        ...                      # what your engine can, and how to play the other side of its network

    class TestMyEngine(EngineContract):
        @pytest.fixture
        def adapter(self) -> Adapter:
            return MyNetwork()

Run it with pytest and pytest-asyncio. What a network cannot (Telegram has no receipts) the adapter declares, and the
contract then holds the engine to the declaration: a kind that is not declared must be refused before anything is
sent, receipts that are not declared must not come. See docs/adding-an-engine.md.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    f"{__name__}.claiming",
    f"{__name__}.sending",
    f"{__name__}.receiving",
    f"{__name__}.doing",
    f"{__name__}.living",
    f"{__name__}.line",
)

from .adapter import Adapter, Doing, Failure, Taken  # noqa: E402 - after the registration, so that asserts explain themselves
from .contract import EngineContract  # noqa: E402
from .line import Heard, Line, Store  # noqa: E402
from .samples import INCOMING, OUTGOING  # noqa: E402

__all__ = ["INCOMING", "OUTGOING", "Adapter", "Doing", "EngineContract", "Failure", "Heard", "Line", "Store", "Taken"]
