"""A template message from flat values, as the vendors' APIs take them: lists by place, one link, one code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ..port import content as c
from .params import MEDIA, TemplateLike, bad, body_text, button_kind, buttons_of, cards_of, parts, variables

_KINDS: dict[str, type[c.Image] | type[c.Video] | type[c.Document]] = {
    "image": c.Image,
    "video": c.Video,
    "document": c.Document,
}


class ButtonValue(msgspec.Struct, kw_only=True):
    """One button's value, by its place (`index` from 0).

    `text` is what a URL, quick-reply, copy-code or one-time-password button takes, and a flow's token. `action` is the
    provider's object: a flow's `flow_token` and `flow_action_data`, a catalog's `thumbnail_product_retailer_id`, the
    `sections` of a multi-product button.
    """

    index: int
    text: str | None = None
    action: dict[str, Any] | None = None


class CardValues(msgspec.Struct, kw_only=True):
    """One carousel card's values. `urls` and `quick_replies` are its own buttons', in order."""

    body: Sequence[str] | Mapping[str, str] = ()
    link: str | None = None
    urls: Sequence[str] = ()
    quick_replies: Sequence[str] = ()
    code: str | None = None
    buttons: Sequence[ButtonValue] = ()


class Values(msgspec.Struct, kw_only=True):
    """What a caller gives for a template.

    `header` and `body` are values by place, or by name. `link` is the header's file (a URL, or `media:` and an id),
    `kind` says what it is where the caller does; `location` is the header's place. `urls` are the dynamic parts of URL
    buttons, `quick_replies` the payloads of quick-reply buttons, both in the order of those buttons; `code` fills
    copy-code and one-time-password buttons. `buttons` names any button by its place, and goes before those lists.
    `offer_expires_at` is Unix ms. `fold` chooses the values whose line breaks, tabs and long runs of spaces become single
    spaces where the network refuses them: True for all texts of header, body and cards, or their places as errors name
    them ("body.1", "header.name", "cards.0.body.2"); other values are refused then.
    """

    header: Sequence[str] | Mapping[str, str] = ()
    body: Sequence[str] | Mapping[str, str] = ()
    link: str | None = None
    kind: str | None = None
    filename: str | None = None
    location: c.Location | None = None
    urls: Sequence[str] = ()
    quick_replies: Sequence[str] = ()
    code: str | None = None
    buttons: Sequence[ButtonValue] = ()
    cards: Sequence[CardValues] = ()
    offer_expires_at: int | None = None
    fold: bool | Sequence[str] = False


def compose(template: TemplateLike, values: Values) -> c.Template:
    """The message content. It is not checked for completeness: `check` does that.

    Raises Invalid (TEMPLATE_PARAMS) for a value that has no place at all: a file or place without a header for it, more
    URL values than dynamic buttons, more payloads than quick replies, a code without a button for it, a value for a
    button that takes none.
    """
    cards = cards_of(template.components)
    body = values.body
    if template.category.upper() == "AUTHENTICATION" and not body and values.code:
        # An authentication template has one value, which fills its text and its button alike.
        body = [values.code]
    with_code = any(_takes_code(template, components) for components in ([*template.components], *cards))
    if values.code is not None and not with_code:
        raise bad(f"Template {template.name} has no button that copies a code.", "buttons")
    content = c.Template(
        name=template.name,
        language=template.language,
        header=_header(
            template, template.components, values.header, values.link, values.kind, values.filename, values.location
        ),
        body=_texts(body_text(template.components, template.category), body, template.parameter_format),
        buttons=_buttons(template, template.components, values.urls, values.quick_replies, values.code, values.buttons),
        offer_expires_at=values.offer_expires_at,
        cards=[
            c.CardParam(
                header=_header(template, card, (), given.link, None, None),
                body=_texts(body_text(card, ""), given.body, template.parameter_format),
                buttons=_buttons(
                    template,
                    card,
                    given.urls,
                    given.quick_replies,
                    given.code if given.code else values.code,
                    given.buttons,
                ),
            )
            for card, given in zip(cards, values.cards, strict=False)
        ],
    )
    if len(values.cards) > len(cards):
        # Kept, so that the check can say how many there are and how many are given.
        extra = [c.CardParam() for _ in values.cards[len(cards) :]]
        content = msgspec.structs.replace(content, cards=[*content.cards, *extra])
    return _folding(content, values.fold) if values.fold else content


def _folding(content: c.Template, fold: bool | Sequence[str]) -> c.Template:
    """The content with the chosen values marked. Raises Invalid for a place where no value is."""
    wanted = None if isinstance(fold, bool) else set(fold)
    places: set[str] = set()

    def marked(params: Sequence[c.Param], place: str) -> list[c.Param]:
        found = []
        for number, param in enumerate(params, 1):
            field = f"{place}.{param.name or number}"
            places.add(field)
            found.append(msgspec.structs.replace(param, fold=wanted is None or field in wanted))
        return found

    def header(given: c.HeaderParam | None, place: str) -> c.HeaderParam | None:
        return None if given is None else msgspec.structs.replace(given, text=marked(given.text, f"{place}header"))

    content = msgspec.structs.replace(
        content,
        header=header(content.header, ""),
        body=marked(content.body, "body"),
        cards=[
            msgspec.structs.replace(
                card, header=header(card.header, f"cards.{n}."), body=marked(card.body, f"cards.{n}.body")
            )
            for n, card in enumerate(content.cards)
        ],
    )
    for place in wanted or ():
        if place not in places:
            raise bad(f"fold: there is no value {place!r}; there are {', '.join(sorted(places)) or 'none'}.", "fold")
    return content


def _header(
    template: TemplateLike,
    components: Sequence[Any],
    texts: Sequence[str] | Mapping[str, str],
    link: str | None,
    kind: str | None,
    filename: str | None,
    location: c.Location | None = None,
) -> c.HeaderParam | None:
    part = parts(components).get("HEADER") or {}
    shape = str(part.get("format") or "TEXT").upper()
    if location is not None:
        if shape != "LOCATION":
            raise bad(f"Template {template.name} has no header that takes a place.", "header")
        return c.HeaderParam(location=location)
    if link is not None:
        if shape not in MEDIA:
            raise bad(f"Template {template.name} has no header that takes a file.", "header")
        kind = kind or MEDIA[shape]
        if kind not in _KINDS:
            raise bad(f"Template {template.name}: a header takes an image, a video or a document.", "header")
        media = _KINDS[kind](url=link, filename=filename if kind == "document" else None)
        return c.HeaderParam(media=media)
    if not texts:
        return None
    return c.HeaderParam(text=_texts(str(part.get("text") or ""), texts, template.parameter_format))


def _texts(text: str, given: Sequence[str] | Mapping[str, str], parameter_format: str) -> list[c.Param]:
    names = variables(text)
    named = parameter_format.upper() == "NAMED"
    if isinstance(given, Mapping):
        # By name in the text's order; what the text does not have is kept for the check to complain of.
        keys = [*(name for name in names if name in given), *(name for name in given if name not in names)]
        return [c.Param(text=given[key], name=key if named else None) for key in keys]
    return [
        c.Param(text=value, name=(names[n] if n < len(names) else None) if named else None)
        for n, value in enumerate(given)
    ]


def _takes_code(template: TemplateLike, components: Sequence[Any]) -> bool:
    return any(button_kind(one, template.category) in ("otp", "copy_code") for one in buttons_of(components))


_FILLED = {"URL": "url", "QUICK_REPLY": "quick_reply", "FLOW": "flow", "CATALOG": "catalog", "MPM": "mpm"}
"""The kind of value (content.ButtonParam.kind) that each type of button can take beside those that must have one."""


def _buttons(
    template: TemplateLike,
    components: Sequence[Any],
    urls: Sequence[str],
    quick_replies: Sequence[str],
    code: str | None,
    named: Sequence[ButtonValue],
) -> list[c.ButtonParam]:
    found: list[c.ButtonParam] = []
    left_urls, left_replies = list(urls), list(quick_replies)
    by_index = {value.index: value for value in named}
    for index, button in enumerate(buttons_of(components)):
        kind = button_kind(button, template.category)
        shape = str(button.get("type", "")).upper()
        value = by_index.pop(index, None)
        if value is not None:
            takes = kind or _FILLED.get(shape)
            if takes is None or (shape == "URL" and kind is None):
                raise bad(f"Template {template.name}: button {index + 1} takes no value.", f"buttons.{index}")
            found.append(c.ButtonParam(index=index, kind=takes, text=value.text, action=value.action))
        elif kind == "url" and left_urls:
            found.append(c.ButtonParam(index=index, kind="url", text=left_urls.pop(0)))
        elif kind in ("otp", "copy_code") and code is not None:
            found.append(c.ButtonParam(index=index, kind=kind, text=code))
        elif shape == "QUICK_REPLY" and left_replies:
            found.append(c.ButtonParam(index=index, kind="quick_reply", text=left_replies.pop(0)))
        elif shape == "FLOW":
            # Meta wants the button named even when it is given nothing.
            found.append(c.ButtonParam(index=index, kind="flow"))
    if left_urls:
        raise bad(f"Template {template.name} has fewer dynamic URL buttons than values are given.", "buttons")
    if left_replies:
        raise bad(f"Template {template.name} has fewer quick replies than payloads are given.", "buttons")
    for index in by_index:
        raise bad(
            f"Template {template.name} has no button {index + 1}, but a value is given for it.", f"buttons.{index}"
        )
    return found
