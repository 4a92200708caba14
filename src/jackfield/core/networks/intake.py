"""`Intake`: what the networks report becomes durable and true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, select, update

from ..channels.service import Channels
from ..contacts.consent.keywords import BY_PLATFORM, opt_out
from ..contacts.people.resolve import Person, resolve
from ..ground.events import AccountNotice as AccountNoticeEvent
from ..ground.events import CallReceived, ProviderReport, SessionConnected, SessionDisconnected, SessionQr
from ..ground.events import GroupChanged as GroupChangedEvent
from ..ground.events import MessageDeleted as DeletedEvent
from ..ground.events import MessageEdited as EditedEvent
from ..ground.events import TemplateChanged as TemplateChangedEvent
from ..ground.store import Store
from ..ground.unit import Unit
from ..ledger.record import StatusItem, status_batch
from ..ledger.submit import insert_ignoring
from ..models import Call, Channel, Contact, Group, GroupMember, Media, Message, Suppression, Template
from ..port import (
    AccountNotice,
    AskFields,
    Disconnected,
    Done,
    GroupChanged,
    GroupInfo,
    Incoming,
    IncomingCall,
    LoginChanged,
    MarketingPreference,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Report,
    ShowCode,
    ShowQr,
    Status,
    TemplateChanged,
    UnknownReport,
    claims,
)
from ..port.content import MediaContent, decode, encode
from .incoming import IncomingItem, incoming_batch, known_by


class Intake:
    """The service."""

    def __init__(self, store: Store, channels: Channels) -> None:
        self._store = store
        self._channels = channels

    # -- from the networks ---------------------------------------------------------------------------

    async def ingest(self, channel_id: int, workspace_id: int, engine: str, reports: Sequence[Report]) -> None:
        """Make a network's reports durable and true, in their order. A redelivery changes nothing.

        Messages and statuses, which come in masses, go through the group commit; the rest has a transaction of
        its own.
        """
        futures: list[Any] = []
        writer = self._store.writer
        network = self._channels.networks.of(engine)
        for report in reports:
            if isinstance(report, Status):
                futures.append(writer.submit(status_batch, StatusItem(channel_id=channel_id, status=report)))
            elif isinstance(report, Incoming):
                item = IncomingItem(workspace_id=workspace_id, channel_id=channel_id, network=network, message=report)
                futures.append(writer.submit(incoming_batch, item))
            else:
                for future in futures:
                    await future
                futures.clear()
                await self._other(channel_id, workspace_id, engine, report)
        for future in futures:
            await future

    async def receive(self, channel: Channel, reports: Sequence[Report]) -> None:
        """As `ingest`, and fetch what media came in, for reports that reach us by callback."""
        await self.ingest(channel.id, channel.workspace_id, channel.engine, reports)
        self._store.bus.publish(f"reports:{channel.id}", reports)

    async def _other(self, channel_id: int, workspace_id: int, engine: str, report: Report) -> None:
        async with self._store.unit() as unit:
            if isinstance(report, LoginChanged):
                await self._login(unit, channel_id, workspace_id, report)
            elif isinstance(report, Disconnected):
                status = "disconnected"
                if report.permanent:
                    status = "banned" if "banned" in report.reason.casefold() else "logged_out"
                values: dict[str, Any] = {"status": status, "status_reason": report.reason, "login": None}
                if report.permanent:
                    values["wanted"] = "down"
                    values["login"] = await self._asked(engine, report.reason)
                await unit.conn.execute(update(Channel).where(Channel.id == channel_id).values(**values))
                unit.emit(
                    workspace_id, SessionDisconnected(reason=report.reason, permanent=report.permanent), channel_id
                )
                unit.notify(f"channel:{channel_id}", "changed")
            elif isinstance(report, IncomingCall):
                await self._call(unit, channel_id, workspace_id, engine, report)
            elif isinstance(report, MessageEdited | MessageDeleted):
                await self._changed(unit, channel_id, workspace_id, report)
            elif isinstance(report, GroupChanged):
                await store_group(unit, workspace_id, channel_id, report.group)
                unit.emit(
                    workspace_id,
                    GroupChangedEvent(address=report.group.address, name=report.group.name, left=report.group.left),
                    channel_id,
                )
            elif isinstance(report, PeerKnown):
                person = Person(
                    workspace_id=workspace_id,
                    identities=report.identities,
                    name=report.name,
                    source="sync",
                    channel_id=channel_id,
                )
                await resolve(unit, [person])
            elif isinstance(report, TemplateChanged):
                await self._template(unit, channel_id, workspace_id, report)
            elif isinstance(report, MarketingPreference):
                await self._preference(unit, channel_id, workspace_id, report)
            elif isinstance(report, AccountNotice):
                await self._notice(unit, channel_id, workspace_id, report)
            elif isinstance(report, UnknownReport):
                unit.emit(workspace_id, ProviderReport(kind=report.kind, raw=report.raw), channel_id)

    async def _asked(self, engine: str, why: str) -> dict[str, Any] | None:
        """The next login step of a channel that a person must bring up again: the fields of its configuration, for an
        engine that logs in by these; one that pairs a phone has a fresh code at the next connect."""
        found = await self._channels.loaded(engine)
        if "pairing" in claims(found.session_type):
            return None
        step: dict[str, Any] = msgspec.to_builtins(
            AskFields(json_schema=found.config_model.model_json_schema(by_alias=True), why=why)
        )
        return step

    async def _login(self, unit: Unit, channel_id: int, workspace_id: int, report: LoginChanged) -> None:
        step = report.step
        values: dict[str, Any]
        if isinstance(step, Done):
            values = {
                "status": "connected",
                "status_reason": None,
                "login": None,
                "address": step.address,
                "display_name": step.name,
                "connected_at": unit.now,
            }
            unit.emit(workspace_id, SessionConnected(address=step.address, name=step.name), channel_id)
        else:
            values = {"status": "pairing", "status_reason": None, "login": msgspec.to_builtins(step)}
            if isinstance(step, ShowQr | ShowCode):
                kind = "qr" if isinstance(step, ShowQr) else "pairing_code"
                unit.emit(workspace_id, SessionQr(code=step.code, kind=kind, expires_at=step.expires_at), channel_id)
        await unit.conn.execute(update(Channel).where(Channel.id == channel_id).values(**values))
        unit.notify(f"channel:{channel_id}", "status")
        unit.notify("channel-status", channel_id)

    async def _call(self, unit: Unit, channel_id: int, workspace_id: int, engine: str, report: IncomingCall) -> None:
        row = (
            await unit.session.execute(
                select(Call).where(Call.channel_id == channel_id, Call.provider_id == report.call_id)
            )
        ).scalar_one_or_none()
        if row is None:
            identities = report.identities or known_by(self._channels.networks.of(engine), report.caller)
            (contact,) = await resolve(
                unit, [Person(workspace_id=workspace_id, identities=identities, channel_id=channel_id)]
            )
            row = Call(
                workspace_id=workspace_id,
                channel_id=channel_id,
                provider_id=report.call_id,
                caller=report.caller,
                contact_id=contact.id if contact else None,
                is_video=report.is_video,
                status=report.status,
                started_at=report.started_at,
                ended_at=report.ended_at,
                created_at=unit.now,
            )
            unit.session.add(row)
            await unit.session.flush()
        elif (row.status, row.ended_at) == (report.status, report.ended_at):
            return
        else:
            # A call that we refused stays refused when the network later says that it ended.
            row.status = row.status if row.status == "rejected" else report.status
            row.ended_at = report.ended_at or row.ended_at
            await unit.session.flush()
        unit.emit(
            workspace_id,
            CallReceived(
                id=row.id,
                caller=report.caller,
                is_video=report.is_video,
                status=row.status,
                timestamp=report.started_at,
            ),
            channel_id,
        )
        if row.status == "ringing":
            unit.notify("calls", (channel_id, row.id))

    async def _changed(
        self, unit: Unit, channel_id: int, workspace_id: int, report: MessageEdited | MessageDeleted
    ) -> None:
        row = (
            await unit.session.execute(
                select(Message).where(Message.channel_id == channel_id, Message.provider_id == report.provider_id)
            )
        ).scalar_one_or_none()
        if row is None:
            return
        extra = dict(row.extra or {})
        if isinstance(report, MessageEdited):
            content = encode(report.content)
            if row.content == content:
                return
            row.content = content
            extra["edited_at"] = report.timestamp
            event: type[EditedEvent] | type[DeletedEvent] = EditedEvent
        else:
            if "deleted_at" in extra:
                return
            extra["deleted_at"] = report.timestamp
            event = DeletedEvent
        row.extra = extra
        await unit.session.flush()
        unit.emit(
            workspace_id,
            event(
                id=row.id,
                peer=row.peer,
                kind=row.kind,
                timestamp=report.timestamp,
                provider_id=row.provider_id,
                direction=row.direction,
                state=row.state,
                contact_id=row.contact_id,
            ),
            channel_id,
        )

    async def _template(self, unit: Unit, channel_id: int, workspace_id: int, report: TemplateChanged) -> None:
        values = {
            key: value
            for key, value in (
                ("status", report.status),
                ("quality", report.quality),
                ("category", report.category),
                ("rejected_reason", report.reason),
            )
            if value is not None
        }
        if values:
            await unit.conn.execute(
                update(Template)
                .where(
                    Template.channel_id == channel_id,
                    Template.name == report.name,
                    Template.language == report.language,
                )
                .values(updated_at=unit.now, **values)
            )
        unit.emit(
            workspace_id,
            TemplateChangedEvent(
                name=report.name,
                language=report.language,
                status=report.status,
                quality=report.quality,
                category=report.category,
                reason=report.reason,
            ),
            channel_id,
        )

    async def _preference(self, unit: Unit, channel_id: int, workspace_id: int, report: MarketingPreference) -> None:
        (contact,) = await resolve(
            unit, [Person(workspace_id=workspace_id, identities=report.identities, channel_id=channel_id)]
        )
        address = report.identities.get("phone") or next(iter(report.identities.values()), "")
        if contact is None:
            return
        if not report.opted_in:
            await opt_out(unit, workspace_id, address, contact.id, BY_PLATFORM, channel_id)
            return
        # The switch takes back only what the switch did: who wrote STOP, or was put on the list by hand, stays there.
        listed = (Suppression.workspace_id == workspace_id, Suppression.address == address)
        await unit.conn.execute(delete(Suppression).where(*listed, Suppression.reason == BY_PLATFORM))
        if (await unit.conn.execute(select(Suppression.id).where(*listed))).first() is None:
            await unit.conn.execute(
                update(Contact).where(Contact.id == contact.id).values(optin=True, updated_at=unit.now)
            )

    async def _notice(self, unit: Unit, channel_id: int, workspace_id: int, report: AccountNotice) -> None:
        channel = await unit.session.get(Channel, channel_id)
        if channel is not None:
            account = dict(channel.account or {})
            if report.throughput is not None:
                account["throughput"] = report.throughput
            if report.messaging_limit is not None:
                account["messaging_limit"] = report.messaging_limit
            if report.quality is not None:
                account["quality"] = report.quality
            account["notice"] = {"kind": report.kind, "message": report.message, "at": unit.now}
            channel.account = account
            unit.notify(f"channel:{channel_id}", "changed")
        unit.emit(workspace_id, AccountNoticeEvent(kind=report.kind, message=report.message), channel_id)

    async def attach_media(self, channel_id: int, provider_id: str, media: Media) -> None:
        """An incoming message's file has been fetched: the message now shows our copy."""
        async with self._store.unit() as unit:
            row = (
                await unit.session.execute(
                    select(Message).where(Message.channel_id == channel_id, Message.provider_id == provider_id)
                )
            ).scalar_one_or_none()
            if row is None or row.content is None:
                return
            content = decode(row.content)
            if isinstance(content, MediaContent):
                row.content = encode(
                    msgspec.structs.replace(
                        content, url=f"media:{media.id}", mime=media.mime, size=media.size, sha256=media.sha256
                    )
                )


async def store_group(unit: Unit, workspace_id: int, channel_id: int, info: GroupInfo) -> Group:
    """Keep a group as the network describes it; its participants too where they are known."""
    await insert_ignoring(
        unit,
        Group,
        [
            {
                "workspace_id": workspace_id,
                "channel_id": channel_id,
                "address": info.address,
                "kind": info.kind,
                "name": info.name,
                "updated_at": unit.now,
            }
        ],
    )
    row = (
        await unit.session.execute(select(Group).where(Group.channel_id == channel_id, Group.address == info.address))
    ).scalar_one()
    row.name, row.kind, row.left, row.updated_at = info.name, info.kind, info.left, unit.now
    row.read_only = row.read_only if info.read_only is None else info.read_only
    row.description = info.description if info.description is not None else row.description
    row.owner = info.owner or row.owner
    row.picture_url = info.picture_url or row.picture_url
    row.created_at = info.created_at or row.created_at
    if info.participants is not None:
        row.participants = len(info.participants)
        await unit.conn.execute(delete(GroupMember).where(GroupMember.group_id == row.id))
        if info.participants:
            await unit.conn.execute(
                GroupMember.__table__.insert(),  # type: ignore[attr-defined]
                [
                    {
                        "group_id": row.id,
                        "address": one.address,
                        "name": one.name,
                        "is_admin": one.is_admin,
                        "is_super_admin": one.is_super_admin,
                    }
                    for one in {one.address: one for one in info.participants}.values()
                ],
            )
    await unit.session.flush()
    return row
