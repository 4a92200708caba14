"""Links in contents: where people can press one, found and replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from .codec import Content
from .interactive import CtaUrl, InlineKeyboard, Interactive
from .media import Album, Media
from .plain import Entity, Text
from .template import CardParam, HeaderParam, Param, Template

_PLACEHOLDER: Final = r"\{\{?\s*[\w .-]{1,64}?\s*\}?\}"
# Quotes, angles and the like end a link in every text; white space does.
_LINK: Final = re.compile(rf"https?://(?:{_PLACEHOLDER}|[^\s<>\"{{}}|\\^`])+|{_PLACEHOLDER}", re.IGNORECASE)
_MARKS: Final = ".,;:!?'*_~…»”’"
"""What may follow a link and is none of it: the ends of sentences, and WhatsApp's marks of bold and the like."""
_CLOSERS: Final = {")": "(", "]": "["}


def links_in(content: Content) -> list[str]:
    """The links of a content as they are written, each once, in their order: addresses with http or https, which may hold
    placeholders, and placeholders that stand alone, whose value may be an address."""
    found: dict[str, None] = {}

    def note(link: str) -> str:
        found[link] = None
        return link

    _changed(content, note)
    return list(found)


def with_links(content: Content, instead: Mapping[str, str]) -> Content:
    """The content with other links instead of some of its own (see `links_in`)."""
    return _changed(content, lambda link: instead.get(link, link)) if instead else content


def _changed(content: Content, change: Callable[[str], str]) -> Content:
    def in_text(text: str) -> str:
        return _LINK.sub(lambda match: _one(match[0], change), text)

    def params(given: list[Param]) -> list[Param]:
        return [msgspec.structs.replace(one, text=in_text(one.text)) for one in given]

    def header(given: HeaderParam | None) -> HeaderParam | None:
        return None if given is None else msgspec.structs.replace(given, text=params(given.text))

    def card(given: CardParam) -> CardParam:
        return msgspec.structs.replace(given, header=header(given.header), body=params(given.body))

    replace: Any = msgspec.structs.replace
    if isinstance(content, Text):
        if content.entities or content.format == "markdown":
            return replace(content, entities=_pressed(content.entities, change))  # type: ignore[no-any-return]
        return replace(content, text=in_text(content.text))  # type: ignore[no-any-return]
    if isinstance(content, Album):
        items: list[Any] = [_changed(one, change) for one in content.items]
        return replace(content, items=items)  # type: ignore[no-any-return]
    if isinstance(content, Media):
        if not content.caption:
            return content
        if content.entities or content.format == "markdown":
            return replace(content, entities=_pressed(content.entities, change))  # type: ignore[no-any-return]
        return replace(content, caption=in_text(content.caption))  # type: ignore[no-any-return]
    if isinstance(content, CtaUrl):
        return replace(content, body=in_text(content.body), url=change(content.url))  # type: ignore[no-any-return]
    if isinstance(content, Interactive):
        return replace(content, body=in_text(content.body))  # type: ignore[no-any-return]
    if isinstance(content, InlineKeyboard):
        rows = [[one if one.url is None else replace(one, url=change(one.url)) for one in row] for row in content.rows]
        return replace(content, text=in_text(content.text), rows=rows)  # type: ignore[no-any-return]
    if isinstance(content, Template):
        return replace(  # type: ignore[no-any-return]
            content,
            header=header(content.header),
            body=params(content.body),
            cards=[card(one) for one in content.cards],
        )
    return content


def _pressed(entities: list[Entity], change: Callable[[str], str]) -> list[Entity]:
    """Pieces of a text that lead somewhere. What the text itself says stays: its pieces are counted by their places."""
    return [one if one.url is None else msgspec.structs.replace(one, url=change(one.url)) for one in entities]


def _one(found: str, change: Callable[[str], str]) -> str:
    if found.startswith("{"):
        return change(found)
    link = found
    while link and (
        link[-1] in _MARKS or (link[-1] in _CLOSERS and link.count(_CLOSERS[link[-1]]) < link.count(link[-1]))
    ):
        link = link[:-1]
    return change(link) + found[len(link) :]
