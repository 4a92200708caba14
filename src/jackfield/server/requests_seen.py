"""Requests as they end: counted by route; the slow ones, the failed ones and a sample of the rest are logged."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, Final

import structlog
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Scope

from jackfield.core import Meters

from .front import ROUTE
from .overload import OPEN_ENDED

log = structlog.get_logger(__name__)

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
NONE: Final = "none"
"""The route of what no route answers: addresses are as many as there are people who try them."""


class RequestsSeen:
    """Counts each request under the template of its route. `routes` are the root's. Logged are requests that took `slow`
    seconds (0: none for that), those answered 500 and more, and the share `sampled` of all others."""

    def __init__(self, meters: Meters, routes: Iterable[BaseRoute], *, slow: float = 0.0, sampled: float = 0.0) -> None:
        self._slow = slow or float("inf")
        self._sampled = sampled
        self._requests = meters.http_requests
        self._seconds = meters.http_seconds
        self._paths: dict[Any, str] = {}
        self._mounts = {""}
        for route in routes:
            if isinstance(route, Route):
                self._paths.setdefault(route.endpoint, route.path)
            elif isinstance(route, Mount):
                self._mounts.add(route.path)
                self._paths.setdefault(route.app, route.path)

    def __call__(self, scope: Scope, status: int, seconds: float) -> None:
        """A request has ended."""
        method = scope["method"] if scope["method"] in METHODS else NONE
        route = self.route_of(scope)
        self._requests.add((method, route, str(status)))
        waits = _is_to_wait(scope)
        if not waits:
            self._seconds.observe((method, route), seconds)
        if seconds >= self._slow and not waits:
            self._log("slow request", method, route, status, seconds)
        elif status >= 500:
            self._log("failed request", method, route, status, seconds)
        elif self._sampled and random.random() < self._sampled:
            self._log("request", method, route, status, seconds)

    @staticmethod
    def _log(text: str, method: str, route: str, status: int, seconds: float) -> None:
        write = log.info if status < 500 else log.warning
        write(text, method=method, route=route, status=status, seconds=round(seconds, 4))

    def route_of(self, scope: Scope) -> str:
        """The template of the route that answered."""
        known = scope.get(ROUTE)
        if known is not None:
            return str(known)
        route = scope.get("route")
        if isinstance(route, Mount):
            # Files, and addresses below it at which there is nothing.
            return f"{route.path}/*"
        path = getattr(route, "path", None)
        if path is not None:
            at = scope.get("root_path", "")
            return f"{at}{path}" if at in self._mounts else str(path)
        return self._paths.get(scope.get("endpoint"), NONE)


def _is_to_wait(scope: Scope) -> bool:
    """Whether a request lasts because its caller wants it to: a stream, or a send that waits for the network."""
    return scope["path"].endswith(OPEN_ENDED) or b"wait=" in scope["query_string"]
