"""One paired number as the core sees it. The connection itself lives in a child process."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, SendError, Unavailable
from jackfield.core.port import (
    AccountInfo,
    AccountNotice,
    CanCall,
    CanCheckContacts,
    CanDelete,
    CanDescribeAccount,
    CanDownload,
    CanEdit,
    CanGroup,
    CanHearJoinRequests,
    CanMarkRead,
    CanNewsletter,
    CanPair,
    CanPoll,
    CanReact,
    CanResolve,
    CanShowPicture,
    CanType,
    ChannelInfo,
    Disconnected,
    Done,
    GroupInfo,
    Incoming,
    LoginChanged,
    NumberCheck,
    Outgoing,
    Report,
    Sent,
    Session,
    Sink,
    Status,
)
from jackfield.core.port import content as c
from jackfield.core.port.content import Content

from .fetch import Fetcher
from .keeper import Keeper, Seat
from .memory import Breaker, Memory
from .options import DeviceOptions
from .problems import RESTRICTED
from .process import Process, ProcessLost
from .recent import Recent
from .seal import Seal, id_for, secrets_of

SEND_S = 180.0
"""How long a send may take: an upload of 100 MB and whatsmeow's own 75 s for the server's answer."""
_SAVE_AFTER = 20
_RETRY_S = (0.2, 1.0, 5.0, 15.0)


class WhatsAppWebSession:
    """Made by `WhatsAppWebEngine.open`."""

    reactions: ClassVar[bool] = True
    polls: ClassVar[bool] = True

    def __init__(
        self, channel: ChannelInfo, sink: Sink, keeper: Keeper, options: DeviceOptions, memory: Memory, fetch: Fetcher
    ) -> None:
        self._channel, self._sink, self._keeper = channel, sink, keeper
        config: Any = channel.config
        self.options = options
        self._fetch = fetch
        self.breaker = Breaker(memory, config.breaker_hours)
        self._seal = Seal(options.seal_key)
        self.seat = Seat(channel.id, options, config.per_process, self._on_reports)
        self._refs: Recent[str, str | None] = Recent(20_000)
        """Refs looked up by WhatsApp's ids; None: not ours."""
        self._gone: LoginRequired | None = None
        self._reports: asyncio.Queue[tuple[Process | None, int, list[Report]]] = asyncio.Queue()
        self._pump: asyncio.Task[None] | None = None
        self._sends: set[asyncio.Task[Any]] = set()

    async def start(self, *, paired: bool) -> None:
        """Take a seat in a process and, with a phone paired, connect. Raises SendError."""
        self.seat.connect = paired
        self._pump = asyncio.create_task(self._deliver(), name="whatsapp reports")
        await self._keeper.take(self.seat)

    async def close(self) -> None:
        """Let sends in flight end, disconnect, keep what is not yet stored for the next session."""
        if self._sends:
            await asyncio.wait(self._sends, timeout=20.0)
        await self._keeper.leave(self.seat)
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        with contextlib.suppress(Exception):
            await self._save()

    # -- what comes in

    def _on_reports(self, origin: Process | None, seq: int, reports: list[Report]) -> None:
        self._reports.put_nowait((origin, seq, reports))

    async def _deliver(self) -> None:
        """Reports to the core, in order; the process that told them forgets them only once they are durable."""
        while True:
            origin, seq, reports = await self._reports.get()
            reports = [await self._with_ref(report) for report in reports]
            for report in reports:
                self._notice(report)
            for attempt in itertools.count():
                try:
                    if reports:
                        await self._sink(reports)
                    break
                except Exception:
                    await asyncio.sleep(_RETRY_S[min(attempt, len(_RETRY_S) - 1)])
            if origin is not None:
                origin.heard(self._channel.id, seq)
            if self.breaker.unsaved >= _SAVE_AFTER:
                with contextlib.suppress(Exception):
                    await self._save()

    async def _with_ref(self, report: Report) -> Report:
        """A receipt that names a message of a former process, with our ref of that message (see `seal`)."""
        if not isinstance(report, Status) or report.ref is not None:
            return report
        if report.provider_id not in self._refs:
            self._refs.put(report.provider_id, await asyncio.to_thread(self._sealed_ref, report.provider_id))
        ref = self._refs.get(report.provider_id)
        return report if ref is None else msgspec.structs.replace(report, ref=ref)

    def _sealed_ref(self, provider_id: str) -> str | None:
        opened = [self._seal.open(secret) for secret in secrets_of(Path(self.options.database), provider_id)]
        return next((str(one[0]) for one in opened if one is not None), None)

    def _notice(self, report: Report) -> None:
        if isinstance(report, Incoming) and not report.from_me:
            lid = report.identities.get("lid")
            self.breaker.wrote(report.sender, *([f"{lid}@lid"] if lid else []))
        elif isinstance(report, LoginChanged) and isinstance(report.step, Done):
            self._gone, self.seat.connect = None, True
        elif isinstance(report, Disconnected) and report.permanent:
            code = "BANNED" if "banned" in report.reason else "LOGGED_OUT"
            self._gone, self.seat.connect = LoginRequired(code, report.reason), False

    async def _save(self) -> None:
        await self._channel.save_state(self.breaker.save_into().dump())

    # -- login

    async def start_login(self, phone: str | None = None) -> None:
        """Show a QR, or with `phone` a pairing code; steps come through the sink."""
        self._gone = None
        await self._ask("login", {"phone": phone})

    async def log_out(self) -> None:
        """Unlink the device for good."""
        await self._ask("log_out", {})

    # -- sending

    async def send(self, message: Outgoing) -> Sent:
        """Hand one message to WhatsApp; see `seal` for how a doubtful outcome is settled."""
        task = asyncio.current_task()
        if task is not None:
            self._sends.add(task)
        try:
            return await self._send(message)
        finally:
            self._sends.discard(task)

    async def _send(self, message: Outgoing) -> Sent:
        if self._gone is not None:
            raise LoginRequired(self._gone.code, self._gone.message)
        stranger = self.breaker.is_stranger(message.to, message.reply_to)
        if stranger and self.breaker.open:
            raise Rejected(
                RESTRICTED,
                f"WhatsApp lets this number open no new chats for now; not tried before {self.breaker.until}. "
                "Answers to people who have written go on.",
            )
        file = await self._file(message.content)
        secret = self._seal.close(message.id, message.attempt)
        args = {
            "to": message.to,
            "content": c.encode(message.content),
            "ref": message.ref,
            "secret": secret,
            "reply_to": message.reply_to,
            "file": file,
        }
        try:
            result = await self.seat.ask("send", args, timeout=SEND_S)
        except Rejected as error:
            if error.code == RESTRICTED and stranger:
                await self._restricted()
            raise
        except ProcessLost:
            raise await self._after_crash(secret) from None
        return Sent(provider_id=str(result["id"]), raw=result)

    async def _after_crash(self, secret: bytes) -> SendError:
        """What whatsmeow had written down of a message when its process died."""
        try:
            found = await asyncio.to_thread(id_for, Path(self.options.database), secret)
        except sqlite3.Error:
            found = "?"
        if found is None:
            return Unavailable("ENGINE_CRASHED", "The number's process ended before the message went out.")
        return OutcomeUnknown("ENGINE_CRASHED", "The number's process ended while the message was on its way.")

    async def _restricted(self) -> None:
        self.breaker.trip()
        with contextlib.suppress(Exception):
            await self._save()
        notice = AccountNotice(
            kind="restricted",
            message=f"WhatsApp lets this number open no new chats (463). Strangers wait until {self.breaker.until}; "
            "answers go on.",
        )
        self._on_reports(None, 0, [notice])

    async def _file(self, content: Content) -> dict[str, Any] | None:
        if not isinstance(content, c.Image | c.Video | c.Audio | c.Document | c.Sticker):
            return None
        if content.media_id and content.media_id.startswith("wa:"):
            data, mime = await self.download(content.media_id)
            return {"data": data, "mime": mime, "name": content.filename}
        return await self._fetch.file(content, self._channel.media)

    # -- everything else is asked of the process

    async def _ask(self, verb: str, args: dict[str, Any], timeout: float = 90.0) -> Any:
        if self._gone is not None:
            raise LoginRequired(self._gone.code, self._gone.message)
        try:
            return await self.seat.ask(verb, args, timeout=timeout)
        except ProcessLost:
            raise OutcomeUnknown("ENGINE_CRASHED", f"The number's process ended during {verb}.") from None

    async def edit(self, to: str, provider_id: str, content: Content) -> None:
        """Change a sent text."""
        await self._ask("edit", {"to": to, "provider_id": provider_id, "content": c.encode(content)})

    async def delete(self, to: str, provider_id: str) -> None:
        """Delete a message for everyone."""
        await self._ask("delete", {"to": to, "provider_id": provider_id})

    async def typing(self, to: str, on: bool, last_incoming: str | None = None) -> None:
        """Show or end "typing..."."""
        await self._ask("typing", {"to": to, "on": on})

    async def mark_read(self, chat: str, provider_ids: Sequence[str], sender: str | None = None) -> None:
        """Blue ticks."""
        await self._ask("mark_read", {"chat": chat, "provider_ids": list(provider_ids), "sender": sender})

    async def reject_call(self, call_id: str, caller: str) -> None:
        """Refuse a ringing call."""
        await self._ask("reject_call", {"call_id": call_id, "caller": caller})

    async def download(self, media_id: str) -> tuple[bytes, str]:
        """A received file."""
        data, mime = await self._ask("download", {"media_id": media_id}, SEND_S)
        return data, mime

    async def account(self) -> AccountInfo:
        """The paired number."""
        found = await self._ask("account", {})
        return AccountInfo(address=found["address"], name=found["name"], raw=found)

    async def check_contacts(self, phones: Sequence[str]) -> list[NumberCheck]:
        """Which numbers have WhatsApp."""
        return msgspec.convert(await self._ask("check_contacts", {"phones": list(phones)}), type=list[NumberCheck])

    async def picture(self, address: str) -> str | None:
        """Where somebody's or a group's picture is; None where there is none for us. Raises SendError."""
        found: str | None = await self._ask("picture", {"address": address})
        return found

    async def phone_of(self, lid: str) -> str | None:
        """The phone number behind a LID, where WhatsApp has told it. Raises SendError."""
        found: str | None = await self._ask("phone_of", {"lid": lid})
        return found

    # -- groups and newsletters

    async def _group(self, verb: str, **args: Any) -> GroupInfo:
        return msgspec.convert(await self._ask(verb, args), type=GroupInfo)

    async def list_groups(self) -> list[GroupInfo]:
        """The groups the number is in."""
        return msgspec.convert(await self._ask("list_groups", {}), type=list[GroupInfo])

    async def group_info(self, group: str) -> GroupInfo:
        """One group."""
        return await self._group("group_info", group=group)

    async def create_group(self, name: str, participants: Sequence[str], description: str | None) -> GroupInfo:
        """A new group of ours."""
        return await self._group("create_group", name=name, participants=list(participants), description=description)

    async def update_group(self, group: str, *, name: str | None, description: str | None) -> GroupInfo:
        """Change name and description where given."""
        return await self._group("update_group", group=group, name=name, description=description)

    async def change_participants(self, group: str, participants: Sequence[str], action: str) -> GroupInfo:
        """Add, remove, promote or demote."""
        return await self._group("change_participants", group=group, participants=list(participants), action=action)

    async def leave_group(self, group: str) -> None:
        """Leave."""
        await self._ask("leave_group", {"group": group})

    async def invite_link(self, group: str, *, revoke: bool = False) -> str:
        """The link to join."""
        return str(await self._ask("invite_link", {"group": group, "revoke": revoke}))

    async def join_requests(self, group: str) -> list[str]:
        """Addresses of those who ask to be let in. Raises SendError."""
        return msgspec.convert(await self._ask("join_requests", {"group": group}), type=list[str])

    async def list_newsletters(self) -> list[GroupInfo]:
        """The newsletters that the number owns or follows."""
        return msgspec.convert(await self._ask("list_newsletters", {}), type=list[GroupInfo])

    async def create_newsletter(self, name: str, description: str | None) -> GroupInfo:
        """A new newsletter of ours."""
        return await self._group("create_newsletter", name=name, description=description)


def _claims(session: WhatsAppWebSession) -> tuple[object, ...]:
    """The capabilities claimed, for the type checker to hold."""
    required: Session = session
    pairs: CanPair = session
    reacts: CanReact = session
    polls: CanPoll = session
    joins: CanHearJoinRequests = session
    shows: CanShowPicture = session
    resolves: CanResolve = session
    edits: CanEdit = session
    deletes: CanDelete = session
    types: CanType = session
    reads: CanMarkRead = session
    groups: CanGroup = session
    newsletters: CanNewsletter = session
    calls: CanCall = session
    checks: CanCheckContacts = session
    downloads: CanDownload = session
    describes: CanDescribeAccount = session
    return (
        required, pairs, reacts, polls, joins, shows, resolves, edits, deletes, types, reads, groups, newsletters, calls,
        checks, downloads, describes,
    )  # fmt: skip
