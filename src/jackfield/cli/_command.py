"""A command that works here or at a server elsewhere: the options that say where, and the desk that they choose."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar, get_type_hints

import typer

from ._common import MOST_ID, clear_errors
from ._desk import Desk, Server, there

T = TypeVar("T")
P = ParamSpec("P")

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="JACKFIELD_URL",
        help="Work at the server of this address instead of on the database here.",
        rich_help_panel="Where",
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        envvar="JACKFIELD_API_KEY",
        show_envvar=True,
        help="API key for that server; the variable keeps it out of the shell's history.",
        rich_help_panel="Where",
    ),
]
Workspace = Annotated[
    int | None,
    typer.Option(
        "--workspace",
        min=1,
        max=MOST_ID,
        help="Workspace id on the database here; the first one when left out.",
        rich_help_panel="Where",
    ),
]
_OPTIONS = {"url": Url, "api_key": KeyOption, "workspace": Workspace}


def chosen_server(ctx: typer.Context, url: str | None, key: str | None, workspace: int | None) -> Server | None:
    """The server that was asked for: by the command's own options, by those before it, else by the environment.

    Raises typer.BadParameter."""
    before = ctx.find_root().obj or {}
    url = _written(ctx, "url", url) or before.get("url") or url
    key = _written(ctx, "api_key", key) or before.get("key") or key
    if not url:
        if before.get("key"):
            raise typer.BadParameter("--key is for a server elsewhere: give its address with --url too.")
        return None
    if not url.startswith(("http://", "https://")):
        raise typer.BadParameter(f"--url {url!r}: write an address such as https://messages.example.com")
    if not key:
        raise typer.BadParameter("A server wants an API key: --key, or JACKFIELD_API_KEY in the environment.")
    if workspace is not None:
        raise typer.BadParameter(
            "--workspace is for the database here; at a server the key says which workspace it is."
        )
    return Server(url, key)


def _written(ctx: typer.Context, name: str, value: str | None) -> str | None:
    """The value of an option that was written down, not taken from the environment."""
    source = ctx.get_parameter_source(name)
    return None if source is not None and source.name == "ENVIRONMENT" else value


def at_desk(function: Callable[Concatenate[Desk, P], Awaitable[T]]) -> Callable[..., T]:
    """An async function as a command that works here or at a server: the desk comes as its first argument, and
    `--url`, `--key` and `--workspace` are added to its options. Errors end with their message and status 1."""

    @functools.wraps(function)
    def run(ctx: typer.Context, **kwargs: Any) -> T:
        url, key, workspace = (kwargs.pop(name) for name in _OPTIONS)
        server = chosen_server(ctx, url, key, workspace)
        with clear_errors():
            return asyncio.run(_seated(function, server, workspace, kwargs))
        raise AssertionError("unreachable")

    own = inspect.signature(function, eval_str=True)
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in _OPTIONS.items()
    ]
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    given = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in list(own.parameters.values())[1:]]
    hints = get_type_hints(function, include_extras=True)
    run.__annotations__ = {one.name: hints[one.name] for one in given} | _OPTIONS | {"ctx": typer.Context}
    run.__signature__ = inspect.Signature([context, *given, *added])  # type: ignore[attr-defined]
    return run


async def _seated(
    function: Callable[..., Awaitable[T]], server: Server | None, workspace: int | None, kwargs: dict[str, Any]
) -> T:
    if server is not None:
        async with there(server) as desk:
            return await function(desk, **kwargs)
    from ._local import here  # brings the native API with it, which a command at a server elsewhere does not need

    async with here(workspace) as desk:
        return await function(desk, **kwargs)
