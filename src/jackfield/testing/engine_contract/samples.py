"""One of each kind of content, out and in."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping

from jackfield.core.port import content as c

NOTHING = ""
"""Stands for the id of a message that the test sends first."""

OUTGOING: Mapping[str, c.Content] = {
    "text": c.Text(text="Hello, *you* {there} <b>"),
    "image": c.Image(url="media:image", caption="Look"),
    "video": c.Video(url="media:video"),
    "audio": c.Audio(url="media:voice"),
    "voice": c.Audio(url="media:voice", voice=True),
    "document": c.Document(url="media:document", filename="terms.pdf"),
    "sticker": c.Sticker(url="media:sticker"),
    "album": c.Album(items=[c.Image(url="media:image", caption="Both"), c.Image(url="media:image")]),
    "location": c.Location(latitude=48.1, longitude=11.5, name="Shop", address="Main Street 1"),
    "contacts": c.Contacts(contacts=[c.ContactCard(name="Max Muster", phones=["+4915112345678"])]),
    "poll": c.Poll(question="Tea?", options=["yes", "no"]),
    "reaction": c.Reaction(target=NOTHING, emoji="👍"),
    "template": c.Template(name="demo_text", language="en", body=[c.Param(text="Asha")]),
    "buttons": c.Buttons(body="Choose", buttons=[c.ReplyButton(id="a", title="A")]),
    "list": c.ListMenu(
        body="Menu", button="Open", sections=[c.Section(title="Food", rows=[c.Row(id="r1", title="Soup")])]
    ),
    "cta_url": c.CtaUrl(body="Look", title="Shop", url="https://example.com"),
    "product": c.Product(body="This one", catalog_id="1", product_id="sku-1"),
    "product_list": c.ProductList(
        body="These",
        header=c.InteractiveHeader(text="Shoes"),
        catalog_id="1",
        sections=[c.ProductSection(title="All", product_ids=["sku-1"])],
    ),
    "catalog": c.CatalogMessage(body="All that we have"),
    "address": c.AddressRequest(body="Where to?", country="IN"),
    "location_request": c.LocationRequest(body="Where are you?"),
    "contact_request": c.ContactRequest(body="Which number is yours?"),
    "flow": c.FlowMessage(body="Sign up", flow_id="123", button="Open"),
    "inline_keyboard": c.InlineKeyboard(text="Sure?", rows=[[c.InlineButton(text="Yes", data="y")]]),
}
"""Every kind that a message of ours can be, by the name under which an adapter declares it."""

INCOMING: Mapping[str, Callable[[c.Content], bool]] = {
    "text": lambda found: isinstance(found, c.Text) and bool(found.text),
    "image": lambda found: isinstance(found, c.Image),
    "video": lambda found: isinstance(found, c.Video),
    "audio": lambda found: isinstance(found, c.Audio),
    "voice": lambda found: isinstance(found, c.Audio) and found.voice,
    "document": lambda found: isinstance(found, c.Document),
    "sticker": lambda found: isinstance(found, c.Sticker),
    "location": lambda found: isinstance(found, c.Location) and found.latitude != 0,
    "contact": lambda found: isinstance(found, c.Contacts) and bool(found.contacts[0].name),
    "button": lambda found: isinstance(found, c.ButtonReply) and bool(found.id),
    "list": lambda found: isinstance(found, c.ListReply) and bool(found.id),
    "order": lambda found: isinstance(found, c.Order) and bool(found.items),
    "flow": lambda found: isinstance(found, c.FlowReply) and bool(found.data),
    "unsupported": lambda found: isinstance(found, c.UnknownContent),
}
"""Every kind that people send, by the name under which an adapter declares it, with what the engine must make of it."""

MEDIA = frozenset({"image", "video", "audio", "voice", "document", "sticker"})
"""Kinds with a file."""


def _png(side: int = 64) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x2e\x7d\x5c" * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


_WEBP = bytes.fromhex("524946461a000000574542505650384c0d0000002f00000010071011118888fe0700")

FILES: Mapping[str, tuple[bytes, str, str | None]] = {
    "image": (_png(), "image/png", "picture.png"),
    "video": (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41", "video/mp4", "clip.mp4"),
    "voice": (b"OggS" + bytes(24) + b"OpusHead" + bytes(40), "audio/ogg", "voice.ogg"),
    "document": (b"%PDF-1.4\n%%EOF\n", "application/pdf", "terms.pdf"),
    "sticker": (_WEBP, "image/webp", "sticker.webp"),
}
"""Stored files that the samples name, by media id: bytes, MIME type, file name."""
