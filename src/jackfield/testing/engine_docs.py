"""docs/engines/README.md: which engine there is, what each claims, how fast it sends. Written by `make docs`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jackfield.core.port import CAPABILITIES, Engine, HasCallbacks, Limits, claims
from jackfield.engines import load_engines

_PAGES = {
    "simulator": "simulator.md",
    "whatsapp_cloud": "whatsapp-cloud.md",
    "whatsapp_web": "whatsapp-web.md",
    "telegram_bot": "telegram.md",
}
_CHOOSE = {
    "simulator": "Trying things out, demonstrations, tests: a network with people in it that needs no account.",
    "whatsapp_cloud": "Business messaging on WhatsApp, officially: templates, campaigns, catalogs. Meta bills it.",
    "whatsapp_web": "A phone that is paired by QR. Unofficial: WhatsApp can ban the number at any time.",
    "telegram_bot": "A Telegram bot: official and free of charge, but it cannot write first.",
}
_ORDER = ("whatsapp_cloud", "whatsapp_web", "telegram_bot", "simulator")

_TOP = """# Engines

An engine is a network behind Jackfield's one port. A channel (`POST /api/profiles`) names its engine and gives that
engine's own configuration; an inbox, a campaign or a dialect works the same on all of them.

This page is written by `make docs` from what the engines claim. A new engine is one folder and one line:
[Adding an engine](../adding-an-engine.md).
"""

_CLAIMS = """## What each can

An engine claims a capability by having its methods. What it does not claim is answered with the error `UNSUPPORTED`
before anything is sent. `GET /api/engines` says the same to programs. Which kinds of messages an engine sends is on
its page; a kind that it cannot send is refused in words before it reaches the network.
"""

_PACE = """## Default pace

What a channel sends unless its own `pacing` says otherwise; the provider's tier, where it tells one, goes before.
"""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _means(protocol: type) -> str:
    """The first sentence of a protocol's docstring."""
    return (protocol.__doc__ or "").strip().split("\n")[0].split(". ")[0].rstrip(".")


def _engines() -> list[Engine]:
    """All engines, those that carry real messages first; one that this page does not know comes last."""
    found = dict(load_engines())
    return [found[name] for name in (*_ORDER, *sorted(set(found) - set(_ORDER)))]


def capabilities() -> str:
    """Capability by engine, from the claims."""
    engines = _engines()
    claimed = {engine.name: set(claims(engine.session_type)) for engine in engines}
    rows = [
        (name.replace("_", " "), _means(protocol), *("yes" if name in claimed[one.name] else "" for one in engines))
        for name, protocol in CAPABILITIES.items()
    ]
    calls_back = "Its network calls back over HTTP at `/hooks/{profile}`; the others hold a connection or poll"
    told = ("webhooks in", calls_back, *("yes" if isinstance(one, HasCallbacks) else "" for one in engines))
    return table(["capability", "meaning", *(one.title for one in engines)], [*rows, told])


def _pace(limits: Limits) -> str:
    parts = [f"{limits.rate:g} a second"]
    if limits.delay_ms[1]:
        parts = ["one at a time"]
        parts.append(f"{limits.delay_ms[0] / 1000:g} to {limits.delay_ms[1] / 1000:g} s between messages, drawn")
    if limits.per_recipient_s:
        parts.append(f"one per {limits.per_recipient_s:g} s to one recipient")
    if limits.group_per_minute is not None:
        parts.append(f"{limits.group_per_minute} a minute to a group")
    parts.append(f"{limits.concurrency} sends open at most")
    return ", ".join(parts)


def readme() -> str:
    """docs/engines/README.md."""
    engines = _engines()
    chosen = table(
        ["engine", "for", "name in the API"],
        (
            (
                f"[{one.title}]({_PAGES[one.name]})" if one.name in _PAGES else one.title,
                _CHOOSE.get(one.name, ""),
                f"`{one.name}`",
            )
            for one in engines
        ),
    )
    pace = table(["engine", "pace"], ((one.title, _pace(one.limits)) for one in engines))
    return "\n".join((_TOP, chosen, _CLAIMS, capabilities(), _PACE, pace))
