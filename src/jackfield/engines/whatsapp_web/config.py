"""A paired phone's own configuration."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from jackfield.core.port import EngineConfig


class WhatsAppWebConfig(EngineConfig):
    """How the linked device presents itself and where it runs. Pairing is done by QR or code, not here."""

    device_name: str = Field(
        default="Jackfield",
        alias="deviceName",
        min_length=1,
        max_length=50,
        title="Device name",
        description="Shown on the phone under Linked devices. Counts at the next pairing.",
    )
    per_process: int = Field(
        default=4,
        alias="perProcess",
        ge=1,
        le=50,
        title="Numbers per process",
        description="How many numbers may share this one's process. 1: a process of its own; each takes about 100 MB.",
    )
    proxy: SecretStr | None = Field(
        default=None,
        title="Proxy",
        description="socks5:// or http:// address through which this number connects.",
    )
    mark_online: bool = Field(
        default=False,
        alias="markOnline",
        title="Show as online",
        description="While it is on, the phone itself gets no notifications.",
    )
    breaker_hours: float = Field(
        default=24.0,
        alias="breakerHours",
        gt=0,
        le=24 * 14,
        title="Hours without new chats after a restriction",
        description="After WhatsApp refuses a new chat (463), messages to strangers are refused here for so long.",
    )

    def addresses(self) -> dict[str, str]:
        """The proxy, where there is one."""
        return {} if self.proxy is None else {"proxy": self.proxy.get_secret_value()}

    @field_validator("proxy")
    @classmethod
    def _is_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        if not value.get_secret_value().startswith(("socks5://", "http://", "https://")):
            raise ValueError("must start with socks5://, http:// or https://")
        return value
