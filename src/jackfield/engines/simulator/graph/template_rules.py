"""What Meta checks of a template when it is made or edited: lengths, counts, variables and their examples.

Limits from Meta's template reference; the subcodes are those of the error codes page. A rule that has no subcode there is
refused with code 100 and words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .errors import GraphProblem

_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")

LENGTH, MISSING, HEADER, BODY, FOOTER, EDGES = 2388040, 2388043, 2388047, 2388072, 2388073, 2388299

_BUTTONS = frozenset(
    {
        *("QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "OTP", "FLOW", "CATALOG", "MPM", "SPM", "VOICE_CALL"),
        *("CALL_PERMISSION_REQUEST", "REQUEST_CONTACT_INFO", "ORDER_DETAILS", "REMINDER", "POSTBACK", "APP"),
    }
)
_AT_MOST = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "VOICE_CALL": 1, "OTP": 1, "CATALOG": 1, "MPM": 1, "FLOW": 1}
"""How many buttons of a kind a template may have."""

_MEDIA = ("IMAGE", "VIDEO", "DOCUMENT", "GIF")


def refused(words: str, subcode: int | None = None, title: str = "Invalid parameter") -> GraphProblem:
    """Code 100 with the words where Meta puts them: in `error_user_msg`."""
    return GraphProblem(100, message="Invalid parameter", http=400, subcode=subcode, user=(title, words))


def check(components: Sequence[dict[str, Any]], category: str, *, strict: bool) -> None:
    """Raises GraphProblem for the first thing that breaks a rule; `strict` wants examples and well-placed variables."""
    for part in components:
        kind = str(part.get("type", "")).upper()
        text = str(part.get("text") or "")
        if kind == "HEADER":
            _header(part, text, strict=strict)
        elif kind == "BODY":
            _length("body", text, 1024)
            if strict and category.upper() != "AUTHENTICATION":
                _variables(part, text)
        elif kind == "FOOTER":
            _length("footer", text, 60)
            if "{{" in text:
                raise refused("the footer takes no variables", FOOTER)
        elif kind == "BUTTONS":
            _check_buttons(part.get("buttons") or [], strict=strict)
        elif kind == "LIMITED_TIME_OFFER":
            _length("limited-time offer's text", str((part.get("limited_time_offer") or {}).get("text") or ""), 16)
        elif kind == "CAROUSEL":
            cards = part.get("cards")
            if not isinstance(cards, list) or not 1 <= len(cards) <= 10:
                raise refused("a carousel has 1 to 10 cards")
            for card in cards:
                check(card.get("components") or [], category, strict=strict)
        else:
            raise refused(f"Param components[]['type'] is not a type of component: {part.get('type')!r}")


def worded(components: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """An authentication template with the words that Meta itself puts into it: nobody may choose them."""
    found = []
    for part in components:
        kind = str(part.get("type", "")).upper()
        if kind == "BODY" and not part.get("text"):
            words = "*{{1}}* is your verification code."
            if part.get("add_security_recommendation"):
                words += " For your security, do not share this code."
            part = {**part, "text": words, "example": {"body_text": [["123456"]]}}
        elif kind == "FOOTER" and not part.get("text") and part.get("code_expiration_minutes"):
            part = {**part, "text": f"This code expires in {part['code_expiration_minutes']} minutes."}
        elif kind == "BUTTONS":
            buttons = [
                {**one, "text": one.get("text") or "Copy code"} if isinstance(one, dict) else one
                for one in part.get("buttons") or []
            ]
            part = {**part, "buttons": buttons}
        found.append(part)
    return found


def _length(name: str, text: str, maximum: int) -> None:
    if len(text) > maximum:
        raise refused(
            f"the {name} has {len(text)} characters, at most {maximum} are allowed", LENGTH, "Character Limit Exceeded"
        )


def _header(part: dict[str, Any], text: str, *, strict: bool) -> None:
    shape = str(part.get("format") or "TEXT").upper()
    if shape == "TEXT":
        _length("header", text, 60)
        if len(set(_VARIABLE.findall(text))) > 1 or "\n" in text or "*" in text:
            raise refused(
                "the header takes one variable at most, and no line breaks or asterisks",
                HEADER,
                "Message Header Format",
            )
        if strict and _VARIABLE.search(text) and not _has_example(part, "header"):
            raise _without_example("HEADER")
    elif shape in _MEDIA:
        example = part.get("example")
        if strict and not (isinstance(example, dict) and example.get("header_handle")):
            raise _without_example("HEADER")
    elif shape not in ("LOCATION", "PRODUCT"):
        raise refused(f"Param components[]['format'] is not a format of headers: {part.get('format')!r}")


def _variables(part: dict[str, Any], text: str) -> None:
    names = list(dict.fromkeys(_VARIABLE.findall(text)))
    if not names:
        return
    if all(name.isdigit() for name in names) and sorted(map(int, names)) != list(range(1, len(names) + 1)):
        raise refused("the body's variables must count 1, 2, 3 without gaps", BODY, "Message Body Format")
    bare = text.strip()
    if bare.startswith("{{") or bare.endswith("}}"):
        raise refused("a variable cannot be at the start or end of the template", EDGES, "Variables At Start Or End")
    if not _has_example(part, "body"):
        raise _without_example("BODY")


def _has_example(part: dict[str, Any], place: str) -> bool:
    example = part.get("example")
    return isinstance(example, dict) and bool(example.get(f"{place}_text") or example.get(f"{place}_text_named_params"))


def _without_example(kind: str) -> GraphProblem:
    return refused(
        f"component of type {kind} is missing expected field(s) (example)",
        MISSING,
        'Message template "components" param is missing expected field(s)',
    )


def _check_buttons(buttons: Sequence[Any], *, strict: bool) -> None:
    if not isinstance(buttons, list) or not all(isinstance(one, dict) for one in buttons):
        raise refused("Param components[]['buttons'] must be an array of objects")
    if len(buttons) > 10:
        raise refused(f"{len(buttons)} buttons are given, at most 10 are allowed")
    kinds = [str(one.get("type", "")).upper() for one in buttons]
    for button, kind in zip(buttons, kinds, strict=True):
        if kind not in _BUTTONS:
            raise refused(f"Param components[]['buttons'][]['type'] is not a type of button: {button.get('type')!r}")
        _length("button's text", str(button.get("text") or ""), 25)
        if kind == "URL":
            url = str(button.get("url") or "")
            _length("button's url", url, 2000)
            if len(_VARIABLE.findall(url)) > 1:
                raise refused("a button's url takes one variable at most")
            if strict and _VARIABLE.search(url) and not button.get("example"):
                raise _without_example("BUTTONS")
        elif kind == "COPY_CODE":
            example = button.get("example")
            _length("code", str(example[0] if isinstance(example, list) and example else example or ""), 20)
    for kind, maximum in _AT_MOST.items():
        if kinds.count(kind) > maximum:
            raise refused(f"{kinds.count(kind)} buttons of type {kind} are given, at most {maximum} are allowed")
    runs = [
        kind for n, kind in enumerate(kinds) if n == 0 or (kind == "QUICK_REPLY") != (kinds[n - 1] == "QUICK_REPLY")
    ]
    if len(runs) > 2:
        raise refused("quick replies must stand together, before or after all other buttons")
