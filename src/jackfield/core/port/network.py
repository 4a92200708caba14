"""What an engine says of its network: how addresses look, which kinds of messages go, and within which limits.

A `Network` is small and imports no vendor's library, so that requests can be checked, and addresses read and shown,
before (or without) loading the engine itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final, Protocol, runtime_checkable

import structlog

from ..ground.errors import Invalid, Unsupported
from .content import Content, Media, Text, kind_of

log = structlog.get_logger(__name__)

INCOMING_ONLY: Final = frozenset(
    {"button_reply", "list_reply", "flow_reply", "order", "payment_method", "poll_vote", "system", "unsupported"}
)
"""Kinds that people send to us and we to nobody."""

MAX_ADDRESS: Final = 160
"""Longest address of any network, in characters."""


def bad_recipient(given: object, why: str) -> Invalid:
    """The error for a recipient that is not an address of the network."""
    shown = str(given)[:40]
    return Invalid(f"{shown!r} is not a recipient: {why}", code="INVALID_RECIPIENT", details={"to": [why]})


def is_formatted(content: Content) -> bool:
    """Whether a text or caption asks for formatting."""
    return isinstance(content, Text | Media) and bool(content.entities or content.format)


class Addressing:
    """How a network names people and groups. Subclass it: `read` is required, the rest has defaults that suit a network
    which knows people by one kind of address only."""

    identity_kinds: ClassVar[tuple[str, ...]]
    """By which kinds of identity a contact can be written to, best first."""

    def parse(self, given: object) -> tuple[str, str]:
        """What a person typed as the address that the ledger keeps, and the kind of chat: private, group or newsletter.

        Raises Invalid with code INVALID_RECIPIENT.
        """
        # The common case first: every submission comes by here.
        if type(given) is not str:
            if isinstance(given, bool) or not isinstance(given, str | int):
                raise bad_recipient(given, "Give a phone number or chat id as text.")
            given = str(given)
        text = given.strip()
        if not text or len(text) > MAX_ADDRESS:
            raise bad_recipient(text, "A recipient is required." if not text else "It is too long.")
        return self.read(text)

    def read(self, text: str) -> tuple[str, str]:
        """As `parse`, for a text that is neither empty nor too long."""
        raise NotImplementedError

    def chat_kind(self, address: str) -> str:
        """The kind of chat at an address of the ledger: private, group or newsletter; private when it cannot be read."""
        try:
            return self.read(address)[1]
        except Invalid:
            return "private"

    def show(self, address: str) -> str:
        """An address for people to read; `parse` takes it back."""
        return address

    def identity(self, address: str) -> tuple[str, str] | None:
        """The identity (kind and value) by which the person at this address is known; None for groups and the like."""
        return (self.identity_kinds[0], address) if self.read(address)[1] == "private" else None

    def address(self, kind: str, value: str) -> str:
        """The address of the person with this identity; `kind` is one of `identity_kinds`."""
        return value

    def spellings(self, address: str) -> tuple[str, ...]:
        """Every address that reaches the same person, this one first."""
        return (address,)

    def same_person(self, kind: str, value: str) -> tuple[str, ...]:
        """Every value of this kind of identity that names the same person, this one first (see `spellings`)."""
        if kind not in self.identity_kinds:
            return (value,)
        spelled = self.spellings(self.address(kind, value))
        if len(spelled) == 1:
            return (value,)
        known = (self.identity(one) for one in spelled[1:])
        return value, *(one[1] for one in known if one is not None and one[0] == kind)


class Network:
    """A network as an engine reaches it. Subclass it and give the class variables; `check_limits` where there are any."""

    engine: ClassVar[str]
    """The engine's name."""
    name: ClassVar[str]
    """The network's own name, which several engines may share: whatsapp, telegram, ..."""
    addressing: ClassVar[Addressing]
    kinds: ClassVar[frozenset[str]]
    """Kinds of content (`kind_of`) that the engine can send."""
    has_service_window: ClassVar[bool] = False
    """Whether only templates may be sent to somebody who has not written within 24 hours."""
    needs_address: ClassVar[bool] = False
    """Whether receipts and replies come only by calls to this server, so that it needs a public address."""
    shared_callback: ClassVar[str | None] = None
    """The last part of the address `/hooks/...` to which the network may call for many channels at once."""
    formats: ClassVar[bool] = False
    """Whether texts and captions go formatted (`entities`, `format`)."""
    file_types: ClassVar[Mapping[str, frozenset[str]]] = {}
    """MIME types of files that the network takes, by kind of content; a kind that is not here takes any."""
    simulated: ClassVar[bool] = False
    """Whether its people are made up, so that nothing that is sent leaves for a real phone. Every face says so."""
    contact_source: ClassVar[str] = "user"
    """Where contacts come from who wrote to us on this network."""

    def message_key(self, provider_id: str) -> str:
        """What two forms of one message's id have in common; the id itself on a network that has one form."""
        return provider_id

    def check(self, content: Content) -> None:
        """Whether this can be sent, before it is stored. The engine checks again: a placeholder may have grown.

        Raises Invalid for a kind that only comes in and for what is too long or too much, Unsupported for a kind that
        the engine cannot send.
        """
        kind = kind_of(content)
        if kind in INCOMING_ONLY:
            raise Invalid(f"type: {kind} cannot be sent", details={"type": [f"{kind} cannot be sent."]})
        if kind not in self.kinds:
            raise Unsupported(
                f"The engine {self.engine} cannot send messages of the kind {kind}.",
                details={"capability": kind, "supported": sorted(self.kinds)},
            )
        if not self.formats and is_formatted(content):
            raise Invalid(
                f"format: {self.name} has no formatted texts of this kind; leave out format and entities.",
                details={"format": [f"{self.name} does not take it."]},
            )
        self.check_limits(content)

    def check_limits(self, content: Content) -> None:
        """Raises Invalid, with the fields in its details, for what the network would refuse as too long or too much."""


class _Named(Protocol):
    """An engine, as far as it is asked here."""

    network: ClassVar[Network]


@runtime_checkable
class _KnowsNetworks(Protocol):
    """A registry that gives networks without loading their engines."""

    def network(self, engine: str) -> Network: ...


class _AnyText(Addressing):
    identity_kinds = ()

    def read(self, text: str) -> tuple[str, str]:
        return text, "private"

    def identity(self, address: str) -> tuple[str, str] | None:
        return None


class _Missing(Network):
    """Stands in for the network of a channel whose engine is not installed (any more) or cannot be loaded."""

    name = "unknown"
    addressing = _AnyText()
    kinds = frozenset()

    def __init__(self, engine: str) -> None:
        self.engine = engine  # type: ignore[misc]


class Networks:
    """The networks of all engines, by the engine's name."""

    def __init__(self, engines: Mapping[str, _Named]) -> None:
        self._engines = engines
        self._known: dict[str, Network] = {}
        self._distinct: tuple[Addressing, ...] | None = None

    def of(self, engine: str) -> Network:
        """An engine's network. That of an engine which is not installed, or cannot be loaded, takes any address and sends
        nothing."""
        known = self._known.get(engine)
        if known is None:
            known = self._known[engine] = self._load(engine)
        return known

    def _load(self, engine: str) -> Network:
        if engine not in self._engines:
            return _Missing(engine)
        try:
            if isinstance(self._engines, _KnowsNetworks):
                return self._engines.network(engine)
            return self._engines[engine].network
        except Exception as error:
            # One that cannot be loaded must not hide the others, nor its own channels.
            log.warning("an engine's network cannot be loaded", engine=engine, error=repr(error))
            return _Missing(engine)

    def all(self) -> list[Network]:
        """Every network, in the order of the registry."""
        return [self.of(engine) for engine in self._engines]

    def spellings(self, address: str) -> tuple[str, ...]:
        """Every address that reaches the same person on any network, this one first."""
        found = {one: None for addressing in self._addressings() for one in addressing.spellings(address)}
        return tuple({address: None, **found})

    def same_person(self, kind: str, value: str) -> tuple[str, ...]:
        """Every value of this kind of identity that names the same person on any network, this one first."""
        found = {one: None for addressing in self._addressings() for one in addressing.same_person(kind, value)}
        return tuple({value: None, **found})

    def _addressings(self) -> Iterable[Addressing]:
        """One of each kind: the engines of one network share theirs."""
        if self._distinct is None:
            # By the methods, since engines differ in what they can write to, not in how addresses are spelled.
            by_rule = {
                (type(one).spellings, one.identity_kinds): one for one in (network.addressing for network in self.all())
            }
            self._distinct = tuple(by_rule.values())
        return self._distinct

    def parse(self, engine: str, given: object) -> tuple[str, str]:
        """A recipient as the ledger keeps it, and the kind of chat (see `Addressing.parse`). Raises Invalid."""
        return self.of(engine).addressing.parse(given)

    def parse_any(self, given: object) -> tuple[str, str]:
        """As `parse`, where the channel is not known: the first network that takes it counts.

        Raises Invalid, in the words of the first network.
        """
        refused: Invalid | None = None
        for network in self.all():
            try:
                return network.addressing.parse(given)
            except Invalid as error:
                refused = refused or error
        raise refused or bad_recipient(given, "There is no network to send by.")

    def check(self, engine: str, content: Content) -> None:
        """Raises Invalid or Unsupported for what an engine cannot send (see `Network.check`)."""
        self.of(engine).check(content)
