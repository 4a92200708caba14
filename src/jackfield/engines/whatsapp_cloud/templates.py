"""The account's templates at Meta, and a short memory of them for the check before sending."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from jackfield.core.ground.errors import Rejected, SendError
from jackfield.core.port import TemplateInfo

from .config import WhatsAppCloudConfig
from .transport import Transport

_FIELDS = "id,name,language,category,status,components,quality_score,parameter_format,rejected_reason"
_PAGE = "100"
_MEMORY_S = 3600.0
_FRESH_S = 30.0
"""How old a reading may be when a value did not fit, and how often a name that is not there is looked for."""


class Templates:
    """Lists, makes, edits and deletes templates."""

    def __init__(
        self, config: WhatsAppCloudConfig, transport: Transport, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._config = config
        self._transport = transport
        self._clock = clock
        self._known: dict[tuple[str, str], TemplateInfo] = {}
        self._read_at: float | None = None
        self._lock = asyncio.Lock()

    def _account_url(self) -> str:
        if not self._config.waba_id:
            raise Rejected("100", "The channel has no WhatsApp Business Account id (wabaId), which templates need")
        return self._config.url(f"{self._config.waba_id}/message_templates")

    # -- memory --------------------------------------------------------------------------------------

    async def find(self, name: str, language: str, *, fresh: bool = False) -> TemplateInfo | None:
        """The template as last read (at most an hour ago; 30 s when `fresh`); None when it is not known.

        None too when it cannot be read: the check is a service to the sender, Meta's own verdict is what counts.
        """
        if not self._config.waba_id:
            return None
        key = (name, language)
        maximum = _FRESH_S if fresh or key not in self._known else _MEMORY_S
        if self._older_than(maximum):
            async with self._lock:
                if self._older_than(maximum):
                    await self._remember()
        return self._known.get(key)

    def _older_than(self, seconds: float) -> bool:
        return self._read_at is None or self._clock() - self._read_at > seconds

    async def _remember(self) -> None:
        try:
            await self.read()
        except SendError:
            self._read_at = self._clock()  # not asked again for each message of a campaign

    # -- at Meta -------------------------------------------------------------------------------------

    async def read(self) -> list[TemplateInfo]:
        """All templates. Raises SendError."""
        found = [template async for template in self._pages()]
        self._known = {(template.name, template.language): template for template in found}
        self._read_at = self._clock()
        return found

    async def _pages(self) -> AsyncIterator[TemplateInfo]:
        url, after = self._account_url(), ""
        while True:
            query = {"fields": _FIELDS, "limit": _PAGE} | ({"after": after} if after else {})
            try:
                page = await self._transport.get(url, **query)
            except Rejected as error:
                if error.code not in ("100", "http:404"):
                    raise
                words = f"There is no WhatsApp Business Account {self._config.waba_id} (wabaId) that the access token may read"
                raise Rejected(error.code, f"{words}: {error.message}") from error
            for node in page.get("data") or []:
                yield template_info(node)
            after = next_cursor(page)
            if not after:
                return

    async def create(
        self, name: str, language: str, category: str, components: list[dict[str, Any]], parameter_format: str
    ) -> TemplateInfo:
        """Submit a template for review. Raises SendError."""
        body: dict[str, Any] = {
            "name": name,
            "language": language,
            "category": category.upper(),
            "components": components,
        }
        if parameter_format.upper() == "NAMED":
            body["parameter_format"] = "NAMED"
        answer = await self._transport.post(self._account_url(), body)
        template = TemplateInfo(
            provider_id=str(answer.get("id") or ""),
            name=name,
            language=language,
            # Meta may put it into another category than asked for.
            category=str(answer.get("category") or category).upper(),
            status=str(answer.get("status") or "PENDING").upper(),
            components=components,
            parameter_format=parameter_format.upper(),
        )
        self._known[name, language] = template
        return template

    async def edit(self, provider_id: str, components: list[dict[str, Any]] | None, category: str | None) -> None:
        """Change a template. Raises SendError."""
        body: dict[str, Any] = {}
        if components is not None:
            body["components"] = components
        if category is not None:
            body["category"] = category.upper()
        await self._transport.post(self._config.url(provider_id), body)
        self._read_at = None

    async def delete(self, name: str, provider_id: str | None) -> None:
        """Delete a template by name, or only the language that `provider_id` names. Raises SendError."""
        query = {"name": name} | ({"hsm_id": provider_id} if provider_id else {})
        await self._transport.delete(self._account_url(), **query)
        self._read_at = None


def template_info(node: dict[str, Any]) -> TemplateInfo:
    """A template node of the Graph API as ours."""
    quality = node.get("quality_score")
    score = quality.get("score") if isinstance(quality, dict) else quality
    reason = node.get("rejected_reason")
    return TemplateInfo(
        provider_id=str(node["id"]),
        name=str(node["name"]),
        language=str(node["language"]),
        category=str(node.get("category") or "").upper(),
        status=str(node.get("status") or "").upper(),
        components=list(node.get("components") or []),
        quality=str(score).upper() if score else None,
        parameter_format=str(node.get("parameter_format") or "POSITIONAL").upper(),
        rejected_reason=str(reason) if reason and reason != "NONE" else None,
    )


def next_cursor(page: dict[str, Any]) -> str:
    """The cursor of the next page; empty on the last one."""
    paging = page.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    return str(cursors.get("after") or "") if isinstance(cursors, dict) else ""
