"""Requests as they end: counted by route."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Scope

from jackfield.core import Meters

from .front import ROUTE

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
NONE: Final = "none"
"""The route of what no route answers: addresses are as many as there are people who try them."""


class RequestsSeen:
    """Counts each request under the template of its route. `routes` are the root's."""

    def __init__(self, meters: Meters, routes: Iterable[BaseRoute]) -> None:
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
        self._seconds.observe((method, route), seconds)

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
