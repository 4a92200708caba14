"""Commands at a server elsewhere, through its native API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from jackfield.client import (
    ApiError,
    Campaign,
    CampaignPreview,
    Client,
    ImportResult,
    InboundProblem,
    Key,
    Profile,
    Reason,
    Sent,
)
from jackfield.core import NotFound, RefusedRow, refused_csv

from ._desk import Composed, Filling, Login, Progress, Server, upto

TIMEOUT_S = 3600.0
"""The longest call is an import: a million rows take minutes."""
MOST_WAIT_S = 60.0
"""The API waits for a network no longer than that."""


@asynccontextmanager
async def there(server: Server) -> AsyncIterator[Remote]:
    """A server, spoken to with its key."""
    async with Client(server.url, server.key, attempts=2, timeout=TIMEOUT_S) as client:
        yield Remote(client)


class Remote:
    """See Desk."""

    remote = True

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def api(self) -> Client:
        """See Desk."""
        return self._client

    async def profiles(self) -> list[Profile]:
        """See Desk."""
        return [one async for one in self._client.profiles.list()]

    async def profile(self, given: str | None) -> Profile:
        """See Desk."""
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

    async def add_profile(self, name: str, engine: str | None, config: Mapping[str, Any], key: str | None) -> Profile:
        """See Desk."""
        fields = {"key": key} if key is not None else {}
        return await self._client.profiles.create(name, engine, config=dict(config), **fields)

    async def connect(self, profile_id: str) -> None:
        """See Desk."""
        await self._client.profiles.connect(profile_id)

    async def login(self, profile_id: str) -> Login:
        """See Desk."""
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
        """See Desk."""
        return nullcontext()

    def is_online(self, profile: Profile) -> bool:
        """See Desk."""
        return profile.status == "connected"

    def somebody_sends(self) -> bool:
        """See Desk."""
        return True

    async def send(self, profile: Profile, to: str, text: str, at: str | None, wait: float) -> Sent:
        """See Desk."""
        messages = self._client.messages
        if at is not None:
            return await messages.text(to, text, profile=profile.id, at=at)
        return await messages.text(to, text, profile=profile.id, wait=min(wait, MOST_WAIT_S))

    async def send_in_chat(self, chat_id: int, text: str, wait: float) -> Sent:
        """See Desk."""
        path = f"/chats/{chat_id}/messages"
        answer = await self._client.post(path, {"text": text}, wait=min(wait, MOST_WAIT_S))
        return msgspec.convert(answer, Sent)

    async def preview(
        self, profile: Profile, what: Composed, audience: Mapping[str, Any], filling: Filling
    ) -> CampaignPreview:
        """See Desk."""
        return await self._client.campaigns.preview(
            what.content, type=what.kind, audience=audience, profile=profile.id, **filling.options()
        )

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
        """See Desk."""
        return await self._client.campaigns.create(
            name,
            what.content,
            type=what.kind,
            audience=audience,
            profile=profile.id,
            at=at,
            start=start,
            **filling.options(),
        )

    async def campaigns(self, maximum: int) -> list[Campaign]:
        """See Desk."""
        return await upto(maximum, self._client.campaigns.list(limit=min(maximum, 100)))

    async def campaign(self, campaign_id: int) -> Campaign:
        """See Desk."""
        return await self._client.campaigns.get(str(campaign_id))

    async def reasons(self, campaign_id: int) -> list[Reason]:
        """See Desk."""
        return (await self._client.campaigns.stats(str(campaign_id))).reasons

    async def move(self, campaign_id: int, verb: str) -> Campaign:
        """See Desk."""
        campaigns = self._client.campaigns
        moves = {"pause": campaigns.pause, "resume": campaigns.resume, "cancel": campaigns.cancel}
        return await moves[verb](str(campaign_id))

    async def keys(self, revoked: bool) -> list[Key]:
        """See Desk."""
        return [one async for one in self._client.keys.list(revoked=revoked)]

    async def create_key(self, name: str, scopes: list[str] | None, channel: int | None, expires_at: int | None) -> Key:
        """See Desk."""
        return await self._client.keys.create(
            name,
            scopes=scopes,
            profile=str(channel) if channel is not None else None,
            expires_at=_iso(expires_at) if expires_at is not None else None,
        )

    async def revoke_key(self, key_id: int) -> None:
        """See Desk."""
        await self._client.keys.revoke(str(key_id))

    async def problems(
        self, reason: str | None, channel: int | None, resolved: bool, maximum: int
    ) -> list[InboundProblem]:
        """See Desk."""
        filters = {"reason": reason, "profileId": channel, "status": "all" if resolved else "open"}
        chosen = {name: value for name, value in filters.items() if value is not None}
        return await upto(maximum, self._client.inbound.list(limit=min(maximum, 200), **chosen))

    async def replay_problem(self, problem_id: int) -> InboundProblem:
        """See Desk."""
        return await self._client.inbound.replay(str(problem_id))

    async def replay_problems(self, reason: str | None, channel: int | None) -> tuple[int, int]:
        """See Desk."""
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
        default_country: str | None,
        mapping: Mapping[str, Any] | None,
        on_duplicate: str,
        list_name: str | None,
        refused_file: Path | None,
        encoding: str | None,
        sheet: str | None,
        progress: Progress,
    ) -> ImportResult:
        """See Desk. How far the server is cannot be seen from here."""
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
            rows = [
                RefusedRow(line=one.line, value=one.value, code=one.code, reason=one.reason, cells=one.cells)
                for one in report.refused
            ]
            refused_file.write_bytes(b"".join(refused_csv(rows, report.titles)))
        return report

    async def personal_data(self, contact_id: int) -> dict[str, Any]:
        """See Desk."""
        return await self._client.contacts.personal_data(str(contact_id))

    async def erase(self, contact_id: int) -> dict[str, Any]:
        """See Desk."""
        return await self._client.contacts.erase(str(contact_id))

    async def preview_contacts(
        self,
        file: Path,
        *,
        default_country: str | None,
        mapping: Mapping[str, Any] | None,
        encoding: str | None,
        sheet: str | None,
    ) -> dict[str, Any]:
        """See Desk."""
        return await self._client.contacts.preview_file(
            file, default_country=default_country, mapping=mapping, encoding=encoding, sheet=sheet
        )


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
