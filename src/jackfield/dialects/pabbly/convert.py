"""From Pabbly's spelling of a message to the core's content: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from jackfield.core import (
    MEDIA,
    CardValues,
    ContactInput,
    Invalid,
    TemplateLike,
    Values,
    buttons_of,
    cards_of,
    now_ms,
    parts,
    variables,
)
from jackfield.core import content as c

from .._strict import known_fields
from . import params
from .fields import ENVELOPE, OF_FILES, TEMPLATE
from .interactive import interactive_of

TYPES = ("template", "text", "image", "audio", "video", "document", "interactive")
MAX_CODE = 15
"""Meta's limit for codes that are copied."""
SOURCES = ("manual", "csv", "api", "user", "sync", "wa")
_FILES: dict[str, type[c.Image] | type[c.Audio] | type[c.Video] | type[c.Document]] = {
    "image": c.Image,
    "video": c.Video,
    "audio": c.Audio,
    "document": c.Document,
}


class TemplateGiven(msgspec.Struct, kw_only=True):
    """A template message before its template is known. `bodies` and `files` are the carousel's, as params."""

    name: str
    language: str | None
    values: Values
    bodies: list[Any] = []
    files: list[Any] = []
    quick_replies: list[Any] = []
    urls: list[Any] = []
    code_field: str = "copyCodeParam"


def message_of(data: Mapping[str, Any], *, kind_field: str = "type") -> c.Content | TemplateGiven:
    """What `POST /messages` (or a broadcast's regular message) says. Raises Invalid that names the field."""
    kind = params.one_of(data, kind_field, TYPES)
    if kind == "template":
        params.only(data, ENVELOPE | TEMPLATE, "a template message")
        return template_given(data)
    if kind == "interactive":
        return interactive_of(data)
    if kind == "text":
        params.only(data, ENVELOPE | {"message"}, "a text message")
        return c.Text(text=params.must(data, "message", maximum=4096))
    params.only(data, ENVELOPE | OF_FILES[kind], f"a message of type {kind}")
    return file_of(kind, data)


def file_of(kind: str, data: Mapping[str, Any]) -> c.Content:
    """An image, a video, sound or a document."""
    link = params.link(data, "link")
    if link is None:
        raise params.required("link")
    fields: dict[str, Any] = {"url": link}
    if kind != "audio":
        fields["caption"] = params.text(data, "caption", maximum=1024)
    if kind == "document":
        fields["filename"] = params.text(data, "filename", maximum=240)
    return _FILES[kind](**fields)


def template_given(data: Mapping[str, Any]) -> TemplateGiven:
    """The fields of a template message."""
    expires = None
    offer = params.obj(data, "ltoFields")
    if offer is not None:
        known_fields(offer, ("unixTimestamp",), "ltoFields.")
    if offer is not None and offer.get("unixTimestamp") is not None:
        moment = params.integer(offer["unixTimestamp"], "ltoFields.unixTimestamp", 0, maximum=4_102_444_800_000)
        # Seconds as the name says; what lies beyond the year 5000 in seconds is meant in milliseconds.
        expires = moment * 1000 if moment < 100_000_000_000 else moment
    return TemplateGiven(
        name=params.must(data, "templateName", maximum=512),
        language=params.text(data, "languageCode", maximum=16),
        values=Values(
            header=params.texts(data, "headerParams"),
            body=params.texts(data, "bodyParams"),
            link=params.link(data, "link"),
            filename=params.text(data, "filename", maximum=240),
            code=params.text(data, "copyCodeParam", "copyCode", maximum=200),
            offer_expires_at=expires,
        ),
        bodies=params.items(data, "carouselBodies", maximum=10),
        files=params.items(data, "carouselFileData", maximum=10),
        quick_replies=params.items(data, "quickReplies", maximum=100),
        urls=params.items(data, "urlVariables", maximum=100),
        code_field="copyCodeParam" if data.get("copyCodeParam") else "copyCode",
    )


def values_for(template: TemplateLike, said: TemplateGiven) -> Values:
    """The values, sorted by the template's parts. Raises Invalid that names the field."""
    values = said.values
    cards = cards_of(template.components)
    by_type = parts(template.components)
    shape = str((by_type.get("HEADER") or {}).get("format") or "TEXT").upper()
    for name, value, takes, why in (
        ("headerParams", values.header, shape == "TEXT" and "HEADER" in by_type, "has no header with text"),
        ("filename", values.filename, shape == "DOCUMENT", "has no document"),
        ("ltoFields", values.offer_expires_at, "LIMITED_TIME_OFFER" in by_type, "has no limited-time offer"),
        ("carouselBodies", said.bodies, bool(cards), "has no carousel"),
        ("carouselFileData", said.files, bool(cards), "has no carousel"),
    ):
        if value and not takes:
            raise params.bad(name, f"is not taken: the template {template.name!r} {why}.")
    if values.offer_expires_at is not None and values.offer_expires_at <= now_ms():
        raise params.bad("ltoFields.unixTimestamp", "must be in the future.")
    if values.code is None and len(values.body) == 1 and template.category.upper() == "AUTHENTICATION":
        # One code fills text and button alike, whichever field it was given in.
        values = msgspec.structs.replace(values, code=next(iter(values.body)))
    if values.code is not None and len(values.code) > MAX_CODE:
        raise params.bad(said.code_field, f"must be at most {MAX_CODE} characters.")
    if not cards:
        if shape in MEDIA and values.link is None:
            raise params.bad("link", f"is required: the template {template.name!r} has a header with {MEDIA[shape]}.")
        offer = by_type.get("LIMITED_TIME_OFFER", {}).get("limited_time_offer") or {}
        if offer.get("has_expiration") and values.offer_expires_at is None:
            raise params.bad("ltoFields.unixTimestamp", f"is required: the offer of {template.name!r} expires.")
        return msgspec.structs.replace(
            values, urls=_flat(said.urls, "urlVariables"), quick_replies=_flat(said.quick_replies, "quickReplies")
        )
    for name, list_ in (("carouselBodies", said.bodies), ("carouselFileData", said.files)):
        if not list_:
            raise params.required(name)
        if not 2 <= len(list_) <= 10:
            raise params.bad(name, "must have 2 to 10 entries, one per card.")
    if len(said.bodies) != len(said.files):
        raise params.bad(
            "carouselFileData", f"must have one entry per card, as carouselBodies has ({len(said.bodies)})."
        )
    if values.link is not None:
        raise params.bad("link", f"is not taken: the cards of {template.name!r} have their files in carouselFileData.")
    urls, replies = list(said.urls), list(said.quick_replies)
    shares: dict[str, list[int]] = {"URL": [], "QUICK_REPLY": []}
    for components in cards:
        buttons = buttons_of(components)
        dynamic = sum(1 for one in buttons if str(one.get("type")).upper() == "URL" and "{{" in str(one.get("url")))
        quick = sum(1 for one in buttons if str(one.get("type")).upper() == "QUICK_REPLY")
        shares["URL"].append(dynamic)
        shares["QUICK_REPLY"].append(quick)
    by_card = {
        "urlVariables": _shares(urls, shares["URL"], "urlVariables"),
        "quickReplies": _shares(replies, shares["QUICK_REPLY"], "quickReplies"),
    }
    found = []
    for n, (body, file) in enumerate(zip(said.bodies, said.files, strict=True)):
        components = cards[n] if n < len(cards) else []
        found.append(
            CardValues(
                body=_card_body(body, components, n),
                link=_card_link(file, n),
                urls=by_card["urlVariables"][n] if n < len(cards) else [],
                quick_replies=by_card["quickReplies"][n] if n < len(cards) else [],
            )
        )
    return msgspec.structs.replace(values, cards=found, link=None)


def _flat(entries: Sequence[Any], name: str) -> list[str]:
    """Texts; an entry may be a list, or an object with one value ({"payload": ...}, {"1": ...})."""
    found = []
    for n, one in enumerate(entries):
        inner: list[Any] = one if isinstance(one, list) else list(one.values()) if isinstance(one, Mapping) else [one]
        found += [params.plain(value, f"{name}[{n}]", 2000) for value in inner]
    return found


def _shares(entries: list[Any], counts: Sequence[int], name: str) -> list[list[str]]:
    """What each card gets of a list that has one entry per button, one per card, or one list per card.

    `counts` are the buttons of each card that take a value. An entry of a card without such a button must be empty, but
    for a plain value: lists with one for every card are written without looking which cards need it.
    """
    per_card = len(entries) == len(counts)
    if entries and per_card and (sum(counts) != len(entries) or any(isinstance(one, list) for one in entries)):
        found = []
        for n, (entry, count) in enumerate(zip(entries, counts, strict=True)):
            values = [one for one in _flat([entry], f"{name}[{n}]") if one]
            if len(values) > count and (count or isinstance(entry, list | Mapping)):
                raise params.bad(
                    f"{name}[{n}]", f"has {len(values)} values, but card {n + 1} has {count} buttons for them."
                )
            found.append(values[:count])
        return found
    flat = _flat(entries, name)
    left = [list(flat[sum(counts[:n]) : sum(counts[: n + 1])]) for n in range(len(counts))]
    if len(flat) > sum(counts):
        more = len(flat) - sum(counts)
        raise params.bad(name, f"has {more} entries more than the cards have buttons for.")
    return left


def _card_body(entry: Any, components: Sequence[Any], n: int) -> list[str] | dict[str, str]:
    """A card's variables: {"1": "x"}, {"name": "x"}, {"bodyParams": [...]}, a list, or one text."""
    place = f"carouselBodies[{n}]"
    if isinstance(entry, Mapping):
        inner = next((value for value in entry.values() if isinstance(value, list | Mapping)), None)
        if inner is not None and len(entry) == 1:
            return _card_body(inner, components, n)
        named = {
            str(key).strip("{} "): params.plain("" if value is None else value, f"{place}.{key}", 1024)
            for key, value in entry.items()
        }
        wanted = variables(str(parts(components).get("BODY", {}).get("text") or ""))
        return named if set(named) <= set(wanted) else list(named.values())
    if isinstance(entry, list):
        return [params.plain(value, f"{place}[{m}]", 1024) for m, value in enumerate(entry)]
    return [] if entry is None or entry == "" else [params.plain(entry, place, 1024)]


def _card_link(entry: Any, n: int) -> str:
    """A card's file: {"link": ...} under any name, or the link itself."""
    place = f"carouselFileData[{n}]"
    if isinstance(entry, Mapping):
        key = next(
            (
                key
                for key, value in entry.items()
                if isinstance(value, str) and value.startswith(("http://", "https://", "media:"))
            ),
            "link",
        )
        found = params.link(entry, str(key), f"{place}.")
    else:
        found = params.link({"link": entry}, "link", f"{place}.")
    if found is None:
        raise params.required(f"{place}.link")
    return found


# -- contacts ----------------------------------------------------------------------------------------


def attributes_of(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """`attributes`: a list of {name, value}, or an object; None when it is not there."""
    if data.get("attributes") is None:
        return None
    found: dict[str, Any] = {}
    entries = params.items(data, "attributes", maximum=200)
    for n, one in enumerate(entries):
        if not isinstance(one, Mapping):
            raise params.bad(f"attributes[{n}]", "must be an object with name and value.")
        if "name" in one:
            value = one.get("value")
            found[params.must(one, "name", maximum=100, place=f"attributes[{n}].")] = (
                "" if value is None else _scalar(value, f"attributes[{n}].value")
            )
        else:
            found |= {str(key): _scalar(value, f"attributes.{key}") for key, value in one.items()}
    return found


def _scalar(value: Any, field: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else params.plain(value, field, 2000)


def contact_input(
    data: Mapping[str, Any], phone: str | int | None = None, *, source: str = "api", place: str = ""
) -> ContactInput:
    """A contact as given to `POST /contacts`, or in the `contact` field of a message, which stands in `place`."""
    try:
        return _contact_input(data, phone, source)
    except Invalid as error:
        if not place:
            raise
        raise Invalid(place + error.message, code=error.code, details=error.details) from None


def _contact_input(data: Mapping[str, Any], phone: str | int | None, source: str) -> ContactInput:
    number: Any = phone if phone is not None else data.get("mobile")
    if number is None or number == "":
        raise params.required("mobile")
    if isinstance(number, bool) or not isinstance(number, str | int):
        raise params.bad("mobile", "must be a phone number with its dialing code.")
    if phone is None and params.text(data, "source", maximum=20) is not None:
        source = params.one_of(data, "source", SOURCES)
    try:
        return ContactInput(
            name=params.text(data, "name", "userName", maximum=200),
            phone=number,
            email=params.text(data, "email", maximum=254),
            tags=params.names(data, "tags") or (),
            lists=[one for one in params.names(data, "list") or () if one.casefold() != "all"],
            attributes=attributes_of(data),
            optin=params.flag(data, "optin"),
            blocked=params.flag(data, "incomingBlocked"),
            source=source,
        )
    except RecursionError:
        raise Invalid("The contact is nested too deeply.") from None
