"""Meta's Resumable Upload API: a session at an app's `uploads` edge, the bytes to the session, a handle at the end."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import msgspec

from .errors import GraphProblem, required

APP_ID = "1122334455667788"
"""The app that every token of this Meta belongs to."""

TYPES = frozenset({"application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"})
MOST = 100 * 1024 * 1024
"""Largest file, in bytes."""


class Session(msgspec.Struct):
    """A file on its way."""

    mime: str
    length: int
    data: bytes = b""


class Uploads:
    """The sessions, and the files whose handles were given."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._handles: dict[str, str] = {}

    def begin(self, fields: dict[str, Any]) -> dict[str, Any]:
        """`POST /{app_id}/uploads`. Raises GraphProblem."""
        mime = str(fields.get("file_type") or "").lower()
        if mime not in TYPES:
            raise GraphProblem(100, f"Param file_type must be one of {', '.join(sorted(TYPES))}.")
        try:
            length = int(str(fields.get("file_length") or ""))
        except ValueError:
            raise required("file_length") from None
        if not 1 <= length <= MOST:
            raise GraphProblem(100, f"Param file_length must be from 1 to {MOST}.")
        name = f"upload:{base64.urlsafe_b64encode(secrets.token_bytes(24)).decode()}"
        self._sessions[name] = Session(mime, length)
        # Meta's own ids carry a signature as a query; who takes the id apart loses it.
        return {"id": f"{name}?sig={secrets.token_urlsafe(12)}"}

    def put(self, name: str, offset: str, data: bytes) -> dict[str, Any]:
        """`POST /upload:...`: bytes from `offset` on; gives the handle `h` once all are there. Raises GraphProblem."""
        session = self._session(name)
        if offset != str(len(session.data)):
            raise GraphProblem(100, message=f"The file_offset must be {len(session.data)}", http=400)
        session.data += data
        if len(session.data) > session.length:
            raise GraphProblem(100, message="More bytes were sent than file_length announced", http=400)
        if len(session.data) < session.length:
            return {"id": name, "file_offset": len(session.data)}
        kind = base64.b64encode(session.mime.encode()).decode()
        handle = f"4::{kind}:{secrets.token_urlsafe(24)}:e:1"
        self._handles[handle] = session.mime
        del self._sessions[name]
        return {"h": handle}

    def state(self, name: str) -> dict[str, Any]:
        """`GET /upload:...`: where to go on after a break. Raises GraphProblem."""
        return {"id": name, "file_offset": len(self._session(name).data)}

    def mime(self, handle: str) -> str | None:
        """The type of the file behind a handle of ours."""
        return self._handles.get(handle)

    def _session(self, name: str) -> Session:
        found = self._sessions.get(name)
        if found is None:
            raise GraphProblem(100, message="The upload session does not exist or has expired", http=400)
        return found
