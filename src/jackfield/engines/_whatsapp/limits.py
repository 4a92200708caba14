"""Limits of WhatsApp's interactive messages, so that one too long is refused at once and not when it is sent.

Figures from Meta's reference of interactive messages (developers.facebook.com, WhatsApp Cloud API: interactive reply
buttons, lists, call-to-action URL buttons, single- and multi-product messages), in characters. The engines check again
what they send: a placeholder may have grown.
"""

from __future__ import annotations

from typing import Final

from jackfield.core.ground.errors import Invalid
from jackfield.core.port import content as c

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


def check_interactive(content: c.Content) -> None:
    """Raises Invalid that names each field of an interactive message which WhatsApp would refuse; other kinds pass."""
    if not isinstance(content, c.Interactive):
        return
    found = _Problems()
    found.check_length("body", content.body, LIST_BODY if isinstance(content, c.ListMenu) else BODY)
    found.check_length("footer", content.footer, FOOTER)
    if content.header is not None:
        found.check_length("header", content.header.text, HEADER)
    if isinstance(content, c.Buttons):
        found.check_count("buttons", len(content.buttons), BUTTONS)
        for index, button in enumerate(content.buttons):
            found.check_length(f"buttons.{index}.title", button.title, BUTTON_TITLE)
            found.check_length(f"buttons.{index}.id", button.id, BUTTON_ID)
        found.check_unique("buttons", "id", [button.id for button in content.buttons])
        found.check_unique("buttons", "title", [button.title for button in content.buttons])
    elif isinstance(content, c.ListMenu):
        _list(found, content)
    elif isinstance(content, c.CtaUrl):
        found.check_length("title", content.title, BUTTON_TITLE)
    elif isinstance(content, c.ProductList):
        found.check_count("sections", len(content.sections), SECTIONS)
        found.check_count("products", sum(len(section.product_ids) for section in content.sections), PRODUCTS)
        for index, products in enumerate(content.sections):
            found.check_length(f"sections.{index}.title", products.title, SECTION_TITLE)
    if found.details:
        field, texts = next(iter(found.details.items()))
        raise Invalid(f"{field}: {texts[0]}", details=found.details)


def _list(found: _Problems, content: c.ListMenu) -> None:
    found.check_length("button", content.button, LIST_BUTTON)
    found.check_count("sections", len(content.sections), SECTIONS)
    found.check_count("rows", sum(len(section.rows) for section in content.sections), ROWS)
    for index, section in enumerate(content.sections):
        place = f"sections.{index}"
        found.check_length(f"{place}.title", section.title, SECTION_TITLE)
        if len(content.sections) > 1 and not section.title.strip():
            found.add(f"{place}.title", "Is required where there are several sections.")
        for number, row in enumerate(section.rows):
            found.check_length(f"{place}.rows.{number}.title", row.title, ROW_TITLE)
            found.check_length(f"{place}.rows.{number}.description", row.description, ROW_DESCRIPTION)
            found.check_length(f"{place}.rows.{number}.id", row.id, ROW_ID)
    found.check_unique("sections", "id", [row.id for section in content.sections for row in section.rows])


class _Problems:
    """What is wrong, by field."""

    def __init__(self) -> None:
        self.details: dict[str, list[str]] = {}

    def add(self, field: str, why: str) -> None:
        self.details.setdefault(field, []).append(why)

    def check_length(self, field: str, text: str | None, maximum: int) -> None:
        if text is not None and len(text) > maximum:
            self.add(field, f"Must have at most {maximum} characters; it has {len(text)}.")

    def check_count(self, field: str, count: int, maximum: int) -> None:
        if count > maximum:
            self.add(field, f"At most {maximum} are allowed; there are {count}.")

    def check_unique(self, field: str, what: str, values: list[str]) -> None:
        repeated = next((one for one in values if values.count(one) > 1), None)
        if repeated is not None:
            self.add(field, f"Two have the same {what}: {repeated[:40]!r}.")
