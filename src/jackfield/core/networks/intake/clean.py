"""Reports as both databases can store them and everybody can read them again: texts without NUL and without half a
character, and fields of the types that they are declared with, whatever stood in the provider's JSON."""

from __future__ import annotations

from typing import Any, Final, TypeVar, get_args, get_type_hints

import msgspec

from ...ground.fields import storable
from ...port import Report
from ...port.content import Content, UnknownContent

R = TypeVar("R", bound=Report)

_encoder = msgspec.json.Encoder()
_decoders: Final[dict[type, msgspec.json.Decoder[Any]]] = {one: msgspec.json.Decoder(one) for one in get_args(Report)}


def clean(report: R) -> R:
    """The report itself, or a copy with what cannot be stored taken out.

    An engine takes fields from JSON as they come. One of a wrong type would be stored, and then no list that has it could
    be read any more. Raises msgspec.ValidationError when a field is wrong without which there is no report.
    """
    try:
        encoded = _encoder.encode(report)
        if b"\\u0000" not in encoded:
            _decoders[type(report)].decode(encoded)
            return report
    except (UnicodeEncodeError, msgspec.DecodeError):
        # An ordinary report is looked at once, in 10 us; the rest is for strange ones.
        pass
    # By way of JSON, which knows neither infinity nor what is no number.
    return _fitting(report, msgspec.json.decode(_encoder.encode(_walk(msgspec.to_builtins(report)))))


def _walk(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _walk(one) for key, one in value.items()}
    return [_walk(one) for one in value] if isinstance(value, list) else value


def _fitting(report: R, plain: dict[str, Any]) -> R:
    """A report of these fields. An optional one of a wrong type is left out (the raw has it), and content that cannot be
    shown otherwise is kept raw."""
    kept = _optional_dropped(type(report), plain)
    content = kept.get("content")
    if content is not None:
        kept["content"] = _content(getattr(report, "content", None), content, plain.get("raw"))
    return msgspec.convert(kept, type=type(report))


def _content(given: Any, plain: Any, raw: Any) -> Any:
    try:
        msgspec.convert(plain, type=Content)
    except msgspec.ValidationError:
        kept = {**_optional_dropped(type(given), plain), "type": plain["type"]}
        try:
            msgspec.convert(kept, type=Content)
        except msgspec.ValidationError:
            shown = raw if isinstance(raw, dict) else plain
            return msgspec.to_builtins(UnknownContent(raw=shown, note=str(plain["type"])))
        return kept
    return plain


def _optional_dropped(kind: type, plain: dict[str, Any]) -> dict[str, Any]:
    """The fields of a struct without those that have a default and not their declared type."""
    hints = get_type_hints(kind)
    kept = dict(plain)
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        if name not in plain or field.required or name == "content":
            continue
        try:
            msgspec.convert(plain[name], type=hints[field.name])
        except msgspec.ValidationError:
            del kept[name]
    return kept
