"""The built files of the dashboard, with the headers that let a browser trust and keep them."""

from __future__ import annotations

import functools
import hashlib
import json
import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

ASSETS = Path(__file__).parent / "assets"
"""Where the build puts its files. They are not committed; wheels hold them."""

NOT_BUILT = "The dashboard is not built: run make web.\n"
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # The components write their colours into a style element.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOREVER = "public, max-age=31536000, immutable"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""What may lie beside a file, packed at build time; the best first."""

Endpoint = Callable[[Request], Awaitable[Response]]


def accepts(header: str, encoding: str) -> bool:
    """Whether an Accept-Encoding header takes an encoding (RFC 9110, section 12.5.3)."""
    for part in header.split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip().lower() in (encoding, "*"):
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def send(request: Request, file: Path, cache: str, headers: Mapping[str, str] = HEADERS) -> Response:
    """A built file, packed where the browser takes that and the build has it; 304 where the browser has it already.

    Raises HTTPException 404 for a file that an upgrade took away.
    """
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = {**headers, "Cache-Control": cache, "Vary": "Accept-Encoding"}
    wanted = request.headers.get("accept-encoding", "")
    found = file
    for name, ending in ENCODINGS:
        packed = file.with_name(file.name + ending)
        if accepts(wanted, name) and packed.is_file():
            headers["Content-Encoding"] = name
            found = packed
            break
    try:
        state = found.stat()
        if state.st_size > KEPT_SIZE:
            return FileResponse(found, media_type=kind, headers=headers)
        body, tag = _kept(found, state.st_mtime_ns, state.st_size)
    except OSError:
        raise HTTPException(404) from None
    headers["ETag"] = tag
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)


KEPT_SIZE = 1 << 20
"""Bytes up to which a file is answered from memory: all of the dashboard's packed files and the pages of the documentation.

Through a FileResponse, each file was opened, read and closed by a thread of its own turn: 16 of the 23 s that a server spent
on the requests of the inbox's browser tests."""


@functools.lru_cache(maxsize=64)
def _kept(file: Path, changed: int, size: int) -> tuple[bytes, str]:
    """The bytes of a file and their entity tag. `changed` and `size` are those of now: a new build is read anew."""
    body = file.read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _has(header: str, tag: str) -> bool:
    """Whether an If-None-Match header names a tag (RFC 9110, section 13.1.2: compared weakly)."""
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in header.split(","))


def built(folder: Path) -> dict[str, Path]:
    """The files of a build by their names in it, without what lies packed beside them."""
    packed = [ending for _, ending in ENCODINGS]
    return {
        file.relative_to(folder).as_posix(): file
        for file in folder.rglob("*")
        if file.is_file() and file.suffix not in packed and not file.name.startswith(".")
    }


def routes(folder: Path = ASSETS) -> list[Route]:
    """Routes of the dashboard: its files by name, and its page at `/` and at each of its own addresses.

    Addresses that are not the dashboard's stay what they are elsewhere: a fallback for everything would answer a
    program's mistyped call with a page. Which are the dashboard's, the build says in `pages.json`.
    """
    if not (folder / "index.html").is_file():

        async def missing(_: Request) -> Response:
            return PlainTextResponse(NOT_BUILT, 503, headers=HEADERS)

        return [Route("/", missing)]

    async def page(request: Request) -> Response:
        # Asked for anew each time: it names the files of the version that is installed now.
        return send(request, folder / "index.html", "no-cache")

    found = [Route("/", page)]
    for name, file in sorted(built(folder).items()):
        if name not in ("index.html", "pages.json"):
            found.append(Route(f"/{name}", _file(file, FOREVER if name.startswith("assets/") else "no-cache")))
    for name in json.loads((folder / "pages.json").read_text(encoding="utf-8")):
        found += [Route(f"/{name}", page), Route(f"/{name}/{{rest:path}}", page)]
    return found


def _file(file: Path, cache: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return send(request, file, cache)

    return endpoint
