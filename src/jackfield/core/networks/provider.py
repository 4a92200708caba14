"""What the provider itself says of a number, and what can be changed there: account, business profile, registration."""

from __future__ import annotations

from typing import Any

from ..channels.service import Channels
from ..channels.views import ChannelView
from ..errorbook import explain
from ..ground.errors import Invalid, LoginRequired, Rejected, SendError, Unsupported
from ..ground.store import Store
from ..models import Channel
from ..port import AccountInfo, CanBusinessProfile, CanDescribeAccount, CanRegister

FIELDS = ("about", "address", "description", "email", "websites", "vertical", "profile_picture")
"""What may be changed of a business profile."""


class AtProvider:
    """The service. What it reads is asked of the provider each time; the channel keeps what pacing needs of it."""

    def __init__(self, store: Store, channels: Channels) -> None:
        self._store = store
        self._channels = channels

    async def account(self, workspace_id: int, channel_id: int) -> AccountInfo:
        """The number or bot as the provider describes it now; throughput, limit and quality are kept on the channel.

        Raises NotFound, Unsupported, Conflict when the channel is not connected, SendError.
        """
        channel = await self._channels.get(workspace_id, channel_id)
        session = self._channels.session(channel, CanDescribeAccount)  # type: ignore[type-abstract]
        info = await session.account()
        async with self._store.unit() as unit:
            row = await unit.session.get(Channel, channel_id)
            if row is not None:
                known = {
                    "throughput": info.throughput,
                    "messaging_limit": info.messaging_limit,
                    "quality": info.quality,
                }
                fresh = dict(row.account or {}) | {key: value for key, value in known.items() if value is not None}
                if fresh != (row.account or {}):
                    row.account = fresh
                    unit.notify(f"channel:{channel_id}", "changed")
        return info

    async def business_profile(self, workspace_id: int, channel_id: int) -> dict[str, Any]:
        """What people see of the business. Raises NotFound, Unsupported, Conflict, SendError."""
        channel = await self._channels.get(workspace_id, channel_id)
        session = self._channels.session(channel, CanBusinessProfile)  # type: ignore[type-abstract]
        return await session.business_profile()

    async def update_business_profile(
        self, workspace_id: int, channel_id: int, fields: dict[str, Any]
    ) -> dict[str, Any]:
        """Change these fields; gives the profile as it is then.

        Raises NotFound, Unsupported, Conflict, Invalid (also the provider's refusal), SendError.
        """
        unknown = sorted(set(fields) - set(FIELDS))
        if unknown or not fields:
            raise Invalid(f"{', '.join(unknown) or 'fields'}: give some of {', '.join(FIELDS)}")
        channel = await self._channels.get(workspace_id, channel_id)
        session = self._channels.session(channel, CanBusinessProfile)  # type: ignore[type-abstract]
        try:
            await session.update_business_profile(fields)
        except Rejected as error:
            raise _refused(error) from error
        return await session.business_profile()

    async def register(self, workspace_id: int, channel_id: int, pin: str) -> ChannelView:
        """Register the number at the provider and connect the channel.

        Raises NotFound, Unsupported, Invalid for a PIN that is not right (also in the provider's words), SendError.
        """
        channel = await self._channels.get(workspace_id, channel_id)
        engine = self._channels.engine(channel.engine)
        if not isinstance(engine, CanRegister):
            raise Unsupported(
                f"The engine {channel.engine} cannot do this (it has no registration).",
                details={"capability": "registration"},
            )
        try:
            await engine.register_number(
                self._channels.config_of(channel), pin, egress_allow=self._store.options.egress_allow
            )
        except (Rejected, LoginRequired) as error:
            raise _refused(error) from error
        return await self._channels.connect(workspace_id, channel_id)


def _refused(error: SendError) -> Invalid:
    """The provider's refusal, as an error of the request."""
    why = explain(error.code) or {}
    return Invalid(
        f"The provider refused: {error.message}",
        code="PROVIDER_REFUSED",
        details={"code": error.code, "remedy": why.get("remedy")},
    )
