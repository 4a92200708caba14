"""The people on the network: what somebody does with a message is a pure function of seed, number and ordinal.

Nothing here keeps state or asks the clock, so the same campaign gives the same outcome every time.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

import msgspec

Temper = Literal["plain", "lively"]


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """How people behave. Delays are [least, most] in ms, times `scale`; shares are from 0 to 1.

    `scale` 0 makes everything happen at once, without a timer (benches). `missing` is the share of numbers that
    are not on the network (131026, a property of the number); `failures` gives each code the share of
    messages it hits. `unread` never open a message; `replies`, `stops` and `calls` are shares of those who read.
    """

    deliver_ms: tuple[int, int] = (50, 250)
    read_ms: tuple[int, int] = (300, 900)
    reply_ms: tuple[int, int] = (800, 4000)
    fail_ms: tuple[int, int] = (80, 400)
    ring_ms: tuple[int, int] = (4000, 9000)
    scale: float = 1.0
    missing: float = 0.0
    failures: dict[str, float] = {}
    unread: float = 0.0
    replies: float = 0.0
    stops: float = 0.0
    calls: float = 0.0

    @property
    def instant(self) -> bool:
        """Everybody gets and reads everything at once, and nothing else happens."""
        return self.scale == 0 and not self.eventful

    @property
    def eventful(self) -> bool:
        """Whether anybody does anything but read."""
        return bool(self.missing or self.failures or self.unread or self.replies or self.stops or self.calls)


PLAIN = Behaviour()
LIVELY = Behaviour(
    read_ms=(400, 3000),
    missing=0.03,
    failures={"131049": 0.01, "131047": 0.004, "130472": 0.004, "131050": 0.004},
    unread=0.10,
    replies=0.08,
    stops=0.01,
    calls=0.004,
)
TEMPERS: dict[str, Behaviour] = {"plain": PLAIN, "lively": LIVELY}

_MARKETING_ONLY = frozenset({"131049", "130472", "131050"})

REPLIES: tuple[str, ...] = (
    "Thank you! Is this still available?",
    "How much is delivery?",
    "Great, I will take two 🙂",
    "Can you call me tomorrow?",
    "Terima kasih, saya tertarik. Bisa kirim katalog?",
    "Berapa harganya kak?",
    "धन्यवाद, मुझे और जानकारी चाहिए",
    "Kitne ka hai?",
    "¡Gracias! ¿Hacen envíos a Guadalajara?",
    "Perfecto, me interesa",
    "Obrigado! Vocês aceitam Pix?",
    "شكراً، هل العرض متاح اليوم؟",
    "כמה זה עולה?",
    "Merci, je passe demain",
    "Danke, wann haben Sie geöffnet?",
    "Спасибо, напишите адрес",
    "👍",
    "ok",
)

_FIRST = (
    "Asha",
    "Budi",
    "Maria",
    "Ahmed",
    "Dana",
    "João",
    "Chloé",
    "Jürgen",
    "Wei",
    "Olga",
    "Siti",
    "Tariq",
    "Grace",
    "Ivan",
    "Fatima",
    "Noa",
    "Lucas",
    "Emma",
    "Ravi",
    "Aiko",
    "Kofi",
    "Amina",
    "Pablo",
    "Lena",
)
_LAST = (
    "Verma",
    "Santoso",
    "González",
    "Ali",
    "Levi",
    "Pereira",
    "Martin",
    "Müller",
    "Li",
    "Ivanova",
    "Rahma",
    "Khan",
    "Mwangi",
    "Petrov",
    "Hassan",
    "Cohen",
    "Silva",
    "Wilson",
    "Patel",
    "Tanaka",
    "Mensah",
    "Diallo",
    "Torres",
    "Fischer",
)


class Plan(msgspec.Struct, frozen=True):
    """What becomes of one message: ms after the network took it, or after the step before. None: it does not happen."""

    deliver: float = 0.0
    read: float | None = 0.0
    fail: str | None = None
    reply: float | None = None
    text: str | None = None
    call: bool = False


AT_ONCE = Plan()


def _draw(*parts: object) -> list[float]:
    """Eight numbers in [0, 1) that depend on the parts alone (16 bits each: enough for shares of 1 in 60,000)."""
    digest = blake2b(":".join(map(str, parts)).encode(), digest_size=16).digest()
    return [(digest[i] << 8 | digest[i + 1]) / 65536 for i in range(0, 16, 2)]


def exists(seed: int, number: str, behaviour: Behaviour) -> bool:
    """Whether this number is on the network."""
    return not behaviour.missing or _draw(seed, number)[0] >= behaviour.missing


def name_of(seed: int, number: str) -> str:
    """The name that this person shows."""
    draw = _draw(seed, number)
    return f"{_FIRST[int(draw[1] * len(_FIRST))]} {_LAST[int(draw[2] * len(_LAST))]}"


def plan(seed: int, number: str, ordinal: int, category: str, behaviour: Behaviour, template: bool = False) -> Plan:
    """What this person does with their `ordinal`-th message from the account."""
    if behaviour.instant:
        return AT_ONCE
    scale = behaviour.scale
    draw = _draw(seed, number, ordinal)

    def delay(span: tuple[int, int], at: float) -> float:
        return (span[0] + (span[1] - span[0]) * at) * scale

    deliver = delay(behaviour.deliver_ms, draw[0])
    read = delay(behaviour.read_ms, draw[1])
    if not behaviour.eventful:
        return Plan(deliver, read)
    if not exists(seed, number, behaviour):
        return Plan(delay(behaviour.fail_ms, draw[0]), None, "131026")
    chance = draw[2]
    for code, share in behaviour.failures.items():
        if code in _MARKETING_ONLY and category != "marketing":
            continue
        if code == "131047" and template:  # a template needs no open window
            continue
        if chance < share:
            return Plan(delay(behaviour.fail_ms, draw[0]), None, code)
        chance -= share
    if draw[3] < behaviour.unread:
        return Plan(deliver, None)
    chance = draw[4]
    wait = delay(behaviour.reply_ms, draw[5])
    if chance < behaviour.stops:
        return Plan(deliver, read, None, wait, "STOP")
    chance -= behaviour.stops
    if chance < behaviour.replies:
        return Plan(deliver, read, None, wait, REPLIES[int(draw[6] * len(REPLIES))])
    chance -= behaviour.replies
    if chance < behaviour.calls:
        return Plan(deliver, read, None, wait, None, call=True)
    return Plan(deliver, read)
