"""WhatsApp's limits on interactive messages, so that one too long is refused at once and not when it is sent.

Figures from Meta's reference of interactive messages (developers.facebook.com, WhatsApp Cloud API: interactive reply
buttons, lists, call-to-action URL buttons, single- and multi-product messages), in characters. The engines check again
what they send: a placeholder may have grown.
"""

from __future__ import annotations

from typing import Final

from ..ground.errors import Invalid
from . import content as c

ENGINES: Final = frozenset({"simulator", "whatsapp_cloud"})
"""The engines that these limits hold for; Telegram has its own, and paired phones send none of these kinds."""

BODY: Final = 1024
LIST_BODY: Final = 4096
HEADER: Final = 60
FOOTER: Final = 60
BUTTONS: Final = 3
BUTTON_TITLE: Final = 20
BUTTON_ID: Final = 256
LIST_BUTTON: Final = 20
SECTIONS: Final = 10
SECTION_TITLE: Final = 24
ROWS: Final = 10
ROW_ID: Final = 200
ROW_TITLE: Final = 24
ROW_DESCRIPTION: Final = 72
PRODUCTS: Final = 30


def check_limits(engine: str, content: c.Content) -> None:
    """Raises Invalid that names each field of an interactive message which this engine's network would refuse."""
    if engine not in ENGINES or not isinstance(content, c.Interactive):
        return
    found = _Problems()
    found.long("body", content.body, LIST_BODY if isinstance(content, c.ListMenu) else BODY)
    found.long("footer", content.footer, FOOTER)
    if content.header is not None:
        found.long("header", content.header.text, HEADER)
    if isinstance(content, c.Buttons):
        found.many("buttons", len(content.buttons), BUTTONS)
        for index, button in enumerate(content.buttons):
            found.long(f"buttons.{index}.title", button.title, BUTTON_TITLE)
            found.long(f"buttons.{index}.id", button.id, BUTTON_ID)
        found.twice("buttons", "id", [button.id for button in content.buttons])
        found.twice("buttons", "title", [button.title for button in content.buttons])
    elif isinstance(content, c.ListMenu):
        _list(found, content)
    elif isinstance(content, c.CtaUrl):
        found.long("title", content.title, BUTTON_TITLE)
    elif isinstance(content, c.ProductList):
        found.many("sections", len(content.sections), SECTIONS)
        found.many("products", sum(len(section.product_ids) for section in content.sections), PRODUCTS)
        for index, products in enumerate(content.sections):
            found.long(f"sections.{index}.title", products.title, SECTION_TITLE)
    if found.details:
        field, texts = next(iter(found.details.items()))
        raise Invalid(f"{field}: {texts[0]}", details=found.details)


def _list(found: _Problems, content: c.ListMenu) -> None:
    found.long("button", content.button, LIST_BUTTON)
    found.many("sections", len(content.sections), SECTIONS)
    found.many("rows", sum(len(section.rows) for section in content.sections), ROWS)
    for index, section in enumerate(content.sections):
        place = f"sections.{index}"
        found.long(f"{place}.title", section.title, SECTION_TITLE)
        if len(content.sections) > 1 and not section.title.strip():
            found.add(f"{place}.title", "Is required where there are several sections.")
        for number, row in enumerate(section.rows):
            found.long(f"{place}.rows.{number}.title", row.title, ROW_TITLE)
            found.long(f"{place}.rows.{number}.description", row.description, ROW_DESCRIPTION)
            found.long(f"{place}.rows.{number}.id", row.id, ROW_ID)
    found.twice("sections", "id", [row.id for section in content.sections for row in section.rows])


class _Problems:
    """What is wrong, by field."""

    def __init__(self) -> None:
        self.details: dict[str, list[str]] = {}

    def add(self, field: str, why: str) -> None:
        self.details.setdefault(field, []).append(why)

    def long(self, field: str, text: str | None, most: int) -> None:
        if text is not None and len(text) > most:
            self.add(field, f"Must have at most {most} characters; it has {len(text)}.")

    def many(self, field: str, count: int, most: int) -> None:
        if count > most:
            self.add(field, f"At most {most} are allowed; there are {count}.")

    def twice(self, field: str, what: str, values: list[str]) -> None:
        repeated = next((one for one in values if values.count(one) > 1), None)
        if repeated is not None:
            self.add(field, f"Two have the same {what}: {repeated[:40]!r}.")
