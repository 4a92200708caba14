"""Event names as people write them, to ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..ground.errors import Invalid
from ..ground.events import BY_TYPE, WebhookTest

EVERYTHING = "*"
TEST_EVENT = WebhookTest.type
"""The event of a webhook's test."""
SUBSCRIBABLE = tuple(name for name in BY_TYPE if name != WebhookTest.type)
"""All types that can be subscribed to. A test goes only to the endpoint it was asked for, subscribed or not."""

_PLAIN = re.compile(r"[^a-z0-9]")
_SQUASHED = {_PLAIN.sub("", name): name for name in BY_TYPE}


def parse_events(names: Any, aliases: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """The event types meant by a caller's list, each once, in the order given; ["*"] for all.

    Takes our names, a family ("message.*"), other spellings of ours ("message_received", "MessageReceived"), and a
    dialect's own names through `aliases`. Raises Invalid that lists what is known.
    """
    if isinstance(names, str):
        names = [names]
    if not isinstance(names, Iterable) or isinstance(names, Mapping | bytes):
        raise _wrong("Must be a list of event names.")
    given = list(names)
    if not given:
        raise _wrong('Must name at least one event, or "*" for all.')
    if len(given) > 100:
        raise _wrong("Must name at most 100 events.")
    found: dict[str, None] = {}
    for name in given:
        if not isinstance(name, str):
            raise _wrong("Must be a list of event names.")
        for one in _expand_name(name.strip(), aliases or {}):
            found[one] = None
    return [EVERYTHING] if EVERYTHING in found else list(found)


def _expand_name(name: str, aliases: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if name in ("*", "all"):
        return (EVERYTHING,)
    if name in aliases:
        return aliases[name]
    if name in BY_TYPE:
        return (name,)
    if name.endswith(".*"):
        family = tuple(one for one in SUBSCRIBABLE if one.startswith(name[:-1]))
        if family:
            return family
    squashed = _SQUASHED.get(_PLAIN.sub("", name.lower()))
    if squashed:
        return (squashed,)
    raise _wrong(f"{name[:60]!r} is not an event. Known are: *, {', '.join([*SUBSCRIBABLE, *aliases])}.")


def _wrong(message: str) -> Invalid:
    return Invalid(f"events: {message}", details={"events": [message]})
