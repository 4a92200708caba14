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
    parts,
    variables,
)
from jackfield.core import content as c

from . import given
from .interactive import interactive_of

TYPES = ("template", "text", "image", "audio", "video", "document", "interactive")
SOURCES = ("manual", "csv", "api", "user", "sync", "wa")
_FILES: dict[str, type[c.Image] | type[c.Audio] | type[c.Video] | type[c.Document]] = {
    "image": c.Image,
    "video": c.Video,
    "audio": c.Audio,
    "document": c.Document,
}


class TemplateGiven(msgspec.Struct, kw_only=True):
    """A template message before its template is known. `bodies` and `files` are the carousel's, as given."""

    name: str
    language: str | None
    values: Values
    bodies: list[Any] = []
    files: list[Any] = []
    quick_replies: list[Any] = []
    urls: list[Any] = []


def message_of(data: Mapping[str, Any], *, kind_field: str = "type") -> c.Content | TemplateGiven:
    """What `POST /messages` (or a broadcast's regular message) says. Raises Invalid that names the field."""
    kind = given.one_of(data, kind_field, TYPES)
    if kind == "template":
        return template_given(data)
    if kind == "interactive":
        return interactive_of(data)
    if kind == "text":
        return c.Text(text=given.must(data, "message", most=4096))
    return file_of(kind, data)


def file_of(kind: str, data: Mapping[str, Any]) -> c.Content:
    """An image, a video, sound or a document."""
    link = given.link(data, "link")
    if link is None:
        raise given.required("link")
    fields: dict[str, Any] = {"url": link}
    if kind != "audio":
        fields["caption"] = given.text(data, "caption", most=1024)
    if kind == "document":
        fields["filename"] = given.text(data, "filename", most=240)
    return _FILES[kind](**fields)


def template_given(data: Mapping[str, Any]) -> TemplateGiven:
    """The fields of a template message."""
    expires = None
    offer = given.obj(data, "ltoFields")
    if offer is not None and offer.get("unixTimestamp") is not None:
        moment = given.whole(offer["unixTimestamp"], "ltoFields.unixTimestamp", 0, most=4_102_444_800_000)
        # Seconds as the name says; what lies beyond the year 5000 in seconds is meant in milliseconds.
        expires = moment * 1000 if moment < 100_000_000_000 else moment
    return TemplateGiven(
        name=given.must(data, "templateName", most=512),
        language=given.text(data, "languageCode", most=16),
        values=Values(
            header=given.texts(data, "headerParams"),
            body=given.texts(data, "bodyParams"),
            link=given.link(data, "link"),
            filename=given.text(data, "filename", most=240),
            code=given.text(data, "copyCodeParam", "copyCode", most=200),
            offer_expires_at=expires,
        ),
        bodies=given.items(data, "carouselBodies", most=10),
        files=given.items(data, "carouselFileData", most=10),
        quick_replies=given.items(data, "quickReplies", most=100),
        urls=given.items(data, "urlVariables", most=100),
    )


def values_for(template: TemplateLike, said: TemplateGiven) -> Values:
    """The values, sorted by the template's parts. Raises Invalid that names the field."""
    values = said.values
    cards = cards_of(template.components)
    if not cards:
        header = parts(template.components).get("HEADER") or {}
        shape = str(header.get("format") or "TEXT").upper()
        if shape in MEDIA and values.link is None:
            raise given.bad("link", f"is required: the template {template.name!r} has a header with {MEDIA[shape]}.")
        offer = parts(template.components).get("LIMITED_TIME_OFFER", {}).get("limited_time_offer") or {}
        if offer.get("has_expiration") and values.offer_expires_at is None:
            raise given.bad("ltoFields.unixTimestamp", f"is required: the offer of {template.name!r} expires.")
        return msgspec.structs.replace(
            values, urls=_flat(said.urls, "urlVariables"), quick_replies=_flat(said.quick_replies, "quickReplies")
        )
    for name, list_ in (("carouselBodies", said.bodies), ("carouselFileData", said.files)):
        if not list_:
            raise given.required(name)
        if not 2 <= len(list_) <= 10:
            raise given.bad(name, "must have 2 to 10 entries, one per card.")
    if len(said.bodies) != len(said.files):
        raise given.bad(
            "carouselFileData", f"must have one entry per card, as carouselBodies has ({len(said.bodies)})."
        )
    urls, replies = list(said.urls), list(said.quick_replies)
    found = []
    for n, (body, file) in enumerate(zip(said.bodies, said.files, strict=True)):
        components = cards[n] if n < len(cards) else []
        buttons = buttons_of(components)
        dynamic = sum(1 for one in buttons if str(one.get("type")).upper() == "URL" and "{{" in str(one.get("url")))
        quick = sum(1 for one in buttons if str(one.get("type")).upper() == "QUICK_REPLY")
        found.append(
            CardValues(
                body=_card_body(body, components, n),
                link=_card_link(file, n),
                urls=_share(urls, dynamic, "urlVariables"),
                quick_replies=_share(replies, quick, "quickReplies"),
            )
        )
    for name, left in (("urlVariables", urls), ("quickReplies", replies)):
        if left:
            raise given.bad(name, f"has {len(left)} entries more than the cards have buttons for.")
    return msgspec.structs.replace(values, cards=found, link=None)


def _flat(entries: Sequence[Any], name: str) -> list[str]:
    """Texts; an entry may be a list, or an object with one value ({"payload": ...}, {"1": ...})."""
    found = []
    for n, one in enumerate(entries):
        inner: list[Any] = one if isinstance(one, list) else list(one.values()) if isinstance(one, Mapping) else [one]
        found += [given.plain(value, f"{name}[{n}]", 2000) for value in inner]
    return found


def _share(entries: list[Any], count: int, name: str) -> list[str]:
    """The next card's part of a list that has one entry per button, or one list per card; taken off the list."""
    if not count or not entries:
        return []
    if isinstance(entries[0], list | Mapping):
        return _flat([entries.pop(0)], name)
    taken, entries[:count] = entries[:count], []
    return _flat(taken, name)


def _card_body(entry: Any, components: Sequence[Any], n: int) -> list[str] | dict[str, str]:
    """A card's variables: {"1": "x"}, {"name": "x"}, {"bodyParams": [...]}, a list, or one text."""
    place = f"carouselBodies[{n}]"
    if isinstance(entry, Mapping):
        inner = next((value for value in entry.values() if isinstance(value, list | Mapping)), None)
        if inner is not None and len(entry) == 1:
            return _card_body(inner, components, n)
        named = {
            str(key).strip("{} "): given.plain("" if value is None else value, f"{place}.{key}", 1024)
            for key, value in entry.items()
        }
        wanted = variables(str(parts(components).get("BODY", {}).get("text") or ""))
        return named if set(named) <= set(wanted) else list(named.values())
    if isinstance(entry, list):
        return [given.plain(value, f"{place}[{m}]", 1024) for m, value in enumerate(entry)]
    return [] if entry is None or entry == "" else [given.plain(entry, place, 1024)]


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
        found = given.link(entry, str(key), f"{place}.")
    else:
        found = given.link({"link": entry}, "link", f"{place}.")
    if found is None:
        raise given.required(f"{place}.link")
    return found


# -- contacts ----------------------------------------------------------------------------------------


def attributes_of(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """`attributes`: a list of {name, value}, or an object; None when it is not there."""
    if data.get("attributes") is None:
        return None
    found: dict[str, Any] = {}
    entries = given.items(data, "attributes", most=200)
    for n, one in enumerate(entries):
        if not isinstance(one, Mapping):
            raise given.bad(f"attributes[{n}]", "must be an object with name and value.")
        if "name" in one:
            value = one.get("value")
            found[given.must(one, "name", most=100, place=f"attributes[{n}].")] = (
                "" if value is None else _scalar(value, f"attributes[{n}].value")
            )
        else:
            found |= {str(key): _scalar(value, f"attributes.{key}") for key, value in one.items()}
    return found


def _scalar(value: Any, field: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else given.plain(value, field, 2000)


def contact_input(data: Mapping[str, Any], phone: str | int | None = None, *, source: str = "api") -> ContactInput:
    """A contact as given to `POST /contacts`, or in the `contact` field of a message."""
    number: Any = phone if phone is not None else data.get("mobile")
    if number is None or number == "":
        raise given.required("mobile")
    if isinstance(number, bool) or not isinstance(number, str | int):
        raise given.bad("mobile", "must be a phone number with its dialing code.")
    if phone is None and given.text(data, "source", most=20) is not None:
        source = given.one_of(data, "source", SOURCES)
    try:
        return ContactInput(
            name=given.text(data, "name", "userName", most=200),
            phone=number,
            email=given.text(data, "email", most=254),
            tags=given.names(data, "tags") or (),
            lists=[one for one in given.names(data, "list") or () if one.casefold() != "all"],
            attributes=attributes_of(data),
            optin=given.flag(data, "optin"),
            blocked=given.flag(data, "incomingBlocked"),
            source=source,
        )
    except RecursionError:
        raise Invalid("The contact is nested too deeply.") from None
