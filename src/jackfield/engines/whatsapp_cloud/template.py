"""Template messages out, and the check of their values against the template. Pure functions.

The components follow Meta's template message reference: header, body, buttons (by index), limited-time offer and
carousel cards, each with its own parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from jackfield.core.ground.errors import Rejected
from jackfield.core.port import TemplateInfo
from jackfield.core.port import content as c

from .._whatsapp import spacing_problem, value_of
from .._whatsapp.values import body_limit
from . import limits

Media = Callable[[Any, str], dict[str, Any]]
Place = Callable[[c.Location, str], dict[str, Any]]

_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
COUNT = "132000"
FORMAT = "132012"
SPACING = "132018"


def template_object(content: c.Template, media: Media, place: Place) -> dict[str, Any]:
    """The `template` object of a send. Raises Rejected when it breaks a limit of the platform."""
    part: dict[str, Any] = {
        "name": limits.text(content.name, limits.TEMPLATE_NAME, "template.name"),
        "language": {"code": limits.text(content.language, 16, "template.language.code")},
    }
    components = _components(content, "template", media, place)
    if content.offer_expires_at is not None:
        offer = {"expiration_time_ms": content.offer_expires_at}
        components.append(
            {
                "type": "limited_time_offer",
                "parameters": [{"type": "limited_time_offer", "limited_time_offer": offer}],
            }
        )
    if content.cards:
        limits.count(content.cards, 1, limits.CARDS, "template.cards")
        cards = [
            {
                "card_index": n,
                "components": _components(card, f"template.cards[{n}]", media, place),
            }
            for n, card in enumerate(content.cards)
        ]
        components.append({"type": "carousel", "cards": cards})
    if components:
        part["components"] = components
    return part


def _components(given: c.Template | c.CardParam, where: str, media: Media, place: Place) -> list[dict[str, Any]]:
    components: list[dict[str, Any]] = []
    if given.header is not None:
        parameters = _header(given.header, f"{where}.header", media, place)
        if parameters:
            components.append({"type": "header", "parameters": parameters})
    if given.body:
        components.append({"type": "body", "parameters": _texts(given.body, f"{where}.body", body_limit(given))})
    components += [_button(button, f"{where}.buttons[{button.index}]") for button in given.buttons]
    return components


def _texts(params: Sequence[c.Param], where: str, maximum: int) -> list[dict[str, str]]:
    parameters = []
    for n, param in enumerate(params):
        part = {"type": "text"}
        if param.name:
            part["parameter_name"] = param.name
        # An empty value is what Meta refuses as 131008; say which one it is.
        part["text"] = _value(value_of(param), maximum, f"{where} parameter {param.name or n + 1}")
        parameters.append(part)
    return parameters


def _value(text: str | None, maximum: int, field: str) -> str:
    """A value as Meta takes it. Raises Rejected."""
    value = limits.text(text, maximum, field)
    why = spacing_problem(value)
    if why is not None:
        raise Rejected(SPACING, f"{field}: {why}")
    return value


def _header(header: c.HeaderParam, where: str, media: Media, place: Place) -> list[dict[str, Any]]:
    if header.media is not None:
        kind = c.kind_of(header.media)
        return [{"type": kind, kind: media(header.media, f"{where}.{kind}")}]
    if header.location is not None:
        return [{"type": "location", "location": place(header.location, f"{where}.location")}]
    return list(_texts(header.text, where, limits.HEADER))


def _button(button: c.ButtonParam, where: str) -> dict[str, Any]:
    if button.index < 0 or button.index > 9:
        raise limits.invalid(f"{where}.index", "a template has buttons 0 to 9")
    kind = button.kind.lower()
    part: dict[str, Any] = {"type": "button", "sub_type": _SUB_TYPES.get(kind, kind), "index": str(button.index)}
    if kind in ("url", "otp"):
        part["parameters"] = [{"type": "text", "text": _value(button.text, limits.URL, f"{where} value")}]
    elif kind == "quick_reply":
        part["parameters"] = [{"type": "payload", "payload": _value(button.text, limits.BUTTON_ID, f"{where} payload")}]
    elif kind == "copy_code":
        code = _value(button.text, limits.COUPON, f"{where} code")
        part["parameters"] = [{"type": "coupon_code", "coupon_code": code}]
    elif kind == "flow":
        action = dict(button.action or {})
        action.setdefault("flow_token", button.text or "unused")
        part["parameters"] = [{"type": "action", "action": action}]
    elif kind in ("catalog", "mpm"):
        if button.action:
            part["parameters"] = [{"type": "action", "action": button.action}]
        elif kind == "mpm":
            raise limits.missing(f"{where} sections")
    else:
        raise limits.invalid(f"{where}.kind", f"{button.kind!r} is not a kind of template button")
    return part


_SUB_TYPES = {"otp": "url"}
"""One-time passwords travel as the value of a URL button, whatever the template's button is (Meta's reference)."""


# -- the check ---------------------------------------------------------------------------------------


def check(content: c.Template, template: TemplateInfo | None) -> None:
    """That every variable of the template has its value. Nothing is known of a template that is None.

    Raises Rejected: 132000 for a value that is missing or too many, 132012 for one of the wrong kind, 131008 for a
    button without its value; the words name the parameter.
    """
    if template is None:
        return
    name = f"Template {template.name} ({template.language})"
    has_carousel = False
    for part in template.components:
        if str(part.get("type", "")).upper() == "CAROUSEL":
            has_carousel = True
            cards = part.get("cards") or []
            if len(content.cards) != len(cards):
                raise Rejected(COUNT, f"{name} has {len(cards)} carousel cards, {len(content.cards)} are given")
            for n, (card, values) in enumerate(zip(cards, content.cards, strict=True)):
                _check_parts(
                    card.get("components") or [],
                    values.header,
                    values.body,
                    values.buttons,
                    f"{name}: card {n + 1}, the ",
                    template,
                )
        elif str(part.get("type", "")).upper() == "LIMITED_TIME_OFFER":
            offer = part.get("limited_time_offer") or {}
            if offer.get("has_expiration") and content.offer_expires_at is None:
                raise Rejected(COUNT, f"{name}: the limited-time offer's expiry time is missing")
    if content.cards and not has_carousel:
        raise Rejected(COUNT, f"{name} has no carousel, {len(content.cards)} cards are given")
    _check_parts(template.components, content.header, content.body, content.buttons, f"{name}: the ", template)


def _check_parts(
    parts: Sequence[dict[str, Any]],
    header: c.HeaderParam | None,
    body: Sequence[c.Param],
    buttons: Sequence[c.ButtonParam],
    where: str,
    template: TemplateInfo,
) -> None:
    by_type = {str(part.get("type", "")).upper(): part for part in parts}
    if "HEADER" in by_type:
        _check_header(by_type["HEADER"], header, f"{where}header", template.parameter_format)
    elif header is not None and (header.text or header.media or header.location):
        raise Rejected(COUNT, f"{where}header does not exist, but a value is given for it")
    _check_texts(str(by_type.get("BODY", {}).get("text") or ""), body, f"{where}body", template)
    _check_buttons(by_type.get("BUTTONS", {}).get("buttons") or [], buttons, where, template.category.upper())


def _check_header(part: dict[str, Any], given: c.HeaderParam | None, where: str, parameter_format: str) -> None:
    shape = str(part.get("format", "TEXT")).upper()
    if shape == "TEXT":
        if given is not None and (given.media or given.location):
            raise Rejected(FORMAT, f"{where} is text, but a file or location is given")
        _compare(str(part.get("text") or ""), given.text if given else [], where, parameter_format)
    elif shape == "LOCATION":
        if given is None or given.location is None:
            raise Rejected(FORMAT, f"{where} needs a location")
    elif shape in ("IMAGE", "VIDEO", "DOCUMENT", "GIF"):
        kind = "video" if shape == "GIF" else shape.lower()
        got = c.kind_of(given.media) if given is not None and given.media is not None else None
        if got != kind:
            raise Rejected(FORMAT, f"{where} needs {_a(kind)}, {_a(got) if got else 'none'} is given")


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "image" else f"a {kind}"


def _check_texts(text: str, given: Sequence[c.Param], where: str, template: TemplateInfo) -> None:
    if template.category.upper() == "AUTHENTICATION" and not _VARIABLE.search(text):
        # Older authentication templates come without text; they take exactly the code.
        text = "{{1}}"
    _compare(text, given, where, template.parameter_format)


def _compare(text: str, given: Sequence[c.Param], where: str, parameter_format: str) -> None:
    wanted = list(dict.fromkeys(_VARIABLE.findall(text)))
    if parameter_format.upper() == "NAMED":
        names = {param.name for param in given}
        for name in wanted:
            if name not in names:
                raise Rejected(COUNT, f"{where}'s {{{{{name}}}}} has no value")
        for param in given:
            if param.name not in wanted:
                raise Rejected(COUNT, f"{where} has no variable {{{{{param.name or '?'}}}}}, but a value is given")
        return
    if len(given) < len(wanted):
        raise Rejected(
            COUNT, f"{where}'s {{{{{wanted[len(given)]}}}}} has no value ({len(given)} of {len(wanted)} are given)"
        )
    if len(given) > len(wanted):
        raise Rejected(COUNT, f"{where} has {len(wanted)} variables, {len(given)} values are given")


def _check_buttons(
    buttons: Sequence[dict[str, Any]], given: Sequence[c.ButtonParam], where: str, category: str
) -> None:
    by_index = {button.index: button for button in given}
    for index, button in enumerate(buttons):
        kind = str(button.get("type", "")).upper()
        needs = (
            kind in ("OTP", "MPM")
            or (kind == "COPY_CODE" and category != "AUTHENTICATION")
            or (
                kind == "URL" and (bool(_VARIABLE.search(str(button.get("url") or ""))) or category == "AUTHENTICATION")
            )
        )
        value = by_index.get(index)
        if needs and (value is None or not (value.text or value.action)):
            label = button.get("text") or kind.lower()
            raise Rejected(limits.MISSING, f"{where}button {index + 1} ({label}) has no value")
    for index in by_index:
        if index >= len(buttons):
            raise Rejected(COUNT, f"{where}button {index + 1} does not exist, but a value is given for it")
