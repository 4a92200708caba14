"""Which column of a table is what: guessed from the header, else from the cells; always overridable."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from jackfield.core.contacts.columns import EXPORTED, READ
from jackfield.core.contacts.files import headers
from jackfield.core.contacts.files.cells import clean_line
from jackfield.core.contacts.files.errors import UnreadableFile
from jackfield.core.contacts.files.headers import normalise

MAX_ATTRIBUTE_NAME = 100

# What a person may call the fields in an explicit mapping.
_FIELD_NAMES = {
    "phone": "phone", "phones": "phone", "name": "name", "full_name": "name", "fullname": "name",
    "first_name": "first_name", "firstname": "first_name", "middle_name": "middle_name", "middlename": "middle_name",
    "last_name": "last_name", "lastname": "last_name", "email": "email", "tags": "tags", "labels": "tags",
    "optin": "optin", "opt_in": "optin", "optout": "optout", "opt_out": "optout",
    **{name: name for name in READ},
}  # fmt: skip
# Columns with a rule of their own: a name has parts, an opt-out outweighs an opt-in.
_RULED = ("first_name", "last_name", "email", "optin", "name", "phone")
_PLAIN = tuple(name for name in READ if name not in _RULED)
_NUMBERED_PHONE = re.compile(r"phone (\d+) (?:value|number)\Z")
_NUMBERED_PHONE_LABEL = re.compile(r"phone (\d+) (?:label|type)\Z")
# Columns that say something about another column and nothing about the person.
_ABOUT_COLUMNS = re.compile(
    r"(?:e mail|email|address|organization|website|relation|event|custom field|im) \d+ (?:label|type)\Z"
)
_CODES = r"(?:country|area|isd|std|dial|international|land|pais|pays) ?(?:code|prefix|codes)?(?= |\Z)"
_WITH_CODE = re.compile(r" (?:with|incl|including|inc|and|plus|w|without|no|ohne|mit|con|avec|com)(?: the)? " + _CODES)
# Scripts that put no blank between words: the word stands inside the header.
_UNSPACED_PHONE = (
    "电话",
    "手机",
    "電話",
    "手機",
    "携帯",
    "微信电话",
    "전화",
    "휴대폰",
    "핸드폰",
    "연락처",
    "โทร",
    "เบอร",
    "มอถอ",
)
_UNSPACED_NOT_PHONE = ("传真", "傳真", "ファックス", "팩스", "国家", "區號", "区号", "이름", "类型", "แฟกซ")
_PHONE_LIKE = re.compile(r"[\s'=\"(+p:]*\d[\d\s().,/+\-:E]{6,}['\"\s]*\Z")


class ColumnMap(msgspec.Struct, frozen=True):
    """Where each field of a contact stands: column numbers, counted from 0.

    `titles` are the headers as the file has them, empty without a header. `is_list` says that every cell is a number
    and nothing else is known: each number is then a person of its own.

    `phones` holds, best first, the column of each number and of its label (`Mobile`, `Work`), or None.
    `has_header` says whether the first row names the columns.
    """

    phones: tuple[tuple[int, int | None], ...]
    has_header: bool
    width: int
    name: int | None = None
    first_name: int | None = None
    middle_name: int | None = None
    last_name: int | None = None
    nickname: int | None = None
    organisation: int | None = None
    email: int | None = None
    tags: tuple[int, ...] = ()
    optin: int | None = None
    optout: int | None = None
    consents: tuple[int, ...] = ()
    """Further columns that say yes or no to marketing, the weightiest first."""
    optouts: tuple[int, ...] = ()
    lists: int | None = None
    """Of our own export: names of lists."""
    plain: tuple[tuple[str, int], ...] = ()
    """Columns of the table that are read as they stand: name and place."""
    attributes: tuple[tuple[int, str], ...] = ()
    titles: tuple[str, ...] = ()
    is_list: bool = False


def guess_columns(
    sample: Sequence[Sequence[str]], mapping: Mapping[str, str | Sequence[str]] | None = None
) -> ColumnMap:
    """The columns of the table whose first rows are `sample`, the header included if it has one.

    `mapping` overrides the guess: field name (`phone`, `name`, `first_name`, `last_name`, `email`, `tags`,
    `optin`, or any attribute name) to column.  A column is given by its header, or by its place: `#2`, or `2`
    or `B` where no header is called so.  `phone` and `tags` take several.  An empty string turns a guess off.

    Raises `UnreadableFile` with `no_phone_column` or `unknown_column`.
    """
    first = list(sample[0])
    guessed = _Guess(first)
    by_header = guessed.phones or (mapping and _names_a_header(mapping, first))
    if not by_header:
        no_header = looks_like_data(first)
        if no_header:
            guessed = _Guess([""] * len(first))
        guessed.from_cells(sample if no_header else sample[1:], named=not no_header)
    else:
        no_header = False
    labels = [] if no_header else first
    width = max(len(row) for row in sample)
    wanted = dict(mapping or {})
    explicit: dict[str, list[int]] = {}
    named_attributes: dict[int, str] = {}
    for key, columns in wanted.items():
        names = [columns] if isinstance(columns, str) else list(columns)
        found = [find_column(name, labels, width) for name in names if name.strip()]
        field = _FIELD_NAMES.get(key.strip().casefold().replace("-", "_").replace(" ", "_"))
        if field is None:
            named_attributes.update((column, clean_line(key, MAX_ATTRIBUTE_NAME)) for column in found)
        else:
            explicit[field] = found
    if labels:
        guessed.look_at_cells(sample[1:])
    return guessed.build(explicit, named_attributes, labels, width)


def find_column(name: str, header: Sequence[str], width: int) -> int:
    """The column that a person means by `name`.  Raises `UnreadableFile` with `unknown_column`."""
    plain = name.strip()
    for same in (lambda cell: cell.strip() == plain, lambda cell: normalise(cell) == normalise(plain) != ""):
        for index, cell in enumerate(header):
            if same(cell):
                return index
    place = plain.removeprefix("#")
    index = -1
    if place.isdecimal():
        index = int(place) - 1
    elif place.isascii() and place.isalpha() and len(place) <= 3:
        for letter in place.upper():
            index = (index + 1) * 26 + ord(letter) - 65
    if 0 <= index < width:
        return index
    known = ", ".join(repr(cell) for cell in header[:40] if cell.strip()) or f"#1 to #{width}"
    raise UnreadableFile("unknown_column", f"The file has no column {plain!r}. Its columns are: {known}.")


def looks_like_data(row: Sequence[str]) -> bool:
    """Whether this row holds a person's data and so names no columns."""
    return any(_PHONE_LIKE.match(cell) or "@" in cell for cell in row)


def own_export(header: Sequence[str]) -> bool:
    """Whether this is the header of a file that `Contacts.export` made."""
    return {*EXPORTED, "tags", "lists"} <= set(header)


def is_header(row: Sequence[str]) -> bool:
    """Whether this row surely names columns, a phone column among them: it may come after title lines."""
    return bool(_Guess(list(row)).phones) and not any(_PHONE_LIKE.match(cell) for cell in row)


def _names_a_header(mapping: Mapping[str, str | Sequence[str]], header: list[str]) -> bool:
    known = {normalise(cell) for cell in header} - {""}
    names = [name for value in mapping.values() for name in ([value] if isinstance(value, str) else value)]
    return any(normalise(name) in known and not name.startswith("#") for name in names)


def _phone_rank(name: str) -> int | None:
    """How good a phone column with this header is, lower is better; None when it is not one."""
    name = " ".join(_WITH_CODE.sub(" ", f" {name}").split())
    words = frozenset(name.split())
    if any(word in name for word in _UNSPACED_PHONE) and not any(word in name for word in _UNSPACED_NOT_PHONE):
        return 1
    if name not in headers.PHONE_EXACT and not (words & headers.PHONE and not words & headers.NOT_PHONE):
        return None
    if words & headers.WHATSAPP_WORDS:
        return 0
    if words & headers.LESSER_PHONE_WORDS:
        return 3
    return 1 if words & headers.MOBILE_WORDS else 2


class _Guess:
    """What each column is, before a person's own mapping is laid over it."""

    def __init__(self, header: list[str]) -> None:
        names = [normalise(cell) for cell in header]
        self.header = header
        self.fields: dict[str, int] = {}
        self.tags: list[int] = []
        self.ignored: set[int] = set()
        numbered = {m[1]: i for i, name in enumerate(names) if (m := _NUMBERED_PHONE_LABEL.match(name))}
        ranked: list[tuple[int, int, int | None]] = []
        for index, name in enumerate(names):
            if match := _NUMBERED_PHONE.match(name):
                ranked.append((1, index, numbered.get(match[1])))
            elif name in headers.OPT_IN or name in headers.OPT_OUT:
                continue
            elif (rank := _phone_rank(name)) is not None:
                ranked.append((rank, index, None))
            elif _ABOUT_COLUMNS.match(name) or name in headers.IGNORED:
                self.ignored.add(index)
        # A label column without its phone column stays an attribute.
        self.ignored.update(label for _, _, label in ranked if label is not None)
        self.phones = tuple((index, label) for _, index, label in sorted(ranked, key=lambda entry: entry[:2]))
        taken = {index for index, _ in self.phones} | self.ignored
        for field, words in (
            *((name, headers.of_column(name)) for name in _PLAIN),
            ("first_name", headers.FIRST_NAME), ("middle_name", headers.MIDDLE_NAME), ("last_name", headers.LAST_NAME),
            ("nickname", headers.NICKNAME), ("organisation", headers.ORGANISATION), ("email", headers.EMAIL),
            ("name", headers.FULL_NAME),
        ):  # fmt: skip
            for index, name in enumerate(names):
                if index not in taken and name in words:
                    self.fields[field] = index
                    taken.add(index)
                    break
        self.tags = [i for i, name in enumerate(names) if i not in taken and name in headers.TAGS]
        self.consents = self._take_consents(names, headers.OPT_IN, taken)
        self.optouts = self._take_consents(names, headers.OPT_OUT, taken)
        if own_export(header):
            self.fields.pop("optout", None)
            self.optouts = []
            self.fields |= {name: header.index(name) for name in ("lists", "source", "blocked")}
            self.ignored.update(header.index(name) for name in ("created_at", "last_seen_at"))
        self._split_half_name(names)

    @staticmethod
    def _take_consents(names: list[str], words: frozenset[str], taken: set[int]) -> list[int]:
        """The columns that answer about marketing: WhatsApp's before those that name no network, text messages last."""

        def rank(index: int) -> int:
            mine = frozenset(names[index].split())
            return 0 if mine & headers.WHATSAPP_WORDS else 2 if mine & headers.SMS_WORDS else 1

        found = [i for i, name in enumerate(names) if i not in taken and name in words]
        taken.update(found)
        return sorted(found, key=rank)

    def look_at_cells(self, rows: Sequence[Sequence[str]]) -> None:
        """What the header leaves open: a column of only yes and no is no phone; one text column left is the name."""
        columns = [[row[i].strip() for row in rows if i < len(row) and row[i].strip()] for i in range(len(self.header))]
        self.phones = (
            tuple(
                pair
                for pair in self.phones
                if not columns[pair[0]] or not all(headers.truth(cell[:100]) is not None for cell in columns[pair[0]])
            )
            or self.phones[:1]
        )
        if any(field in self.fields for field in ("name", "first_name", "last_name", "nickname", "organisation")):
            return
        taken = {*self.fields.values(), *self.tags, *self.ignored, *self.consents, *self.optouts}
        taken.update(index for pair in self.phones for index in pair if index is not None)
        left = [
            i
            for i, cells in enumerate(columns)
            if i not in taken
            and cells
            and _share(cells, lambda cell: any(map(str.isalpha, cell)) and "@" not in cell) > 0.5
        ]
        if len(left) == 1:
            self.fields["name"] = left[0]

    def _split_half_name(self, names: list[str]) -> None:
        """`Vorname; Name` and `Nombre, Apellidos`: the bare word is the other half."""
        whole = self.fields.get("name")
        if whole is None or names[whole] not in headers.HALF_NAME:
            return
        first, last = self.fields.get("first_name"), self.fields.get("last_name")
        if first is not None and last is None:
            self.fields["last_name"] = self.fields.pop("name")
        elif last is not None and first is None:
            self.fields["first_name"] = self.fields.pop("name")

    def from_cells(self, rows: Sequence[Sequence[str]], *, named: bool) -> None:
        """Find the phone column by what stands in it; without a header, the others too."""
        width = max((len(row) for row in rows), default=0)
        columns = [[row[i].strip() for row in rows if i < len(row) and row[i].strip()] for i in range(width)]
        free = [i for i in range(width) if columns[i] and i not in self.fields.values() and i not in self.tags]
        phones = [i for i in free if _share(columns[i], lambda cell: bool(_PHONE_LIKE.match(cell))) >= 0.5]
        # A column of numbers that all are as short as a customer number loses to one that has real ones.
        phones.sort(key=lambda i: (-_share(columns[i], _surely_phone), i))
        self.phones = tuple((i, None) for i in phones if _share(columns[i], _surely_phone) > 0.3 or len(phones) == 1)
        if named:
            return
        rest = [i for i in free if i not in phones]
        emails = [i for i in rest if _share(columns[i], lambda cell: "@" in cell) >= 0.5]
        if emails:
            self.fields["email"] = emails[0]
        for i in rest:
            if i not in emails and _share(columns[i], lambda cell: any(map(str.isalpha, cell))) >= 0.5:
                self.fields["name"] = i
                break

    def build(
        self, explicit: dict[str, list[int]], attributes: dict[int, str], header: list[str], width: int
    ) -> ColumnMap:
        claimed = {column for columns in explicit.values() for column in columns} | set(attributes)
        if "phone" in explicit:
            labels = dict(self.phones)
            phones = tuple((column, labels.get(column)) for column in explicit["phone"])
        else:
            phones = tuple(pair for pair in self.phones if pair[0] not in claimed)
        if not phones:
            columns = ", ".join(repr(cell) for cell in header[:40] if cell.strip()) or "none is named"
            raise UnreadableFile(
                "no_phone_column",
                f"No column looks like phone numbers. Say which one it is, as in phone=COLUMN. The columns: {columns}.",
            )
        single = {field: column for field, column in self.fields.items() if column not in claimed}
        consents = [column for column in self.consents if column not in claimed]
        optouts = [column for column in self.optouts if column not in claimed]
        tags = tuple(column for column in self.tags if column not in claimed)
        for field, found in explicit.items():
            single.pop(field, None)
            if field == "optin":
                consents = list(found)
            elif field == "optout":
                optouts = list(found)
            elif field == "tags":
                tags = tuple(found)
            elif field != "phone" and found:
                single[field] = found[0]
        # A company stands in for a missing name, and is worth keeping for itself as well.
        used = {column for field, column in single.items() if field not in ("organisation", "nickname")}
        used.update(tags, self.ignored, consents, optouts, (column for column, _ in phones))
        width = len(header) or width  # cells beyond the header belong to no column
        titles = _attribute_names(header, width)
        if own_export(header):
            # An attribute called like a field went out under a name of its own.
            titles = {i: name.removesuffix(" (attribute)") for i, name in titles.items()}
        kept = {i: name for i, name in titles.items() if i not in used} | attributes
        return ColumnMap(
            phones=phones,
            has_header=bool(header),
            width=width,
            tags=tags,
            attributes=tuple(sorted(kept.items())),
            plain=tuple((name, single.pop(name)) for name in (*_PLAIN, "source", "blocked") if name in single),
            optin=consents[0] if consents else None,
            consents=tuple(consents[1:]),
            optout=optouts[0] if optouts else None,
            optouts=tuple(optouts[1:]),
            titles=tuple(header),
            is_list=not header and not explicit and not single and not tags and len(phones) == width,
            **single,
        )


def _attribute_names(header: Sequence[str], width: int) -> dict[int, str]:
    """A distinct attribute name for each column: its header, or `Column 3`."""
    seen: set[str] = set()
    names: dict[int, str] = {}
    for index in range(width):
        base = clean_line(header[index], MAX_ATTRIBUTE_NAME) if index < len(header) else ""
        base = name = base or f"Column {index + 1}"
        copy = 1
        while name in seen:
            copy += 1
            name = f"{base} {copy}"
        seen.add(name)
        names[index] = name
    return names


def _share(cells: Sequence[str], test: object) -> float:
    return sum(1 for cell in cells if callable(test) and test(cell)) / len(cells) if cells else 0.0


def _surely_phone(cell: str) -> bool:
    digits = sum(map(str.isdigit, cell))
    return digits >= 8 and (digits >= 10 or cell.lstrip("'=\"( ").startswith(("+", "0")))
