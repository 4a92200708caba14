"""One WhatsApp number on the Cloud API: sends, and all else that the number can do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, ClassVar

from jackfield.core.ground.errors import OutcomeUnknown, Rejected, SendError
from jackfield.core.port import (
    AccountInfo,
    AccountNotice,
    CatalogInfo,
    ChannelInfo,
    Outgoing,
    ProductInfo,
    Sent,
    Sink,
    TemplateInfo,
)
from jackfield.core.port import content as c

from . import convert
from .account import Account
from .config import WhatsAppCloudConfig
from .handles import Handles
from .media import Media
from .people import recipient_of
from .template import check
from .templates import Templates
from .transport import Transport

_HOOK_PAUSES_S = (0.0, 5.0, 30.0, 300.0)
"""Pauses before each attempt to have webhooks sent here."""


class WhatsAppCloudSession:
    """A number's session. It holds no connection open beyond the HTTP pool; what comes in comes by webhook."""

    reactions: ClassVar[bool] = True

    def __init__(self, config: WhatsAppCloudConfig, channel: ChannelInfo, transport: Transport) -> None:
        self._config = config
        self._transport = transport
        self._messages_url = f"{config.number_url}/messages"
        self._media = Media(config, transport, channel.media)
        self._handles = Handles(config, transport, channel.media)
        self._templates = Templates(config, transport)
        self._account = Account(config, transport)
        self._hooking: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Close the pool; sends in flight end as unknown."""
        if self._hooking is not None:
            self._hooking.cancel()
            await asyncio.gather(self._hooking, return_exceptions=True)
        await self._transport.close()

    def keep_callback(self, url: str, sink: Sink) -> None:
        """See to it, in the background, that this number's webhooks come to `url`; tell when Meta will not have it."""
        self._hooking = asyncio.create_task(self._keep_callback(url, sink), name="whatsapp_cloud callback")

    async def _keep_callback(self, url: str, sink: Sink) -> None:
        for pause in _HOOK_PAUSES_S:
            # Meta calls the address before it answers, which fails while this server is still starting.
            await asyncio.sleep(pause)
            try:
                if await self._account.callback() != url:
                    await self._account.set_callback(url)
                return
            except SendError as error:
                words = error.message
        await sink([AccountNotice(kind="callback", message=f"Meta does not send webhooks to {url}: {words}")])

    # -- messages ------------------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> Sent:
        """Send one message. Raises SendError.

        Stored files are uploaded first (once per file), and a template's values are checked against the template.
        """
        content = message.content
        if isinstance(content, c.Template):
            await self._check_template(content)
        uploads = await self._media.upload_all(content)
        body = convert.payload(message, uploads)
        try:
            answer = await self._transport.post(self._messages_url, body, message.attempt)
        except Rejected as error:
            # Meta may forget an uploaded file before its 30 days are over: upload it afresh, once.
            lost = error.code in ("131052", "131053") or "media" in error.message.lower()
            if not uploads or not lost:
                raise
            self._media.forget(uploads)
            body = convert.payload(message, await self._media.upload_all(content))
            answer = await self._transport.post(self._messages_url, body, message.attempt)
        try:
            taken = answer["messages"][0]
            status = taken.get("message_status")
            held = str(status) if status not in (None, "accepted") else None
            return Sent(provider_id=str(taken["id"]), raw=answer, identities=recipient_of(answer), held=held)
        except (AttributeError, KeyError, IndexError, TypeError) as error:
            raise OutcomeUnknown("bad_answer", "Meta's answer names no message id") from error

    async def _check_template(self, content: c.Template) -> None:
        known = await self._templates.find(content.name, content.language)
        try:
            check(content, known)
        except Rejected:
            # The template may have been edited since it was read: look again before refusing.
            check(content, await self._templates.find(content.name, content.language, fresh=True))

    async def typing(self, to: str, on: bool, last_incoming: str | None = None) -> None:
        """Show "typing..." for up to 25 s; Meta ties it to the last incoming message, which it also marks read."""
        if not on or not last_incoming:
            return
        await self._transport.post(
            self._messages_url,
            {
                "messaging_product": "whatsapp",
                "status": "read",
                "message_id": last_incoming,
                "typing_indicator": {"type": "text"},
            },
        )

    async def mark_read(self, chat: str, provider_ids: Sequence[str], sender: str | None = None) -> None:
        """Tell the peer that these messages were read. Raises SendError."""
        bodies = [
            {"messaging_product": "whatsapp", "status": "read", "message_id": provider_id}
            for provider_id in provider_ids
        ]
        await asyncio.gather(*(self._transport.post(self._messages_url, body) for body in bodies))

    async def reject_call(self, call_id: str, caller: str) -> None:
        """Refuse a call that rings. Raises SendError."""
        await self._transport.post(
            f"{self._config.number_url}/calls",
            {"messaging_product": "whatsapp", "call_id": call_id, "action": "reject"},
        )

    # -- media ---------------------------------------------------------------------------------------

    async def download(self, media_id: str) -> tuple[bytes, str]:
        """Bytes and MIME type of an incoming file. Raises SendError. Meta keeps it 7 days, its link 5 minutes."""
        return await self._media.download(media_id)

    async def upload(self, data: bytes, *, mime: str, filename: str | None = None) -> str:
        """Upload a file; gives Meta's media id, good for 30 days. Raises SendError."""
        return await self._media.upload(data, mime, filename)

    # -- templates -----------------------------------------------------------------------------------

    async def list_templates(self) -> list[TemplateInfo]:
        """All templates of the account. Raises SendError."""
        return await self._templates.read()

    async def create_template(
        self, name: str, language: str, category: str, components: list[dict[str, Any]], parameter_format: str
    ) -> TemplateInfo:
        """Submit a template for review; examples given as `media:ID` are uploaded first. Raises SendError."""
        submitted = await self._handles.examples(components)
        return await self._templates.create(name, language, category, submitted, parameter_format)

    async def edit_template(
        self, provider_id: str, components: list[dict[str, Any]] | None, category: str | None
    ) -> None:
        """Change a template; an approved one once a day and ten times a month. Raises SendError."""
        submitted = None if components is None else await self._handles.examples(components)
        await self._templates.edit(provider_id, submitted, category)

    async def delete_template(self, name: str, provider_id: str | None) -> None:
        """Delete a template, in all languages unless `provider_id` names one. Raises SendError."""
        await self._templates.delete(name, provider_id)

    # -- account -------------------------------------------------------------------------------------

    async def account(self) -> AccountInfo:
        """The number: quality, throughput, messaging limit. Raises SendError."""
        return await self._account.read()

    async def list_catalogs(self) -> list[CatalogInfo]:
        """The catalogs linked to the account. Raises SendError."""
        return await self._account.catalogs()

    async def list_products(self, catalog_id: str) -> AsyncIterator[ProductInfo]:
        """The products of a catalog, page by page. Raises SendError."""
        async for product in self._account.products(catalog_id):
            yield product

    async def business_profile(self) -> dict[str, Any]:
        """What people see of the business: about, address, description, email, websites, vertical, picture."""
        return await self._account.profile()

    async def update_business_profile(self, fields: dict[str, Any]) -> None:
        """Change the business profile; `profile_picture` is a stored file, `media:ID`. Raises SendError."""
        fields = dict(fields)
        picture = fields.pop("profile_picture", None)
        if picture is not None:
            fields["profile_picture_handle"] = await self._handles.handle(str(picture))
        await self._account.update_profile(fields)

    async def set_callback(self, url: str | None) -> None:
        """Have this number's webhooks sent to `url` (None: to the app's own address again). Raises SendError.

        Meta verifies the address at once, so it must be reachable from outside when this is called.
        """
        await self._account.set_callback(url)
