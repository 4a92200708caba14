"""Serving files whose names and types others chose: the headers that go with them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import StreamingResponse

from jackfield.core import Core, MediaView

UNKNOWN = "application/octet-stream"


def disposition(name: str | None, kind: str = "inline") -> str:
    """Content-Disposition with a file's name: in ASCII without control characters, and (RFC 6266, RFC 8187) as it is where
    that differs."""
    if not name:
        return kind
    plain = name.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "_")
    plain = "".join(c if c.isprintable() else "_" for c in plain)
    value = f'{kind}; filename="{plain}"'
    return value if plain == name else f"{value}; filename*=UTF-8''{quote(name, safe='', errors='replace')}"


def served_type(mime: str) -> str:
    """The type as a header can say it; what no header can say is a file of an unknown type."""
    return mime if mime.isascii() and mime.isprintable() and mime.strip() else UNKNOWN


def file_response(core: Core, file: MediaView, name: str | None, *, kind: str = "inline") -> StreamingResponse:
    """A stored file. What a customer sent runs as no page of ours."""
    headers: dict[str, Any] = {
        "Content-Length": str(file.size),
        "Content-Disposition": disposition(name, kind),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(core.media.stream(file), media_type=served_type(file.mime), headers=headers)
