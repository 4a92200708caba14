"""From a caller's data to a checked document; what is wrong is told by field, in plain English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from ..desk.hours import DAYS
from ..ground.errors import Invalid
from ..port.content import KINDS as CONTENT_KINDS
from .awaiting import NAMED
from .conditions import AtHours, AttributeIs, AtWork, Compares, Condition, number_of
from .document import SEQUENCE, Document, OnMessage, OnSchedule, OnSilence, OnTarget, OnWebhook
from .hours import Hours
from .patterns import compiled
from .steps import END, Ask, AskAi, Assign, Branch, CallWebhook, Case, File, HandOver, Says, Send, Step, Wait

MAX_BYTES: Final = 128 * 1024
_PLACE: Final = re.compile(r"^(?P<what>.*?)(?: - at (?:`key` in )?`\$(?P<path>[^`]*)`)?$", re.DOTALL)
_NAMES: Final = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false",
                 "array": "a list", "object": "an object", "null": "nothing"}  # fmt: skip


class _Problems(dict[str, list[str]]):
    """What is wrong, by field."""

    def add(self, field: str, message: str) -> None:
        self.setdefault(field, []).append(message)


def parse(data: Any, kind: str) -> Document:
    """The document, with an id for every step. Raises Invalid whose details name each wrong field by its path, such as
    `steps.2.next`."""
    document = _named(_shaped(data))
    problems = _Problems()
    _check(document, kind, problems)
    if problems:
        field, messages = next(iter(problems.items()))
        raise Invalid(f"{field}: {messages[0]}", details=dict(problems))
    return document


def check_parts(parts: Mapping[str, Any]) -> None:
    """Look at some parts of a document for themselves, before the others are known. Raises Invalid as `parse` does for
    what has not the form of such a part."""
    _shaped({"trigger": {"type": "message"}, "steps": [{"type": "end"}], **parts})


def _shaped(data: Any) -> Document:
    try:
        encoded = msgspec.json.encode(data)
    except (TypeError, ValueError, RecursionError, UnicodeEncodeError):
        raise Invalid("The automation is not plain JSON.") from None
    if len(encoded) > MAX_BYTES:
        raise Invalid(f"The automation is larger than {MAX_BYTES // 1024} KiB.")
    if b"\\u0000" in encoded:
        raise Invalid("The automation contains a character that cannot be stored.")
    try:
        return msgspec.json.decode(encoded, type=Document)
    except msgspec.ValidationError as error:
        field, message = _explained(str(error))
        raise Invalid(f"{field}: {message}", details={field: [message]}) from None


def _explained(told: str) -> tuple[str, str]:
    """A decoder's message as a field and a sentence of ours."""
    match = _PLACE.match(told)
    what = match["what"] if match is not None else told
    path = (match["path"] or "") if match is not None else ""
    path = re.sub(r"\[(\d+)\]", r".\1", path.replace("[...]", "")).removeprefix(".")
    quoted = re.findall(r"`([^`]*)`", what)

    def under(name: str) -> str:
        return f"{path}.{name}" if path else name

    if what.startswith("Object missing required field"):
        return under(quoted[0]), "This is needed."
    if what.startswith("Object contains unknown field"):
        return under(quoted[0]), "There is no such field here."
    if what.startswith(("Invalid value", "Invalid enum value")):
        value = what.partition(" value ")[2]
        return path or "document", f"{value} is not one of the values that are taken here."
    if "matching regex" in what:
        return path or "document", "Not in the form that is asked for."
    bound = re.search(r"(of length )?(<=|>=) (\d+)", what)
    if bound is not None:
        word = "most" if bound[2] == "<=" else "least"
        unit = "" if bound[1] is None else " characters" if quoted[0] == "str" else " items"
        verb = "Must be" if bound[1] is None else "Must have"
        return path or "document", f"{verb} at {word} {bound[3]}{unit}."
    if what.startswith("Expected"):
        wanted = " or ".join(_NAMES.get(one, one) for one in quoted[0].split(" | ")) if quoted else "another value"
        return path or "document", f"Must be {wanted}."
    return path or "document", "Not a valid value."


def _named(document: Document) -> Document:
    """The document with an id for each step that has none."""
    taken = {step.id for step in document.steps}
    steps: list[Step] = []
    number = 0
    for step in document.steps:
        if not step.id:
            number += 1
            while f"s{number}" in taken:
                number += 1
            step = replace(step, id=f"s{number}")
        steps.append(step)
    return replace(document, steps=steps)


def _check(document: Document, kind: str, problems: _Problems) -> None:
    trigger = document.trigger
    if isinstance(trigger, OnMessage):
        _check_message(trigger, problems)
    if isinstance(trigger, OnWebhook):
        for name, path in (("phone", trigger.phone), ("name", trigger.name or "x")):
            _check_path(f"trigger.{name}", path, problems)
        _check_paths("trigger.variables", trigger.variables, problems)
    if isinstance(trigger, OnSilence | OnTarget):
        _check_department("trigger", trigger.department_id, problems)
    if isinstance(trigger, OnSchedule):
        _check_zone("trigger", trigger.days, trigger.zone, problems)
        if (trigger.list is None) == (trigger.tag is None):
            problems.add("trigger.list", "Name either a list or a tag: whom it is for.")
    if document.goal is not None and kind != SEQUENCE:
        problems.add("goal", "Only a sequence has a goal.")
    _check_conditions("conditions", document.conditions, problems)
    if document.limits.quiet_hours is not None:
        _check_hours("limits.quietHours", document.limits.quiet_hours, problems)
    known = {step.id for step in document.steps} | {END}
    seen: set[str] = set()
    for place, step in enumerate(document.steps):
        at = f"steps.{place}"
        if step.id in seen or step.id == END:
            problems.add(f"{at}.id", f"Another step is called {step.id!r}." if step.id in seen else "Reserved.")
        seen.add(step.id)
        for name, target in _targets(step):
            if target is not None and target not in known:
                problems.add(f"{at}.{name}", f"There is no step {target!r}.")
        _check_step(at, step, problems)
        if isinstance(step, AskAi) and kind == SEQUENCE:
            problems.add(f"{at}.type", "Only a rule has an AI step: it answers, and does not advertise.")


def _targets(step: Step) -> Iterator[tuple[str, str | None]]:
    yield "next", step.next
    if isinstance(step, Ask | AskAi | CallWebhook):
        yield "otherwise", step.otherwise
    if isinstance(step, Wait):
        yield "onReply", step.on_reply
        yield "onEvent", step.on_event
    if isinstance(step, Branch):
        for number, case in enumerate(step.cases):
            yield f"cases.{number}.next", case.next


def _check_message(trigger: OnMessage, problems: _Problems) -> None:
    if trigger.match in ("exact", "contains", "starts") and not trigger.words:
        problems.add("trigger.words", "Name at least one word.")
    if trigger.match == "pattern":
        if not trigger.pattern:
            problems.add("trigger.pattern", "Write the pattern.")
        else:
            try:
                compiled(trigger.pattern)
            except ValueError as error:
                problems.add("trigger.pattern", f"Not a valid regular expression: {error}.")
    unknown = [one for one in trigger.kinds if one not in CONTENT_KINDS]
    if unknown:
        problems.add("trigger.kinds", f"There is no kind of message {unknown[0]!r}.")


def _check_step(at: str, step: Step, problems: _Problems) -> None:
    if isinstance(step, Says):
        _check_says(at, step, problems)
    if isinstance(step, Ask) and step.check == "choice" and not (step.buttons or step.menu or step.choices):
        problems.add(f"{at}.choices", "Name what can be chosen, by buttons, a menu or choices.")
    if isinstance(step, Wait):
        if step.until is not None:
            _check_hours(f"{at}.until", step.until, problems)
        if step.until is not None and step.until_open:
            problems.add(f"{at}.untilOpen", "Wait until certain hours or until working hours, not both.")
        _check_department(at, step.department_id, problems)
        if step.seconds is None and step.until is None and not step.until_open:
            problems.add(f"{at}.seconds", "Say how long to wait, or until which hours.")
        if step.event is not None and step.reply:
            problems.add(f"{at}.event", "Wait for a reply or for an event, not both.")
        if step.event in NAMED and not (step.name or "").strip():
            problems.add(f"{at}.name", "Name what it waits for.")
    if isinstance(step, Assign | HandOver):
        _check_department(at, step.department_id, problems)
    if isinstance(step, Assign) and step.how == "nobody" and step.member_ids:
        problems.add(f"{at}.memberIds", "Name members or nobody, not both.")
    if isinstance(step, CallWebhook):
        _check_paths(f"{at}.variables", step.variables, problems)
        if not step.url.startswith(("http://", "https://")):
            problems.add(f"{at}.url", "Must begin with https:// or http://.")
    if isinstance(step, AskAi) and any(number_of(one) == 0 for one in step.knowledge):
        problems.add(f"{at}.knowledge", "Must be ids of pages and files of knowledge.")
    if isinstance(step, Branch):
        for number, case in enumerate(step.cases):
            _check_case(f"{at}.cases.{number}", case, problems)


def _check_says(at: str, step: Says, problems: _Problems) -> None:
    if step.template is not None and (step.text or step.file or step.buttons or step.menu):
        problems.add(f"{at}.template", "A template is sent alone: leave out text, file, buttons and menu.")
    if step.template is None and not step.text.strip() and step.file is None:
        problems.add(f"{at}.text", "Write a text, or choose a file or a template.")
    if step.buttons and step.menu is not None:
        problems.add(f"{at}.menu", "Use buttons or a menu, not both.")
    if (step.buttons or step.menu) and not step.text.strip():
        problems.add(f"{at}.text", "Buttons and menus need a text.")
    if (step.buttons or step.menu) and step.file is not None:
        problems.add(f"{at}.file", "A message has a file or buttons, not both.")
    if step.file is not None:
        _check_file(f"{at}.file", step.file, problems)
    if isinstance(step, Send) and step.template is not None and step.outside_window is not None:
        problems.add(f"{at}.outsideWindow", "A template goes out in any case; leave this out.")
    titles = [one.title.casefold() for one in (step.menu.rows if step.menu is not None else step.buttons)]
    if len(set(titles)) < len(titles):
        problems.add(f"{at}.menu" if step.menu is not None else f"{at}.buttons", "Two have the same title.")


def _check_file(at: str, file: File, problems: _Problems) -> None:
    if (file.media_id is None) == (file.url is None):
        problems.add(at, "Give either mediaId or url.")
    elif file.url is not None and not file.url.startswith(("http://", "https://")):
        problems.add(f"{at}.url", "Must begin with https:// or http://.")


def _check_case(at: str, case: Case, problems: _Problems) -> None:
    _check_conditions(f"{at}.conditions", case.conditions, problems)


def _check_conditions(at: str, conditions: Iterable[Condition], problems: _Problems) -> None:
    for number, one in enumerate(conditions):
        where = f"{at}.{number}"
        if isinstance(one, AtHours):
            _check_hours(f"{where}.hours", one.hours, problems)
        if isinstance(one, AtWork):
            _check_department(where, one.department_id, problems)
        if isinstance(one, Compares) and one.op != "exists" and not one.values:
            problems.add(f"{where}.values", "Name what it is compared with.")
        if isinstance(one, AttributeIs) and not one.attribute.strip():
            problems.add(f"{where}.attribute", "Name the attribute.")


def _check_department(at: str, given: str | int | None, problems: _Problems) -> None:
    if number_of(given) == 0:
        problems.add(f"{at}.departmentId", "Must be the id of a department.")


def _check_hours(at: str, hours: Hours, problems: _Problems) -> None:
    _check_zone(at, hours.days, hours.zone, problems)


def _check_zone(at: str, days: Iterable[str], zone: str, problems: _Problems) -> None:
    if any(day not in DAYS for day in days):
        problems.add(f"{at}.days", f"Must be of {', '.join(DAYS)}.")
    try:
        ZoneInfo(zone)
    except (ValueError, LookupError, OSError):
        problems.add(f"{at}.zone", "Must be an IANA time zone such as Europe/Berlin.")


def _check_paths(at: str, paths: Mapping[str, str], problems: _Problems) -> None:
    if len(paths) > 50:
        problems.add(at, "Must have at most 50 items.")
    for name, path in paths.items():
        _check_path(f"{at}.{name}", path, problems)


def _check_path(at: str, path: str, problems: _Problems) -> None:
    if not re.fullmatch(r"[^.\s]+(\.[^.\s]+)*", path):
        problems.add(at, "Write the path as names and numbers with dots between, such as order.items.0.id.")
