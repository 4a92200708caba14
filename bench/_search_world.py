"""A world to search in: a million messages of a hundred thousand people, and what somebody looks for in it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import insert, text

from jackfield.core import Core, now_ms
from jackfield.core.models import Campaign, Chat, Contact, Identity, Message

PEOPLE: Final = 100_000
WORDS: Final = 20_000
"""Different words that people use; a few often, most seldom."""
FAMILIES: Final = 8_000
"""Different family names."""
CAMPAIGNS: Final = 500
STEP: Final = 10_000

_HAN: Final = [chr(0x4E00 + n * 7) for n in range(1500)]
_THAI: Final = [chr(code) for code in range(0x0E01, 0x0E2F)]
_LETTERS: Final = str.maketrans("0123456789", "olizyshtgn")
_CYRILLIC: Final = "абвгдежзиклмнопрстуфхцчшщэюя"
_FIRST: Final = [
    "Budi",
    "Siti",
    "Agus",
    "Dewi",
    "Maria",
    "Joao",
    "Pedro",
    "Ana",
    "Lucas",
    "Beatriz",
    "Priya",
    "Rahul",
    "Amit",
    "Sunita",
    "Fatima",
    "Ahmed",
    "Yusuf",
    "Layla",
    "David",
    "Sarah",
    "Michael",
    "Jessica",
    "Chen",
    "Wei",
    "Ottilie",
    "Friedrich",
    "Ingrid",
    "Lars",
    "Chiamaka",
    "Oluwaseun",
    "Thandiwe",
    "Jose",
    "Guadalupe",
    "Alejandro",
    "Valentina",
]


def vocabulary() -> list[str]:
    """The words, the most frequent first."""
    chance = random.Random(7)
    return [
        f"{chance.choice('bcdfghklmnprstw')}{chance.choice('aeiou')}{n:x}".translate(_LETTERS) for n in range(WORDS)
    ]


def families() -> list[str]:
    """Family names of three or four syllables; one in ten in another script."""
    chance = random.Random(3)

    def one(number: int) -> str:
        if number % 10 == 0:
            script: Any = (_HAN, _THAI, _CYRILLIC)[number // 10 % 3]
            return "".join(chance.choice(script) for _ in range(4)).capitalize()
        syllables = (chance.choice("bdfghklmnprstvwz") + chance.choice("aeiou") for _ in range(chance.choice((3, 4))))
        return "".join(syllables).title() + chance.choice(("", "n", "s", "r"))

    return [one(number) for number in range(FAMILIES)]


def name_of(number: int, known: list[str]) -> str:
    """The name of a person."""
    return f"{_FIRST[number * 31 % len(_FIRST)]} {known[number * 7919 % len(known)]}"


def phone_of(number: int) -> str:
    """The number of a person, E.164 digits."""
    return f"62{8_100_000_000 + number * 7_919_771 % 900_000_000}"


def says() -> Callable[[], str]:
    """Makes texts of eight words, the frequent ones often; one in ten in a script without blanks."""
    chance = random.Random(5)
    words = vocabulary()
    weights = [1 / (n + 1) for n in range(WORDS)]
    totals = [sum(weights[:1])]
    for weight in weights[1:]:
        totals.append(totals[-1] + weight)

    def one() -> str:
        if chance.random() < 0.1:
            script = chance.choice((_HAN, _THAI))
            return "".join(script[int(len(script) ** chance.random()) - 1] for _ in range(14))
        return " ".join(chance.choices(words, cum_weights=totals, k=8))

    return one


async def fill(core: Core, workspace_id: int, channels: list[int], messages: int, people: int) -> None:
    """Contacts with a chat each, one in ten of which knows its contact by the address alone; messages, campaigns."""
    now, known, say = now_ms(), families(), says()
    async with core.unit() as unit:
        campaigns = [
            {
                "workspace_id": workspace_id, "channel_id": channels[n % len(channels)], "kind": "bulk", "state": "finished",
                "name": f"Sale {known[n]}", "category": "marketing", "audience": {}, "options": {}, "created_at": now,
                "updated_at": now,
            }
            for n in range(min(CAMPAIGNS, people))
        ]  # fmt: skip
        await unit.conn.execute(insert(Campaign), campaigns)
    for start in range(0, people, STEP):
        numbers = range(start, min(start + STEP, people))
        async with core.unit() as unit:
            contacts = [
                {
                    "workspace_id": workspace_id, "name": name_of(n, known), "phone": phone_of(n),
                    "email": f"person{n}@example.com" if n % 2 else None, "created_at": now, "updated_at": now,
                }
                for n in numbers
            ]  # fmt: skip
            made = await unit.conn.execute(insert(Contact).returning(Contact.id, Contact.phone), contacts)
            ids = {phone: contact for contact, phone in made}
            kept = [
                {"workspace_id": workspace_id, "contact_id": ids[phone_of(n)], "kind": "phone", "value": phone_of(n),
                 "created_at": now}
                for n in numbers
            ]  # fmt: skip
            await unit.conn.execute(insert(Identity), kept)
            chats = [
                {
                    "workspace_id": workspace_id, "channel_id": channels[n % len(channels)], "peer": phone_of(n),
                    "contact_id": ids[phone_of(n)] if n % 10 else None, "last_at": now - n * 1000, "created_at": now,
                }
                for n in numbers
            ]  # fmt: skip
            await unit.conn.execute(insert(Chat), chats)
    for start in range(0, messages, STEP):
        said = [
            {
                "workspace_id": workspace_id, "channel_id": channels[n % people % len(channels)], "direction": "in",
                "state": "received", "peer": phone_of(n % people), "kind": "text", "due_at": 0, "created_at": now,
                "content": '{"type":"text","text":"' + say() + '"}',
            }
            for n in range(start, min(start + STEP, messages))
        ]  # fmt: skip
        async with core.unit() as unit:
            await unit.conn.execute(insert(Message), said)
    async with core.unit() as unit:
        await unit.conn.execute(text("ANALYZE"))


def questions(people: int, count: int) -> dict[str, list[str]]:
    """What is looked for, by its kind."""
    chance = random.Random(11)
    words, known = vocabulary(), families()
    latin = [one for one in known if one.isascii()]

    def of(make: Callable[[], str]) -> list[str]:
        return [make() for _ in range(count)]

    def mistyped(word: str) -> str:
        at = chance.randrange(1, len(word) - 1)
        return chance.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + "x" + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at] + word[at:],
            )
        )

    def phone() -> str:
        whole = phone_of(chance.randrange(people))
        size = chance.choice((3, 5, 7, 9))
        at = chance.randrange(len(whole) - size)
        return whole[at : at + size]

    return {
        "frequent words": of(lambda: words[chance.randrange(20)]),
        "rare words": of(lambda: words[chance.randrange(WORDS // 2, WORDS)]),
        "beginnings of words": of(lambda: words[int(WORDS ** chance.random()) - 1][: chance.choice((2, 3, 3, 4))]),
        "two words": of(lambda: f"{words[chance.randrange(50)]} {words[int(WORDS ** chance.random()) - 1]}"),
        "scripts without blanks": of(
            lambda: "".join(
                script[int(len(script) ** chance.random()) - 1] for _ in range(chance.choice((1, 2, 3)))
            )
            if (script := chance.choice((_HAN, _THAI)))
            else ""
        ),
        "names": of(
            lambda: chance.choice((chance.choice(known), chance.choice(_FIRST), name_of(chance.randrange(people), known)))
        ),
        "names with errors": of(lambda: mistyped(chance.choice(latin))),
        "first and last name with errors": of(
            lambda: mistyped(chance.choice([one for one in _FIRST if len(one) > 3])) + " " + mistyped(chance.choice(latin))
        ),
        "parts of numbers": of(phone),
        "what nobody has": of(
            lambda: f"{chance.choice('qxz')}{chance.choice('vwj')}{chance.randrange(10**6):x}qj".translate(_LETTERS)
        ),
    }  # fmt: skip
