"""Where a command does its work: at a server elsewhere (`--url`, `--key`), or on the configured database here.

Both speak in the models of `jackfield.client`, so that a command is written once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from jackfield.client import ApiError, Client, ImportResult, Pages, Profile, Sent
from jackfield.core import Conflict, NotFound

T = TypeVar("T")

TIMEOUT_S = 3600.0
"""The longest call is an import: a million rows take minutes."""
MOST_WAIT_S = 60.0
"""The API waits for a network no longer than that."""


Progress = Callable[[int, int], None]
"""Told how far an import is: bytes read of the file, rows."""


def unseen(_read: int, _rows: int) -> None:
    """Progress that nobody looks at."""


class Login(NamedTuple):
    """How far a channel is with its connection; `code` is to be scanned or typed on the phone."""

    profile: Profile
    code: str | None
    scan: bool


class Server(NamedTuple):
    """A server elsewhere. Its repr shows no key."""

    url: str
    key: str

    def __repr__(self) -> str:
        return f"Server({self.url!r})"


class Desk:
    """Work at a server, through its native API; `_local.Local` is the database here.

    Calls raise ApiError or ConnectionFailed at a server, JackfieldError here."""

    remote = True

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def api(self) -> Client:
        """The native API, for what has no method here."""
        return self._client

    async def profiles(self) -> list[Profile]:
        """All channels."""
        return [one async for one in self._client.profiles.list()]

    async def profile(self, given: str | None) -> Profile:
        """The channel that a command means: by id, by key, or the default one. Raises NotFound."""
        if given is not None and given.isascii() and given.isdigit():
            return await self._client.profiles.get(given)
        known = await self.profiles()
        for one in known:
            if one.key == given if given is not None else one.is_default:
                return one
        if given is None and len(known) == 1:
            return known[0]  # a key that is narrowed to one channel sees no other
        what = f"no profile {given}" if given is not None else "no profile yet"
        raise NotFound(f"There is {what}.", code="PROFILE_NOT_FOUND")

    async def is_simulated(self, *, profile_id: str = "", message_id: str = "") -> bool:
        """Whether the people of a channel, or of a message's channel, are made up; no where the key may not see it."""
        try:
            channel = profile_id or (await self._client.messages.get(message_id)).profile_id
            return (await self._client.profiles.get(channel)).simulated
        except ApiError as error:
            if error.status in (403, 404):
                return False
            raise

    async def login(self, profile_id: str) -> Login:
        """How far the connection of a channel is."""
        profile = await self._client.profiles.get(profile_id)
        if profile.status == "pairing":
            try:
                code = await self._client.profiles.qr(profile_id)
            except ApiError as error:
                if error.code not in ("QR_NOT_AVAILABLE", "ALREADY_CONNECTED"):
                    raise
            else:
                return Login(profile, code.code, code.kind == "qr")
        return Login(profile, None, False)

    def working(self) -> AbstractAsyncContextManager[object]:
        """Make sure that somebody sends for the while."""
        return nullcontext()

    def is_online(self, profile: Profile) -> bool:
        """Whether a channel's connection is there for requests of this command."""
        return profile.status == "connected"

    def somebody_sends(self) -> bool:
        """Whether somebody will send when this command has ended."""
        return True

    async def send(self, profile: Profile, to: str, text: str, at: str | None, wait: float) -> Sent:
        """One text; `at` is ISO 8601, in the workspace's zone where it names none, `wait` for the network in seconds."""
        messages = self._client.messages
        if at is not None:
            return await messages.text(to, text, profile=profile.id, at=at)
        return await messages.text(to, text, profile=profile.id, wait=min(wait, MOST_WAIT_S))

    async def send_in_chat(self, chat_id: int, text: str, wait: float) -> Sent:
        """One text in a chat; `wait` for the network in seconds."""
        path = f"/chats/{chat_id}/messages"
        answer = await self._client.post(path, {"text": text}, wait=min(wait, MOST_WAIT_S))
        return msgspec.convert(answer, Sent)

    async def replay_problems(self, reason: str | None, channel: int | None) -> tuple[int, int]:
        """Try all open inbound problems again; how many, and how many of them are resolved now."""
        which = {"reason": reason, "profileId": channel}
        which = {name: value for name, value in which.items() if value is not None}
        tried = resolved = 0
        cursor: str | None = None
        while True:
            after = {"cursor": cursor} if cursor else {}
            done = await self._client.inbound.replay_all(**which, **after)
            tried, resolved, cursor = tried + done.tried, resolved + done.resolved, done.cursor
            if cursor is None:
                return tried, resolved

    async def import_contacts(
        self,
        file: Path,
        *,
        on_duplicate: str,
        default_country: str | None = None,
        mapping: Mapping[str, Any] | None = None,
        list_name: str | None = None,
        refused_file: Path | None = None,
        encoding: str | None = None,
        sheet: str | None = None,
        progress: Progress = unseen,
    ) -> ImportResult:
        """Contacts from a file; the refused rows go to `refused_file` as CSV. How far a server is cannot be seen from here."""
        report = await self._client.contacts.import_file(
            file,
            default_country=default_country,
            mapping=mapping,
            on_duplicate=on_duplicate,
            list=list_name,
            encoding=encoding,
            sheet=sheet,
        )
        progress(file.stat().st_size, report.rows)
        if refused_file is not None:
            from jackfield.core import RefusedRow, refused_csv

            rows = [
                RefusedRow(line=one.line, value=one.value, code=one.code, reason=one.reason, cells=one.cells)
                for one in report.refused
            ]
            refused_file.write_bytes(b"".join(refused_csv(rows, report.titles)))
        return report

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
        return await self._client.contacts.preview_file(
            file, default_country=default_country, mapping=mapping, encoding=encoding, sheet=sheet
        )


@asynccontextmanager
async def there(server: Server) -> AsyncIterator[Desk]:
    """A server, spoken to with its key."""
    async with Client(server.url, server.key, attempts=2, timeout=TIMEOUT_S) as client:
        yield Desk(client)


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
        from jackfield.core import NEEDS_A_PERSON

        deadline = asyncio.get_running_loop().time() + CONNECTED_S
        while not desk.is_online(profile):
            now = await desk.profile(profile.id)
            if now.status in NEEDS_A_PERSON or asyncio.get_running_loop().time() > deadline:
                raise Conflict(
                    f"{now.name} is not connected: {now.status_reason or now.status}. `jackfield channel pair {now.id}`"
                )
            await asyncio.sleep(0.1)
        yield
