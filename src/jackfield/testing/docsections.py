"""What the documentation says that the code knows better: tables written from their sources.

A hand-written page holds a section between `<!-- generated: NAME -->` and `<!-- end -->`; `fill` puts there what
`SECTIONS[NAME]` gives. `make docs` rewrites all of them, and tests/test_docs.py proves that nothing is behind.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer
from pydantic import SecretStr

from jackfield.core import Core, Options
from jackfield.core.ground.events import BY_TYPE, EventData
from jackfield.core.ledger import states
from jackfield.core.webhooks import SUBSCRIBABLE
from jackfield.server.event_lines import LINES
from jackfield.server.metrics import Metrics
from jackfield.settings import Settings
from jackfield.worker.channel.outcome import BACKOFF_S, RECIPIENT_BASE_S, THROTTLE_ATTEMPTS
from jackfield.worker.deliveries.health import Pace

from .access import access_section

SECTION = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += [
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows
    ]
    return "\n".join(lines) + "\n"


def span(seconds: float) -> str:
    """A time as people say it: 90 s, 5 min, 3 h."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


# -- sections ------------------------------------------------------------------------------------------


def settings() -> str:
    """Every setting: environment variable, default, sentence."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = {True: "on", False: "off"}.get(default, default) if isinstance(default, bool) else default
        rows.append((f"`JACKFIELD_{name.upper()}`", f"`{shown}`" if str(shown) else "empty", field.description))
    return table(["variable", "default", "meaning"], rows)


def metrics() -> str:
    """Every metric of ours: name, kind, labels, sentence."""
    with TemporaryDirectory() as folder:
        core = Core.at("", "no secrets are written here", options=Options(data_dir=Path(folder)))
        rows = [
            (f"`{name}`", kind, ", ".join(f"`{label}`" for label in labels), meaning)
            for name, kind, labels, meaning in Metrics(core).reference()
        ]
    return table(["metric", "kind", "labels", "meaning"], sorted(rows))


def log_lines() -> str:
    """The log lines of events."""
    rows = [
        (
            one.text,
            one.level,
            f"`{type_}`",
            ", ".join(f"`{name}`" for name in one.fields),
            "seldom" if one.seldom else "",
        )
        for type_, one in LINES.items()
    ]
    return table(["line", "level", "event", "fields beside `workspace` and `channel`", "how often"], rows)


def moves() -> str:
    """The states of an outgoing message and where each may go."""
    meaning = {
        states.SCHEDULED: "waits for its time",
        states.QUEUED: "is owed and goes out when its lane, its pace and its channel allow",
        states.SENDING: "is in the hands of the channel's owner; the claim is durable",
        states.SENT: "the network has taken it",
        states.DELIVERED: "the network says that it arrived",
        states.READ: "the network says that it was read",
        states.FAILED: "surely not sent, or refused later; the code says why",
        states.CANCELLED: "called back before it went out",
        states.SKIPPED: "left out of a campaign; the code says why",
        states.UNCERTAIN: "may or may not have gone out",
    }
    rows = []
    for state in states.OUTGOING:
        onward = [f"`{one}`" for one in states.OUTGOING if one in states.MOVES[state]]
        rows.append((f"`{state}`", meaning[state], ", ".join(onward) or "nowhere"))
    return table(["state", "the message ...", "may become"], rows)


def campaign_moves() -> str:
    """The states of a campaign."""
    return table(
        ["state", "may become"],
        (
            (f"`{old}`", ", ".join(f"`{one}`" for one in states.CAMPAIGN_MOVES if one in new) or "nowhere")
            for old, new in states.CAMPAIGN_MOVES.items()
        ),
    )


def lanes() -> str:
    """The lanes, first to go first."""
    return table(["lane", "category"], sorted((lane, f"`{name}`") for name, lane in states.LANES.items()))


def retries() -> str:
    """What follows each class of failure."""
    pauses = ", ".join(map(span, BACKOFF_S))
    rows = [
        ("`Rejected`", "surely not", "never", "`failed`"),
        (
            "`Throttled`",
            "surely not",
            "after the time that the network asks for; for one recipient (131056) at least "
            f"{RECIPIENT_BASE_S:g}^n s, n counting the attempts, at most {span(3600)}",
            f"`failed` after {THROTTLE_ATTEMPTS} attempts",
        ),
        ("`Unavailable`", "surely not", f"after {pauses}", f"`failed` after {len(BACKOFF_S) + 1} attempts"),
        ("`LoginRequired`", "surely not", "when a person has connected the channel again; no attempt is counted", "-"),
        ("`OutcomeUnknown`", "maybe", "not before it is settled", "`uncertain`"),
        ("anything unforeseen", "maybe", "not before it is settled", "`uncertain`"),
    ]
    return table(["the engine says", "sent?", "tried again", "ends as"], rows)


def webhook_pace() -> str:
    """The schedules of webhook deliveries."""
    pace = Pace()
    return table(
        ["what", "value"],
        [
            ("pauses before the attempts of one delivery", ", ".join(map(span, pace.retries))),
            ("then", "parked; it can be replayed"),
            ("pauses between probes of an endpoint that is down", ", ".join(map(span, pace.probes)) + ", and so on"),
            ("jitter", f"{pace.jitter:.0%} either way"),
            ("longest `Retry-After` that is honoured", span(pace.most_wait)),
            ("an endpoint that only fails is disabled after", f"{pace.disable_after / 86400:g} days"),
        ],
    )


SECTIONS: Mapping[str, Callable[[], str]] = {
    "access": access_section,
    "settings": settings,
    "moves": moves,
    "campaign-moves": campaign_moves,
    "lanes": lanes,
    "retries": retries,
    "webhook-pace": webhook_pace,
    "metrics": metrics,
    "log-lines": log_lines,
}


def fill(text: str) -> str:
    """A page with its generated sections written anew. Raises KeyError for a section that nobody writes."""
    return SECTION.sub(lambda match: f"{match[1]}{SECTIONS[match[2]]()}{match[3]}", text)


# -- pages ---------------------------------------------------------------------------------------------


def _first(doc: str | None) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join((doc or "").strip().split("\n\n")[0].split())


def events_page() -> str:
    """docs/reference/events.md."""
    out = [
        "# Events",
        "",
        "Every fact is an event, appended in the transaction that made it true. Webhooks subscribe to them by these names,",
        "by family (`message.*`) or all (`*`). The fields are the core's; each webhook format writes them in its own way.",
        "",
    ]
    common = next(base for base in BY_TYPE["message.sent"].__mro__[1:] if issubclass(base, EventData))
    out += [
        "## Messages",
        "",
        f"{_first(common.__doc__)} All events `message.*` have these fields.",
        "",
        _fields(common),
    ]
    for name, kind in BY_TYPE.items():
        out += [f"## `{name}`", "", _first(kind.__doc__), ""]
        if name not in SUBSCRIBABLE:
            out += ["It cannot be subscribed to: it goes only to the endpoint that it was asked for.", ""]
        if issubclass(kind, common):
            out += ["The fields of all messages" + (", and:" if _own(kind) else "."), ""]
        if _own(kind):
            out += [_fields(kind)]
    return "\n".join(out).rstrip() + "\n"


def _own(kind: type) -> list[tuple[str, str]]:
    """The fields that a class adds, with their types."""
    return [(field, str(of)) for field, of in inspect.get_annotations(kind).items() if field != "type"]


def _fields(kind: type) -> str:
    return table(["field", "type"], [(f"`{field}`", f"`{of}`") for field, of in _own(kind)])


def cli_page() -> str:
    """docs/reference/cli.md."""
    from jackfield.cli import app, walk

    out = [
        "# Command line",
        "",
        "`jackfield COMMAND --help` says the same. Settings come from the environment ([operating](../operating.md)).",
        "Exit status: 0 done, 1 it could not be done (standard error says why and what to do), 2 wrongly called, "
        "130 interrupted.",
        "",
    ]
    for words, command in walk(typer.main.get_command(app), ("jackfield",)):
        if getattr(command, "commands", None):
            continue
        out += [f"## `{' '.join(words)}`", "", _help(command.help), "", "```", _usage(words, command), "```", ""]
        rows = [_parameter(one) for one in command.params if not getattr(one, "hidden", False)]
        rows = [row for row in rows if row[0] != "`--help`"]
        if rows:
            out += [table(["parameter", "meaning", "default"], rows)]
    return "\n".join(out).rstrip() + "\n"


def _help(text: str | None) -> str:
    return " ".join((text or "").split())


def _usage(words: Sequence[str], command: Any) -> str:
    given = [*words]
    for one in command.params:
        if one.param_type_name == "argument":
            name = (one.name or "").upper()
            given.append(name if one.required else f"[{name}]")
    if any(one.param_type_name == "option" and one.name != "help" for one in command.params):
        given.append("[OPTIONS]")
    return " ".join(given)


def _parameter(one: Any) -> tuple[str, str, str]:
    name = (one.name or "").upper() if one.param_type_name == "argument" else ", ".join(one.opts)
    default = one.default if not callable(one.default) else None
    nothing = default is None or default is False or default == () or str(default).endswith("UNSET")
    shown = "" if nothing else f"`{default}`"
    many = " May be repeated." if getattr(one, "multiple", False) and "repeated" not in (one.help or "") else ""
    return f"`{name}`", _help(one.help) + many, shown
