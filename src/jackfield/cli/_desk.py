"""Where a command does its work: on the configured database here, or at a server elsewhere (`--url`, `--key`).

Both sides speak in the models of `jackfield.client`, so that a command is written once.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar, get_type_hints

import typer

from jackfield.client import (
    Campaign,
    CampaignPreview,
    Client,
    ImportResult,
    InboundProblem,
    Key,
    Pages,
    Profile,
    Reason,
    Sent,
)
from jackfield.core import NEEDS_A_PERSON, Conflict

from ._common import MOST_ID, clear_errors

T = TypeVar("T")
P = ParamSpec("P")

Progress = Callable[[int, int], None]
"""Told how far an import is: bytes read of the file, rows."""


class Login(NamedTuple):
    """How far a channel is with its connection; `code` is to be scanned or typed on the phone."""

    profile: Profile
    code: str | None
    scan: bool


class Composed(NamedTuple):
    """What a campaign says: a kind of content and its fields, as the API names them."""

    kind: str
    content: Mapping[str, Any]


class Filling(NamedTuple):
    """What contacts read who lack a value: a text by placeholder, and what is done without one."""

    fallbacks: Mapping[str, str] = {}
    missing: str | None = None

    def options(self) -> dict[str, Any]:
        """Those that were chosen."""
        given = {"fallbacks": dict(self.fallbacks), "missing": self.missing}
        return {name: value for name, value in given.items() if value}


class Desk(Protocol):
    """What commands ask for. Every method raises JackfieldError here, ApiError or ConnectionFailed elsewhere."""

    remote: bool

    @property
    def api(self) -> Client:
        """The native API, for what has no method here. Raises ApiError, ConnectionFailed."""
        ...

    async def profiles(self) -> list[Profile]:
        """All channels."""
        ...

    async def profile(self, given: str | None) -> Profile:
        """The channel that a command means: by id, by key, or the default one."""
        ...

    async def add_profile(self, name: str, engine: str | None, config: Mapping[str, Any], key: str | None) -> Profile:
        """A new channel."""
        ...

    async def connect(self, profile_id: str) -> None:
        """Bring a channel up."""
        ...

    async def login(self, profile_id: str) -> Login:
        """How far that is."""
        ...

    def working(self) -> AbstractAsyncContextManager[object]:
        """Make sure that somebody sends for the while."""
        ...

    def is_online(self, profile: Profile) -> bool:
        """Whether a channel's connection is there for requests of this command."""
        ...

    def somebody_sends(self) -> bool:
        """Whether somebody will send when this command has ended."""
        ...

    async def send(self, profile: Profile, to: str, text: str, at: str | None, wait: float) -> Sent:
        """One text; `at` is ISO 8601, in the workspace's zone where it names none, `wait` for the network in seconds."""
        ...

    async def send_in_chat(self, chat_id: int, text: str, wait: float) -> Sent:
        """One text in a chat; `wait` for the network in seconds."""
        ...

    async def preview(
        self, profile: Profile, what: Composed, audience: Mapping[str, Any], filling: Filling
    ) -> CampaignPreview:
        """Whom a campaign would reach, and how many lack what."""
        ...

    async def broadcast(
        self,
        profile: Profile,
        name: str,
        what: Composed,
        audience: Mapping[str, Any],
        at: str | None,
        filling: Filling,
        *,
        start: bool = True,
    ) -> Campaign:
        """A campaign; `at` as in `send`. A draft without `start`."""
        ...

    async def campaigns(self, maximum: int) -> list[Campaign]:
        """The newest campaigns with their counts."""
        ...

    async def campaign(self, campaign_id: int) -> Campaign:
        """One of them."""
        ...

    async def reasons(self, campaign_id: int) -> list[Reason]:
        """Why recipients did not get it."""
        ...

    async def move(self, campaign_id: int, verb: str) -> Campaign:
        """pause, resume or cancel."""
        ...

    async def keys(self, revoked: bool) -> list[Key]:
        """API keys without secrets."""
        ...

    async def create_key(self, name: str, scopes: list[str] | None, channel: int | None, expires_at: int | None) -> Key:
        """A key with its secret; `expires_at` in Unix ms."""
        ...

    async def revoke_key(self, key_id: int) -> None:
        """It stops working at once."""
        ...

    async def problems(
        self, reason: str | None, channel: int | None, resolved: bool, maximum: int
    ) -> list[InboundProblem]:
        """The newest inbound problems, with resolved ones where asked for."""
        ...

    async def replay_problem(self, problem_id: int) -> InboundProblem:
        """Try one again."""
        ...

    async def replay_problems(self, reason: str | None, channel: int | None) -> tuple[int, int]:
        """Try all open ones again; how many, and how many of them are resolved now."""
        ...

    async def import_contacts(
        self,
        file: Path,
        *,
        default_country: str | None,
        mapping: Mapping[str, Any] | None,
        on_duplicate: str,
        list_name: str | None,
        refused_file: Path | None,
        encoding: str | None,
        sheet: str | None,
        progress: Progress,
    ) -> ImportResult:
        """Contacts from a file; the refused rows go to `refused_file` as CSV."""
        ...

    async def personal_data(self, contact_id: int) -> dict[str, Any]:
        """All that is known of a contact."""
        ...

    async def erase(self, contact_id: int) -> dict[str, Any]:
        """Forget a contact; how many rows of each kind there were."""
        ...

    async def preview_contacts(
        self,
        file: Path,
        *,
        default_country: str | None,
        mapping: Mapping[str, Any] | None,
        encoding: str | None,
        sheet: str | None,
    ) -> dict[str, Any]:
        """What an import of a file would do, as the API tells it."""
        ...


CONNECTED_S = 30.0
"""How long a channel may take to connect for a command that needs it."""


async def upto(maximum: int, pages: Pages[T]) -> list[T]:
    """The first so many of a list."""
    rows: list[T] = []
    async for one in pages:
        rows.append(one)
        if len(rows) == maximum:
            break
    return rows


@asynccontextmanager
async def connected(desk: Desk, profile: Profile) -> AsyncIterator[None]:
    """Have a channel connected for the while, which takes a worker here where no server runs. Raises Conflict."""
    async with desk.working() as ours:
        if desk.remote:
            yield
            return
        if ours is False:
            raise Conflict(
                "A server runs on this data folder and holds the channel's connection: "
                "say its address with --url and a key with --key."
            )
        deadline = asyncio.get_running_loop().time() + CONNECTED_S
        while not desk.is_online(profile):
            now = await desk.profile(profile.id)
            if now.status in NEEDS_A_PERSON or asyncio.get_running_loop().time() > deadline:
                raise Conflict(
                    f"{now.name} is not connected: {now.status_reason or now.status}. `jackfield channel pair {now.id}`"
                )
            await asyncio.sleep(0.1)
        yield


class Server(NamedTuple):
    """A server elsewhere. Its repr shows no key."""

    url: str
    key: str

    def __repr__(self) -> str:
        return f"Server({self.url!r})"


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
        from ._remote import there

        async with there(server) as desk:
            return await function(desk, **kwargs)
    from ._local import here

    async with here(workspace) as desk:
        return await function(desk, **kwargs)
