"""A Telegram channel's own configuration."""

from __future__ import annotations

import hashlib
import hmac
import re

from pydantic import Field, SecretStr, field_validator

from jackfield.core.port import EngineConfig

DEFAULT_BASE_URL = "https://api.telegram.org"
CALL_SECONDS = 60.0
"""A call without a file; Telegram answers within a second, its own gateway gives up after about a minute."""

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{3,128}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class TelegramBotConfig(EngineConfig):
    """What BotFather gave, and where the Bot API is."""

    base_url: str = Field(
        default=DEFAULT_BASE_URL,
        alias="baseUrl",
        title="Bot API address",
        description="Telegram's own, or a Bot API server of yours (which lifts the file limits).",
    )
    token: SecretStr = Field(
        title="Bot token", description="As BotFather gave it: digits, a colon, then letters and digits."
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        alias="webhookSecret",
        title="Webhook secret",
        description="Sent by Telegram with every webhook call. Derived from the token when empty.",
    )

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must start with https:// or http://")
        return value.rstrip("/")

    @field_validator("token")
    @classmethod
    def _is_token(cls, value: SecretStr) -> SecretStr:
        if not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("does not look like a bot token; BotFather's are digits, a colon, then letters and digits")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr | None) -> SecretStr | None:
        """The alphabet that setWebhook accepts (https://core.telegram.org/bots/api#setwebhook)."""
        if value is None or not value.get_secret_value():
            return None
        if not _SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("may have 1 to 256 letters, digits, _ and - only")
        return value

    def addresses(self) -> dict[str, str]:
        """The Bot API, where it is not Telegram's own."""
        return {} if self.base_url == DEFAULT_BASE_URL else {"baseUrl": self.base_url}

    @property
    def bot_id(self) -> int:
        """The bot's user id, which is the token's first part."""
        return int(self.token.get_secret_value().partition(":")[0])

    def callback_secret(self) -> str:
        """What Telegram must send in X-Telegram-Bot-Api-Secret-Token.

        Derived from the token when none was set, so that every process of a cluster knows it without being told and
        a webhook is never open.
        """
        if self.webhook_secret is not None:
            return self.webhook_secret.get_secret_value()
        token = self.token.get_secret_value().encode()
        return hmac.new(token, b"jackfield telegram webhook", hashlib.sha256).hexdigest()
