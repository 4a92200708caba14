"""What each endpoint asks of its caller, and asking it before anything of the request is read.

A route says what it asks by its dependency on a `Guard`; that is the one place where it stands. The route's class calls
the guard before the body is taken in, so that nobody without the right has anything parsed; `requirements` lists it all
for the documentation and for the test that walks every endpoint.
"""

# No `from __future__ import annotations`: FastAPI reads the types of `Guard.__call__`, and finds those of an object only
# when they are no strings.

import re
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, Final, Protocol

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute, _IncludedRouter
from starlette.routing import BaseRoute, compile_path

from jackfield.core import PendingEntry, audited

from ._limits import MOST_UNKNOWN, check_length, limited
from ._strict import known_queries, lists_of, queries_of

PUBLIC: Final = "x-public"
"""Marks an operation that anybody may call, in its `openapi_extra`."""
LOGIN: Final = "x-login"
"""Marks an operation that takes a login, in its `openapi_extra`: the documentation shows it with a token."""
SCOPE: Final = "x-scope"
"""The scope of an operation that asks for it by itself, in its `openapi_extra`."""

_READING: Final = threading.RLock()
"""Held while a route is made whole: a document may be written in another thread meanwhile."""


class Note(Protocol):
    """An entry of the audit log that is begun before a request is carried out, and finished after it."""

    entry: PendingEntry

    async def finish(self) -> None:
        """Have it written, where the request's transaction has not."""


class Guard:
    """A dependency that gives the caller, who must have a scope (None: whoever has proved who they are).

    `identify` tells who calls; what it gives has `require(scope)`. `who` says what it takes, for people: "key", "login",
    "key or login". `count` is told of each request that is let in; `limit` is asked first of all and may refuse; `note`
    gives what the audit log is to say of it.
    """

    def __init__(
        self,
        identify: Callable[[Request], Awaitable[Any]],
        scope: str | None = None,
        *,
        who: str = "key or login",
        count: Callable[[Request, Any], None] | None = None,
        limit: Callable[[Request], Awaitable[None]] | None = None,
        note: Callable[[Request, Any, str], Note | None] | None = None,
    ) -> None:
        self._identify = identify
        self._limit = limit
        self._count = count
        self._note = note
        self.scope = scope
        self.who = who

    async def __call__(self, request: Request) -> Any:
        """The caller, asked once per request. Raises Unauthenticated, Forbidden."""
        known: dict[Guard, Any] = request.scope.setdefault("jackfield.callers", {})
        if self not in known:
            if self._limit is not None:
                await self._limit(request)
            caller = await self._identify(request)
            if self.scope is not None:
                caller.require(self.scope)
            if self._count is not None:
                self._count(request, caller)
            known[self] = caller
        return known[self]

    async def begin_note(self, request: Request) -> Note | None:
        """What the audit log is to say of the request, if it says anything."""
        if self._note is None or self.scope is None:
            return None
        return self._note(request, await self(request), self.scope)


class ReadsQuery:
    """Base of a dependency that reads the query itself, and refuses what it does not know."""


class GuardedRoute(APIRoute):
    """A route whose guards are asked before the body is read, and which refuses query parameters that it has not.

    `beside`: parameters that are taken everywhere. `once`: one that is no list is refused when it is given several times.

    A route is made whole when it is first called, or asked about. Until then it has what tells whether it is meant: reading
    the parameters of all 285 native routes took 0.7 s (CPU) of each start and of each command of the command line.
    """

    beside: frozenset[str] = frozenset()
    once: bool = False

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        # Endpoints answer with bytes, so what they say that they return is the document's business alone.
        self._unread = (path, endpoint, {**options, "response_model": None})
        self.path, self.endpoint = path, endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.methods = {method.upper() for method in options.get("methods") or ["GET"]}

    def __getattr__(self, name: str) -> Any:
        """What is not there yet is read now: the endpoint's parameters and all that follows from them."""
        with _READING:
            unread = self.__dict__.pop("_unread", None)
            if unread is not None:
                path, endpoint, options = unread
                super().__init__(path, endpoint, **options)
        if name in self.__dict__:
            return self.__dict__[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name}")

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The handler, behind the route's guards."""
        handler = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            await self.admit(request)
            self.check_query(request)
            begun = [await guard.begin_note(request) for guard in self._own_guards]
            notes = [note for note in begun if note is not None]
            with audited(notes[0].entry if notes else None):
                answer = await handler(request)
            if answer.status_code < 400:
                for note in notes:
                    await note.finish()
            return answer

        return guarded

    async def admit(self, request: Request) -> None:
        """Ask the guards; where there are none, let the request have a small body only. Raises what they raise."""
        for guard in self._own_guards:
            await guard(request)
        if not self._own_guards and self._is_public:
            check_length(request.scope, MOST_UNKNOWN)
            request._receive = limited(request.receive, MOST_UNKNOWN)

    @cached_property
    def _own_guards(self) -> list[Guard]:
        return self.guards

    @cached_property
    def _is_public(self) -> bool:
        return bool((self.openapi_extra or {}).get(PUBLIC))

    def check_query(self, request: Request) -> None:
        """Raises Invalid that names the query parameters which this route does not have, or not so often."""
        if request.scope["query_string"] and not self._reads_query:
            known_queries(request, self.queries, self.beside, self._lists if self.once else None)

    @cached_property
    def queries(self) -> frozenset[str]:
        """The names of the query parameters that the route takes."""
        return queries_of(self)

    @cached_property
    def _lists(self) -> frozenset[str]:
        return lists_of(self)

    @cached_property
    def _reads_query(self) -> bool:
        return any(isinstance(one.call, ReadsQuery) for one in self.dependant.dependencies)

    @property
    def guards(self) -> list[Guard]:
        """The guards among the route's dependencies."""
        return [one.call for one in self.dependant.dependencies if isinstance(one.call, Guard)]


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """What one endpoint asks: a scope (None: none), and of whom ("anybody": nothing is asked)."""

    path: str
    method: str
    scope: str | None
    who: str


def requirements(routes: Iterable[BaseRoute], prefix: str = "") -> list[Requirement]:
    """What every endpoint of an app asks, by path. Raises LookupError for a route that does not say."""
    found: list[Requirement] = []
    for path, route in api_routes(routes):
        extra = route.openapi_extra or {}
        guards = [one.call for one in route.dependant.dependencies if isinstance(one.call, Guard)]
        if extra.get(PUBLIC):
            scope, who = None, "anybody"
        elif extra.get(SCOPE):
            scope, who = str(extra[SCOPE]), "key or login"
        elif guards:
            scope = next((guard.scope for guard in guards if guard.scope is not None), None)
            who = guards[0].who
        else:
            raise LookupError(f"{sorted(route.methods or ())} {path} does not say whom it lets in")
        for method in sorted(route.methods or ()):
            found.append(Requirement(path=prefix + path, method=method, scope=scope, who=who))
    return sorted(found, key=lambda one: (one.path, one.method))


def shown_path(path: str) -> str:
    """A route's path as documents show it: without the kinds of its parameters (`{id:path}`)."""
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def api_routes(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, APIRoute]]:
    """The routes with their whole paths. FastAPI keeps those of an included router in it, behind its prefix."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route.path, route
        elif isinstance(route, _IncludedRouter):
            for context in route.effective_route_contexts():
                if isinstance(context.original_route, APIRoute):
                    yield context.path, context.original_route
