"""What a template needs, and whether a message's values fit it: pure functions over Meta's components.

The rules are those of Meta's template message reference: text variables in header and body (by place or by name), a
file or place for a media header, a value for a dynamic URL, a coupon or one-time-password button, the end of a
limited-time offer, and the same once more for each carousel card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from ..ground.errors import Invalid
from ..ledger.states import LANES
from ..port import content as c

CODE = "TEMPLATE_PARAMS"

VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
MEDIA = {"IMAGE": "image", "VIDEO": "video", "GIF": "video", "DOCUMENT": "document"}
"""A header's format to the kind of file that fills it (a GIF is sent as a video)."""


class TemplateLike(Protocol):
    """A template as stored (models.Template) or as the provider gave it (engine.TemplateInfo)."""

    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def parameter_format(self) -> str: ...
    @property
    def components(self) -> list[Any]: ...


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One value that a template needs.

    `place` is header, body, button or offer; `card` counts carousel cards from 0 where it is one's. `kind` is text,
    image, video, document, location, url, copy_code, otp, mpm or time. `key` is the variable ("1", or its name), or
    the button's index. `example` is the one that the template was approved with.
    """

    place: str
    kind: str
    key: str
    example: str | None = None
    label: str = ""
    card: int | None = None


def lane_of(template: TemplateLike) -> str:
    """The category under which a message of this template is sent (states.LANES): its own, else marketing."""
    category = template.category.lower()
    return category if category in LANES and category != "service" else "marketing"


def variables(text: str | None) -> list[str]:
    """Names or numbers of a text's variables, each once: by place in the order of their numbers, else as they come."""
    found = list(dict.fromkeys(VARIABLE.findall(text or "")))
    return sorted(found, key=int) if all(one.isdigit() for one in found) else found


def parts(components: Sequence[Any]) -> dict[str, Mapping[str, Any]]:
    """Components by upper-case type."""
    return {str(one.get("type", "")).upper(): one for one in components if isinstance(one, Mapping)}


def buttons_of(components: Sequence[Any]) -> list[Mapping[str, Any]]:
    """The template's buttons, in order."""
    found = parts(components).get("BUTTONS", {}).get("buttons") or []
    return [one for one in found if isinstance(one, Mapping)]


def cards_of(components: Sequence[Any]) -> list[list[Any]]:
    """The components of each carousel card."""
    cards = parts(components).get("CAROUSEL", {}).get("cards") or []
    return [list(card.get("components") or []) for card in cards if isinstance(card, Mapping)]


def body_text(components: Sequence[Any], category: str) -> str:
    """The body's text. Older authentication templates come without any; they take exactly the code."""
    text = str(parts(components).get("BODY", {}).get("text") or "")
    if category.upper() == "AUTHENTICATION" and not VARIABLE.search(text):
        return "{{1}}"
    return text


def button_kind(button: Mapping[str, Any], category: str) -> str | None:
    """The kind of value (content.ButtonParam.kind) that a button must have; None when it needs none."""
    kind = str(button.get("type", "")).upper()
    if kind == "OTP":
        return "otp"
    if kind == "URL" and category.upper() == "AUTHENTICATION":
        return "otp"
    if kind == "COPY_CODE":
        return "otp" if category.upper() == "AUTHENTICATION" else "copy_code"
    if kind == "URL" and VARIABLE.search(str(button.get("url") or "")):
        return "url"
    return "mpm" if kind == "MPM" else None


# -- what it needs -----------------------------------------------------------------------------------


def required(template: TemplateLike) -> list[Parameter]:
    """Everything that a message of this template must give, in the order in which people read it."""
    found = list(_required(template.components, template.category, None))
    offer = parts(template.components).get("LIMITED_TIME_OFFER", {}).get("limited_time_offer") or {}
    if offer.get("has_expiration"):
        found.append(Parameter(place="offer", kind="time", key="expires", label="the offer's expiry time"))
    for card, components in enumerate(cards_of(template.components)):
        found.extend(_required(components, template.category, card))
    return found


def _required(components: Sequence[Any], category: str, card: int | None) -> Iterator[Parameter]:
    where = "" if card is None else f"card {card + 1}: "
    by_type = parts(components)
    header = by_type.get("HEADER")
    if header is not None:
        shape = str(header.get("format") or "TEXT").upper()
        if shape == "TEXT":
            yield from _texts("header", str(header.get("text") or ""), header, where, card)
        else:
            kind = MEDIA.get(shape, "location" if shape == "LOCATION" else "")
            if kind:
                example = _first((header.get("example") or {}).get("header_handle"))
                yield Parameter(
                    place="header",
                    kind=kind,
                    key="link",
                    example=example,
                    label=f"{where}the header's {kind}",
                    card=card,
                )
    body = by_type.get("BODY", {})
    if body or card is None:
        yield from _texts("body", body_text(components, category if card is None else ""), body, where, card)
    for index, button in enumerate(buttons_of(components)):
        wanted = button_kind(button, category)
        if wanted is not None:
            label = button.get("text") or wanted
            yield Parameter(
                place="button",
                kind=wanted,
                key=str(index),
                example=_button_example(button),
                label=f"{where}the value of button {index + 1} ({label})",
                card=card,
            )


def _texts(place: str, text: str, part: Mapping[str, Any], where: str, card: int | None) -> Iterator[Parameter]:
    examples = _examples(place, part)
    for n, key in enumerate(variables(text)):
        example = examples.get(key) if key in examples else examples.get(str(n + 1))
        yield Parameter(
            place=place, kind="text", key=key, example=example, label=f"{where}the {place}'s {{{{{key}}}}}", card=card
        )


def _examples(place: str, part: Mapping[str, Any]) -> dict[str, str]:
    """The values that the template was approved with, by variable."""
    example = part.get("example")
    if not isinstance(example, Mapping):
        return {}
    named = example.get(f"{place}_text_named_params")
    if isinstance(named, Sequence):
        return {str(one.get("param_name")): str(one.get("example") or "") for one in named if isinstance(one, Mapping)}
    values = example.get(f"{place}_text")
    if isinstance(values, list) and values and isinstance(values[0], list):
        values = values[0]
    if not isinstance(values, list):
        return {}
    return {str(n): str(value) for n, value in enumerate(values, 1)}


def _button_example(button: Mapping[str, Any]) -> str | None:
    example = _first(button.get("example"))
    url = str(button.get("url") or "")
    fixed = VARIABLE.split(url)[0]
    # The example of a dynamic URL is the whole address; the value is what follows the fixed part.
    return example[len(fixed) :] if example and fixed and example.startswith(fixed) else example


def _first(value: Any) -> str | None:
    while isinstance(value, list):
        value = value[0] if value else None
    return None if value is None else str(value)


# -- whether values fit ------------------------------------------------------------------------------


def bad(message: str, parameter: str) -> Invalid:
    """The error that names the parameter."""
    return Invalid(message, code=CODE, details={parameter: [message]})


def check(content: c.Template, template: TemplateLike) -> None:
    """That every value the template needs is there, and none that it has no place for.

    Raises Invalid with code TEMPLATE_PARAMS; the message names the parameter, `details` is keyed by it.
    """
    name = f"Template {template.name} ({template.language})"
    _check_parts(template, template.components, content.header, content.body, content.buttons, name, "")
    offer = parts(template.components).get("LIMITED_TIME_OFFER", {}).get("limited_time_offer") or {}
    if offer.get("has_expiration") and content.offer_expires_at is None:
        raise bad(f"{name}: the offer's expiry time is missing.", "offer.expires")
    cards = cards_of(template.components)
    if len(content.cards) != len(cards):
        if not cards:
            raise bad(f"{name} has no carousel, but {len(content.cards)} cards are given.", "cards")
        raise bad(f"{name} has {len(cards)} carousel cards, {len(content.cards)} are given.", "cards")
    for n, (card, values) in enumerate(zip(cards, content.cards, strict=True)):
        _check_parts(template, card, values.header, values.body, values.buttons, f"{name}, card {n + 1}", f"cards.{n}.")


def _check_parts(
    template: TemplateLike,
    components: Sequence[Any],
    header: c.HeaderParam | None,
    body: Sequence[c.Param],
    buttons: Sequence[c.ButtonParam],
    name: str,
    key: str,
) -> None:
    _check_header(parts(components).get("HEADER"), header, name, key, template.parameter_format)
    category = "" if key else template.category
    _check_texts(body_text(components, category), body, f"{name}: the body", f"{key}body", template.parameter_format)
    given = {button.index: button for button in buttons}
    there = buttons_of(components)
    for index, button in enumerate(there):
        wanted = button_kind(button, template.category)
        value = given.get(index)
        if wanted is not None and (value is None or not (value.text or value.action)):
            label = button.get("text") or wanted
            raise bad(f"{name}: button {index + 1} ({label}) has no value.", f"{key}buttons.{index}")
    for index in given:
        if not 0 <= index < len(there):
            raise bad(f"{name} has no button {index + 1}, but a value is given for it.", f"{key}buttons.{index}")


def _check_header(
    part: Mapping[str, Any] | None, given: c.HeaderParam | None, name: str, key: str, parameter_format: str
) -> None:
    key = f"{key}header"
    if part is None:
        if given is not None and (given.text or given.media or given.location):
            raise bad(f"{name} has no header, but a value is given for it.", key)
        return
    shape = str(part.get("format") or "TEXT").upper()
    if shape == "TEXT":
        if given is not None and (given.media or given.location):
            raise bad(f"{name}: the header is text, but a file or place is given for it.", key)
        _check_texts(
            str(part.get("text") or ""), given.text if given else [], f"{name}: the header", key, parameter_format
        )
    elif shape == "LOCATION":
        if given is None or given.location is None:
            raise bad(f"{name}: the header's location is missing.", key)
    elif shape in MEDIA:
        got = c.kind_of(given.media) if given is not None and given.media is not None else None
        if got is None:
            raise bad(f"{name}: the header's {MEDIA[shape]} is missing.", key)
        if got != MEDIA[shape]:
            raise bad(f"{name}: the header takes {_a(MEDIA[shape])}, {_a(got)} is given.", key)


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "image" else f"a {kind}"


def _check_texts(text: str, given: Sequence[c.Param], where: str, key: str, parameter_format: str) -> None:
    wanted = variables(text)
    if parameter_format.upper() == "NAMED":
        values = {param.name: param.text for param in given}
        for param in given:
            if param.name not in wanted:
                raise bad(f"{where} has no variable {{{{{param.name or '?'}}}}}, but a value is given.", key)
    else:
        if len(given) > len(wanted):
            raise bad(f"{where} has {len(wanted)} variables, {len(given)} values are given.", key)
        values = dict(zip(wanted, (param.text for param in given), strict=False))
    for name in wanted:
        if name not in values:
            raise bad(
                f"{where}'s {{{{{name}}}}} has no value ({len(given)} of {len(wanted)} are given).", f"{key}.{name}"
            )
        if not values[name].strip():
            raise bad(f"{where}'s {{{{{name}}}}} is empty.", f"{key}.{name}")
