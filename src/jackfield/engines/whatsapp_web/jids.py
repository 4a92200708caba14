"""Addresses and JIDs: E.164 digits for people known by number, `...@lid`, `...@g.us`, `...@newsletter` for the rest.

Imported in child processes only.
"""

from __future__ import annotations

from neonize.proto.Neonize_pb2 import JID

from jackfield.core.ground.errors import Rejected

PEOPLE, LID, GROUPS, NEWSLETTERS = "s.whatsapp.net", "lid", "g.us", "newsletter"


def make(user: str, server: str = PEOPLE) -> JID:
    """A JID of an account, without a device."""
    return JID(User=user, Server=server, RawAgent=0, Device=0, Integrator=0, IsEmpty=False)


def parse(address: str) -> JID:
    """The JID of an address. Raises Rejected for what is none."""
    user, at, server = address.strip().lstrip("+").partition("@")
    if not at:
        server = PEOPLE
    known = server in (PEOPLE, LID, GROUPS, NEWSLETTERS)
    digits = user.replace("-", "") if server == GROUPS else user
    if not known or not digits.isdigit() or (server == PEOPLE and not 5 <= len(digits) <= 15):
        raise Rejected("BAD_ADDRESS", f"{address!r} is not a WhatsApp phone number, group or newsletter.")
    return make(user, server)


def show(jid: JID) -> str:
    """The address of a JID: digits for a phone number, else user@server; device numbers are left off."""
    return jid.User if jid.Server in (PEOPLE, "c.us") else f"{jid.User}@{jid.Server}"


def full(jid: JID) -> str:
    """A JID as WhatsApp writes it inside messages, without the device."""
    return f"{jid.User}@{jid.Server}"


def is_set(jid: JID) -> bool:
    """Whether a JID field is set to somebody."""
    return bool(jid.User) and not jid.IsEmpty


def provider_id(message_id: str, author: JID | None = None) -> str:
    """How a message is named to the core: its id, and for another's message its author after a slash.

    Quoting, reacting and deleting need the author, which an id alone does not tell.
    """
    return message_id if author is None else f"{message_id}/{show(author)}"


def split(given_id: str) -> tuple[str, JID | None]:
    """Id and author of a provider id; no author: a message of our own."""
    message_id, slash, author = given_id.partition("/")
    return message_id, parse(author) if slash else None
