"""Template messages against their template, on the wire's own JSON.

What each template demands is worked out once and kept, so that a campaign of a million sends checks each in
microseconds.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from jackfield.core.port import TemplateInfo

from ..._whatsapp import spacing_problem
from ..account import Account
from ..templates import SPACING, TemplateProblem
from .errors import GraphProblem, invalid, missing

_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


_SUB_TYPES = frozenset(
    {
        *("booking_confirmation", "catalog", "copy_code", "flow", "mpm", "order_details", "quick_reply", "reminder"),
        *("url", "voice_call"),
    }
)
"""What Meta's own refusal lists."""


class Demand(msgspec.Struct, gc=False):
    """What one set of components (the template's own, or a card's) must be given."""

    header: str | None = None
    header_names: list[str] = []
    body_names: list[str] = []
    body_length: int = 0
    buttons: dict[int, str] = {}
    button_count: int = 0
    named: bool = False
    offer: bool = False
    cards: list[Demand] | None = None


_demands: dict[int, tuple[TemplateInfo, Demand]] = {}


def demand_of(template: TemplateInfo) -> Demand:
    """What the template demands."""
    kept = _demands.get(id(template))
    if kept is not None and kept[0] is template:
        return kept[1]
    demand = _demand(template.components, template)
    if len(_demands) > 10_000:
        _demands.clear()
    _demands[id(template)] = (template, demand)
    return demand


def _demand(parts: list[dict[str, Any]], template: TemplateInfo) -> Demand:
    demand = Demand(named=template.parameter_format.upper() == "NAMED")
    for part in parts:
        kind = str(part.get("type", "")).upper()
        if kind == "HEADER":
            demand.header = str(part.get("format", "TEXT")).upper()
            demand.header_names = _names(part.get("text"))
        elif kind == "BODY":
            demand.body_names = _names(part.get("text"))
            demand.body_length = len(str(part.get("text") or ""))
        elif kind == "BUTTONS":
            buttons = part.get("buttons") or []
            demand.button_count = len(buttons)
            for index, button in enumerate(buttons):
                shape = str(button.get("type", "")).upper()
                varies = bool(_names(button.get("url"))) or template.category == "AUTHENTICATION"
                if shape == "OTP" or (shape == "URL" and varies):
                    demand.buttons[index] = "url"
                elif shape == "COPY_CODE":
                    demand.buttons[index] = "copy_code"
                elif shape in ("MPM", "FLOW"):
                    demand.buttons[index] = shape.lower()
        elif kind == "LIMITED_TIME_OFFER":
            demand.offer = bool((part.get("limited_time_offer") or {}).get("has_expiration"))
        elif kind == "CAROUSEL":
            demand.cards = [_demand(card.get("components") or [], template) for card in part.get("cards") or []]
    return demand


def _names(text: Any) -> list[str]:
    return list(dict.fromkeys(_VARIABLE.findall(str(text or ""))))


def check(account: Account, paused: list[str], part: Any) -> TemplateInfo:
    """The template that a send names, with values that fit it. Raises GraphProblem."""
    if not isinstance(part, dict) or not part.get("name"):
        raise missing("template.name is required")
    language = part.get("language")
    code = language.get("code") if isinstance(language, dict) else None
    if not code:
        raise missing("template.language.code is required")
    try:
        template = account.templates.sendable(str(part["name"]), str(code), paused)
    except TemplateProblem as problem:
        raise GraphProblem(problem.code, problem.message) from None
    components = part.get("components") or []
    if not isinstance(components, list | tuple):
        raise GraphProblem(100, "Param template['components'] must be an array.")
    _fit(demand_of(template), components, "")
    return template


def _fit(demand: Demand, components: Any, where: str) -> None:
    header: list[Any] = []
    body: list[Any] = []
    buttons: dict[int, tuple[str, list[Any]]] = {}
    offer = cards = None
    for part in components:
        kind = str(part.get("type", "")).lower()
        parameters = part.get("parameters") or []
        if kind == "header":
            header = parameters
        elif kind == "body":
            body = parameters
        elif kind == "button":
            try:
                index = int(part.get("index", ""))
            except (TypeError, ValueError):
                raise missing("button component needs an index") from None
            sub_type = str(part.get("sub_type", "")).lower()
            if sub_type not in _SUB_TYPES:
                known = ", ".join(sorted(_SUB_TYPES)).upper()
                raise GraphProblem(
                    100, f"Param template['components'][]['sub_type'] must be one of {{{known}}} - got \"{sub_type}\"."
                )
            buttons[index] = (sub_type, parameters)
        elif kind == "limited_time_offer":
            offer = parameters
        elif kind == "carousel":
            cards = part.get("cards") or []
        else:
            raise GraphProblem(100, f"Invalid parameter: component type {kind}")
    _fit_header(demand, header, where)
    _fit_texts(f"{where}body", demand.body_names, body, demand.named)
    if demand.body_length + sum(len(str(p.get("text", ""))) for p in body) > 4096:
        raise GraphProblem(132005, "The filled-in text is too long")
    for index, sub_type in demand.buttons.items():
        given = buttons.get(index)
        if sub_type == "flow":
            # Named it must be, but its parameters may be left out; Meta's refusal is this and no other.
            if given is None:
                raise GraphProblem(131009, f"{where}buttons: Button at index {index} of type Flow is not given")
            continue
        if given is None or not given[1]:
            raise missing(
                f"{where}buttons: Button at index {index} of type {_button_words(sub_type)} requires a parameter"
            )
        if given[0] != sub_type:
            raise GraphProblem(132012, f"{where}buttons: Button at index {index} must be of sub_type {sub_type}")
        _button_value(sub_type, given[1][0], f"{where}buttons: Button at index {index}")
    for index in buttons:
        if not 0 <= index < demand.button_count:
            raise GraphProblem(132000, f"{where}buttons: there is no button at index {index}")
    if demand.offer and not offer:
        raise missing("limited_time_offer: expiration_time_ms is required")
    if demand.cards is not None or cards:
        wanted = demand.cards or []
        given_cards = cards or []
        if len(given_cards) != len(wanted):
            raise GraphProblem(
                132000,
                f"carousel: number of cards ({len(given_cards)}) does not match the expected number of cards "
                f"({len(wanted)})",
            )
        for n, (card_demand, card) in enumerate(zip(wanted, given_cards, strict=True)):
            _fit(card_demand, card.get("components") or [], f"card {n} ")


def _button_value(sub_type: str, given: Any, where: str) -> None:
    value = given.get("coupon_code" if sub_type == "copy_code" else "text") if isinstance(given, dict) else None
    _spacing(value, where)
    if sub_type == "copy_code" and len(str(value or "")) > 15:
        raise invalid(f"{where}: coupon_code length invalid. Min length: 1, Max length: 15")


def _spacing(text: Any, where: str) -> None:
    if text and spacing_problem(str(text)) is not None:
        raise GraphProblem(132018, f"{where}: {SPACING}")


def _button_words(sub_type: str) -> str:
    return {"url": "Url", "copy_code": "Copy code", "mpm": "Mpm"}.get(sub_type, sub_type)


def _fit_header(demand: Demand, given: list[Any], where: str) -> None:
    shape = demand.header
    if shape is None:
        if given:
            raise GraphProblem(132000, f"{where}header: number of params ({len(given)}) does not match (0)")
    elif shape == "TEXT":
        _fit_texts(f"{where}header", demand.header_names, given, demand.named)
        for param in given:
            if len(str(param.get("text", ""))) > 60:
                raise GraphProblem(132005, f"{where}header: the filled-in text is too long")
    else:
        got = str(given[0].get("type", "unknown")).upper() if given else "UNKNOWN"
        if got != shape:
            raise GraphProblem(132012, f"{where}header: Format mismatch, expected {shape}, received {got}")
        value = given[0].get(got.lower())
        if not isinstance(value, dict) or not value:
            raise missing(f"{where}header: {got.lower()} is required")


def _fit_texts(where: str, names: list[str], given: list[Any], named: bool) -> None:
    if len(given) != len(names):
        raise GraphProblem(
            132000,
            f"{where}: number of localizable_params ({len(given)}) does not match the expected number of params "
            f"({len(names)})",
        )
    for param in given:
        if param.get("type") not in ("text", "currency", "date_time"):
            raise GraphProblem(132012, f"{where}: Format mismatch, expected TEXT, received {param.get('type')}")
        if param["type"] == "text" and not param.get("text"):
            raise missing(f"{where}: parameter text is required")
        _spacing(param.get("text"), where)
    if named:
        got = {param.get("parameter_name") for param in given}
        for name in names:
            if name not in got:
                raise GraphProblem(100, f"Invalid parameter: {where} has no parameter named {name}", http=400)
