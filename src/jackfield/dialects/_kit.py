"""What every dialect needs, and none decides for another: a mounted app with one error shape, callers, bodies.

`build_app` makes a FastAPI sub-app whose every failure (also 404, 405, malformed JSON and what nobody foresaw) goes
through the dialect's own renderer: a mounted sub-app keeps the vendor's envelope, a router leaks FastAPI's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Container, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from pydantic import ConfigDict, StringConstraints
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jackfield.core import (
    CommitUnknown,
    Conflict,
    Core,
    Forbidden,
    Invalid,
    JackfieldError,
    LimitReached,
    NotFound,
    Overloaded,
    Principal,
    SendError,
    StorageError,
    StorageUnavailable,
    StrictNumbers,
    Unauthenticated,
    Unsupported,
    misses_reference,
    refuses_text,
    storage_problem,
)

from . import DialectOptions
from ._access import PUBLIC, GuardedRoute
from ._limits import MOST_BODY, MOST_UPLOAD, LimitBody, check_length, too_large
from ._methods import Methods
from ._postman import collection
from ._problems import FILLED, NO_NUL, request_problems
from ._strict import JSON, content_type

log = structlog.get_logger(__name__)

T = TypeVar("T")

MAX_ID = 2**63 - 1
LARGE = 256 * 1024
"""Bodies of more bytes are decoded beside the event loop."""
MOST_LEVELS = 64
"""Lists and objects in one another that a body may have; no API here needs a third of it."""
RETRY_STORAGE_S = "30"
RETRY_AWAY_S = "2"
"""Seconds after which it is worth asking again: a disk is full for long, a database restarts in seconds."""
ADDRESS = "the address of the API"
"""Stands in a collection that is kept until somebody asks for it."""
REPEAT_SAFELY = "Repeat it with the same Idempotency-Key, or look first."
"""What a caller does who does not know whether it was done."""


class Failure(msgspec.Struct, kw_only=True):
    """A failure on its way to a dialect's envelope. `details`: field to messages where fields are known."""

    status: int
    code: str
    message: str
    details: Any = None
    headers: dict[str, str] = {}


Renderer = Callable[[Request, Failure], Response]
"""Makes a dialect's own answer of a failure."""

STATUS: tuple[tuple[type[JackfieldError], int], ...] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (LimitReached, 429),
    (Unsupported, 501),
    (Invalid, 400),
)
"""The core's errors as HTTP statuses; a dialect may translate further."""


def failure_of(error: Exception) -> Failure:
    """Any exception as a failure. An unexpected one is logged, and its text is not shown."""
    if isinstance(error, JackfieldError):
        status = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
        headers = {}
        if isinstance(error, LimitReached):
            headers["Retry-After"] = str(max(1, round(error.retry_after or 1)))
            if error.code == "OVERLOADED":
                status = 503
        if isinstance(error, Unsupported):
            # The request is well understood; this channel's engine cannot do it.
            status = 422
        return Failure(status=status, code=error.code, message=error.message, details=error.details, headers=headers)
    if isinstance(error, SendError):
        return Failure(status=502, code=error.code, message=error.message)
    if isinstance(error, RequestValidationError):
        return _validation(error)
    if isinstance(error, HTTPException):
        codes = {
            401: "UNAUTHORIZED",
            403: "FORBIDDEN",
            404: "NOT_FOUND",
            405: "METHOD_NOT_ALLOWED",
            413: "TOO_LARGE",
            415: "UNSUPPORTED_MEDIA_TYPE",
            431: "HEADERS_TOO_LARGE",
        }
        texts = {404: "There is no such URL.", 405: "This URL does not support this method."}
        code = codes.get(error.status_code, "ERROR" if error.status_code >= 500 else "BAD_REQUEST")
        message = texts.get(error.status_code, str(error.detail))
        return Failure(status=error.status_code, code=code, message=message, headers=dict(error.headers or {}))
    if isinstance(error, Overloaded):
        return Failure(
            status=503,
            code="OVERLOADED",
            message="The server is overloaded; try again in a moment.",
            headers={"Retry-After": "1"},
        )
    if isinstance(error, ClientDisconnect):
        # Nobody reads this.
        return Failure(status=400, code="BAD_REQUEST", message="The connection was closed in the middle of the body.")
    if (problem := storage_problem(error)) is not None:
        return Failure(
            status=503,
            code="STORAGE_UNAVAILABLE",
            message=problem.message,
            headers={"Retry-After": RETRY_AWAY_S if problem.message == problem.AWAY else RETRY_STORAGE_S},
        )
    if isinstance(error, CommitUnknown):
        return Failure(status=504, code="OUTCOME_UNKNOWN", message=f"{error.message} {REPEAT_SAFELY}")
    if isinstance(error, UnicodeError):
        return Failure(
            status=400, code="VALIDATION_ERROR", message="The request contains text that is not valid Unicode."
        )
    if refuses_text(error):
        return Failure(
            status=400, code="VALIDATION_ERROR", message="The request contains characters that cannot be stored."
        )
    if misses_reference(error):
        return Failure(
            status=404,
            code="NOT_FOUND",
            message="Something that the request refers to does not exist, or no longer does.",
        )
    log.error("unexpected failure", exc_info=error)
    return Failure(status=500, code="INTERNAL_ERROR", message="An internal error occurred; it has been logged.")


def _validation(error: RequestValidationError) -> Failure:
    errors = error.errors()
    if any(one["type"] == "json_invalid" for one in errors):
        return Failure(status=400, code="INVALID_JSON", message="The body is not valid JSON.")
    details = request_problems(errors, error.body)
    field, why = next(iter(details.items()), ("body", ["Is not valid."]))
    return Failure(status=400, code="VALIDATION_ERROR", message=f"{field}: {why[0]}", details=details)


def build_app(
    *,
    title: str,
    render: Renderer,
    description: str = "",
    version: str = "1",
    docs: bool = True,
    options: DialectOptions | None = None,
    larger: Mapping[str, int] | None = None,
) -> FastAPI:
    """A sub-app whose every failure goes through `render`.

    `options` says how large bodies may be, `larger` which addresses take bodies so many times as large.
    """
    app = FastAPI(
        title=title,
        description=description,
        version=version,
        docs_url=None,
        redoc_url=None,
        # Served by _add_docs, so that it is made beside the requests and not between them.
        openapi_url=None,
        redirect_slashes=False,
    )

    app.router.route_class = GuardedRoute

    async def answer(request: Request, error: Exception) -> Response:
        return render(request, failure_of(error))

    for kind in (
        JackfieldError,
        SendError,
        RequestValidationError,
        HTTPException,
        Overloaded,
        UnicodeError,
        StorageError,
        StorageUnavailable,
        CommitUnknown,
    ):
        app.add_exception_handler(kind, answer)

    def refuse(request: Request, error: Exception) -> Response:
        return render(request, failure_of(error))

    app.add_middleware(
        LimitBody,
        maximum=options.max_body if options is not None else MOST_BODY,
        upload=options.max_upload if options is not None else MOST_UPLOAD,
        refuse=refuse,
        larger=larger,
    )
    app.add_middleware(Methods, of=app, refuse=refuse)
    app.add_middleware(_CatchAll, render=render)
    if docs:
        _add_docs(app, title, options.public_url if options is not None else "")
    return app


def _add_docs(app: FastAPI, title: str, public_url: str) -> None:
    """The page that shows the OpenAPI document, with its scripts from the installed package: it works with no
    network. Addresses are relative, so that it also works where the dialect is served at the root of a host. And the document
    as a collection for Postman and its like, whose addresses begin with `public_url`, or as the caller's."""
    spec = find_spec("swagger_ui")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    assets = Path(spec.submodule_search_locations[0]) / "static"
    app.mount("/docs-assets", StaticFiles(directory=assets))

    @app.get("/docs", include_in_schema=False, openapi_extra={PUBLIC: True})
    async def docs() -> Response:
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title=title,
            swagger_js_url="docs-assets/swagger-ui-bundle.js",
            swagger_css_url="docs-assets/swagger-ui.css",
            swagger_favicon_url="docs-assets/favicon-32x32.png",
        )

    written: dict[str, bytes] = {}
    one_at_a_time = asyncio.Lock()

    async def once(name: str, write: Callable[[], bytes]) -> bytes:
        # The first takes a second of CPU (native: 300 operations); in a thread, other requests are answered meanwhile.
        async with one_at_a_time:
            if name not in written:
                written[name] = await asyncio.to_thread(write)
        return written[name]

    async def described(request: Request) -> Response:
        root = request.scope.get("root_path", "").rstrip("/")

        def write() -> bytes:
            document = app.openapi()
            return msgspec.json.encode({**document, "servers": [{"url": root}]} if root else document)

        return Response(await once(f"openapi {root}", write), media_type="application/json")

    async def postman(request: Request) -> Response:
        origin = public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
        address = msgspec.json.encode(origin + request.scope.get("root_path", ""))
        made = await once("postman", lambda: msgspec.json.encode(collection(app.openapi(), ADDRESS)))
        return Response(made.replace(msgspec.json.encode(ADDRESS), address, 1), media_type="application/json")

    app.add_route("/openapi.json", described, include_in_schema=False)
    app.add_route("/postman.json", postman, include_in_schema=False)


class _CatchAll:
    """What no handler foresaw ends in the dialect's envelope too, unless the answer has already begun.

    Plain ASGI: Starlette's own http middleware costs about as much as a whole hot request.
    """

    def __init__(self, app: ASGIApp, render: Renderer) -> None:
        self._app = app
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            return  # nobody is there to answer
        except Exception as error:
            if begun:
                raise
            response = self._render(Request(scope, receive), failure_of(error))
            await response(scope, receive, send)


def iso(ms: int | None) -> str | None:
    """Unix ms as ISO 8601 in UTC with milliseconds, "2026-02-05T10:00:00.000Z"; None stays None."""
    if ms is None:
        return None
    # By whole seconds, because a float of ms / 1000 may round the last digit; isoformat costs a quarter of strftime.
    return f"{datetime.fromtimestamp(ms // 1000, UTC).isoformat()[:-6]}.{ms % 1000:03d}Z"


def json_response(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; msgspec structs and plain data alike."""
    return Response(msgspec.json.encode(data), status, headers=dict(headers or {}), media_type="application/json")


class Wire(StrictNumbers):
    """Base of request bodies: camelCase names, unknown fields refused, no NUL in any text, no number as true or false."""

    model_config = ConfigDict(
        extra="forbid", validate_by_name=True, validate_by_alias=True, loc_by_alias=True, str_strip_whitespace=False
    )


Str = Annotated[str, StringConstraints(pattern=NO_NUL)]
"""Text that every database can keep."""
Filled = Annotated[str, StringConstraints(pattern=FILLED)]
"""Text that shows something."""


def parse_id(value: object, what: str, code: str = "NOT_FOUND") -> int:
    """An id from a path or body. Raises NotFound for text that cannot be an id, as for another workspace's id."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and 0 < int(text) <= MAX_ID):
        raise NotFound(f"There is no {what} {str(value)[:40]!r}.", code=code)
    return int(text)


def credential(request: HTTPConnection, headers: Sequence[str]) -> str | None:
    """The caller's key or token from the first of these headers that is there; "bearer" means Authorization."""
    for name in headers:
        if name == "bearer":
            scheme, _, value = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer" and value.strip():
                return value.strip()
        elif value := request.headers.get(name, "").strip():
            return value
    return None


async def principal(core: Core, request: Request, headers: Sequence[str] = ("x-api-key", "bearer")) -> Principal:
    """Who is calling. Raises Unauthenticated that says what to send."""
    given = credential(request, headers)
    if given is None:
        raise Unauthenticated("Send your API key in X-API-Key, or Authorization: Bearer with a key or token.")
    return await core.accounts.authenticate(given)


def client_ip(request: Request, trusted: Container[str] = ()) -> str:
    """The caller's address; X-Forwarded-For counts only from proxies that the operator trusts."""
    direct = request.client.host if request.client else ""
    if direct not in trusted:
        return direct
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    for hop in reversed(hops):
        if hop not in trusted:
            return hop
    return direct


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What `work` gives, dropped when the caller hangs up: for what is costly and of no use to anybody else. Read the
    body first. Raises ClientDisconnect."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        for one in (task, gone):
            one.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def json_body(request: Request, limit: int = 2 * 1024 * 1024) -> Any:
    """The JSON body of a request. Raises Invalid (INVALID_JSON), HTTPException 413 and 415."""
    data = await read_body(request, limit)
    if data:
        content_type(request, JSON)
    return await decode_json(data)


async def decode_json(data: bytes) -> Any:
    """JSON as plain data; a large text is decoded beside the event loop. Raises Invalid (INVALID_JSON)."""
    try:
        found = json.loads(data) if len(data) <= LARGE else await asyncio.to_thread(json.loads, data)
    except (ValueError, RecursionError):
        raise Invalid("The body is not valid JSON.", code="INVALID_JSON") from None
    if nested_deeper(found, MOST_LEVELS):
        raise Invalid(f"The body is nested more than {MOST_LEVELS} levels deep.", code="INVALID_JSON")
    return found


def nested_deeper(value: Any, maximum: int) -> bool:
    """Whether data has more than `most` levels of lists and objects in one another."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(maximum):
        if not level:
            return False
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


async def read_body(request: Request, limit: int) -> bytes:
    """The body, refused as soon as it is larger than `limit` bytes. Raises HTTPException 413."""
    check_length(request.scope, limit)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise too_large(limit)
    return bytes(body)
