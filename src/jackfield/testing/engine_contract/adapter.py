"""What the contract must know of an engine, and the other side of its network: `Adapter`, to be subclassed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal

import msgspec

from jackfield.core.port import Engine, EngineConfig, Session
from jackfield.core.port.content import Content

Doing = Literal["reaction", "vote", "edit", "delete", "call"]
"""What a person can do besides writing: react to a message of ours, vote in our poll, edit or delete what they wrote,
ring."""

Failure = Literal["rejected", "throttled", "unavailable", "lost"]
"""How a send can fail. "lost": the network takes the message, and its answer never comes."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A message that the network took: its id there, to whom, and our ref where the network was told it."""

    id: str
    to: str
    ref: str | None = None


class Adapter(ABC):
    """One engine with a network that the test controls.

    The class variables declare what the engine can; the methods play the network. An adapter serves one test: it is
    started with a folder, and stopped after the test.
    """

    engine: Engine

    sends: ClassVar[frozenset[str]]
    """Names of the samples (`OUTGOING`) that the engine sends. All others must be refused before anything is sent."""
    samples: ClassVar[Mapping[str, Content]] = {}
    """Contents that take a sample's place, where the network needs its own (an approved template, say)."""
    incoming: ClassVar[tuple[str, ...]]
    """Names of what people can send (`INCOMING`)."""
    doings: ClassVar[frozenset[Doing]] = frozenset()
    """What else people can do, and the engine tells: played by `do`."""
    group: str | None = None
    """A group that the channel is in from the start, as its messages name it; None on a network without groups."""
    receipts: ClassVar[tuple[str, ...]] = ("delivered", "read")
    """The states that the network reports, in order, of a message that a person reads. Empty: it reports none."""
    echoes_ref: ClassVar[bool] = True
    """Whether receipts carry our ref."""
    failures: ClassVar[frozenset[Failure]] = frozenset({"rejected", "throttled", "unavailable", "lost"})
    """Which failures the test can cause."""
    settles: ClassVar[Literal["look_up", "receipt", "policy"]] = "receipt"
    """How a lost answer is settled: by asking the network, by a receipt with our ref, or not at all."""
    connection: ClassVar[bool] = True
    """Whether the session holds a connection that can break and is reported when it does."""
    outages: ClassVar[bool] = False
    """Whether the test can put the network out of reach of an engine that holds no connection: by `cut`, until `mend`."""
    holds_incoming: ClassVar[bool] = True
    """Whether the network keeps what people send while the channel is closed."""
    repeats: ClassVar[bool] = True
    """Whether the test can make the network tell the same message twice."""
    tells_log_out: ClassVar[bool] = True
    """Whether the engine learns of a log-out without sending anything."""
    webhooks: ClassVar[bool] = False
    """Whether the network calls us: then an HTTP server feeds the engine's `parse_callback`."""
    secrets: ClassVar[tuple[str, ...]] = ()
    """Texts of the configuration that must not show in its repr, nor in any error."""
    peer: str = "628111222333"
    """Somebody who can be written to."""
    patience_s: float = 60.0
    """How long anything may take."""

    async def start(self, folder: Path) -> None:  # noqa: B027 - many networks need nothing
        """Bring up the network."""

    async def stop(self) -> None:  # noqa: B027
        """Take it down."""

    @abstractmethod
    def config(self) -> EngineConfig:
        """The channel's configuration for this network."""

    async def pair(self, session: Session) -> None:  # noqa: B027
        """Play the person who logs in (scans the QR), for engines that claim pairing."""

    @abstractmethod
    async def taken(self) -> list[Taken]:
        """What the network took from the channel, oldest first."""

    @abstractmethod
    async def write(self, kind: str, *, repeat: bool = False) -> str:
        """`peer` sends something of this kind; gives what the engine must call it (a suffix of its provider id will do).

        With `repeat` the network tells the last one again, under the same id.
        """

    async def do(self, what: Doing, target: str = "") -> None:
        """`peer` does this. `target` is the provider id of what it is done to, as the engine gave it."""
        raise AssertionError("declare no doings, or write do()")

    async def write_in_group(self) -> str:
        """`peer` writes a text in `group`; gives what the engine must call it, as `write` does."""
        raise AssertionError("declare no group, or write write_in_group()")

    async def read(self, message: Taken) -> None:  # noqa: B027
        """`peer` gets and reads a message, for networks on which the test must say so."""

    @abstractmethod
    async def fail(self, how: Failure | None) -> None:
        """Let the next sends fail in this way; None heals."""

    async def cut(self) -> None:
        """Break the connection (or put the network out of reach) and keep it down until `mend`."""
        raise AssertionError("declare connection = False, or write cut() and mend()")

    async def mend(self) -> None:
        """Let the session connect again."""
        raise AssertionError("declare connection = False and outages = False, or write cut() and mend()")

    @abstractmethod
    async def log_out(self) -> None:
        """The network ends the login: the phone unlinks the device, the token is revoked."""
