"""Files in Chatly's requests: uploads, or links in the same fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from starlette.datastructures import UploadFile

from jackfield.core import Audio, Core, Document, Image, Invalid, Video, sniff

from .form import Form

MB: Final = 1024 * 1024


class Rule(msgspec.Struct, frozen=True):
    """What a field takes: MIME types, their usual names for the error, and bytes at most."""

    types: frozenset[str]
    names: str
    maximum: int


RULES: Final[Mapping[str, Rule]] = {
    "image": Rule(frozenset({"image/jpeg", "image/png", "image/webp"}), "jpg, jpeg, png, webp", 5 * MB),
    "video": Rule(frozenset({"video/mp4", "video/3gpp"}), "mp4, 3gp", 16 * MB),
    "audio": Rule(
        frozenset({"audio/mpeg", "audio/ogg", "audio/mp4", "audio/aac", "audio/amr"}),
        "mp3, ogg, m4a, aac, amr",
        16 * MB,
    ),
    "document": Rule(frozenset(), "", 100 * MB),
}
"""WhatsApp's own limits (field.md's table of media; Meta, "Media")."""

REFUSED: Final = frozenset(
    {"bat", "cmd", "com", "exe", "htm", "html", "js", "msi", "php", "ps1", "scr", "sh", "svg", "vbs"}
)
"""Extensions that are no documents: what runs, or runs as a page."""

MediaContent = Image | Video | Audio | Document
_CONTENT: Final[Mapping[str, type[Image] | type[Video] | type[Audio] | type[Document]]] = {
    "image": Image,
    "video": Video,
    "audio": Audio,
    "document": Document,
}


def further(form: Form, names: tuple[str, ...]) -> list[str]:
    """Those of these fields that have a file beside the first that has one: `attached` takes one alone."""
    return [name for name in names if form.files.get(name) is not None or form.raw(name) is not None][1:]


async def attached(
    core: Core, workspace_id: int, form: Form, names: tuple[str, ...] = ("image", "document"), caption: str = ""
) -> MediaContent | None:
    """The file of the first of these fields that has one, as content; None when none has.

    What is wrong with it is noted in the form.
    """
    for name in names:
        upload = form.files.get(name)
        link = form.raw(name)
        fields: dict[str, Any] = {"caption": caption} if caption and name != "audio" else {}
        if upload is not None:
            stored = await _store(core, workspace_id, form, name, upload)
            if stored is None:
                return None
            fields |= stored
        elif isinstance(link, str):
            if not link.startswith(("http://", "https://")) or len(link) > 2048 or any(c.isspace() for c in link):
                form.fail(name, f"The {name} must be a file, or an http or https link to one.")
                return None
            fields["url"] = link
            if name == "document":
                fields["filename"] = link.partition("?")[0].rpartition("/")[2][:240] or None
        elif link is not None:
            form.fail(name, f"The {name} must be a file.")
            return None
        else:
            continue
        return _CONTENT[name](**fields)
    return None


async def _store(core: Core, workspace_id: int, form: Form, name: str, upload: UploadFile) -> dict[str, Any] | None:
    rule = RULES[name]
    maximum = min(rule.maximum, core.options.max_upload)
    if upload.size is not None and upload.size > maximum:
        form.fail(name, f"The {name} must not be greater than {maximum // MB} MB.")
        return None
    data = await upload.read()
    filename = (upload.filename or "").replace("\x00", "").rpartition("/")[2].rpartition("\\")[2][:240] or None
    mime = sniff(data, filename, upload.content_type)
    refused = filename is not None and filename.rpartition(".")[2].lower() in REFUSED
    if (rule.types and mime not in rule.types) or (name == "document" and (refused or mime == "text/html")):
        message = f"The {name} must be a file of type: {rule.names}." if rule.names else "This type of file is refused."
        form.fail(name, message)
        return None
    try:
        row = await core.media.store(workspace_id, data, mime=mime, filename=filename)
    except Invalid as error:
        form.fail(name, error.message)
        return None
    stored: dict[str, Any] = {"url": f"media:{row.id}", "mime": row.mime, "size": row.size}
    if name == "document":
        stored["filename"] = filename
    return stored
