"""The app: routes under the vendor's own path, one error shape, the documentation as markdown."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request, Response

from jackfield import __version__
from jackfield.core import Core

from .. import DialectOptions
from .._kit import Failure, build_app
from . import docs
from .context import BASE, Context
from .envelope import fail
from .fields import PabblyRoute
from .openapi import document
from .routes import broadcasts, contacts, messages, settings, templates
from .sending import SendFailed, failure

DESCRIPTION = """Pabbly Chatflow's API on Jackfield. Send your API key as `Authorization: Bearer`. Successes carry
`status: "success"`, `success: true`, `message` and `data`; failures `success: false`, `error` and `code`. The same as
markdown: `/pabbly/chatflow.md`."""


def build_pabbly(core: Core, options: DialectOptions) -> FastAPI:
    """The app to be mounted under /pabbly, or to be the whole of a host name."""
    app = build_app(
        title="Pabbly Chatflow on Jackfield", render=fail, description=DESCRIPTION, version=__version__, options=options
    )

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, SendFailed)
        shown: Failure = failure(error)
        return fail(request, shown)

    app.add_exception_handler(SendFailed, refused)
    context = Context(core, options)
    api = APIRouter(prefix=BASE, route_class=PabblyRoute)
    for routes in (messages, templates, broadcasts, contacts, settings):
        routes.register(api, context)
    app.include_router(api)
    docs.register(app, context)
    document(app)
    return app
