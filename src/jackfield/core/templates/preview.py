"""How a template reads with its values filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ..port import content as c
from .params import VARIABLE, TemplateLike, body_text, buttons_of, cards_of, parts, required, variables


class Preview(msgspec.Struct, kw_only=True):
    """The template as the recipient sees it.

    `header` is its text, or the link of its file (`header_kind` says which: text, image, video, document, location).
    `buttons` are {type, text} with the filled `url`, `code` or `phone_number` where the button has one.
    """

    body: str
    header: str | None = None
    header_kind: str | None = None
    footer: str | None = None
    buttons: list[dict[str, Any]] = []
    cards: list[Preview] = []


def preview(template: TemplateLike, content: c.Template | None = None) -> Preview:
    """The template with a message's values; without one, with the examples that it was approved with.

    A variable without a value stays as it is written.
    """
    examples: dict[tuple[int | None, str], dict[str, str]] = {}
    if content is None:
        for one in required(template):
            if one.example is not None:
                examples.setdefault((one.card, one.place), {})[one.key] = one.example

    def part(components: Sequence[Any], given: c.Template | c.CardParam | None, card: int | None) -> Preview:
        by_type = parts(components)
        shown = Preview(body="")
        header = by_type.get("HEADER")
        if header is not None:
            shape = str(header.get("format") or "TEXT").lower()
            shown.header_kind = shape
            if shape == "text":
                text = str(header.get("text") or "")
                values = examples.get((card, "header"), {})
                shown.header = _fill(text, given.header.text if given and given.header else None, values)
            elif given is not None and given.header is not None:
                shown.header = _place(given.header)
            else:
                shown.header = examples.get((card, "header"), {}).get("link")
        text = body_text(components, template.category if card is None else "")
        shown.body = _fill(text, given.body if given else None, examples.get((card, "body"), {}))
        footer = by_type.get("FOOTER")
        shown.footer = str(footer.get("text") or "") if footer is not None else None
        filled = {one.index: one.text for one in given.buttons} if given else {}
        if not given:
            filled = {int(key): value for key, value in examples.get((card, "button"), {}).items()}
        shown.buttons = [_button(one, filled.get(index)) for index, one in enumerate(buttons_of(components))]
        return shown

    whole = part(template.components, content, None)
    for n, components in enumerate(cards_of(template.components)):
        given = content.cards[n] if content is not None and n < len(content.cards) else None
        whole.cards.append(part(components, given, n))
    return whole


def _place(header: c.HeaderParam) -> str | None:
    if header.media is not None:
        return header.media.url or header.media.media_id
    if header.location is not None:
        return header.location.name or f"{header.location.latitude}, {header.location.longitude}"
    return None


def _fill(text: str, params: Sequence[c.Param] | None, values: Mapping[str, str]) -> str:
    if params is not None:
        places = dict(zip(variables(text), (one.text for one in params), strict=False))
        values = places | {one.name: one.text for one in params if one.name}
    return VARIABLE.sub(lambda match: values.get(match.group(1), match.group(0)), text)


def _button(button: Mapping[str, Any], value: str | None) -> dict[str, Any]:
    kind = str(button.get("type", "")).lower()
    shown: dict[str, Any] = {"type": kind, "text": str(button.get("text") or "")}
    if kind == "url":
        url = str(button.get("url") or "")
        shown["url"] = VARIABLE.sub(lambda match: value or match.group(0), url)
    elif kind in ("copy_code", "otp"):
        shown["code"] = value
    elif button.get("phone_number"):
        shown["phone_number"] = str(button["phone_number"])
    return shown
