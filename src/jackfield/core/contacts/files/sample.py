"""A made-up address book as Google Contacts exports one, with everything that real ones hold.

Run as a module it writes the sample that the package ships: `python -m jackfield.core.contacts.files.sample`.
The same seed gives the same file.
"""

from __future__ import annotations

import csv
import io
import random
import sys
from collections.abc import Iterator
from pathlib import Path

SAMPLE_ROWS = 600
SAMPLE_SEED = 20260
SAMPLE_PATH = Path(__file__).parents[3] / "data" / "sample_contacts.csv"


def _list(separator: str, *lines: str) -> list[str]:
    return "".join(lines).split(separator)


HEADER = _list(
    ",",
    "First Name,Middle Name,Last Name,Phonetic First Name,Phonetic Middle Name,Phonetic Last Name,Name Prefix,"
    "Name Suffix,Nickname,File As,Organization Name,Organization Title,Organization Department,Birthday,Notes,Photo,"
    "Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,"
    "Address 1 - City,Address 1 - Country",
)

_FIRST = _list(
    " ",
    "Amara Bao Carlos Chiara Devika Elif Emeka Femke Gökhan Hanna Inês Jasper Kavya Lars Léa Lucía Mehmet Nadia Ngozi "
    "Oscar Putri Rahul Renée Sanne Søren Thandi Tomás Vikram Wei Ximena Yusuf Zeynep "
    "فاطمة يوسف נועה איתן Дмитро Марія 陈 佐藤 さくら 민준 สมชาย ప్రియ தமிழ்செல்வன் अनिल",
)
_LAST = _list(
    "|",
    "Adeyemi|Almeida|Andersson|Banerjee|Bianchi|Castillo|D'Souza|de la Cruz|Desai|Eze|Fischer|Gómez|Hakim|Hoang|Jansen|"
    "Kaya|Lefèvre|Lim|Moreau|Mwangi|Nielsen|Núñez|O'Connor|Öztürk|Patel|Pereira|Rahman|Schröder|Utami|van Dijk|"
    "Wibowo|Zhang|حسن|לוי|Коваленко|田中|김|शर्मा",
)
_COMPANIES = (
    "",
    "",
    "",
    "Bäckerei Sonne",
    "Toko Maju, Jaya",
    'Café "Lumière"',
    "Nordlicht\nLogistik GmbH",
    "Spice & Co.",
)
_LABELS = ("* myContacts", "VIP ::: * myContacts", "Leads ::: * myContacts", "Leads ::: Newsletter ::: * myContacts")
_CITIES = ("", "", "Bengaluru", "Surabaya", "Köln", "Recife", "חיפה", "Lagos", "Leeds", "Guadalajara")
_NOTES = (
    "",
    "",
    "",
    "",
    "Met at the fair.\nWants a call back",
    'Said: "write, don\'t call"',
    "=SUM(1,2)",
    "prefers evenings; no Sundays",
)
# Country code, trunk prefix, first digits of a mobile number, how many more follow.
_PLANS = (
    ("91", "0", ("98", "99", "97", "81"), 8),
    ("62", "0", ("812", "813", "857"), 8),
    ("49", "0", ("151", "171", "176"), 8),
    ("55", "0", ("119", "219", "819"), 8),
    ("44", "0", ("7400", "7911", "7500"), 6),
    ("972", "0", ("52", "54", "50"), 7),
    ("234", "0", ("803", "806"), 7),
    ("52", "", ("331", "551"), 7),
    ("1", "", ("202555", "312555", "646555"), 4),
)
_NO_NUMBER = ("", "n/a", "ask reception", "00000", "12345", "+999 555 010 010", "-")


def generate_rows(count: int, seed: int = SAMPLE_SEED) -> Iterator[list[str]]:
    """Yield `count` rows under `HEADER`.  Of a hundred, about four have no usable number and four repeat another."""
    rng = random.Random(seed)
    earlier: list[str] = []
    for number in range(count):
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        kind = rng.random()
        if kind < 0.04:
            phone = rng.choice(_NO_NUMBER)
        elif kind < 0.05:
            phone = _rounded(rng)
        elif kind < 0.09 and earlier:
            phone = rng.choice(earlier)
        else:
            phone = _number(rng)
            if len(earlier) < 1000:
                earlier.append(phone)
        if rng.random() < 0.03:
            phone += " ::: " + _number(rng)
        second = _number(rng) if rng.random() < 0.12 else ""
        row = [""] * len(HEADER)
        row[0], row[2] = first, last if rng.random() < 0.9 else ""
        row[10] = rng.choice(_COMPANIES)
        row[14] = rng.choice(_NOTES)
        row[16] = rng.choice(_LABELS)
        if rng.random() < 0.8:
            row[17], row[18] = "* ", f"customer{number}@example.com"
        row[19], row[20] = ("Mobile" if phone else ""), phone
        row[21], row[22] = ("Work" if second else ""), second
        row[23] = rng.choice(_CITIES)
        yield row


def generate_csv(count: int, seed: int = SAMPLE_SEED) -> Iterator[bytes]:
    """The rows as a CSV file in UTF-8, in pieces of about 64 KiB; memory does not grow with `count`."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    for row in generate_rows(count, seed):
        writer.writerow(row)
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _number(rng: random.Random) -> str:
    """A number that could be dialled, in one of the ways in which people write them."""
    code, _, starts, length = rng.choice(_PLANS)
    start = rng.choice(starts)
    # 555-0100 to 555-0199 belong to nobody in North America; elsewhere the numbers are random.
    rest = f"01{rng.randrange(100):02}" if code == "1" else str(rng.randrange(10 ** (length - 1), 10**length))
    national = start + rest
    middle = len(national) // 2
    a, b = national[:middle], national[middle:]
    return rng.choice(
        (
            f"+{code} {a} {b}", f"+{code}{national}", f"{code}{national}", f"+{code}-{a}-{b}", f"(+{code}) {a}-{b}",
            f"00{code}{national}", f"+{code} {a[:2]}.{a[2:]}.{b}", f"'+{code}{national}", f"=+{code}{national}",
            f"+{code} {a}\u00a0{b}", f"\u200e+{code} {a} {b}", f"tel:+{code}-{a}-{b}", f"{code}{national}.0",
        )
    )  # fmt: skip


def _rounded(rng: random.Random) -> str:
    """What a spreadsheet leaves of a number in a narrow column: its last digits are gone."""
    return f"4.9151{rng.randrange(10**5):05}E+12"


def main() -> int:
    """Write the sample file of the package."""
    SAMPLE_PATH.parent.mkdir(parents=True, exist_ok=True)
    SAMPLE_PATH.write_bytes(b"".join(generate_csv(SAMPLE_ROWS)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
