"""One channel's connection to the simulated network: the engine port's verbs in the network's words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, ClassVar

import msgspec

from jackfield.core.ground.errors import OutcomeUnknown, SendError, Unavailable
from jackfield.core.port import (
    AccountInfo,
    CatalogInfo,
    ChannelInfo,
    Disconnected,
    Done,
    GroupInfo,
    LoginChanged,
    NumberCheck,
    Outgoing,
    ProductInfo,
    Report,
    Sent,
    Sink,
    TemplateInfo,
)
from jackfield.core.port.content import Content, Template, encode, kind_of

from .files import StoredFiles
from .line import Line
from .operations import outcome_of
from .outbox import Parcel


class SimulatorSession:
    """A paired (or not yet paired) phone. Its state on disk is the number of the device that was linked."""

    reactions: ClassVar[bool] = True
    polls: ClassVar[bool] = True

    def __init__(self, channel: ChannelInfo, sink: Sink, line: Line, *, auto_scan: bool) -> None:
        self._channel = channel
        self._sink = sink
        self._line = line
        self._auto_scan = auto_scan
        self._files = StoredFiles(channel.media)
        self._me: Done | None = None
        self._login: dict[str, str | None] | None = None
        """The login that was begun and is not over."""

    async def start(self) -> None:
        """Connect. Raises Unavailable when the network is out of reach."""
        known = msgspec.json.decode(self._channel.state) if self._channel.state else {}
        state = await self._line.ask("connect", {"device": known.get("device", 0), "scan": self._auto_scan})
        if state["paired"]:
            me = Done(address=state["address"], name=state["name"])
            await self._connected(me, state["device"])
            await self._sink([LoginChanged(step=me)])
        elif known:
            # Logged out meanwhile; the network tells why in what follows. The next login starts afresh.
            await self._channel.save_state(b"")
        await self._line.listen(self._hear, self._down, self._up)

    async def _connected(self, me: Done, device: int) -> None:
        self._login = None
        await self._channel.save_state(msgspec.json.encode({"device": device, "address": me.address}))
        self._me = me

    async def _hear(self, reports: list[Report]) -> None:
        news: list[Report] = []
        for report in reports:
            if isinstance(report, LoginChanged) and isinstance(report.step, Done):
                if self._me == report.step:
                    continue
                await self._connected(report.step, 1)
            elif isinstance(report, Disconnected) and report.permanent:
                self._login = None
                if self._me is not None:
                    self._me = None
                    await self._channel.save_state(b"")
            news.append(report)
        if news:
            await self._sink(news)

    async def _down(self, reason: str) -> None:
        await self._sink([Disconnected(reason=reason)])

    async def _up(self) -> None:
        if self._me is not None:
            # The network may have been started anew meanwhile: it learns again which device we are.
            await self._line.ask("connect", {"device": 1})
            await self._sink([LoginChanged(step=self._me)])
        elif self._login is not None:
            await self.start_login(self._login["phone"])

    async def close(self) -> None:
        """Hang up; the device stays linked."""
        await self._line.close()

    # -- sending -------------------------------------------------------------------------------------

    def _parcel(self, message: Outgoing, content: Content) -> Parcel:
        return Parcel(
            ref=message.ref,
            to=message.to,
            kind=kind_of(content),
            payload=encode(content).encode(),
            message_id=message.message_id,
            category=message.category,
            template=content.name if isinstance(content, Template) else None,
        )

    async def send(self, message: Outgoing) -> Sent:
        """Hand one message over. Raises SendError."""
        (outcome,) = await self.send_many([message])
        if isinstance(outcome, SendError):
            raise outcome
        return outcome

    async def send_many(self, messages: Sequence[Outgoing]) -> list[Sent | SendError]:
        """Hand several over in one request; one answer each."""
        contents = [await self._files.prepare(message.content) for message in messages]
        ready = [
            self._parcel(message, content)
            for message, content in zip(messages, contents, strict=True)
            if not isinstance(content, SendError)
        ]
        sent = iter(await self._take(ready) if ready else ())
        return [content if isinstance(content, SendError) else next(sent) for content in contents]

    async def _take(self, parcels: Sequence[Parcel]) -> list[Sent | SendError]:
        try:
            answers = await self._line.take(parcels)
        except (OutcomeUnknown, Unavailable) as error:
            return [type(error)(error.code, error.message) for _ in parcels]
        except SendError as error:
            return [error for _ in parcels]
        outcomes = map(outcome_of, answers)
        return [Sent(provider_id=outcome) if isinstance(outcome, str) else outcome for outcome in outcomes]

    async def look_up(self, refs: Sequence[str]) -> dict[str, str]:
        """Which of these the network has. Raises Unavailable when it cannot be asked."""
        return msgspec.convert(await self._line.ask("look_up", {"refs": list(refs)}), type=dict[str, str])

    async def edit(self, to: str, provider_id: str, content: Content) -> None:
        """Replace a sent message's content."""
        await self._line.ask("edit", {"id": provider_id, "content": msgspec.to_builtins(content)})

    async def delete(self, to: str, provider_id: str) -> None:
        """Delete a sent message for everyone."""
        await self._line.ask("delete", {"id": provider_id})

    async def typing(self, to: str, on: bool, last_incoming: str | None = None) -> None:
        """Show "typing..."."""
        await self._line.ask("typing", {"to": to, "on": on})

    async def mark_read(self, chat: str, provider_ids: Sequence[str], sender: str | None = None) -> None:
        """Tell that these were read."""
        await self._line.ask("mark_read", {"ids": list(provider_ids)})

    # -- logging in ----------------------------------------------------------------------------------

    async def start_login(self, phone: str | None = None) -> None:
        """Show a QR, or a pairing code for `phone`; paired already, say so."""
        if self._me is not None:
            await self._sink([LoginChanged(step=self._me)])
            return
        self._login = {"phone": phone}
        await self._line.ask("start_login", {"phone": phone, "scan": self._auto_scan})

    async def log_out(self) -> None:
        """Unlink the device."""
        await self._line.ask("log_out", {})
        self._me = None
        await self._channel.save_state(b"")

    # -- groups and newsletters ----------------------------------------------------------------------

    async def _group(self, verb: str, body: dict[str, Any]) -> GroupInfo:
        return msgspec.convert(await self._line.ask(verb, body), type=GroupInfo)

    async def list_groups(self) -> list[GroupInfo]:
        """Groups that the number is in."""
        return msgspec.convert(await self._line.ask("groups", {}), type=list[GroupInfo])

    async def group_info(self, group: str) -> GroupInfo:
        """One group."""
        return await self._group("group", {"group": group})

    async def create_group(self, name: str, participants: Sequence[str], description: str | None) -> GroupInfo:
        """A new group of ours."""
        body = {"name": name, "participants": list(participants), "description": description}
        return await self._group("create_group", body)

    async def update_group(self, group: str, *, name: str | None, description: str | None) -> GroupInfo:
        """Rename or describe a group."""
        return await self._group("update_group", {"group": group, "name": name, "description": description})

    async def change_participants(self, group: str, participants: Sequence[str], action: str) -> GroupInfo:
        """Add, remove, promote or demote."""
        body = {"group": group, "participants": list(participants), "action": action}
        return await self._group("participants", body)

    async def leave_group(self, group: str) -> None:
        """Leave a group."""
        await self._line.ask("leave_group", {"group": group})

    async def invite_link(self, group: str, *, revoke: bool = False) -> str:
        """The link to join; `revoke` makes a new one."""
        return str(await self._line.ask("invite_link", {"group": group, "revoke": revoke}))

    async def join_requests(self, group: str) -> list[str]:
        """Those who ask to be let into a group of ours."""
        return msgspec.convert(await self._line.ask("join_requests", {"group": group}), type=list[str])

    async def list_newsletters(self) -> list[GroupInfo]:
        """Newsletters that the number owns or follows."""
        return msgspec.convert(await self._line.ask("groups", {"kind": "newsletter"}), type=list[GroupInfo])

    async def create_newsletter(self, name: str, description: str | None) -> GroupInfo:
        """A new newsletter of ours."""
        return await self._group("create_group", {"name": name, "description": description, "kind": "newsletter"})

    # -- the rest ------------------------------------------------------------------------------------

    async def reject_call(self, call_id: str, caller: str) -> None:
        """Refuse a ringing call."""
        await self._line.ask("reject_call", {"call_id": call_id})

    async def list_templates(self) -> list[TemplateInfo]:
        """The account's templates."""
        return msgspec.convert(await self._line.ask("templates", {}), type=list[TemplateInfo])

    async def create_template(
        self, name: str, language: str, category: str, components: list[dict[str, Any]], parameter_format: str
    ) -> TemplateInfo:
        """A new template; approved a moment later."""
        body = {
            "name": name,
            "language": language,
            "category": category,
            "components": components,
            "parameter_format": parameter_format,
        }
        return msgspec.convert(await self._line.ask("create_template", body), type=TemplateInfo)

    async def edit_template(
        self, provider_id: str, components: list[dict[str, Any]] | None, category: str | None
    ) -> None:
        """Change a template; reviewed again."""
        await self._line.ask("edit_template", {"id": provider_id, "components": components, "category": category})

    async def delete_template(self, name: str, provider_id: str | None) -> None:
        """Delete a template, or all languages of it."""
        await self._line.ask("delete_template", {"name": name, "id": provider_id})

    async def list_catalogs(self) -> list[CatalogInfo]:
        """The account's catalogs."""
        return msgspec.convert(await self._line.ask("catalogs", {}), type=list[CatalogInfo])

    async def list_products(self, catalog_id: str) -> AsyncIterator[ProductInfo]:
        """A catalog's products."""
        products = msgspec.convert(await self._line.ask("products", {"catalog": catalog_id}), type=list[ProductInfo])
        for product in products:
            yield product

    async def check_contacts(self, phones: Sequence[str]) -> list[NumberCheck]:
        """Which numbers are on the network."""
        return msgspec.convert(await self._line.ask("check", {"phones": list(phones)}), type=list[NumberCheck])

    async def picture(self, address: str) -> str | None:
        """Where a person's or group's picture is; nothing is at that address."""
        found: str | None = await self._line.ask("picture", {"address": address})
        return found

    async def phone_of(self, lid: str) -> str | None:
        """The number behind a LID: the network makes LIDs by putting 99 before the number."""
        found: str | None = await self._line.ask("phone_of", {"lid": lid})
        return found

    async def upload(self, data: bytes, *, mime: str, filename: str | None = None) -> str:
        """Keep a file on the network's shelf; gives its id there."""
        return str(await self._line.ask("upload", {"data": data, "mime": mime, "filename": filename}))

    async def download(self, media_id: str) -> tuple[bytes, str]:
        """A file that somebody sent."""
        found = await self._line.ask("download", {"id": media_id})
        return msgspec.convert(found["data"], type=bytes), str(found["mime"])

    async def account(self) -> AccountInfo:
        """The number, as the network describes it."""
        return msgspec.convert(await self._line.ask("account", {}), type=AccountInfo)

    async def business_profile(self) -> dict[str, Any]:
        """What people see of the business."""
        return dict(await self._line.ask("profile", {}))

    async def update_business_profile(self, fields: dict[str, Any]) -> None:
        """Change what people see of the business; a picture is not looked at."""
        await self._line.ask("update_profile", {"fields": fields})
