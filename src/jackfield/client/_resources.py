"""The calls that programs make most, with their types."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ._call import Call, Pages, Request
from .models import (
    Batch,
    Campaign,
    CampaignPreview,
    Chat,
    Contact,
    Delivery,
    ImportResult,
    InboundProblem,
    Key,
    Message,
    Profile,
    QrCode,
    ReplayedProblems,
    Sent,
    Stats,
    Webhook,
)
from .operations.bulk import BulkCalls
from .operations.campaigns import CampaignsCalls
from .operations.chats import ChatsCalls
from .operations.contacts import ContactsCalls
from .operations.inbound import InboundCalls
from .operations.keys import KeysCalls
from .operations.messages import MessagesCalls
from .operations.profiles import ProfilesCalls
from .operations.webhooks import WebhooksCalls

SETTLED = ("sent", "delivered", "read", "failed", "cancelled", "skipped")


def _some(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


class Messages(MessagesCalls):
    """Send, look up, change. Each send takes `profile` (the default one without), `category`, `reply_to`, `tag`,
    `at` (ISO 8601: scheduled), `wait` (seconds for the network's answer) and `key` (your own idempotency key)."""

    def send(
        self,
        kind: str,
        to: str,
        *,
        profile: str | None = None,
        category: str | None = None,
        reply_to: str | None = None,
        tag: str | None = None,
        at: str | None = None,
        wait: float | None = None,
        key: str | None = None,
        **fields: Any,
    ) -> Call[Sent]:
        """A message of any kind, with the kind's own fields as the API names them."""
        common = _some(profileId=profile, category=category, replyTo=reply_to, tag=tag, scheduledAt=at)
        body = {"to": to, **common, **_some(**fields)}
        return self._call(Sent, "POST", f"/messages/{kind}", body, key=key, wait=wait)

    def text(self, to: str, text: str, *, preview: bool | None = None, **more: Any) -> Call[Sent]:
        """Text."""
        return self.send("text", to, text=text, previewUrl=preview, **more)

    def image(self, to: str, url: str | None = None, *, caption: str | None = None, **more: Any) -> Call[Sent]:
        """A picture, by link, or by `mediaId`."""
        return self.send("image", to, url=url, caption=caption, **more)

    def video(self, to: str, url: str | None = None, *, caption: str | None = None, **more: Any) -> Call[Sent]:
        """A film clip."""
        return self.send("video", to, url=url, caption=caption, **more)

    def audio(self, to: str, url: str | None = None, *, voice: bool | None = None, **more: Any) -> Call[Sent]:
        """Sound."""
        return self.send("audio", to, url=url, voice=voice, **more)

    def document(
        self, to: str, url: str | None = None, *, filename: str | None = None, caption: str | None = None, **more: Any
    ) -> Call[Sent]:
        """Any file."""
        return self.send("document", to, url=url, filename=filename, caption=caption, **more)

    def location(
        self, to: str, latitude: float, longitude: float, *, description: str | None = None, **more: Any
    ) -> Call[Sent]:
        """A point on the map, in degrees."""
        return self.send("location", to, latitude=latitude, longitude=longitude, description=description, **more)

    def contact(self, to: str, name: str, phone: str, **more: Any) -> Call[Sent]:
        """A contact card."""
        return self.send("contact", to, name=name, phone=phone, **more)

    def poll(
        self, to: str, question: str, options: Sequence[str], *, multiple: bool = False, **more: Any
    ) -> Call[Sent]:
        """A poll."""
        return self.send("poll", to, question=question, options=list(options), allowMultiple=multiple, **more)

    def template(
        self,
        to: str,
        name: str,
        *,
        language: str | None = None,
        body: Sequence[str] | Mapping[str, str] | None = None,
        header: Sequence[str] | Mapping[str, str] | None = None,
        **more: Any,
    ) -> Call[Sent]:
        """A template with its values, by place or by name."""
        return self.send("template", to, name=name, language=language, body=body, header=header, **more)

    def react(self, message_id: str, emoji: str, *, key: str | None = None) -> Call[Sent]:
        """An emoji on a message; an empty one takes it back."""
        return self._call(Sent, "POST", "/messages/reaction", {"messageId": message_id, "emoji": emoji}, key=key)

    def reply(self, message_id: str, text: str, *, key: str | None = None) -> Call[Sent]:
        """Answer a message in its chat, quoting it."""
        return self._call(Sent, "POST", f"/messages/{message_id}/reply", {"text": text}, key=key)

    def get(self, message_id: str) -> Call[Message]:
        """One message with its status."""
        return self._call(Message, "GET", f"/messages/{message_id}")

    def list(self, **filters: Any) -> Pages[Message]:
        """Messages, newest first; filters as the API names them (status, profileId, tag, to, ...)."""
        return self._pages(Message, "/messages", filters)

    def edit(self, message_id: str, text: str) -> Call[Message]:
        """Another text."""
        return self._call(Message, "PATCH", f"/messages/{message_id}", {"text": text})

    def delete(self, message_id: str) -> Call[Message]:
        """Delete for everyone, or cancel while it waits."""
        return self._call(Message, "DELETE", f"/messages/{message_id}")

    def cancel(self, message_id: str) -> Call[Message]:
        """Cancel while it waits."""
        return self._call(Message, "POST", f"/messages/{message_id}/cancel")

    async def settled(self, message_id: str, *states: str, seconds: float = 30.0) -> Message:
        """The message once it is in one of these states (any that is settled, without). Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self.get(message_id)
                if message.status in (states or SETTLED):
                    return message
                await asyncio.sleep(0.1)


class Bulk(BulkCalls):
    """Many explicit recipients in one request."""

    def send(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        profile: str | None = None,
        delay_ms: int = 0,
        randomize: bool = False,
        category: str | None = None,
        name: str | None = None,
        key: str | None = None,
    ) -> Call[Batch]:
        """`messages` are `{chatId, type, content, variables}`; pauses between them in ms."""
        body = {
            "messages": [dict(one) for one in messages],
            "options": {"delayBetweenMessages": delay_ms, "randomizeDelay": randomize},
            **_some(profileId=profile, category=category, name=name),
        }
        return self._call(Batch, "POST", "/bulk/send", body, key=key)

    def get(self, batch_id: str) -> Call[Batch]:
        """A batch with its counts."""
        return self._call(Batch, "GET", f"/bulk/batch/{batch_id}")

    def list(self, **filters: Any) -> Pages[Batch]:
        """Batches, newest first."""
        return self._pages(Batch, "/bulk/batches", filters)

    def cancel(self, batch_id: str) -> Call[Batch]:
        """Stop what is not yet sent."""
        return self._call(Batch, "POST", f"/bulk/batch/{batch_id}/cancel")


class Contacts(ContactsCalls):
    """People."""

    def create(self, *, on_duplicate: str = "error", **fields: Any) -> Call[Contact]:
        """A contact; fields as the API names them."""
        return self._call(Contact, "POST", "/contacts", {**fields, "onDuplicate": on_duplicate})

    def get(self, contact_id: str) -> Call[Contact]:
        """One contact."""
        return self._call(Contact, "GET", f"/contacts/{contact_id}")

    def list(self, **filters: Any) -> Pages[Contact]:
        """Contacts; filters as the API names them (q, tag, list, filter, ...)."""
        return self._pages(Contact, "/contacts", filters)

    def update(self, contact_id: str, **fields: Any) -> Call[Contact]:
        """Change what is given."""
        return self._call(Contact, "PATCH", f"/contacts/{contact_id}", fields)

    def delete(self, contact_id: str) -> Call[dict[str, Any]]:
        """Delete it."""
        return self._call(dict[str, Any], "DELETE", f"/contacts/{contact_id}")

    def personal_data(self, contact_id: str) -> Call[dict[str, Any]]:
        """All that is known of a person."""
        return self._call(dict[str, Any], "GET", f"/contacts/{contact_id}/personal-data")

    def erase(self, contact_id: str) -> Call[dict[str, Any]]:
        """Forget a person with all that is known of them; tells how many rows of each kind there were."""
        return self._call(dict[str, Any], "DELETE", f"/contacts/{contact_id}/personal-data")

    def tag(self, contact_id: str, *tags: str) -> Call[Contact]:
        """Put labels on it."""
        return self._call(Contact, "POST", f"/contacts/{contact_id}/tags", {"tags": list(tags)})

    def import_file(
        self,
        file: str | Path | bytes,
        *,
        default_country: str | None = None,
        on_duplicate: str = "merge",
        list: str | None = None,
        mapping: Mapping[str, Any] | None = None,
        encoding: str | None = None,
        sheet: str | None = None,
    ) -> Call[ImportResult]:
        """A contact file: CSV, vCard, XLSX, XLS, ODS or JSON.

        An import is not repeated by itself; doing it again does no harm.
        """
        form = {
            "defaultCountry": default_country,
            "onDuplicate": on_duplicate,
            "list": list,
            "mapping": dict(mapping) if mapping else None,
            "encoding": encoding,
            "sheet": sheet,
        }
        request = Request(method="POST", path="/contacts/import", file=file, form=form)
        return Call(self._client, request, ImportResult)

    def preview_file(
        self,
        file: str | Path | bytes,
        *,
        default_country: str | None = None,
        mapping: Mapping[str, Any] | None = None,
        encoding: str | None = None,
        sheet: str | None = None,
    ) -> Call[dict[str, Any]]:
        """What an import of this file would do; nothing is written."""
        form = {
            "defaultCountry": default_country,
            "mapping": dict(mapping) if mapping else None,
            "encoding": encoding,
            "sheet": sheet,
        }
        request = Request(method="POST", path="/contacts/import/preview", file=file, form=form)
        return Call(self._client, request, dict[str, Any])

    def export(self, **filters: Any) -> Call[bytes]:
        """The contacts of a filter as CSV."""
        return self._call(bytes, "GET", "/contacts/export", **filters)


class Campaigns(CampaignsCalls):
    """Content for an audience."""

    def create(
        self,
        name: str,
        content: Mapping[str, Any] | str,
        *,
        type: str = "text",
        audience: Mapping[str, Any] | None = None,
        profile: str | None = None,
        start: bool = True,
        at: str | None = None,
        key: str | None = None,
        **more: Any,
    ) -> Call[Campaign]:
        """A campaign; `audience` is a filter over contacts, everyone without."""
        body = {
            "name": name,
            "type": type,
            "content": content if isinstance(content, str) else dict(content),
            "audience": dict(audience or {}),
            "start": start,
            **_some(profileId=profile, scheduledAt=at, **more),
        }
        return self._call(Campaign, "POST", "/campaigns", body, key=key)

    def get(self, campaign_id: str) -> Call[Campaign]:
        """A campaign with its counts."""
        return self._call(Campaign, "GET", f"/campaigns/{campaign_id}")

    def list(self, **filters: Any) -> Pages[Campaign]:
        """Campaigns, newest first."""
        return self._pages(Campaign, "/campaigns", filters)

    def recipients(self, campaign_id: str, **filters: Any) -> Pages[Message]:
        """Who got it, who did not, and why."""
        return self._pages(Message, f"/campaigns/{campaign_id}/recipients", filters)

    def stats(self, campaign_id: str) -> Call[Stats]:
        """Counts, and why the failures failed."""
        return self._call(Stats, "GET", f"/campaigns/{campaign_id}/stats")

    async def reach(self, audience: Mapping[str, Any]) -> int:
        """How many contacts an audience has now."""
        counted = await self._call(dict[str, int], "POST", "/campaigns/audience", {"audience": dict(audience)})
        return counted["contacts"]

    def preview(
        self,
        content: Mapping[str, Any] | str,
        *,
        type: str = "text",
        audience: Mapping[str, Any] | None = None,
        profile: str | None = None,
        fallbacks: Mapping[str, Any] | None = None,
        missing: str | None = None,
    ) -> Call[CampaignPreview]:
        """Whom a campaign would reach, and how many contacts lack a value for which placeholder."""
        body = {
            "type": type,
            "content": content if isinstance(content, str) else dict(content),
            "audience": dict(audience or {}),
        }
        given = _some(profileId=profile, fallbacks=fallbacks, missing=missing)
        return self._call(CampaignPreview, "POST", "/campaigns/preview", {**body, **given})

    def start(self, campaign_id: str) -> Call[Campaign]:
        """Start a draft."""
        return self._call(Campaign, "POST", f"/campaigns/{campaign_id}/start")

    def pause(self, campaign_id: str, reason: str | None = None) -> Call[Campaign]:
        """Stop sending within a second."""
        return self._call(Campaign, "POST", f"/campaigns/{campaign_id}/pause", _some(reason=reason))

    def resume(self, campaign_id: str) -> Call[Campaign]:
        """Go on."""
        return self._call(Campaign, "POST", f"/campaigns/{campaign_id}/resume")

    def cancel(self, campaign_id: str) -> Call[Campaign]:
        """Never send the rest."""
        return self._call(Campaign, "POST", f"/campaigns/{campaign_id}/cancel")


class Profiles(ProfilesCalls):
    """Connected numbers and bots."""

    def create(self, name: str, engine: str | None = None, **fields: Any) -> Call[Profile]:
        """A profile; connect it next. Without `engine` it gets the first of `GET /engines`."""
        chosen = {} if engine is None else {"engine": engine}
        return self._call(Profile, "POST", "/profiles", {"name": name, **chosen, **fields})

    def get(self, profile_id: str) -> Call[Profile]:
        """One profile."""
        return self._call(Profile, "GET", f"/profiles/{profile_id}")

    def list(self) -> Pages[Profile]:
        """All of them."""
        return self._pages(Profile, "/profiles", {})

    def connect(self, profile_id: str) -> Call[Profile]:
        """Bring it up; `qr_code` is there when a phone must scan."""
        return self._call(Profile, "POST", f"/profiles/{profile_id}/connect")

    def qr(self, profile_id: str) -> Call[QrCode]:
        """What is to be scanned or typed on the phone now. Raises ApiError QR_NOT_AVAILABLE, ALREADY_CONNECTED."""
        return self._call(QrCode, "GET", f"/profiles/{profile_id}/qr")

    def disconnect(self, profile_id: str) -> Call[Profile]:
        """Take it down."""
        return self._call(Profile, "POST", f"/profiles/{profile_id}/disconnect")

    def delete(self, profile_id: str) -> Call[dict[str, Any]]:
        """Remove it with its messages."""
        return self._call(dict[str, Any], "DELETE", f"/profiles/{profile_id}")


class Keys(KeysCalls):
    """API keys."""

    def create(
        self,
        name: str,
        *,
        scopes: Sequence[str] | None = None,
        profile: str | None = None,
        expires_at: str | None = None,
    ) -> Call[Key]:
        """A key; its secret is in this answer only. Without scopes it may do everything."""
        body = {"name": name, **_some(scopes=scopes, profileId=profile, expiresAt=expires_at)}
        return self._call(Key, "POST", "/keys", body)

    def list(self, **filters: Any) -> Pages[Key]:
        """Keys without their secrets, newest first."""
        return self._pages(Key, "/keys", filters)

    def revoke(self, key_id: str) -> Call[dict[str, Any]]:
        """It stops working at once."""
        return self._call(dict[str, Any], "DELETE", f"/keys/{key_id}")


class Inbound(InboundCalls):
    """What came in and could not be applied."""

    def list(self, **filters: Any) -> Pages[InboundProblem]:
        """Problems without what was kept of them, newest first; filters are the query's, such as `reason`."""
        return self._pages(InboundProblem, "/inbound/problems", filters)

    def get(self, problem_id: str) -> Call[InboundProblem]:
        """One of them, with what was kept."""
        return self._call(InboundProblem, "GET", f"/inbound/problems/{problem_id}")

    def replay(self, problem_id: str) -> Call[InboundProblem]:
        """Try to apply it again."""
        return self._call(InboundProblem, "POST", f"/inbound/problems/{problem_id}/replay")

    def replay_all(self, **which: Any) -> Call[ReplayedProblems]:
        """Try up to 500 of them again, oldest first."""
        return self._call(ReplayedProblems, "POST", "/inbound/problems/replay", which)


class Webhooks(WebhooksCalls):
    """Subscriptions."""

    def create(
        self,
        url: str,
        *,
        events: Sequence[str] | None = None,
        secret: str | None = None,
        profile: str | None = None,
        **more: Any,
    ) -> Call[Webhook]:
        """Subscribe; the answer has the secret."""
        body = {"url": url, **_some(events=events, secret=secret, profileId=profile, **more)}
        return self._call(Webhook, "POST", "/webhooks", body)

    def list(self, **filters: Any) -> Pages[Webhook]:
        """Subscriptions, newest first."""
        return self._pages(Webhook, "/webhooks", filters)

    def delete(self, webhook_id: str) -> Call[dict[str, Any]]:
        """Forget it."""
        return self._call(dict[str, Any], "DELETE", f"/webhooks/{webhook_id}")

    def test(self, webhook_id: str) -> Call[Delivery]:
        """Deliver a test now; tells what came back."""
        return self._call(Delivery, "POST", f"/webhooks/{webhook_id}/test")

    def deliveries(self, webhook_id: str, **filters: Any) -> Pages[Delivery]:
        """The log of deliveries."""
        return self._pages(Delivery, f"/webhooks/{webhook_id}/deliveries", filters)


class Chats(ChatsCalls):
    """The shared inbox."""

    def list(self, **filters: Any) -> Pages[Chat]:
        """Chats, the most recent first."""
        return self._pages(Chat, "/chats", filters)

    def messages(self, chat_id: str, **filters: Any) -> Pages[Message]:
        """Messages of a chat, the newest first."""
        return self._pages(Message, f"/chats/{chat_id}/messages", filters)

    def write(self, chat_id: str, text: str, *, key: str | None = None) -> Call[Sent]:
        """Write in a chat."""
        return self._call(Sent, "POST", f"/chats/{chat_id}/messages", {"text": text}, key=key)

    def read(self, chat_id: str) -> Call[Chat]:
        """Mark as read."""
        return self._call(Chat, "POST", f"/chats/{chat_id}/read")
