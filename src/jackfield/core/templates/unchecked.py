"""Templates that cannot be read from their network: their messages are put together without them, unchecked."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from typing import Final

from ..port import content as c
from .compose import ButtonValue, CardValues, Values
from .views import TemplateView

ID: Final = 0
"""The id that stands for a template which is not known; no row has it."""
_KINDS: Final[dict[str, type[c.Image] | type[c.Video] | type[c.Document]]] = {
    "image": c.Image,
    "video": c.Video,
    "document": c.Document,
}


def unknown(workspace_id: int, channel_id: int, name: str, language: str) -> TemplateView:
    """A template of which only name and language are known. It counts as marketing, the strictest category."""
    return TemplateView(
        id=ID,
        workspace_id=workspace_id,
        channel_id=channel_id,
        provider_id=None,
        name=name,
        language=language,
        category="MARKETING",
        status="UNKNOWN",
        quality=None,
        parameter_format="POSITIONAL",
        rejected_reason=None,
        components=[],
        created_at=0,
        updated_at=0,
    )


def compose_unchecked(template: TemplateView, values: Values) -> c.Template:
    """The message as its values alone suggest it.

    The kind of the header's file is as given, else read from its name; buttons are taken in their order: dynamic URLs,
    then quick replies, then the code.
    """
    return c.Template(
        name=template.name,
        language=template.language,
        header=_header(values.header, values.link, values.kind, values.filename, values.location),
        body=_texts(values.body or ([values.code] if values.code and not values.buttons else [])),
        buttons=_buttons(values),
        offer_expires_at=values.offer_expires_at,
        cards=[
            c.CardParam(header=_header((), card.link, None, None, None), body=_texts(card.body), buttons=_buttons(card))
            for card in values.cards
        ],
    )


def _header(
    texts: Sequence[str] | Mapping[str, str],
    link: str | None,
    kind: str | None,
    filename: str | None,
    location: c.Location | None,
) -> c.HeaderParam | None:
    if location is not None:
        return c.HeaderParam(location=location)
    if link is not None:
        guessed = (mimetypes.guess_type(filename or link.partition("?")[0])[0] or "").partition("/")[0]
        kind = kind if kind in _KINDS else guessed if guessed in ("image", "video") else "document"
        return c.HeaderParam(media=_KINDS[kind](url=link, filename=filename if kind == "document" else None))
    return c.HeaderParam(text=_texts(texts)) if texts else None


def _texts(given: Sequence[str] | Mapping[str, str]) -> list[c.Param]:
    if isinstance(given, Mapping):
        return [c.Param(text=text, name=name) for name, text in given.items()]
    return [c.Param(text=text) for text in given]


def _buttons(values: Values | CardValues) -> list[c.ButtonParam]:
    found = [_named(one) for one in values.buttons]
    ordered = [("url", text) for text in values.urls] + [("quick_reply", text) for text in values.quick_replies]
    if values.code is not None:
        ordered.append(("otp", values.code))
    free = [index for index in range(10) if index not in {one.index for one in found}]
    found += [
        c.ButtonParam(index=index, kind=kind, text=text) for index, (kind, text) in zip(free, ordered, strict=False)
    ]
    return sorted(found, key=lambda one: one.index)


def _named(given: ButtonValue) -> c.ButtonParam:
    if given.action is None:
        return c.ButtonParam(index=given.index, kind="url", text=given.text)
    kind = (
        "mpm"
        if "sections" in given.action
        else "catalog"
        if "thumbnail_product_retailer_id" in given.action
        else "flow"
    )
    return c.ButtonParam(index=given.index, kind=kind, text=given.text, action=given.action)
