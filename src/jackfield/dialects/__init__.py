"""API surfaces. `DIALECTS` is the registry: one line adds a dialect.

A dialect is a module with `build(core, options) -> ASGI app`, mounted under each of its prefixes, and optionally webhook
formats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from jackfield.core import AddressRanges, Core

LABEL = "jackfield.label"
"""Key of a request's scope: an object whose `workspace_id` is set once it is known who calls, for the log."""


class DialectOptions(msgspec.Struct, kw_only=True):
    """What a dialect needs to know of its surroundings. Sizes in bytes."""

    trusted_proxies: AddressRanges = AddressRanges()
    max_body: int = 2 * 1024 * 1024
    max_upload: int = 100 * 1024 * 1024
    public_url: str = ""
    phone_engine: str = ""
    """The engine that pairs a new phone where no other is asked for."""


class Refusal(msgspec.Struct, frozen=True):
    """A request that is refused before any dialect has seen it."""

    status: int
    code: str
    message: str
    headers: dict[str, str]


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """A dialect: its name, where it is mounted, and the module that builds it."""

    name: str
    prefixes: tuple[str, ...]
    module: str

    def build(self, core: Core, options: DialectOptions) -> Any:
        """The ASGI app."""
        build: Callable[[Core, DialectOptions], Any] = import_module(self.module).build
        return build(core, options)

    def hot_routes(self, core: Core, options: DialectOptions) -> Sequence[Any]:
        """Routes of whole addresses that go before the app's own, because they are called most."""
        routes: Callable[[Core, DialectOptions], Sequence[Any]] | None
        routes = getattr(import_module(self.module), "hot_routes", None)
        return routes(core, options) if routes is not None else ()

    def refuse(self, scope: Scope, refusal: Refusal) -> Response | None:
        """The refusal in this dialect's envelope: by its module's `fail`, which takes a request and a failure."""
        fail = getattr(import_module(self.module), "fail", None)
        if fail is None:
            return None
        from ._kit import Failure

        failure = Failure(
            status=refusal.status, code=refusal.code, message=refusal.message, headers=dict(refusal.headers)
        )
        answer: Response = fail(Request(scope), failure)
        return answer

    def webhook_formats(self) -> Mapping[str, Any]:
        """Webhook formats of this dialect, by name."""
        formats: Callable[[], Mapping[str, Any]] | None = getattr(import_module(self.module), "webhook_formats", None)
        return formats() if formats is not None else {}


DIALECTS: tuple[Dialect, ...] = (
    Dialect(name="native", prefixes=("/api/v1", "/api"), module="jackfield.dialects.native"),
    Dialect(name="pabbly", prefixes=("/pabbly",), module="jackfield.dialects.pabbly"),
    Dialect(name="chitchatlabs", prefixes=("/chitchatlabs",), module="jackfield.dialects.chitchatlabs"),
    Dialect(name="chattu", prefixes=("/chattu",), module="jackfield.dialects.chattu"),
    Dialect(name="chatly", prefixes=("/chatly",), module="jackfield.dialects.chatly"),
)
