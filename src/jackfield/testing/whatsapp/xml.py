"""WhatsApp's binary XML: nodes with attributes and children or bytes, whose common strings are numbered tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files

_TOKENS = json.loads(files(__package__).joinpath("tokens.json").read_text())
_SINGLE: list[str] = _TOKENS["single"]
_DOUBLE: list[list[str]] = _TOKENS["double"]

_EMPTY, _FIRST_DOUBLE, _LAST_DOUBLE = 0, 236, 239
_DEVICE_JID, _LIST_8, _LIST_16, _JID = 247, 248, 249, 250
_HEX, _BYTES_8, _BYTES_20, _BYTES_32, _NIBBLE = 251, 252, 253, 254, 255
_ALPHABET = {_NIBBLE: "0123456789-.", _HEX: "0123456789ABCDEF"}
_LID_DOMAIN = 1


class Jid(str):
    """An address as an attribute: `user@server` or `user:device@server`."""

    __slots__ = ()

    @property
    def user(self) -> str:
        """The part before the device and the server."""
        return self.partition("@")[0].partition(":")[0]


@dataclass
class Node:
    """One element. `content` is its children, or its bytes, or None."""

    tag: str
    attrs: dict[str, str | int] = field(default_factory=dict)
    content: list[Node] | bytes | None = None

    def __iter__(self) -> Iterator[Node]:
        """The children."""
        return iter(self.content if isinstance(self.content, list) else [])

    def child(self, tag: str) -> Node | None:
        """The first child with this tag."""
        return next((node for node in self if node.tag == tag), None)

    def text(self, name: str) -> str:
        """An attribute as text; empty where it is not there."""
        return str(self.attrs.get(name, ""))


def encode(node: Node) -> bytes:
    """A node as it travels. Strings are written in full, which clients accept."""
    size = 1 + 2 * len(node.attrs) + (node.content is not None)
    out = [_list_head(size), _string(node.tag)]
    for name, value in node.attrs.items():
        out += [_string(name), _jid(value) if isinstance(value, Jid) else _string(str(value))]
    if isinstance(node.content, list):
        out += [_list_head(len(node.content)), *map(encode, node.content)]
    elif node.content is not None:
        out.append(_bytes(node.content))
    return b"".join(out)


def _list_head(size: int) -> bytes:
    if size == 0:
        return bytes([_EMPTY])
    return bytes([_LIST_8, size]) if size < 256 else bytes([_LIST_16]) + size.to_bytes(2)


def _string(text: str) -> bytes:
    return _bytes(text.encode())


def _bytes(data: bytes) -> bytes:
    if len(data) < 256:
        return bytes([_BYTES_8, len(data)]) + data
    return bytes([_BYTES_20]) + len(data).to_bytes(3) + data


def _jid(address: Jid) -> bytes:
    user, _, server = address.rpartition("@")
    if ":" in user:
        name, _, device = user.partition(":")
        return bytes([_DEVICE_JID, _LID_DOMAIN if server == "lid" else 0, int(device)]) + _string(name)
    return bytes([_JID]) + (_string(user) if user else bytes([_EMPTY])) + _string(server)


def decode(data: bytes) -> Node:
    """A node as it came. Raises IndexError or ValueError for what is none."""
    return _Reader(data).node()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def _take(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size))

    def _length(self, tag: int) -> int:
        if tag == _EMPTY:
            return 0
        if tag not in (_LIST_8, _LIST_16):
            raise ValueError(f"{tag} begins no list")
        return self._number(1 if tag == _LIST_8 else 2)

    def node(self) -> Node:
        size = self._length(self._number(1))
        tag = self._text()
        attrs: dict[str, str | int] = {}
        for _ in range((size - 1) // 2):
            name = self._text()
            attrs[name] = self._text()
        return Node(tag, attrs, self._content() if size % 2 == 0 else None)

    def _content(self) -> list[Node] | bytes | None:
        tag = self._number(1)
        if tag in (_EMPTY, _LIST_8, _LIST_16):
            return [self.node() for _ in range(self._length(tag))]
        value = self._value(tag)
        return value.encode() if isinstance(value, str) else value

    def _text(self) -> str:
        tag = self._number(1)
        value = "" if tag == _EMPTY else self._value(tag)
        return value if isinstance(value, str) else value.decode()

    def _value(self, tag: int) -> str | bytes:
        if tag in (_BYTES_8, _BYTES_20, _BYTES_32):
            width = {_BYTES_8: 1, _BYTES_20: 3, _BYTES_32: 4}[tag]
            return self._take(self._number(width))
        if _FIRST_DOUBLE <= tag <= _LAST_DOUBLE:
            return _DOUBLE[tag - _FIRST_DOUBLE][self._number(1)]
        if tag == _JID:
            user = self._text()
            return Jid(f"{user}@{self._text()}")
        if tag == _DEVICE_JID:
            domain, device = self._number(1), self._number(1)
            return Jid(f"{self._text()}:{device}@{'lid' if domain == _LID_DOMAIN else 's.whatsapp.net'}")
        if tag in _ALPHABET:
            return self._packed(_ALPHABET[tag])
        return _SINGLE[tag]

    def _packed(self, alphabet: str) -> str:
        """Two characters in each byte; the head's top bit says that the last half is padding."""
        head = self._number(1)
        halves = [half for byte in self._take(head & 0x7F) for half in (byte >> 4, byte & 0x0F)]
        if head & 0x80:
            halves.pop()
        return "".join(alphabet[half] for half in halves)
