"""Templates as the network keeps them, and the check of a send against them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from jackfield.core.port import Report, TemplateChanged, TemplateInfo
from jackfield.core.port.content import ButtonParam, HeaderParam, Param, Template

from .._whatsapp import spacing_problem, value_of
from . import seeddata
from .clock import Clock

SPACING = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
"""Meta's words for a value that it refuses with 132018."""
_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


def variables(text: str) -> list[str]:
    """The distinct variables of a template text, in order: ["1", "2"] or names."""
    return list(dict.fromkeys(_VARIABLE.findall(text)))


class TemplateProblem(Exception):
    """Why a template cannot be sent or kept: Meta's `code`, and words that name what is missing."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class TemplateBook:
    """The templates of one account. A new or edited one is PENDING, then APPROVED after `approve_ms`."""

    def __init__(self, clock: Clock, tell: Callable[[Report], None], approve_ms: float) -> None:
        self._clock = clock
        self._tell = tell
        self.approve_ms = approve_ms
        self._by_key: dict[tuple[str, str], TemplateInfo] = {}
        self._next_id = 7_000_000_000_000_001
        for template in seeddata.templates():
            self._by_key[template.name, template.language] = template

    def all(self) -> list[TemplateInfo]:
        """All, in order of making."""
        return list(self._by_key.values())

    def get(self, name: str, language: str) -> TemplateInfo | None:
        """The template of this name and language."""
        return self._by_key.get((name, language))

    def by_id(self, provider_id: str) -> TemplateInfo | None:
        """The template of this id."""
        return next((t for t in self._by_key.values() if t.provider_id == provider_id), None)

    def create(
        self,
        name: str,
        language: str,
        category: str,
        components: list[dict[str, Any]],
        parameter_format: str = "POSITIONAL",
    ) -> TemplateInfo:
        """Keep a new template. Raises TemplateProblem for a name in use or a body that is missing."""
        if not re.fullmatch(r"[a-z0-9_]{1,512}", name):
            raise TemplateProblem("100", "A template's name may have only small letters, digits and underscores.")
        if (name, language) in self._by_key:
            raise TemplateProblem("100", f"There is already a template {name} in {language}.")
        _check_components(components)
        self._next_id += 1
        template = TemplateInfo(
            provider_id=str(self._next_id),
            name=name,
            language=language,
            category=category.upper(),
            status="PENDING",
            components=components,
            quality="UNKNOWN",
            parameter_format=parameter_format.upper(),
        )
        self._by_key[name, language] = template
        self._clock.after(self.approve_ms, self._approve, template.provider_id)
        return template

    def edit(self, provider_id: str, components: list[dict[str, Any]] | None, category: str | None) -> TemplateInfo:
        """Change a template, which is then reviewed again. Raises TemplateProblem when there is none."""
        template = self.by_id(provider_id)
        if template is None:
            raise TemplateProblem("100", f"There is no template with the id {provider_id}.")
        if components is not None:
            _check_components(components)
        changed = msgspec.structs.replace(
            template,
            components=template.components if components is None else components,
            category=template.category if category is None else category.upper(),
            status="PENDING",
        )
        self._by_key[template.name, template.language] = changed
        self._clock.after(self.approve_ms, self._approve, provider_id)
        return changed

    def delete(self, name: str, provider_id: str | None = None) -> int:
        """Remove all languages of a name, or the one with the id; gives how many. Raises TemplateProblem for none."""
        keys = [
            key
            for key, template in self._by_key.items()
            if template.name == name and provider_id in (None, template.provider_id)
        ]
        if not keys:
            raise TemplateProblem("132001", f"There is no template {name}.")
        for key in keys:
            del self._by_key[key]
        return len(keys)

    def set_status(self, name: str, language: str, status: str, reason: str | None = None) -> None:
        """The provider's verdict: APPROVED, PAUSED, DISABLED, REJECTED; told to the account."""
        template = self._by_key[name, language]
        self._by_key[name, language] = msgspec.structs.replace(template, status=status)
        self._tell(
            TemplateChanged(
                provider_id=template.provider_id, name=name, language=language, status=status, reason=reason
            )
        )

    def regrade(self, name: str, language: str, *, quality: str | None = None, category: str | None = None) -> None:
        """The provider finds another quality (GREEN, YELLOW, RED) or category right; told to the account.

        What is told has the value before as its `reason`: the provider's webhooks name both.
        """
        template = self._by_key[name, language]
        for field, value in (("quality", quality), ("category", category)):
            if value is None:
                continue
            before = getattr(template, field)
            template = self._by_key[name, language] = msgspec.structs.replace(template, **{field: value})
            self._tell(
                TemplateChanged(
                    provider_id=template.provider_id, name=name, language=language, reason=before, **{field: value}
                )
            )

    def _approve(self, provider_id: str) -> None:
        template = self.by_id(provider_id)
        if template is not None and template.status == "PENDING":
            self.set_status(template.name, template.language, "APPROVED")

    def sendable(self, name: str, language: str, paused: list[str]) -> TemplateInfo:
        """The template, fit to be sent. Raises TemplateProblem 132001, 132015 or 132016."""
        template = self.get(name, language)
        if template is None or template.status in ("PENDING", "REJECTED"):
            raise TemplateProblem("132001", f"Template name ({name}) does not exist in the translation ({language})")
        if name in paused or template.status == "PAUSED":
            raise TemplateProblem("132015", f"Template {name} is paused because of low quality")
        if template.status == "DISABLED":
            raise TemplateProblem("132016", f"Template {name} is disabled because of low quality")
        return template


def _check_components(components: list[dict[str, Any]]) -> None:
    if not any(str(part.get("type", "")).upper() == "BODY" for part in components):
        raise TemplateProblem("100", "A template needs a BODY component.")


def check(template: TemplateInfo, content: Template) -> None:
    """That the values fit the template. Raises TemplateProblem 132000, 132012 or 132018 that names it."""
    for part in template.components:
        kind = str(part.get("type", "")).upper()
        if kind == "HEADER":
            _header(part, content.header, "header")
        elif kind == "BODY":
            _count(variables(part.get("text", "")), content.body, "body", template.parameter_format)
        elif kind == "BUTTONS":
            _buttons(part.get("buttons", []), content.buttons, "", template.category)
        elif kind == "LIMITED_TIME_OFFER":
            offer = part.get("limited_time_offer") or {}
            if offer.get("has_expiration") and content.offer_expires_at is None:
                raise TemplateProblem("132000", "limited_time_offer: the expiration time is missing")
        elif kind == "CAROUSEL":
            cards = part.get("cards", [])
            if len(content.cards) != len(cards):
                raise TemplateProblem(
                    "132000", f"carousel: number of cards ({len(content.cards)}) does not match ({len(cards)})"
                )
            for n, (card, values) in enumerate(zip(cards, content.cards, strict=True)):
                for piece in card.get("components", []):
                    kind = str(piece.get("type", "")).upper()
                    where = f"card {n} "
                    if kind == "HEADER":
                        _header(piece, values.header, f"{where}header")
                    elif kind == "BODY":
                        _count(variables(piece.get("text", "")), values.body, f"{where}body", "POSITIONAL")
                    elif kind == "BUTTONS":
                        _buttons(piece.get("buttons", []), values.buttons, where, template.category)


def _header(part: dict[str, Any], given: HeaderParam | None, where: str) -> None:
    shape = str(part.get("format", "TEXT")).upper()
    if shape == "TEXT":
        _count(variables(part.get("text", "")), given.text if given else [], where, "POSITIONAL")
    elif shape == "LOCATION":
        if given is None or given.location is None:
            raise TemplateProblem("132012", f"{where}: Format mismatch, expected LOCATION, received UNKNOWN")
    else:
        media = given.media if given else None
        got = "UNKNOWN" if media is None else str(media.__struct_config__.tag).upper()
        if got != shape:
            raise TemplateProblem("132012", f"{where}: Format mismatch, expected {shape}, received {got}")


def _count(wanted: list[str], given: list[Param], where: str, parameter_format: str) -> None:
    if parameter_format == "NAMED" and wanted:
        missing = [name for name in wanted if name not in {param.name for param in given}]
        if missing:
            raise TemplateProblem("132000", f"{where}: parameter {', '.join(missing)} is missing")
    if len(wanted) != len(given):
        raise TemplateProblem(
            "132000",
            f"{where}: number of localizable_params ({len(given)}) does not match the expected number of params "
            f"({len(wanted)})",
        )
    for param in given:
        _spacing(value_of(param), where)


def _spacing(text: str, where: str) -> None:
    if spacing_problem(text) is not None:
        raise TemplateProblem("132018", f"{where}: {SPACING}")


def _buttons(buttons: list[dict[str, Any]], given: list[ButtonParam], where: str, category: str) -> None:
    by_index = {button.index: button for button in given}
    for index, button in enumerate(buttons):
        kind = str(button.get("type", "")).upper()
        needs = (
            (kind == "URL" and (bool(variables(button.get("url", ""))) or category == "AUTHENTICATION"))
            or kind == "COPY_CODE"
            or kind == "OTP"
        )
        value = by_index.get(index)
        if needs and (value is None or not value.text):
            raise TemplateProblem(
                "131008", f"{where}buttons: Button at index {index} of type {kind.capitalize()} requires a parameter"
            )
        if value is not None and value.text:
            _spacing(value.text, f"{where}buttons")
    extra = [index for index in by_index if index >= len(buttons)]
    if extra:
        raise TemplateProblem("132000", f"{where}buttons: there is no button at index {extra[0]}")
