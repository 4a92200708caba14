"""`POST /{phone_number_id}/messages`: the one hot path of the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ..._whatsapp import file_problem
from ..faults import fault
from ..gate import Refusal, Taken
from ..outbox import Parcel
from . import identities, templates, validate
from .errors import GraphProblem, required
from .numbers import Number, Registry

_decode = msgspec.json.Decoder().decode
_CATEGORIES = {"MARKETING": "marketing", "UTILITY": "utility", "AUTHENTICATION": "authentication"}


class Lost(Exception):
    """The message was taken, but the connection breaks before the answer."""


def decode(raw: bytes) -> dict[str, Any]:
    """A JSON object, or Graph's complaint."""
    try:
        body = _decode(raw) if raw else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise GraphProblem(100, "Invalid parameter", message="(#100) The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise GraphProblem(100, "Invalid parameter", message="(#100) The request body must be a JSON object.")
    return body


def post(registry: Registry, number: Number, raw: bytes) -> dict[str, Any]:
    """Take one message, or a read mark. Raises GraphProblem, or Lost when the answer is not to arrive."""
    body = decode(raw)
    if body.get("messaging_product") != "whatsapp":
        raise required("messaging_product")
    if body.get("status") is not None:
        return _read(number, body)
    kind = validate.message_type(body)
    to, is_user_id = validate.recipient(body)
    shown = to
    if is_user_id:
        to = identities.phone_of(to) or to
    number.fit_to_send()
    account = number.account
    category, name = "service", None
    if kind == "template":
        template = templates.check(registry.holder(number), account.faults.paused_templates, body["template"])
        category, name = _CATEGORIES.get(template.category, "utility"), template.name
        if is_user_id and category == "authentication":
            raise GraphProblem(131062, "Authentication templates need a phone number.")
        if category == "marketing" and to in number.opted_out:
            raise GraphProblem(131050, "The recipient has stopped marketing messages from this business.")
    else:
        validate.content(kind, body)
    _check_media(registry, number, kind, body)
    if to == account.phone:
        raise GraphProblem(131021, "Sender and recipient phone number are the same.")
    if number.allowed is not None and to not in number.allowed:
        raise GraphProblem(131030, "Recipient phone number is not in the allowed list.")
    number.admit(to)
    if category != "service":
        registry.admit_person(number, to)
    ref = body.get("biz_opaque_callback_data")
    if ref is not None and (not isinstance(ref, str) or len(ref) > 512):
        raise GraphProblem(100, "Param biz_opaque_callback_data must be text of at most 512 characters.")
    parcel = Parcel(ref=ref or "", to=to, kind=kind, payload=raw, category=category, template=name)
    (taken,) = account.take((parcel,))
    if isinstance(taken, Refusal):
        raise _refused(taken)
    status = None
    if kind == "template":
        status = "held_for_quality_assessment" if name in account.faults.held_templates else "accepted"
    return _answer(taken, to, shown, status, is_user_id)


def _answer(taken: Taken, to: str, shown: str, status: str | None, is_user_id: bool) -> dict[str, Any]:
    if taken.lost:
        raise Lost
    contact = {"input": shown, "user_id": shown} if is_user_id else {"input": shown, "wa_id": to}
    message = {"id": taken.provider_id}
    if status is not None:
        message["message_status"] = status
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}


def _refused(refusal: Refusal) -> GraphProblem:
    if refusal.code in ("offline", "refused"):
        return GraphProblem("offline", refusal.message, http=503)
    if refusal.code == "logged_out":
        return GraphProblem(190, http=401, message="Error validating access token: The session has been invalidated.")
    code = refusal.code
    if code in ("500", "503"):  # plain HTTP failures of the fault table are Graph's "Something went wrong"
        return GraphProblem(131000, refusal.message, http=int(code))
    if not code.isdigit():
        return GraphProblem(131009, refusal.message)
    details = None if refusal.message == fault(code).message else refusal.message
    wait = refusal.retry_after if refusal.retry_after != 1.0 else None
    return GraphProblem(code, details, http=refusal.http, retry_after=wait)


def _read(number: Number, body: dict[str, Any]) -> dict[str, Any]:
    if body["status"] != "read":
        raise GraphProblem(100, 'Param status must be one of {READ} - got "' + str(body["status"]) + '".')
    message_id = body.get("message_id")
    if not isinstance(message_id, str) or not message_id:
        raise required("message_id")
    if not message_id.startswith("wamid."):
        raise GraphProblem(131009, "message_id is not a message's id")
    account = number.account
    account.read_marks.add(message_id)
    if body.get("typing_indicator"):
        account.typing_to = message_id
    return {"success": True}


def _check_media(registry: Registry, number: Number, kind: str, body: dict[str, Any]) -> None:
    """That uploaded files exist and are of a type and size for what they are shown as. Raises GraphProblem 131009, 131053."""
    for shown, media_id in _media_of(kind, body[kind]):
        if media_id is None:
            continue
        found = number.account.media.get(str(media_id))
        if found is None or not found[1]:
            raise GraphProblem(131009, f"Media id {media_id} does not exist or has expired")
        why = file_problem(shown, len(found[0]), found[1].removeprefix("link/"))
        if why is not None:
            raise GraphProblem(131053, f"Media id {media_id}: {why}")


def _media_of(kind: str, part: Any) -> Iterator[tuple[str, Any]]:
    """The files of a message: as what each is shown, and its media id."""
    if kind in ("image", "video", "audio", "document", "sticker"):
        yield kind, part.get("id")
    elif kind == "interactive":
        header = part.get("header") or {}
        if header.get("type") in ("image", "video", "document"):
            yield header["type"], (header.get(header["type"]) or {}).get("id")
    elif kind == "template":
        for component in _components(part.get("components") or []):
            if str(component.get("type", "")).lower() == "header":
                for parameter in component.get("parameters") or []:
                    shown = str(parameter.get("type", "")).lower()
                    if shown in ("image", "video", "document"):
                        yield shown, (parameter.get(shown) or {}).get("id")


def _components(components: Any) -> Iterator[dict[str, Any]]:
    """A template's components, those of its cards among them."""
    for component in components:
        yield component
        for card in component.get("cards") or []:
            yield from card.get("components") or []
