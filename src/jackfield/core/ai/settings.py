"""`AiSettings`: whom a workspace asks. Without a row nobody is asked, and nothing leaves the server."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import delete, select

from ..accounts.audit import Audit
from ..accounts.principal import Principal
from ..egress import SafeClient, check_url
from ..ground import fields
from ..ground.errors import Conflict
from ..ground.store import Store
from ..models import AiSetting
from .endpoint import Target, try_out
from .views import AiSettingsView, AiTest

MAX_TIMEOUT: Final = 50
"""Seconds; below the lease of a call (automations/walking.py)."""
NOT_SET: Final = "AI_NOT_SET"


class AiSettings:
    """The service."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._audit = Audit(store)

    async def get(self, workspace_id: int) -> AiSettingsView:
        """The endpoint, without its key."""
        async with self._store.db.read() as session:
            row = await session.get(AiSetting, workspace_id)
        return AiSettingsView() if row is None else _view(row)

    async def put(
        self,
        workspace_id: int,
        *,
        base_url: str,
        model: str,
        api_key: str | UnsetType | None = UNSET,
        timeout_seconds: int = 30,
        max_tokens: int = 800,
        json_mode: bool = True,
        price_in: int = 0,
        price_out: int = 0,
        currency: str = "USD",
        per_chat_day: int = 20,
        per_day: int = 500,
        by: Principal | None = None,
        ip: str | None = None,
    ) -> AiSettingsView:
        """Set the whole. A key that is left out stays as long as the address leads to the same place (scheme, host and port):
        nobody who may not see it sends it elsewhere. Raises Invalid about `baseUrl` and others."""
        url = await self._checked_url(base_url)
        key = api_key
        if not isinstance(key, UnsetType) and key is not None:
            key = fields.text("apiKey", key, maximum=1000)
            if not key.isascii() or not key.isprintable() or " " in key:
                raise fields.refuse("apiKey", "Must be letters, digits and marks without blanks.")
        values: dict[str, Any] = {
            "base_url": url,
            "model": fields.text("model", model, maximum=200),
            "timeout_seconds": _number("timeoutSeconds", timeout_seconds, 1, MAX_TIMEOUT),
            "max_tokens": _number("maxTokens", max_tokens, 16, 32_768),
            "json_mode": bool(json_mode),
            "price_in": _number("priceIn", price_in, 0, 10**12),
            "price_out": _number("priceOut", price_out, 0, 10**12),
            "currency": _currency(currency),
            "per_chat_day": _number("perChatDay", per_chat_day, 1, 1000),
            "per_day": _number("perDay", per_day, 1, 1_000_000),
        }
        async with self._store.unit() as unit:
            row = await unit.session.scalar(
                select(AiSetting).where(AiSetting.workspace_id == workspace_id).with_for_update()
            )
            if row is None:
                row = AiSetting(workspace_id=workspace_id, api_key=None, base_url="")
                unit.session.add(row)
            if not isinstance(key, UnsetType):
                row.api_key = key
            elif row.api_key is not None and place_of(row.base_url) != place_of(url):
                row.api_key = None
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = unit.now
            await unit.session.flush()
            told = {"model": row.model, "perDay": row.per_day, "perChatDay": row.per_chat_day}
            target = f"workspace:{workspace_id}"
            await self._audit.record(unit, workspace_id, _actor(by), "ai_settings.changed", target, ip, told)
        return _view(row)

    async def delete(self, workspace_id: int, *, by: Principal | None = None, ip: str | None = None) -> AiSettingsView:
        """Forget the endpoint and its key: nobody is asked any more. Gives what holds then."""
        async with self._store.unit() as unit:
            gone = await unit.conn.execute(delete(AiSetting).where(AiSetting.workspace_id == workspace_id))
            if gone.rowcount:
                target = f"workspace:{workspace_id}"
                await self._audit.record(unit, workspace_id, _actor(by), "ai_settings.removed", target, ip, {})
        return AiSettingsView()

    async def test(self, workspace_id: int) -> AiTest:
        """Ask the endpoint for a word, now. Raises Conflict (AI_NOT_SET) where there is none."""
        async with self._store.db.read() as session:
            row = await session.get(AiSetting, workspace_id)
        if row is None:
            raise Conflict("No endpoint is set.", code=NOT_SET)
        async with SafeClient(allow=self._store.options.egress_allow) as client:
            return await try_out(client, target_of(row))

    async def _checked_url(self, given: str) -> str:
        url = await check_url(given, allow=self._store.options.egress_allow, field="baseUrl")
        if "?" in url:
            raise fields.refuse("baseUrl", "Must have no query.")
        return url.rstrip("/").removesuffix("/chat/completions")


def target_of(row: AiSetting) -> Target:
    """Whom to ask, by a row."""
    return Target(
        base_url=row.base_url,
        api_key=row.api_key,
        model=row.model,
        timeout_seconds=row.timeout_seconds,
        max_tokens=row.max_tokens,
        json_mode=row.json_mode,
    )


def place_of(url: str) -> str:
    """Scheme, host and port of an address that was checked."""
    return "/".join(url.split("/", 3)[:3])


def _view(row: AiSetting) -> AiSettingsView:
    values = {name: getattr(row, name) for name in AiSettingsView.__struct_fields__ if name != "has_key"}
    return msgspec.convert({**values, "has_key": row.api_key is not None}, type=AiSettingsView)


def _actor(by: Principal | None) -> str:
    return "system" if by is None else by.actor


def _currency(given: Any) -> str:
    value = fields.text("currency", given, maximum=3).upper()
    if len(value) != 3 or not value.isascii() or not value.isalpha():
        raise fields.refuse("currency", "Must be a currency code of three letters such as USD.")
    return value


def _number(field: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise fields.refuse(field, f"Must be a whole number from {least} to {most}.")
    return value
