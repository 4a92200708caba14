"""Commands on the configured database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from jackfield.client import Campaign, CampaignPreview, ImportResult, InboundProblem, Key, Profile, Reason, Sent
from jackfield.core import (
    CampaignView,
    ChannelView,
    Core,
    ImportReport,
    Invalid,
    Submission,
    Text,
    explain,
    must_lie_ahead,
    unix_ms,
)
from jackfield.dialects.native import shapes
from jackfield.dialects.native.envelope import iso
from jackfield.dialects.native.routes import team
from jackfield.dialects.native.routes.contacts import previewed, refused
from jackfield.dialects.native.routes.inbound import problem

from ._common import opened, somebody_sends, working, workspace_of
from ._desk import Filling, Login, Progress


@asynccontextmanager
async def here(workspace: int | None) -> AsyncIterator[Local]:
    """The configured database, opened for one workspace."""
    async with opened() as core:
        yield Local(core, await workspace_of(core, workspace))


def view(row: CampaignView, counts: Any) -> Campaign:
    """A campaign as the client shows it."""
    return msgspec.convert(shapes.campaign(row, counts), Campaign)


async def reasons(core: Core, row: CampaignView) -> list[Reason]:
    """Why recipients of a campaign did not get it."""
    return [msgspec.convert(shapes.reason(*one), Reason) for one in await core.campaigns.failures(row)]


class Local:
    """See Desk."""

    remote = False

    def __init__(self, core: Core, workspace_id: int) -> None:
        self._core = core
        self._workspace_id = workspace_id

    async def profiles(self) -> list[Profile]:
        """See Desk."""
        return [_profile(row) for row in await self._core.channels.list(self._workspace_id)]

    async def profile(self, given: str | None) -> Profile:
        """See Desk."""
        channels = self._core.channels
        if given is None:
            return _profile(await channels.default(self._workspace_id))
        if given.isascii() and given.isdigit() and len(given) < 19:
            return _profile(await channels.get(self._workspace_id, int(given)))
        return _profile(await channels.by_key(self._workspace_id, given))

    async def add_profile(self, name: str, engine: str | None, config: Mapping[str, Any], key: str | None) -> Profile:
        """See Desk."""
        made = await self._core.channels.create(
            self._workspace_id, name=name, engine=engine, config=dict(config), key=key
        )
        return _profile(made)

    async def connect(self, profile_id: str) -> None:
        """See Desk."""
        await self._core.channels.connect(self._workspace_id, int(profile_id))

    async def login(self, profile_id: str) -> Login:
        """See Desk."""
        row = await self._core.channels.get(self._workspace_id, int(profile_id))
        login = row.login or {}
        code = login.get("code")
        return Login(_profile(row), str(code) if code else None, login.get("type") == "qr")

    def working(self) -> AbstractAsyncContextManager[object]:
        """See Desk."""
        return working(self._core)

    def somebody_sends(self) -> bool:
        """See Desk."""
        return somebody_sends(self._core)

    async def send(self, profile: Profile, to: str, text: str, at: str | None, wait: float) -> Sent:
        """See Desk."""
        due_at = await self._future_time(at)
        peer, kind = self._core.networks.parse(profile.engine, to)
        item = Submission(
            workspace_id=self._workspace_id,
            channel_id=int(profile.id),
            peer=peer,
            chat_kind=kind,
            content=Text(text=text),
            due_at=due_at,
            source="cli",
        )
        if due_at is not None:
            accepted, settled = await self._core.messages.submit(item), None
        else:
            async with self.working():
                accepted, settled = await self._core.messages.submit_and_wait(item, wait)
        return msgspec.convert(
            {
                "messageId": str(accepted.id),
                "status": settled.state if settled is not None else accepted.state,
                "timestamp": iso(accepted.created_at),
                "to": peer,
                "providerId": settled.provider_id if settled is not None else None,
                "error": explain(settled.code) if settled is not None else None,
            },
            Sent,
        )

    async def _future_time(self, at: str | None) -> int | None:
        """A time in the workspace's zone as Unix ms. Raises Invalid, also for one that has passed."""
        if at is None:
            return None
        zone = ZoneInfo(await self._core.accounts.timezone(self._workspace_id))
        try:
            found = unix_ms(at, zone)
        except (ValueError, OverflowError):
            raise Invalid(f"--at {at!r}: there is no such time.") from None
        must_lie_ahead(found, "--at")
        return found

    async def preview(
        self, profile: Profile, text: str, audience: Mapping[str, Any], filling: Filling
    ) -> CampaignPreview:
        """See Desk."""
        seen = await self._core.campaigns.preview(
            self._workspace_id, int(profile.id), Text(text=text), dict(audience), filling.options()
        )
        return CampaignPreview(
            contacts=seen.contacts,
            groups=seen.groups,
            placeholders=[{"name": name, "lacking": count} for name, count in seen.lacking.items()],
            incomplete=seen.incomplete,
            missing=seen.missing,
        )

    async def broadcast(
        self, profile: Profile, name: str, text: str, audience: Mapping[str, Any], at: str | None, filling: Filling
    ) -> Campaign:
        """See Desk."""
        due_at = await self._future_time(at)
        row = await self._core.campaigns.create(
            self._workspace_id,
            int(profile.id),
            name=name,
            content=Text(text=text),
            audience=dict(audience),
            scheduled_at=due_at,
            source="cli",
            options=filling.options(),
        )
        return await self._view(row)

    async def campaigns(self, maximum: int) -> list[Campaign]:
        """See Desk."""
        rows: list[Campaign] = []
        cursor = None
        while len(rows) < maximum:
            page = await self._core.campaigns.list(
                self._workspace_id, limit=min(100, maximum - len(rows)), cursor=cursor
            )
            rows += [await self._view(row) for row in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        return rows

    async def campaign(self, campaign_id: int) -> Campaign:
        """See Desk."""
        return await self._view(await self._core.campaigns.get(self._workspace_id, campaign_id))

    async def reasons(self, campaign_id: int) -> list[Reason]:
        """See Desk."""
        return await reasons(self._core, await self._core.campaigns.get(self._workspace_id, campaign_id))

    async def move(self, campaign_id: int, verb: str) -> Campaign:
        """See Desk."""
        service = self._core.campaigns
        moves = {"pause": service.pause, "resume": service.resume, "cancel": service.cancel}
        return await self._view(await moves[verb](self._workspace_id, campaign_id))

    async def keys(self, revoked: bool) -> list[Key]:
        """See Desk."""
        rows: list[Key] = []
        cursor = None
        while True:
            page = await self._core.accounts.keys(self._workspace_id, revoked=revoked, cursor=cursor)
            rows += [msgspec.convert(team.key(one), Key) for one in page.items]
            cursor = page.cursor
            if cursor is None:
                return rows

    async def create_key(self, name: str, scopes: list[str] | None, channel: int | None, expires_at: int | None) -> Key:
        """See Desk."""
        made = await self._core.accounts.create_key(
            self._workspace_id, name=name, scopes=scopes or ["*"], channel_id=channel, expires_at=expires_at
        )
        return msgspec.convert({**team.key(made.key), "key": made.secret}, Key)

    async def revoke_key(self, key_id: int) -> None:
        """See Desk."""
        await self._core.accounts.revoke_key(self._workspace_id, key_id)

    async def personal_data(self, contact_id: int) -> dict[str, Any]:
        """See Desk."""
        pieces = await self._core.privacy.export(self._workspace_id, contact_id)
        report_progress: dict[str, Any] = msgspec.json.decode(b"".join([piece async for piece in pieces]))
        return report_progress

    async def erase(self, contact_id: int) -> dict[str, Any]:
        """See Desk."""
        done = await self._core.privacy.erase(self._workspace_id, contact_id)
        return {"id": str(contact_id), **msgspec.structs.asdict(done)}

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
        with open(file, "rb") as source:
            found = await self._core.contacts.preview_file(
                self._workspace_id,
                source,
                filename=file.name,
                default_country=default_country,
                mapping=dict(mapping) if mapping else None,
                encoding=encoding,
                sheet=sheet,
            )
        return dict(previewed(found))

    async def problems(
        self, reason: str | None, channel: int | None, resolved: bool, maximum: int
    ) -> list[InboundProblem]:
        """See Desk."""
        rows: list[InboundProblem] = []
        cursor: str | None = None
        while len(rows) < maximum:
            page = await self._core.inbound.list(
                self._workspace_id,
                channel_id=channel,
                reason=reason,
                resolved=None if resolved else False,
                limit=min(200, maximum - len(rows)),
                cursor=cursor,
            )
            rows += [msgspec.convert(problem(row), InboundProblem) for row in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        return rows

    async def replay_problem(self, problem_id: int) -> InboundProblem:
        """See Desk."""
        return msgspec.convert(problem(await self._core.inbound.replay(self._workspace_id, problem_id)), InboundProblem)

    async def replay_problems(self, reason: str | None, channel: int | None) -> tuple[int, int]:
        """See Desk."""
        tried = resolved = 0
        cursor: str | None = None
        while True:
            done = await self._core.inbound.replay_many(
                self._workspace_id, reason=reason, channel_id=channel, cursor=cursor
            )
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
        """See Desk."""
        with open(file, "rb") as source:

            def report_progress(so_far: ImportReport) -> None:
                progress(source.tell(), so_far.rows)

            report = await self._core.contacts.import_file(
                self._workspace_id,
                source,
                filename=file.name,
                default_country=default_country,
                mapping=dict(mapping) if mapping else None,
                on_duplicate=on_duplicate,
                list_name=list_name,
                encoding=encoding,
                sheet=sheet,
                progress=report_progress,
            )
        if refused_file is not None:
            with open(refused_file, "wb") as target:
                for piece in report.refused_csv():
                    target.write(piece)
        return msgspec.convert(
            {
                "created": report.created,
                "merged": report.merged,
                "skipped": report.skipped,
                "rows": report.rows,
                "refused": [refused(one) for one in report.refused],
                "refusedTotal": report.refused_total,
                "dropped": [refused(one) for one in report.dropped],
                "droppedTotal": report.dropped_total,
            },
            ImportResult,
        )

    async def _view(self, row: CampaignView) -> Campaign:
        return view(row, await self._core.campaigns.counts(row))


def _profile(row: ChannelView) -> Profile:
    return msgspec.convert(shapes.profile(row), Profile)
