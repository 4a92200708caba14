"""Which kinds of content an engine can send, so that what it cannot is refused before anything is stored.

The names are those of `port.content.kind_of`. An engine of its own may say so itself, by a class attribute `kinds`; a
test holds this table and the engines' converters together.
"""

from __future__ import annotations

from typing import Final

from ..ground.errors import Invalid, Unsupported
from .content import Content, kind_of
from .engine import Engine
from .limits import check_limits

INCOMING_ONLY: Final = frozenset(
    {"button_reply", "list_reply", "flow_reply", "order", "poll_vote", "system", "unsupported"}
)
"""Kinds that people send to us and we to nobody."""

_PLAIN: Final = frozenset(
    {"text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction"}
)
_INTERACTIVE: Final = frozenset(
    {"buttons", "list", "cta_url", "product", "product_list", "catalog", "address", "location_request", "flow"}
)

SENDABLE: Final[dict[str, frozenset[str]]] = {
    "simulator": _PLAIN | _INTERACTIVE | {"poll", "template", "inline_keyboard"},
    "whatsapp_cloud": _PLAIN | _INTERACTIVE | {"template"},
    "whatsapp_web": _PLAIN | {"poll"},
    "telegram_bot": _PLAIN | {"poll", "inline_keyboard", "buttons", "list", "cta_url", "location_request"},
}


def learn(engine: Engine) -> None:
    """Remember what an engine says of itself, for those who know it by name only."""
    named = getattr(engine, "kinds", None)
    if isinstance(named, frozenset):
        SENDABLE[engine.name] = named


def sendable(engine: Engine | str) -> frozenset[str] | None:
    """The kinds that an engine can send; None when it does not say, and the network must."""
    named = getattr(engine, "kinds", None)
    if isinstance(named, frozenset):
        return named
    return SENDABLE.get(engine if isinstance(engine, str) else engine.name)


def require_kind(engine: Engine | str, content: Content) -> None:
    """Raises Invalid for a kind that only comes in or for what is too long or too much, Unsupported for a kind that this
    engine cannot send."""
    name = engine if isinstance(engine, str) else engine.name
    kind = kind_of(content)
    if kind in INCOMING_ONLY:
        raise Invalid(f"type: {kind} cannot be sent", details={"type": [f"{kind} cannot be sent."]})
    known = sendable(engine)
    if known is not None and kind not in known:
        raise Unsupported(
            f"The engine {name} cannot send messages of the kind {kind}.",
            details={"capability": kind, "supported": sorted(known)},
        )
    check_limits(name, content)
