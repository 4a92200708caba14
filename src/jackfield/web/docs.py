"""The built pages of the documentation, at `/docs/`: for everybody, as they hold nothing of an installation."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from .serve import FOREVER, HEADERS, built, send

SITE = Path(__file__).parent / "site"
"""Where the build (`make docs`) puts its files. They are not committed; wheels hold them."""

AT = "/docs"
NOT_BUILT = "The documentation is not built: run make docs.\n"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Stricter than the dashboard's: the pages have no styles in their elements and no pictures but files."""
DOCS_HEADERS = {**HEADERS, "Content-Security-Policy": POLICY}


def docs_routes(folder: Path = SITE) -> list[Route]:
    """Routes of the pages, each by its name, and of a folder's page at the folder. Names that are none stay unknown."""
    if not (folder / "index.html").is_file():

        async def missing(_: Request) -> Response:
            return PlainTextResponse(NOT_BUILT, 503, headers=DOCS_HEADERS)

        return [Route(AT, missing), Route(f"{AT}/", missing)]

    async def start(_: Request) -> Response:
        # Relative, for servers under a path of their proxy: the pages' own links are relative to the folder.
        return RedirectResponse("docs/", 308, headers=DOCS_HEADERS)

    files = built(folder)
    files |= {name.removesuffix("index.html"): file for name, file in files.items() if file.name == "index.html"}

    async def page(request: Request) -> Response:
        name = request.path_params["name"]
        file = files.get(name)
        if file is None:
            raise HTTPException(404)
        return send(request, file, FOREVER if name.startswith("assets/") else "no-cache", DOCS_HEADERS)

    return [Route(AT, start), Route(f"{AT}/{{name:path}}", page)]
