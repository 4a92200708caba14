"""A template message from flat values, as the vendors' APIs take them: lists by place, one link, one code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from .. import content as c
from .params import MEDIA, TemplateLike, bad, body_text, button_kind, buttons_of, cards_of, parts, variables

_KINDS: dict[str, type[c.Image] | type[c.Video] | type[c.Document]] = {
    "image": c.Image,
    "video": c.Video,
    "document": c.Document,
}


class CardValues(msgspec.Struct, kw_only=True):
    """One carousel card's values. `urls` and `quick_replies` are its own buttons', in order."""

    body: Sequence[str] | Mapping[str, str] = ()
    link: str | None = None
    urls: Sequence[str] = ()
    quick_replies: Sequence[str] = ()
    code: str | None = None


class Values(msgspec.Struct, kw_only=True):
    """What a caller gives for a template.

    `header` and `body` are values by place, or by name. `link` is the header's file (a URL, or `media:` and an id),
    `kind` says what it is where the caller does. `urls` are the dynamic parts of URL buttons, `quick_replies` the
    payloads of quick-reply buttons, both in the order of those buttons; `code` fills copy-code and one-time-password
    buttons. `offer_expires_at` is Unix ms.
    """

    header: Sequence[str] | Mapping[str, str] = ()
    body: Sequence[str] | Mapping[str, str] = ()
    link: str | None = None
    kind: str | None = None
    filename: str | None = None
    urls: Sequence[str] = ()
    quick_replies: Sequence[str] = ()
    code: str | None = None
    cards: Sequence[CardValues] = ()
    offer_expires_at: int | None = None


def compose(template: TemplateLike, values: Values) -> c.Template:
    """The message content. It is not checked for completeness: `check` does that.

    Raises Invalid (TEMPLATE_PARAMS) for a value that has no place at all: a file without a media header, more URL
    values than dynamic buttons, more payloads than quick replies, a code without a button for it.
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
        header=_header(template, template.components, values.header, values.link, values.kind, values.filename),
        body=_texts(body_text(template.components, template.category), body, template.parameter_format),
        buttons=_buttons(template, template.components, values.urls, values.quick_replies, values.code),
        offer_expires_at=values.offer_expires_at,
        cards=[
            c.CardParam(
                header=_header(template, card, (), given.link, None, None),
                body=_texts(body_text(card, ""), given.body, template.parameter_format),
                buttons=_buttons(
                    template, card, given.urls, given.quick_replies, given.code if given.code else values.code
                ),
            )
            for card, given in zip(cards, values.cards, strict=False)
        ],
    )
    if len(values.cards) > len(cards):
        # Kept, so that the check can say how many there are and how many are given.
        extra = [c.CardParam() for _ in values.cards[len(cards) :]]
        content = msgspec.structs.replace(content, cards=[*content.cards, *extra])
    return content


def _header(
    template: TemplateLike,
    components: Sequence[Any],
    texts: Sequence[str] | Mapping[str, str],
    link: str | None,
    kind: str | None,
    filename: str | None,
) -> c.HeaderParam | None:
    part = parts(components).get("HEADER") or {}
    shape = str(part.get("format") or "TEXT").upper()
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


def _buttons(
    template: TemplateLike,
    components: Sequence[Any],
    urls: Sequence[str],
    quick_replies: Sequence[str],
    code: str | None,
) -> list[c.ButtonParam]:
    found: list[c.ButtonParam] = []
    left_urls, left_replies = list(urls), list(quick_replies)
    for index, button in enumerate(buttons_of(components)):
        kind = button_kind(button, template.category)
        if kind == "url" and left_urls:
            found.append(c.ButtonParam(index=index, kind="url", text=left_urls.pop(0)))
        elif kind in ("otp", "copy_code") and code is not None:
            found.append(c.ButtonParam(index=index, kind=kind, text=code))
        elif str(button.get("type", "")).upper() == "QUICK_REPLY" and left_replies:
            found.append(c.ButtonParam(index=index, kind="quick_reply", text=left_replies.pop(0)))
    if left_urls:
        raise bad(f"Template {template.name} has fewer dynamic URL buttons than values are given.", "buttons")
    if left_replies:
        raise bad(f"Template {template.name} has fewer quick replies than payloads are given.", "buttons")
    return found
