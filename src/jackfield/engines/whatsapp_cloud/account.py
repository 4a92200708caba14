"""The number, its business profile and its catalogs, as Meta describes them."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from typing import Any

from jackfield.core.ground.errors import LoginRequired, Rejected
from jackfield.core.port import AccountInfo, CatalogInfo, ProductInfo

from .config import WhatsAppCloudConfig
from .notices import messaging_limit, throughput
from .templates import next_cursor
from .transport import Transport

_NUMBER = (
    "id,display_phone_number,verified_name,quality_rating,throughput,whatsapp_business_manager_messaging_limit,"
    "status,name_status,code_verification_status,platform_type,is_on_biz_app,account_mode"
)
_CATALOG = "id,name,vertical,product_count"
_PRODUCT = (
    "id,retailer_id,name,description,price,sale_price,currency,availability,image_url,url,brand,condition,"
    "product_group{id,retailer_id}"
)
_PROFILE = "about,address,description,email,profile_picture_url,websites,vertical"

_DOWN = {
    "BANNED": ("131031", "Meta has banned this number"),
    "RESTRICTED": ("131031", "Meta has restricted this number"),
    "DELETED": ("33", "The number was deleted at Meta"),
    "UNVERIFIED": ("133006", "The number has not been verified at Meta"),
    "MIGRATED": ("33", "The number was moved to another account"),
}
"""States of a number in which it cannot send, with the code that explains the cure. "DISCONNECTED" and "PENDING" are
told by 133010 at the first send; some numbers are shown so although they work."""


class Account:
    """Reads and changes of the number's node."""

    def __init__(self, config: WhatsAppCloudConfig, transport: Transport) -> None:
        self._config = config
        self._transport = transport

    async def read(self) -> AccountInfo:
        """The number. Raises SendError."""
        node = await self._transport.get(self._config.number_url, fields=_NUMBER)
        return account_info(node)

    async def verify(self) -> AccountInfo:
        """The number, fit to send. Raises LoginRequired for a wrong token or id and for a number that is banned."""
        account = await self.read()
        state = str((account.raw or {}).get("status") or "").upper()
        if state in _DOWN:
            code, words = _DOWN[state]
            raise LoginRequired(code, words)
        return account

    async def app_secret_fits(self) -> bool:
        """Whether Meta knows the app secret as that of the token's app; a wrong one loses every webhook unseen.

        Graph checks `appsecret_proof`, HMAC-SHA256 of the token with the secret, wherever it is given.
        """
        if self._config.app_secret is None:
            return True
        proof = hmac.new(
            self._config.app_secret.get_secret_value().encode(),
            self._config.access_token.get_secret_value().encode(),
            hashlib.sha256,
        ).hexdigest()
        try:
            await self._transport.get(self._config.number_url, fields="id", appsecret_proof=proof)
        except Rejected as error:
            return "appsecret_proof" not in error.message
        return True

    async def catalogs(self) -> list[CatalogInfo]:
        """The catalogs linked to the account; `selected` is the one that the number shows. Raises SendError."""
        if not self._config.waba_id:
            raise Rejected("100", "The channel has no WhatsApp Business Account id: catalogs need one")
        settings = await self._transport.get(f"{self._config.number_url}/whatsapp_commerce_settings")
        shown = {
            str(row.get("id"))
            for row in settings.get("data") or []
            if isinstance(row, dict) and row.get("is_catalog_visible")
        }
        url = self._config.url(f"{self._config.waba_id}/product_catalogs")
        rows = [node async for node in self._pages(url, _CATALOG)]
        return [
            CatalogInfo(
                provider_id=str(node["id"]),
                name=str(node.get("name") or ""),
                product_count=int(node.get("product_count") or 0),
                vertical=str(node.get("vertical") or "commerce"),
                selected=str(node["id"]) in shown,
            )
            for node in rows
        ]

    async def products(self, catalog_id: str) -> AsyncIterator[ProductInfo]:
        """The products of a catalog. Raises SendError."""
        if not catalog_id.isalnum():
            raise Rejected("100", f"{catalog_id!r} is not a catalog id")
        async for node in self._pages(self._config.url(f"{catalog_id}/products"), _PRODUCT):
            yield product_info(node)

    async def _pages(self, url: str, fields: str) -> AsyncIterator[dict[str, Any]]:
        after = ""
        while True:
            query = {"fields": fields, "limit": "100"} | ({"after": after} if after else {})
            page = await self._transport.get(url, **query)
            for node in page.get("data") or []:
                yield node
            after = next_cursor(page)
            if not after:
                return

    async def profile(self) -> dict[str, Any]:
        """The business profile. Raises SendError."""
        answer = await self._transport.get(f"{self._config.number_url}/whatsapp_business_profile", fields=_PROFILE)
        rows = answer.get("data") or [{}]
        return {key: value for key, value in dict(rows[0]).items() if key != "messaging_product"}

    async def update_profile(self, fields: dict[str, Any]) -> None:
        """Change the business profile. Raises SendError."""
        await self._transport.post(
            f"{self._config.number_url}/whatsapp_business_profile", {"messaging_product": "whatsapp", **fields}
        )

    async def callback(self) -> str | None:
        """Where this number's webhooks go: its own address, else its account's, else the app's. Raises SendError."""
        node = await self._transport.get(self._config.number_url, fields="webhook_configuration")
        webhook = node.get("webhook_configuration")
        if not isinstance(webhook, dict):
            return None
        found = webhook.get("phone_number") or webhook.get("whatsapp_business_account") or webhook.get("application")
        return str(found) if found else None

    async def set_callback(self, url: str | None) -> None:
        """Set this number's own webhook address. Raises SendError."""
        webhook: dict[str, Any] = {"override_callback_uri": url or ""}
        if url and self._config.verify_token is not None:
            webhook["verify_token"] = self._config.verify_token.get_secret_value()
        await self._transport.post(self._config.number_url, {"webhook_configuration": webhook})

    async def register(self, pin: str) -> None:
        """Register the number. Raises SendError."""
        if not re.fullmatch(r"\d{6}", pin):
            raise Rejected("131009", "pin: must be six digits")
        await self._transport.post(f"{self._config.number_url}/register", {"messaging_product": "whatsapp", "pin": pin})


def account_info(node: dict[str, Any]) -> AccountInfo:
    """A phone number node as ours."""
    tier = node.get("whatsapp_business_manager_messaging_limit") or node.get("messaging_limit_tier")
    return AccountInfo(
        address=re.sub(r"\D", "", str(node.get("display_phone_number") or "")) or str(node.get("id") or ""),
        name=node.get("verified_name"),
        quality=node.get("quality_rating"),
        throughput=throughput(node),
        messaging_limit=messaging_limit(tier),
        raw=node,
    )


def product_info(node: dict[str, Any]) -> ProductInfo:
    """A product node as ours."""
    group = node.get("product_group")

    def text(key: str) -> str | None:
        value = node.get(key)
        return None if value is None or value == "" else str(value)

    return ProductInfo(
        provider_id=str(node["id"]),
        retailer_id=str(node.get("retailer_id") or node["id"]),
        name=str(node.get("name") or ""),
        description=text("description"),
        price=text("price"),
        sale_price=text("sale_price"),
        currency=text("currency"),
        availability=text("availability"),
        image_url=text("image_url"),
        url=text("url"),
        brand=text("brand"),
        condition=text("condition"),
        group_id=str(group.get("retailer_id") or group.get("id")) if isinstance(group, dict) else None,
    )
