"""From ChitChatLabs' spelling to the core's: pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from jackfield.core import Invalid, NotFound, Parameter, TemplateView, Values, required

from .._strict import known_fields

_SURROGATE = re.compile(r"[\ud800-\udfff]")
FILES = ("image", "video", "document")
FIELDS = {
    "name": "name",
    "firstname": "first_name",
    "first_name": "first_name",
    "lastname": "last_name",
    "last_name": "last_name",
    "email": "email",
    "mobile": "phone",
    "phone": "phone",
    "country": "country",
    "source": "source",
}
"""searchSpec's names of contact fields (folded) to ours."""


class TemplateFields(msgspec.Struct, kw_only=True):
    """What both endpoints take. `values.body` may hold placeholders such as {{name}}."""

    template: str
    language: str
    values: Values
    tag: str | None


def bad(field: str, why: str) -> Invalid:
    """The error for one field."""
    return Invalid(f"{field}: {why}", details={field: [why]})


def text(data: Mapping[str, Any], name: str, place: str, maximum: int, *, required: bool = True) -> str | None:
    """A text that can be kept; numbers are taken as text. Raises Invalid."""
    value = data.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        if required:
            raise bad(f"{place}{name}", "Is required.")
        return None
    if not isinstance(value, str) or not value.strip():
        raise bad(f"{place}{name}", "Must be text.")
    if len(value) > maximum:
        raise bad(f"{place}{name}", f"At most {maximum} characters.")
    if "\x00" in value or _SURROGATE.search(value):
        raise bad(f"{place}{name}", "Holds characters that cannot be kept.")
    return value


SHARED: Final = frozenset({"fb_template", "language", "file", "params", "tag"})
"""Fields of both endpoints."""


def body_of(value: Any, own: str) -> dict[str, Any]:
    """A request's body as an object of the shared fields and the endpoint's own one. Raises Invalid."""
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.", code="INVALID_JSON")
    known_fields(value, SHARED | {own})
    return value


def template_fields(data: Mapping[str, Any]) -> TemplateFields:
    """Template, language, file, params and tag. Raises Invalid that names the field."""
    link = kind = filename = None
    file = data.get("file")
    if file is not None:
        if not isinstance(file, Mapping):
            raise bad("file", "Must be an object with type and link.")
        known_fields(file, ("type", "link", "filename"), "file.")
        kind = text(file, "type", "file.", 20)
        if kind not in FILES:
            raise bad("file.type", f"Must be one of {', '.join(FILES)}.")
        link = text(file, "link", "file.", 4096)
        if not re.fullmatch(r"(https?://[^\s/?#]+[^\s]*|media:\d{1,18})", link or ""):
            raise bad("file.link", "Must be an http or https link.")
        filename = text(file, "filename", "file.", 240, required=False)
    params = data.get("params")
    if params is None:
        params = []
    if not isinstance(params, list):
        raise bad("params", "Must be a list of texts.")
    if len(params) > 100:
        raise bad("params", "At most 100.")
    body = [text({"value": one}, "value", f"params[{n}].", 4096) or "" for n, one in enumerate(params)]
    return TemplateFields(
        template=text(data, "fb_template", "", 512) or "",
        language=text(data, "language", "", 16) or "",
        values=Values(body=body, link=link, kind=kind, filename=filename),
        tag=text(data, "tag", "", 200, required=False),
    )


def filter_of(spec: Any, attributes: Mapping[str, str]) -> dict[str, Any]:
    """The filter of a searchSpec: every field must match. `attributes` are the workspace's, folded to spelled.

    An empty spec means everybody, as the vendor's unfiltered list does; a spec that is not there is refused. Raises
    Invalid that names an unknown field.
    """
    if spec is None:
        raise bad("searchSpec", "Is required.")
    if not isinstance(spec, Mapping):
        raise bad("searchSpec", 'Must be an object such as {"name": "Partha"}.')
    if len(spec) > 50:
        raise bad("searchSpec", "At most 50 fields.")
    found: dict[str, Any] = {}
    for key, value in spec.items():
        place = f"searchSpec.{str(key)[:60]}"
        folded = str(key).strip().casefold()
        if folded.startswith("attributes."):
            folded = folded.removeprefix("attributes.")
        elif folded in FIELDS:
            found.setdefault("equals", {})[FIELDS[folded]] = _value(value, place)
            continue
        elif folded in ("tag", "tags"):
            found["tags"] = _names(value, place)
            continue
        elif folded in ("list", "lists"):
            found["lists"] = _names(value, place)
            continue
        elif folded in ("optin", "blocked"):
            if not isinstance(value, bool):
                raise bad(place, "Must be true or false.")
            found[folded] = value
            continue
        if folded not in attributes:
            known = ", ".join([*dict.fromkeys(FIELDS.values()), "tags", "lists", "optin", *attributes.values()][:60])
            raise bad(place, f"There is no such field. Known: {known}.")
        found.setdefault("same_attributes", {})[attributes[folded]] = _value(value, place)
    return found or {"all": True}


def must_exist(spec: Mapping[str, Any], filter_: Mapping[str, Any], **known: Collection[str]) -> None:
    """Raises Invalid for tags and lists that a spec names and that there are not: nobody would be found by a misspelt one.

    `known` are the folded names of `tags` and `lists`.
    """
    for key, names in known.items():
        unknown = [name for name in filter_.get(key) or () if name.casefold() not in names]
        if unknown:
            field = next((name for name in spec if str(name).strip().casefold() in (key, key[:-1])), key)
            raise bad(f"searchSpec.{field}", f"There is no {key[:-1]} {unknown[0]!r}.")


@contextmanager
def named(template: TemplateView | None = None) -> Iterator[None]:
    """An error about a part of a message, as the core knows it, becomes one about the field that the caller gave."""
    try:
        yield
    except NotFound as error:
        if error.code != "TEMPLATE_NOT_FOUND":
            raise
        # The languages are told of a template that exists.
        field = "language" if "; it exists in " in error.message else "fb_template"
        raise NotFound(f"{field}: {error.message}", code=error.code, details={field: [error.message]}) from None
    except Invalid as error:
        if not isinstance(error.details, Mapping):
            raise
        details: dict[str, list[str]] = {}
        message = error.message
        for part, words in error.details.items():
            field = _field(str(part), template)
            # The part is named before the words in some errors.
            message = message.removeprefix(f"{part}: ")
            details.setdefault(field, []).extend(words if isinstance(words, list) else [str(words)])
        raise Invalid(f"{next(iter(details))}: {message}", code=error.code, details=details) from None


_FIELDS_OF_PARTS: Final = {
    "to": "to.mobile",
    "header": "file",
    "url": "file.link",
    "body": "params",
    "buttons": "params",
    "content": "params",
    # What this API has no field for: another template is to be chosen.
    "name": "fb_template",
    "type": "fb_template",
    "cards": "fb_template",
    "offer": "fb_template",
}


def _field(part: str, template: TemplateView | None) -> str:
    """The field that fills a part of a message: `to`, `header`, `body`, `body.2`, `buttons.0`, `content` (its placeholders)."""
    place, _, key = part.partition(".")
    for n, one in enumerate(_texts(template) if template is not None else []):
        if (one.place, one.key) == (place.removesuffix("s"), key):
            return f"params[{n}]"
    if place == "header" and template is not None and any(one.kind == "location" for one in required(template)):
        return "fb_template"
    return _FIELDS_OF_PARTS.get(place, part)


def _texts(template: TemplateView) -> list[Parameter]:
    """What `params` fill, in their order."""
    return [one for one in required(template) if one.card is None and one.kind in ("text", "url", "otp", "copy_code")]


def spread(template: TemplateView, values: Values) -> Values:
    """The values by the template's parts: `params` fill the variables of header and body, then the buttons, in the order in
    which people read them. An authentication template's one code fills text and button. What is too much stays in the body,
    where the check names it."""
    given = [str(one) for one in values.body]
    wanted = _texts(template)
    count = {
        place: sum(1 for one in wanted if one.place == place and one.kind == "text") for place in ("header", "body")
    }
    header, rest = given[: count["header"]], given[count["header"] :]
    body, rest = rest[: count["body"]], rest[count["body"] :]
    urls: list[str] = []
    code: str | None = None
    for one in wanted:
        if one.kind == "otp" and not rest and body:
            code = body[0]
        elif one.kind in ("otp", "copy_code") and rest:
            code = rest.pop(0)
        elif one.kind == "url" and rest:
            urls.append(rest.pop(0))
    return msgspec.structs.replace(values, header=header, body=[*body, *rest], urls=urls, code=code)


def _value(value: Any, place: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | str) and value != "":
        return text({"": value}, "", place, 2000) or ""
    raise bad(place, "Must be text, a number, true or false.")


def _names(value: Any, place: str) -> list[str]:
    several = value if isinstance(value, list) else [value]
    if not several or len(several) > 100:
        raise bad(place, "Must be a name or a list of names.")
    return [_value(one, place) for one in several]
