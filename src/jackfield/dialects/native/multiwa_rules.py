"""Automations in MultiWA's words, both ways: its triggers, conditions and actions, and documents of ours.

What MultiWA has and our rules have not is refused by its name; a rule of ours that cannot be said in its words is `None`.
Steps are one for one with actions, so that an error of a step is told of its action.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from .checks import invalid

Part = dict[str, Any]
MODES: Final = {
    "contains": ("", ""),
    "exact": (r"\A", r"\z"),
    "startsWith": (r"\A", ""),
    "endsWith": ("", r"\z"),
    "word": (r"\b", r"\b"),
}
"""MultiWA's `matchMode`, as what stands before and after the words of an expression."""
ALL: Final = ("all", "all_messages", "message.received")
KINDS: Final = {"chat": "text"}
"""MultiWA's kinds of messages that are spelled otherwise here."""
REFUSED_KINDS: Final = frozenset({"reaction", "poll_vote", "system"})
FILES: Final = {f"send_{kind}": kind for kind in ("image", "video", "audio", "document")}
DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""As JavaScript counts them."""
NAMES: Final = frozenset({"name", "phone", "message"})
"""Variables of texts that mean the same here."""
PRIVATE: Final[Part] = {"type": "not_group"}
"""Rules here answer people who write alone; so each is shown with this condition."""
_SPECIAL: Final = re.compile(r"([\\.^$*+?()\[\]{}|])")
_KEYWORDS: Final = re.compile(r"(?s)(\(\?-i\))?(\\A|\\b|)\(\?P<keywords>(.*)\)(\\z|\\b|)")
_FLAGS: Final = re.compile(r"(?s)(?:\(\?([ms]*)(-i)?\))?(.*)")
_BRACES: Final = re.compile(r"(\{\{?)\s*([\w .-]{1,64}?)\s*(\}\}?)")


class Fields:
    """An object of a caller, read field by field; what is left over is refused by its name."""

    def __init__(self, given: Any, place: str) -> None:
        if not isinstance(given, Mapping):
            raise invalid(place, "Must be an object.")
        self._given, self._place = dict(given), place

    def at(self, name: str) -> str:
        """A field as the caller writes it."""
        return f"{self._place}.{name}"

    def take(self, name: str, check: Callable[[Any], bool], what: str, default: Any = ...) -> Any:
        """A field's value; null counts as left out. Raises Invalid."""
        value = self._given.pop(name, None)
        if value is None:
            if default is ...:
                raise invalid(self.at(name), "Is required.")
            return default
        if not check(value):
            raise invalid(self.at(name), f"Must be {what}.")
        return value

    def text(self, name: str, default: Any = ...) -> Any:
        """A text."""
        return self.take(name, lambda one: isinstance(one, str), "text", default)

    def one_of(self, name: str, values: Any, default: Any = ...) -> Any:
        """One of some words."""
        known = f"one of {', '.join(map(str, values))}"
        return self.take(name, lambda one: isinstance(one, str) and one in values, known, default)

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        return bool(self.take(name, lambda one: isinstance(one, bool), "true or false", default))

    def number(self, name: str, least: int, most: int) -> int:
        """A whole number."""

        def fits(one: Any) -> bool:
            return isinstance(one, int) and not isinstance(one, bool) and least <= one <= most

        found: int = self.take(name, fits, f"a whole number from {least} to {most}")
        return found

    def texts(self, name: str) -> list[str]:
        """A list of texts, none empty."""

        def fits(one: Any) -> bool:
            return isinstance(one, list) and bool(one) and all(isinstance(word, str) and word for word in one)

        found: list[str] = self.take(name, fits, "a list of texts")
        return found

    def end(self) -> None:
        """Raises Invalid for the first field that was not read."""
        for name in self._given:
            raise invalid(self.at(str(name)[:100]), "There is nothing like this here.")


# -- from MultiWA's words -----------------------------------------------------------------------------


def trigger_of(kind: str, config: Any) -> Part:
    """A trigger. Raises Invalid."""
    given = Fields({} if config is None else config, "triggerConfig")
    found: Part = {"type": "message"}
    if kind == "keyword":
        words = given.texts("keywords")
        before, after = MODES[given.one_of("matchMode", MODES, "contains")]
        case = "(?-i)" if given.flag("caseSensitive") else ""
        inside = "|".join(_SPECIAL.sub(r"\\\1", word) for word in words)
        found |= {"match": "pattern", "pattern": f"{case}{before}(?P<keywords>{inside}){after}"}
    elif kind == "regex":
        pattern, flags = given.text("pattern"), given.text("flags", "i") or "i"
        if set(flags) - set("gimsu"):
            raise invalid(given.at("flags"), "Of the flags there are g, i, m, s and u.")
        kept = "".join(one for one in "ms" if one in flags) + ("" if "i" in flags else "-i")
        found |= {"match": "pattern", "pattern": f"(?{kept}){pattern}" if kept else pattern}
    elif kind == "new_contact":
        found["first"] = "ever"
    elif kind == "message_type":
        found["kinds"] = _kinds(given, "types")
    elif kind not in ALL:
        raise invalid("triggerType", "Must be keyword, regex, new_contact, message_type or all.")
    given.end()
    return found


def _kinds(given: Fields, name: str) -> list[str]:
    types = given.texts(name)
    for one in types:
        if one in REFUSED_KINDS:
            raise invalid(given.at(name), f"A {one} starts nothing here.")
    return [KINDS.get(one, one) for one in types]


def conditions_of(profile_id: int, given: Any, trigger: Part, zone: str) -> list[Part]:
    """Conditions, that of the profile first; one on kinds of messages goes into the trigger. Raises Invalid."""
    if not isinstance(given, list):
        raise invalid("conditions", "Must be a list.")
    found: list[Part] = [{"type": "channel", "channelIds": [str(profile_id)]}]
    for number, one in enumerate(given):
        fields = Fields(one, f"conditions.{number}")
        kind = fields.text("type")
        if kind == "message_type":
            if trigger.get("kinds"):
                raise invalid(fields.at("type"), "The kinds of messages are chosen already.")
            trigger["kinds"] = _kinds(fields, "types")
        else:
            found += _condition(kind, fields, zone)
        fields.end()
    return found


def _condition(kind: str, fields: Fields, zone: str) -> list[Part]:
    if kind in ("not_group", "is_private"):
        return []
    if kind == "is_group":
        if fields.flag("value", default=True):
            raise invalid(fields.at("type"), "Automations answer private chats only.")
        return []
    if kind == "contact_tag":
        tags = fields.texts("tags")
        if len(tags) > 1:
            raise invalid(fields.at("tags"), "Name one tag: there is no condition that one of several holds.")
        return [{"type": "tag", "tag": tags[0]}]
    if kind == "match_text":
        fields.one_of("field", ("text", "message"), "text")
        op = fields.one_of("operator", ("contains", "not_contains", "equals", "not_equals"), "contains")
        if fields.flag("caseSensitive"):
            raise invalid(fields.at("caseSensitive"), "Conditions do not tell upper from lower case.")
        how = "is" if op.endswith("equals") else "contains"
        said: Part = {"type": "variable", "variable": "message", "op": how, "values": [fields.text("value")]}
        return [{**said, "negate": True} if op.startswith("not_") else said]
    if kind == "time_range":
        start, end = fields.number("startHour", 0, 23), fields.number("endHour", 1, 24)
        if end <= start:
            raise invalid(fields.at("endHour"), "Must be later than startHour.")
        return [_hours({"start": f"{start:02}:00", "end": f"{end % 24:02}:00", "zone": zone})]
    if kind == "day_of_week":

        def fits(one: Any) -> bool:
            return isinstance(one, list) and bool(one) and all(type(day) is int and 0 <= day <= 6 for day in one)

        days = fields.take("days", fits, "a list of numbers from 0 (Sunday) to 6")
        names = [DAYS[day] for day in sorted(set(days))]
        return [_hours({"start": "00:00", "end": "00:00", "days": names, "zone": zone})]
    raise invalid(fields.at("type"), "There is no such condition here.")


def _hours(hours: Part) -> Part:
    return {"type": "hours", "hours": hours}


def steps_of(actions: Any) -> list[Part]:
    """Steps, one for each action. Raises Invalid."""
    if not isinstance(actions, list) or not actions:
        raise invalid("actions", "Must be a list with at least one action.")
    found = []
    for number, one in enumerate(actions):
        fields = Fields(one, f"actions.{number}")
        found.append(_step(fields.text("type"), fields))
        fields.end()
    return found


def _step(kind: str, fields: Fields) -> Part:
    if kind == "reply":
        fields.one_of("messageType", ("text",), "text")
        return {"type": "send", "text": _said(fields, "message")}
    if kind in FILES:
        file: Part = {"kind": FILES[kind], "url": fields.text("url")}
        if kind == "send_document" and (name := fields.text("filename", None)) is not None:
            file["filename"] = name
        if kind == "send_audio":
            return {"type": "send", "file": file}
        return {"type": "send", "file": file, "text": _said(fields, "caption", "")}
    if kind in ("add_tag", "remove_tag"):
        return {"type": "tag", kind.removesuffix("_tag"): fields.texts("tags")}
    if kind == "delay":
        return {"type": "wait", "seconds": fields.number("seconds", 1, 31_536_000)}
    if kind == "webhook":
        fields.one_of("method", ("POST",), "POST")
        return {"type": "webhook", "url": fields.text("url")}
    if kind == "assign_agent":
        return {"type": "assign", "memberIds": [fields.text("assignedUserId")]}
    raise invalid(fields.at("type"), "There is no such action here.")


def _said(fields: Fields, name: str, default: Any = ...) -> str:
    """A text whose variables mean here what they mean there. Raises Invalid."""
    text: str = fields.text(name, default)
    for opened, variable, closed in _BRACES.findall(text):
        if (opened, closed) != ("{{", "}}") or variable not in NAMES:
            raise invalid(
                fields.at(name), f"{opened}{variable}{closed} is no variable here: use {{{{name}}}}, {{{{phone}}}} "
                "or {{message}}."
            )  # fmt: skip
    return text


# -- into MultiWA's words -----------------------------------------------------------------------------


def said(document: Mapping[str, Any], zone: str) -> Part | None:
    """A document in MultiWA's words, with `profile_id` (None: all profiles); None where it has none for it."""
    trigger, limits = document["trigger"], document["limits"]
    if trigger["type"] != "message" or trigger["buttons"] or document["goal"] or limits["againAfterHours"] != 0:
        return None
    found = _trigger(trigger)
    conditions = [*_conditions(document["conditions"], zone)]
    actions = [_action(step) for step in document["steps"]]
    if found is None or None in conditions or None in actions:
        return None
    profiles = [one["channelIds"] for one in document["conditions"] if one["type"] == "channel"]
    if any(len(ids) > 1 for ids in profiles) or len(profiles) > 1:
        return None
    kinds = [trigger["kinds"]] if trigger["kinds"] and found["triggerType"] != "message_type" else []
    return {
        **found,
        "profile_id": str(profiles[0][0]) if profiles else None,
        "conditions": [PRIVATE, *({"type": "message_type", "types": one} for one in kinds), *conditions],
        "actions": actions,
        "priority": limits["priority"],
        "cooldownSecs": limits["againAfterSeconds"],
        "maxTriggersPerDay": limits["startsPerDay"],
    }


def _trigger(trigger: Mapping[str, Any]) -> Part | None:
    if trigger["first"] is not None:
        if trigger["first"] != "ever" or trigger["match"] != "any":
            return None
        return {"triggerType": "new_contact", "triggerConfig": {}}
    if trigger["match"] == "any":
        if trigger["kinds"]:
            return {"triggerType": "message_type", "triggerConfig": {"types": trigger["kinds"]}}
        return {"triggerType": "all", "triggerConfig": {}}
    if trigger["match"] != "pattern":
        return None
    found = _KEYWORDS.fullmatch(trigger["pattern"])
    if found is not None:
        modes = [name for name, around in MODES.items() if around == (found[2], found[4])]
        words = [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r"(?:\\.|[^\\|])+", found[3], re.DOTALL)]
        if modes:
            shown = {"keywords": words, "matchMode": modes[0], "caseSensitive": found[1] is not None}
            return {"triggerType": "keyword", "triggerConfig": shown}
    plain = _FLAGS.fullmatch(trigger["pattern"])
    assert plain is not None
    flags = ("" if plain[2] else "i") + (plain[1] or "")
    return {"triggerType": "regex", "triggerConfig": {"pattern": plain[3], "flags": flags or "g"}}


def _conditions(conditions: list[Part], zone: str) -> Iterator[Part | None]:
    for one in conditions:
        negate = one["negate"]
        if one["type"] == "channel" and not negate:
            continue
        if one["type"] == "tag" and not negate:
            yield {"type": "contact_tag", "tags": [one["tag"]]}
        elif one["type"] == "variable" and one["variable"] == "message" and one["op"] in ("is", "contains"):
            op = ("not_" if negate else "") + ("equals" if one["op"] == "is" else "contains")
            yield {"type": "match_text", "operator": op, "value": one["values"][0]} if len(one["values"]) == 1 else None
        elif one["type"] == "hours" and not negate and one["hours"]["zone"] == zone:
            yield _clock(one["hours"])
        else:
            yield None


def _clock(hours: Part) -> Part | None:
    start, end, days = hours["start"], hours["end"], hours["days"]
    if days:
        whole = (start, end) == ("00:00", "00:00")
        return {"type": "day_of_week", "days": sorted(map(DAYS.index, days))} if whole else None
    last = int(end[:2]) or 24
    if start[3:] != "00" or end[3:] != "00" or last <= int(start[:2]):
        return None
    return {"type": "time_range", "startHour": int(start[:2]), "endHour": last}


def _action(step: Mapping[str, Any]) -> Part | None:
    if step["next"] is not None:
        return None
    if step["type"] == "send":
        return _sent(step)
    if step["type"] == "tag" and bool(step["add"]) != bool(step["remove"]):
        return {"type": "add_tag" if step["add"] else "remove_tag", "tags": step["add"] or step["remove"]}
    if step["type"] == "wait" and step["until"] is None and not step["reply"]:
        return {"type": "delay", "seconds": step["seconds"]}
    if step["type"] == "webhook" and not (step["body"] or step["variables"] or step["otherwise"]):
        return {"type": "webhook", "url": step["url"], "method": "POST"}
    if step["type"] == "assign" and len(step["memberIds"]) == 1:
        return {"type": "assign_agent", "assignedUserId": str(step["memberIds"][0])}
    return None


def _sent(step: Mapping[str, Any]) -> Part | None:
    others = ("buttons", "menu", "template", "outsideWindow", "channelId", "fallbacks")
    if any(step[name] for name in others) or step["category"] != "service":
        return None
    file = step["file"]
    if file is None:
        return {"type": "reply", "message": step["text"], "messageType": "text"}
    if file["url"] is None:
        return None
    shown = {"type": f"send_{file['kind']}", "url": file["url"]}
    if step["text"]:
        shown["caption"] = step["text"]
    if file["filename"]:
        shown["filename"] = file["filename"]
    return shown
