"""One number or bot on the network: what it sends, what comes back, and what its people do."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from jackfield.core.port import (
    Incoming,
    IncomingCall,
    MarketingPreference,
    MessageDeleted,
    MessageEdited,
    NumberCheck,
    PeerKnown,
    Report,
    Status,
)
from jackfield.core.port.content import Content, Text

from . import people, seeddata
from .calls import Calls
from .faults import Faults, fault
from .gate import Refusal as Refusal
from .gate import Taken as Taken
from .gate import inspect
from .groups import Groups
from .happenings import Happenings
from .inbound import content_from
from .media import MediaShelf
from .outbox import DELETED, DELIVERED, FAILED, READ, SENT, Entry, Outbox, Parcel
from .pairing import Pairing, is_stale
from .people import Behaviour, Plan
from .subscription import Subscription
from .templates import TemplateBook, TemplateProblem

if TYPE_CHECKING:
    from .world import World

WINDOW_MS = 24 * 3600 * 1000
"""How long a person's last message or call lets the account write freely."""


class Account:
    """Made by `World.account`. All methods are synchronous; what they cause comes later, through `subscribe`."""

    def __init__(
        self,
        world: World,
        key: str,
        *,
        phone: str | None = None,
        name: str | None = None,
        behaviour: Behaviour | None = None,
        enforce_window: bool = False,
        sent_status: bool = False,
        paired: bool = False,
    ) -> None:
        self.world = world
        self.key = key
        digest = blake2b(f"{world.seed}:account:{key}".encode(), digest_size=16).digest()
        self.phone = phone or f"62811{int.from_bytes(digest[:4]) % 10**8:08d}"
        self.name = name or "Jackfield Demo Store"
        self.behaviour = behaviour or world.behaviour
        self.enforce_window = enforce_window
        self.sent_status = sent_status
        self.happenings = Happenings()
        self.outbox = Outbox(f"HBgM{digest[4:10].hex().upper()}{world.epoch:08X}")
        self.faults = self.no_faults()
        self.pairing = Pairing(
            world.clock, self.tell, self.phone, self.name, rotate_s=world.qr_rotate_s, rotations=world.qr_rotations
        )
        self.pairing.paired = paired
        self.groups = Groups(world.seed, key, self.phone, world.clock.now_ms, self.tell)
        self.templates = TemplateBook(world.clock, self.tell, 300 * self.behaviour.scale)
        self.calls = Calls(world.clock, self.tell, sum(self.behaviour.ring_ms) / 2 * (self.behaviour.scale or 1))
        self.catalogs = seeddata.catalogs()
        self.media = MediaShelf(digest)
        self.inbox: deque[Incoming] = deque(maxlen=10_000)
        """What people wrote to the account, for those who play them."""
        self.profile: dict[str, Any] = {
            "about": "Hey there! We use Jackfield.",
            "address": "",
            "description": "",
            "email": "",
            "profile_picture_url": "https://example.com/profile.jpg",
            "websites": [],
            "vertical": "RETAIL",
        }
        """What people see of the business."""
        self.read_marks: set[str] = set()
        self.typing_to: str | None = None
        self.listener = 0
        self._digest = digest
        self._random = Random(int.from_bytes(digest))
        self._ordinals: dict[str, int] = {}
        self._window: dict[str, int] = {}
        self._made = 0
        self._subscription: Subscription | None = None
        self._watchers: list[Callable[[Entry], None]] = []

    # -- what comes back -----------------------------------------------------------------------------

    def tell(self, *reports: Report) -> None:
        """Queue happenings for whoever is subscribed, now or later."""
        self.happenings.extend(reports)

    def subscribe(
        self,
        callback: Callable[[list[Report]], Awaitable[None]],
        *,
        on_down: Callable[[str], Awaitable[None]] | None = None,
        on_up: Callable[[], Awaitable[None]] | None = None,
        limit: int = 500,
    ) -> Subscription:
        """Have happenings handed to `callback` in batches, on the running loop, from what is queued on.

        A batch is acknowledged when the callback returns; when it raises, it comes again after a pause. There is one
        subscriber: a newer one takes the place of the older, which is closed.
        """
        self.claim()
        self._subscription = Subscription(self, callback, on_down, on_up, limit)
        return self._subscription

    def claim(self) -> int:
        """Become the one listener: whoever listened before is cut off, a login it began ends, a deaf session is healed.

        Gives a number that stays `listener` until the next claim.
        """
        if self._subscription is not None:
            self._subscription.end()
            self._subscription = None
        if self.faults.silence_until_reconnect:
            self.faults.silence_until_reconnect = False
        self.happenings.silent = self.faults.silence
        if not self.paired:
            self.pairing.stop()
        self.happenings.drop(is_stale)
        self.happenings.listen()
        self.happenings.wake()
        self.listener += 1
        self.world.clock.arm()
        return self.listener

    def watch(self, callback: Callable[[Entry], None]) -> Callable[[], None]:
        """Call back, at once and with no promise, for each message taken or changed; gives the way to stop."""
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)

    # -- sending -------------------------------------------------------------------------------------

    def take(self, parcels: Sequence[Parcel]) -> list[Taken | Refusal]:
        """Hand messages to the network; one answer each, in order. The network does not notice repeats."""
        world = self.world
        now = world.clock.now_ms()
        seed, behaviour, ordinals = world.seed, self.behaviour, self._ordinals
        careful = self.faults.touches_sends or not self.pairing.paired
        instant = behaviour.instant and not self.enforce_window and not careful
        answers: list[Taken | Refusal] = []
        for parcel in parcels:
            to = parcel.to
            failing: str | None = None
            lost = False
            if careful or "@" in to:
                refusal = inspect(parcel, self.faults, self.pairing, self.groups, self._random)
                if isinstance(refusal, Refusal):
                    answers.append(refusal)
                    continue
                failing = refusal
                lost = self.faults.drop > 0 and self._random.random() < self.faults.drop
            payload = parcel.payload
            if type(payload) is not bytes:
                payload = bytes(payload) if isinstance(payload, msgspec.Raw) else msgspec.json.encode(payload)
            entry = self.outbox.add(parcel, payload, now)
            answers.append(Taken(entry.id, lost))
            ordinal = ordinals[to] = ordinals.get(to, 0) + 1
            if self.sent_status or lost:
                self._status(entry, SENT)
            if instant and failing is None:
                self._advance(entry, DELIVERED)
                self._advance(entry, READ)
            else:
                plan = people.plan(seed, to, ordinal, parcel.category, behaviour, parcel.template is not None)
                if failing is None and self.enforce_window and parcel.template is None and not self.window_open(to):
                    failing = "131047"
                if failing is not None:
                    span = behaviour.fail_ms[0] * behaviour.scale
                    plan = Plan(span, None, failing)
                world.clock.after(plan.deliver, self._arrive, entry, plan)
            if self._watchers:
                self._show(entry)
        return answers

    def answer_delay(self) -> float:
        """How many seconds the network takes over the answer to a send."""
        minimum, maximum = self.faults.latency_ms
        return (minimum if minimum == maximum else self._random.uniform(minimum, maximum)) / 1000

    # -- what becomes of a message -------------------------------------------------------------------

    def _arrive(self, entry: Entry, plan: Plan) -> None:
        if plan.fail is not None:
            self._advance(entry, FAILED, plan.fail)
            return
        self._advance(entry, DELIVERED)
        if plan.read is not None:
            self.world.clock.after(plan.read, self._opened, entry, plan)

    def _opened(self, entry: Entry, plan: Plan) -> None:
        self._advance(entry, READ)
        if plan.reply is not None:
            self.world.clock.after(plan.reply, self._answer, entry, plan)

    def _answer(self, entry: Entry, plan: Plan) -> None:
        group = self.groups.find(entry.to) if "@" in entry.to else None
        if group is not None and not group.participants:
            return
        sender = entry.to
        if group is not None and group.participants:
            others = [member.address for member in group.participants if member.address != self.phone]
            if not others:
                return
            sender = others[entry.n % len(others)]
        if plan.call:
            self.call(sender)
            return
        self.receive(
            Text(text=plan.text or ""),
            sender,
            chat=entry.to if group is not None else None,
        )

    def _advance(self, entry: Entry, state: str, code: str | None = None) -> None:
        if not entry.advance(state, code):
            return
        faults = self.faults
        if faults.disorder and self._random.random() < faults.disorder:
            self.world.clock.after(200 + 600 * self._random.random(), self._status, entry, state, code)
        else:
            self._status(entry, state, code)
        if faults.duplicate_statuses and self._random.random() < faults.duplicate_statuses:
            self.world.clock.after(20 + 200 * self._random.random(), self._status, entry, state, code)
        if self._watchers:
            self._show(entry)

    def _status(self, entry: Entry, state: str, code: str | None = None) -> None:
        self.happenings.put(
            Status(
                provider_id=entry.id,
                state=state,
                timestamp=self.world.clock.now_ms(),
                ref=entry.ref or None,
                code=code,
                message=None if code is None else fault(code).message,
                recipient=entry.to,
            )
        )

    def _show(self, entry: Entry) -> None:
        for watcher in list(self._watchers):
            watcher(entry)

    def edit(self, provider_id: str, payload: Any) -> bool:
        """Replace what a sent message says; False if there is none."""
        entry = self.outbox.get(provider_id)
        if entry is None or entry.state == DELETED:
            return False
        entry.payload = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        self._show(entry)
        return True

    def delete(self, provider_id: str) -> bool:
        """Delete a sent message for everyone; False if there is none."""
        entry = self.outbox.get(provider_id)
        if entry is None:
            return False
        entry.advance(DELETED)
        self._show(entry)
        return True

    # -- what people do ------------------------------------------------------------------------------

    def make_id(self) -> str:
        """A new id for a message or call that a person makes."""
        self._made += 1
        return f"wamid.HBgL{self._digest[:6].hex().upper()}{self.world.epoch:08X}EhgU{self._made:08X}"

    def inbound(
        self,
        from_: str,
        name: str | None = None,
        type: str = "text",
        *,
        chat: str | None = None,
        reply_to: str | None = None,
        from_me: bool = False,
        **fields: Any,
    ) -> Incoming:
        """A person writes. `fields` as in `inbound.content_from` (text, url, latitude, ...). Raises ValueError."""
        content = content_from({"type": type, **fields}, self.media)
        return self.receive(content, from_, name=name, chat=chat, reply_to=reply_to, from_me=from_me)

    def receive(
        self,
        content: Content,
        from_: str,
        *,
        name: str | None = None,
        chat: str | None = None,
        reply_to: str | None = None,
        from_me: bool = False,
        provider_id: str | None = None,
        timestamp: int | None = None,
    ) -> Incoming:
        """A person (or the staff on the phone, `from_me`) writes this; gives what the account is told."""
        sender = from_.lstrip("+")
        where = chat or sender
        group = self.groups.find(where) if "@" in where else None
        kind = "private" if "@" not in where else "newsletter" if where.endswith("@newsletter") else "group"
        now = self.world.clock.now_ms()
        message = Incoming(
            provider_id=provider_id or self.make_id(),
            chat=where,
            sender=self.phone if from_me else sender,
            content=content,
            timestamp=timestamp or now,
            sender_name=self.name if from_me else name or self.name_of(sender),
            identities={} if from_me else {"phone": sender} if sender.isdigit() else {},
            chat_kind=kind,
            chat_name=group.name if group else None,
            from_me=from_me,
            reply_to=reply_to,
        )
        if not from_me:
            self._window[sender] = now
        self.inbox.append(message)
        self.tell(message)
        return message

    def edited(self, provider_id: str, content: Content) -> None:
        """A person edits their message."""
        self.tell(MessageEdited(provider_id=provider_id, content=content, timestamp=self.world.clock.now_ms()))

    def deleted(self, provider_id: str) -> None:
        """A person deletes their message for everyone."""
        self.tell(MessageDeleted(provider_id=provider_id, timestamp=self.world.clock.now_ms()))

    def prefers(self, from_: str, opted_in: bool) -> None:
        """A person stops or resumes marketing with the platform's own switch."""
        self.tell(
            MarketingPreference(
                identities={"phone": from_.lstrip("+")}, opted_in=opted_in, timestamp=self.world.clock.now_ms()
            )
        )

    def name_of(self, number: str) -> str:
        """The name a person shows."""
        return people.name_of(self.world.seed, number)

    def window_open(self, number: str) -> bool:
        """Whether the person wrote or called within the last 24 h."""
        last = self._window.get(number)
        return last is not None and self.world.clock.now_ms() - last < WINDOW_MS

    def last_heard(self, number: str) -> int | None:
        """When the person last wrote or called (Unix ms)."""
        return self._window.get(number)

    def set_last_heard(self, number: str, at_ms: int | None) -> None:
        """Open or close the service window at will: `None` closes it."""
        if at_ms is None:
            self._window.pop(number, None)
        else:
            self._window[number] = at_ms

    def check(self, phones: Sequence[str]) -> list[NumberCheck]:
        """Which numbers are on the network."""
        found = []
        for phone in phones:
            digits = phone.lstrip("+")
            there = digits.isdigit() and 7 <= len(digits) <= 15
            there = there and people.exists(self.world.seed, digits, self.behaviour)
            found.append(NumberCheck(phone=phone, exists=there, address=digits if there else None))
        return found

    def contacts(self) -> list[PeerKnown]:
        """The address book on the phone."""
        known = []
        for n, name in enumerate(seeddata.raw()["contacts"]):
            digits = int.from_bytes(blake2b(f"{self.world.seed}:book:{n}".encode(), digest_size=6).digest()) % 10**9
            known.append(PeerKnown(identities={"phone": f"628{digits:09d}"}, name=name))
        return known

    # -- calls ---------------------------------------------------------------------------------------

    def call(self, from_: str, is_video: bool = False) -> IncomingCall:
        """A person calls; it rings until it is rejected, or goes unanswered after a while."""
        caller = from_.lstrip("+")
        self._window[caller] = self.world.clock.now_ms()
        return self.calls.ring(self.make_id().removeprefix("wamid.")[-20:], caller, is_video)

    def reject_call(self, call_id: str) -> bool:
        """The account refuses a ringing call; False if it does not ring (any more)."""
        return self.calls.end(call_id, "rejected")

    # -- the connection ------------------------------------------------------------------------------

    @property
    def paired(self) -> bool:
        """Whether a device is linked."""
        return self.pairing.paired

    def scan(self) -> None:
        """The phone scans the QR."""
        self.pairing.scan()
        self.tell(*self.contacts())

    def log_out(self, reason: str = "The device was logged out from the phone.", *, tell: bool = True) -> None:
        """Unlink the device; `tell` unless the device asked for it itself."""
        self.pairing.log_out(reason, tell=tell)

    def no_faults(self) -> Faults:
        """The network as it is when nothing is wrong: only its own latency."""
        return Faults(latency_ms=(self.world.latency_ms, self.world.latency_ms))

    def set_faults(self, faults: Faults) -> None:
        """Make these things go wrong from now on; `no_faults()` heals everything."""
        was = self.faults.offline
        self.faults = faults
        self.happenings.silent = faults.silence or faults.silence_until_reconnect
        if self._subscription is not None and was != faults.offline:
            self._subscription.note(faults.offline)
        self.happenings.wake()

    def pause_template(self, name: str, language: str, status: str = "PAUSED") -> None:
        """The provider pauses a template. Raises TemplateProblem when there is none."""
        if self.templates.get(name, language) is None:
            raise TemplateProblem("132001", f"There is no template {name} in {language}.")
        self.templates.set_status(name, language, status)

    async def settle(self, timeout: float = 10.0) -> None:
        """Return once everything told so far was acknowledged and no timer is left. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            while len(self.happenings) or len(self.world.clock):  # noqa: ASYNC110 - two things to wait for, tests only
                await asyncio.sleep(0.005)
