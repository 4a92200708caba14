"""What a WhatsApp Cloud channel must know to reach its number at Meta."""

from __future__ import annotations

import re

from pydantic import ConfigDict, Field, SecretStr, field_validator
from pydantic.alias_generators import to_camel

from jackfield.core.port import EngineConfig

META = "https://graph.facebook.com"
"""Meta's Graph API."""

VERSION = "v23.0"
"""The Graph API version that this engine was written against."""


class WhatsAppCloudConfig(EngineConfig):
    """Where the number is and how to prove that we may use it. Wire names are camelCase."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, alias_generator=to_camel)

    base_url: str = Field(default=META, description="The Graph API's address; change it only for a simulator or proxy.")
    api_version: str = Field(default=VERSION, description="Graph API version, such as v23.0.")
    phone_number_id: str = Field(description="The number's id in the app's API setup (not the phone number itself).")
    waba_id: str | None = Field(
        default=None, description="WhatsApp Business Account id: needed for templates and catalogs."
    )
    access_token: SecretStr = Field(description="Permanent token of a system user with the two WhatsApp permissions.")
    app_secret: SecretStr | None = Field(
        default=None, description="The Meta app's secret: signs incoming webhooks. Without it none is accepted."
    )
    verify_token: SecretStr | None = Field(
        default=None, description="Any text of yours; Meta repeats it when it verifies the callback URL."
    )

    @field_validator("base_url")
    @classmethod
    def _base_url(cls, value: str) -> str:
        value = value.strip().rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError("must be an http or https address")
        return value

    @field_validator("api_version")
    @classmethod
    def _api_version(cls, value: str) -> str:
        value = value.strip()
        if re.fullmatch(r"\d+(\.\d+)?", value):
            value = f"v{value}"
        if not re.fullmatch(r"v\d+(\.\d+)?", value):
            raise ValueError("must look like v23.0")
        return value

    @field_validator("phone_number_id", "waba_id")
    @classmethod
    def _id(cls, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value.strip()):
            raise ValueError("must be an id of Meta's (digits)")
        return value.strip()

    @field_validator("phone_number_id")
    @classmethod
    def _required(cls, value: str | None) -> str:
        if not value:
            raise ValueError("is missing")
        return value

    @field_validator("app_secret", "verify_token")
    @classmethod
    def _empty_is_none(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value is not None and value.get_secret_value() else None

    @field_validator("access_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError("is not a token")
        return SecretStr(token)

    def addresses(self) -> dict[str, str]:
        """The Graph API, where it is not Meta's own."""
        return {} if self.base_url == META else {"baseUrl": self.base_url}

    @property
    def number_url(self) -> str:
        """The number's node in the Graph API."""
        return f"{self.base_url}/{self.api_version}/{self.phone_number_id}"

    def url(self, path: str) -> str:
        """Any other node's address."""
        return f"{self.base_url}/{self.api_version}/{path}"
