"""`/l/{code}`: short links of campaigns. They lead where the campaign's sender said, and nowhere else."""

from __future__ import annotations

import re

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from jackfield.core import Click, Core, JackfieldError, now_ms

log = structlog.get_logger(__name__)

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
# Previews of messengers and networks, search engines, and programs. Cubot makes phones.
_MACHINE = re.compile(
    r"(?<!cu)bot\b|crawl|spider|preview|facebookexternalhit|facebookcatalog|^whatsapp|viber|skype|embedly|slurp|scanner"
    r"|headless|^curl|^wget|python|go-http-client|^java/|okhttp|axios|node-fetch|httpclient|libwww|monitor",
    re.IGNORECASE,
)


def is_machine(request: Request) -> bool:
    """Whether no person looks: a preview, a robot, a program, or a browser that loads ahead."""
    agent = request.headers.get("user-agent", "")
    ahead = request.headers.get("sec-purpose", "") + request.headers.get("purpose", "")
    return not agent or _MACHINE.search(agent) is not None or "prefetch" in ahead.lower()


def links_route(core: Core) -> Route:
    """The route. A HEAD is answered and not counted."""

    async def count(click: Click) -> None:
        try:
            await core.campaigns.count_click(click)
        except JackfieldError as error:
            log.warning("a click was not counted", code=error.code)

    async def endpoint(request: Request) -> Response:
        code = request.path_params["code"]
        target = await core.campaigns.target(code)
        if target is None:
            return PlainTextResponse("This link does not exist, or no longer.\n", 404, HEADERS)
        # After the answer: nobody waits until it is written.
        click = Click(code=code, at=now_ms(), is_machine=is_machine(request))
        task = BackgroundTask(count, click) if request.method == "GET" else None
        return Response(status_code=302, headers={**HEADERS, "Location": target}, background=task)

    return Route("/l/{code}", endpoint, methods=["GET"])
