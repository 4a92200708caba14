"""neonize's events to reports. Imported in child processes only."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from neonize.events import EVENT_TO_INT, INT_TO_EVENT
from neonize.exc import NeonizeError
from neonize.proto import Neonize_pb2 as nz
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from jackfield.core.port import (
    AccountNotice,
    GroupChanged,
    Incoming,
    IncomingCall,
    MessageDeleted,
    MessageEdited,
    PeerKnown,
    Report,
    Status,
    UnknownReport,
)
from jackfield.core.port import content as c

from . import jids
from .groups import group_info
from .incoming_content import content_of, context_of, forwarded_of, plain, referral_of, unwrap
from .known import Known, Poll

Reports: TypeAlias = list[Report]

MESSAGE = EVENT_TO_INT[nz.Message]
KEPT = frozenset(
    EVENT_TO_INT[kind]
    for kind in (nz.Message, nz.Receipt, nz.JoinedGroup, nz.GroupInfoEvent, nz.CallOffer, nz.CallTerminate)
)
"""Kinds that are on disk until the server has them."""


class Reader:
    """Reads one device's events; what it needs to know in between is in `known`."""

    def __init__(self, known: Known, me: Callable[[], nz.JID]) -> None:
        self._known = known
        self._me = me
        self._readers: dict[int, Callable[[Any], Awaitable[Reports]]] = {
            EVENT_TO_INT[kind]: reader
            for kind, reader in (
                (nz.Message, self._message),
                (nz.Receipt, self._receipt),
                (nz.UndecryptableMessage, self._undecryptable),
                (nz.JoinedGroup, self._joined),
                (nz.GroupInfoEvent, self._group),
                (nz.CallOffer, self._call),
                (nz.CallTerminate, self._call_end),
                (nz.HistorySync, self._history),
            )
        }

    async def read(self, code: int, body: bytes) -> Reports:
        """What one event says; events of no concern to the core say nothing."""
        reader = self._readers.get(code)
        return [] if reader is None else await reader(INT_TO_EVENT[code].FromString(body))

    async def read_or_keep(self, code: int, body: bytes) -> Reports:
        """As `read`; an event that cannot be read is reported as it came, so that nothing behind it waits and it is kept."""
        try:
            return await self.read(code, body)
        except Exception as error:
            kind = INT_TO_EVENT[code].__name__
            print(f"{kind}: {type(error).__name__}", flush=True)  # noqa: T201
            raw = {"event": kind, "body": base64.b64encode(body).decode()}
            return [UnknownReport(kind=f"whatsapp_web:{kind}", raw=raw)]

    # -- messages

    async def _message(self, event: nz.Message) -> Reports:
        info, source = event.Info, event.Info.MessageSource
        if source.Chat.Server in ("broadcast", "status"):
            return []
        message = unwrap(event.Message)
        private = source.Chat.Server in (jids.PEOPLE, jids.LID)
        other = source.RecipientAlt if source.IsFromMe else source.SenderAlt
        chat = await self._known.number_of(source.Chat, other) if private else source.Chat
        sender = await self._known.number_of(source.Sender, source.SenderAlt)
        author = None if source.IsFromMe else sender
        now = _ms(info.Timestamp)
        if message.HasField("editedMessage"):
            message = unwrap(message.editedMessage.message)
        if message.HasField("protocolMessage"):
            return self._protocol(message.protocolMessage, author, now, jids.show(chat), plain(event))
        name = jids.provider_id(info.ID, author)
        content = await self._content(event, message, name)
        if content is None:
            return []
        self._known.messages.put(info.ID, message)
        context = context_of(message)
        kind = {jids.GROUPS: "group", jids.NEWSLETTERS: "newsletter"}.get(source.Chat.Server, "private")
        incoming = Incoming(
            provider_id=name,
            chat=jids.show(chat),
            sender=jids.show(sender),
            content=content,
            timestamp=now,
            sender_name=info.Pushname or None,
            identities={} if source.IsFromMe else self._known.identities(source.Sender, sender),
            chat_kind=kind,
            from_me=source.IsFromMe,
            reply_to=self._quoted(context) if context is not None and context.stanzaID else None,
            referral=None if context is None else referral_of(context),
            forwarded=None if context is None else forwarded_of(context),
            raw=plain(event),
        )
        return [incoming]

    async def _content(self, event: nz.Message, message: e2e.Message, name: str) -> c.Content | None:
        if message.HasField("reactionMessage"):
            reaction = message.reactionMessage
            target = jids.provider_id(reaction.key.ID, self._key_author(reaction.key, event.Info.MessageSource))
            return c.Reaction(target=target, emoji=reaction.text)
        if message.HasField("pollUpdateMessage"):
            return await self._vote(event, message.pollUpdateMessage)
        content = content_of(message)
        if isinstance(content, c.Poll):
            self._known.keep_poll(event.Info.ID, Poll(provider_id=name, options=content.options))
        return content

    def _key_author(self, key: Any, source: nz.MessageSource) -> nz.JID | None:
        """Who wrote the message that a key names; None: we did. `fromMe` is as the key's writer sees it."""
        if key.participant:
            user, _, server = key.participant.partition("@")
            author = jids.make(user.partition(":")[0], server or jids.PEOPLE)
            return None if author.User == self._me().User else author
        ours = key.fromMe if source.IsFromMe else not key.fromMe
        if ours:
            return None
        return jids.make(source.Chat.User, source.Chat.Server) if source.IsFromMe else jids.make(source.Sender.User)

    def _quoted(self, context: e2e.ContextInfo) -> str:
        user, _, server = context.participant.partition("@")
        user = user.partition(":")[0]
        if not user or user == self._me().User:
            return context.stanzaID
        return jids.provider_id(context.stanzaID, jids.make(user, server or jids.PEOPLE))

    def _protocol(
        self, message: e2e.ProtocolMessage, author: nz.JID | None, now: int, chat: str, raw: dict[str, Any]
    ) -> Reports:
        name = jids.provider_id(message.key.ID, author)
        if message.type == e2e.ProtocolMessage.REVOKE:
            return [MessageDeleted(provider_id=name, timestamp=now, chat=chat, raw=raw)]
        if message.type == e2e.ProtocolMessage.MESSAGE_EDIT:
            content = content_of(unwrap(message.editedMessage))
            if content is not None:
                return [MessageEdited(provider_id=name, content=content, timestamp=now, chat=chat, raw=raw)]
        return []

    async def _vote(self, event: nz.Message, update: e2e.PollUpdateMessage) -> c.Content:
        poll_id = update.pollCreationMessageKey.ID
        poll = self._known.polls.get(poll_id)
        try:
            vote = await self._known.phone.decrypt_poll_vote(event)
        except NeonizeError as error:
            return c.UnknownContent(note=f"A vote that cannot be read: {error}")
        by_hash = {hashlib.sha256(option.encode()).digest(): option for option in (poll.options if poll else [])}
        chosen = [by_hash.get(digest, digest.hex()) for digest in vote.selectedOptions]
        return c.PollVote(target=poll.provider_id if poll else poll_id, options=chosen)

    async def _undecryptable(self, event: nz.UndecryptableMessage) -> Reports:
        """A notice, not a message: the library asks for it again, and what then comes has the same id."""
        source = event.Info.MessageSource
        who = jids.show(await self._known.number_of(source.Sender, source.SenderAlt))
        again = "It is shown on the phone only." if event.IsUnavailable else "WhatsApp was asked to send it again."
        return [AccountNotice(kind="undecryptable", message=f"A message from {who} could not be decrypted. {again}")]

    # -- receipts

    async def _receipt(self, receipt: nz.Receipt) -> Reports:
        state = {
            nz.Receipt.DELIVERED: "delivered",
            nz.Receipt.READ: "read",
            nz.Receipt.PLAYED: "read",
            nz.Receipt.SERVER_ERROR: "failed",
        }.get(receipt.Type)
        source = receipt.MessageSource
        if state is None or source.IsFromMe:
            return []
        who = await self._known.number_of(source.Sender, source.SenderAlt)
        group = source.Chat.Server in (jids.GROUPS, "broadcast")
        failed = state == "failed"
        return [
            Status(
                provider_id=message_id,
                state=state,
                timestamp=_ms(receipt.Timestamp),
                ref=self._known.refs.get(message_id),
                code="SERVER_ERROR" if failed else None,
                message="WhatsApp could not deliver the message." if failed else None,
                recipient=jids.show(source.Chat if group else who),
                # One of a group has read it, and not the group.
                participant=jids.show(who) if group else None,
            )
            for message_id in receipt.MessageIDs
        ]

    # -- groups, calls, people

    async def _joined(self, event: nz.JoinedGroup) -> Reports:
        return [GroupChanged(group=group_info(event.GroupInfo))]

    async def _group(self, event: nz.GroupInfoEvent) -> Reports:
        me = self._me().User
        left = any(jid.User == me for jid in event.Leave) or event.Delete.Deleted
        if left:
            return [GroupChanged(group=group_info(nz.GroupInfo(JID=event.JID), left=True))]
        try:
            full = await self._known.phone.get_group_info(event.JID)
        except NeonizeError:
            full = nz.GroupInfo(JID=event.JID, GroupName=event.Name, GroupTopic=event.Topic)
        return [GroupChanged(group=group_info(full))]

    async def _call(self, event: nz.CallOffer) -> Reports:
        meta = event.basicCallMeta
        creator = meta.callCreator
        caller = await self._known.number_of(creator, meta.callCreatorAlt)
        video = any(node.Tag == "video" for node in event.data.Nodes)
        call = IncomingCall(
            call_id=meta.callID,
            # WhatsApp wants the caller's JID as it came to refuse the call (neonize, reject_call).
            caller=jids.show(caller),
            started_at=_ms(meta.timestamp),
            is_video=video,
            identities=self._known.identities(creator, caller),
        )
        return [call]

    async def _call_end(self, event: nz.CallTerminate) -> Reports:
        meta = event.basicCallMeta
        caller = await self._known.number_of(meta.callCreator, meta.callCreatorAlt)
        ended = IncomingCall(
            call_id=meta.callID,
            caller=jids.show(caller),
            started_at=_ms(meta.timestamp),
            ended_at=_ms(meta.timestamp),
            status={"timeout": "missed", "reject": "rejected"}.get(event.reason, "ended"),
            identities=self._known.identities(meta.callCreator, caller),
        )
        return [ended]

    async def _history(self, event: nz.HistorySync) -> Reports:
        """Names and numbers from the phone; its old messages are not imported."""
        people: Reports = []
        numbers = {}
        for pair in event.Data.phoneNumberToLidMappings:
            phone, lid = pair.pnJID.partition("@")[0], pair.lidJID.partition("@")[0]
            numbers[phone] = lid
            people.append(PeerKnown(identities={"phone": phone, "lid": lid}))
        for row in event.Data.pushnames:
            user, _, server = row.ID.partition("@")
            if row.pushname and row.pushname != "-":
                kind = "lid" if server == jids.LID else "phone"
                people.append(PeerKnown(identities={kind: user}, name=row.pushname))
        return people


def _ms(at: int) -> int:
    """neonize gives seconds in some events and ms in others; zero means that it is not told."""
    if not at:
        return int(time.time() * 1000)
    return at if at > 10**11 else at * 1000
