"""Profiles: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from typing_extensions import Unpack

from jackfield.client._call import Call
from jackfield.client._resource import Resource, quoted

from .answers_3 import Business
from .answers_4 import Connecting, Deleted, EngineInfo
from .answers_6 import Profile, ProfileDetails, ProfileStatus, ProviderAccount, QrCode
from .inputs_3 import BusinessBody, ConnectBody
from .inputs_4 import PinBody, ProfileBody, ProfileChange, ProfileWebhookBody


class ProfilesCalls(Resource):
    """Profiles: all calls."""

    def list_engines(self) -> Call[list[EngineInfo]]:
        """Each engine with the capabilities that it claims, the kinds of messages that it sends and the JSON
        schema of its configuration (secrets are `writeOnly`). `missing` says what must be installed before a
        profile of it can connect, with the line that does it; null when all is there."""
        return self._call(list[EngineInfo], "GET", "/engines")

    def list_profiles(self) -> Call[list[Profile]]:
        """All profiles of the workspace, oldest first."""
        return self._call(list[Profile], "GET", "/profiles")

    def create_profile(self, **given: Unpack[ProfileBody]) -> Call[Profile]:
        """Make a profile; the workspace's first one becomes its default. Connect it with `/connect`."""
        return self._call(Profile, "POST", "/profiles", given)

    def get_profile(self, id_: str, /) -> Call[ProfileDetails]:
        """One profile. `budget`: how many new people it may write to in 24 hours, how many it has, and when
        there is room again; null without a limit."""
        return self._call(ProfileDetails, "GET", f"/profiles/{quoted(id_)}")

    def update_profile(self, id_: str, /, **given: Unpack[ProfileChange]) -> Call[Profile]:
        """Change name, configuration, pacing or settings; what is left out stays."""
        return self._call(Profile, "PUT", f"/profiles/{quoted(id_)}", given)

    def delete_profile(self, id_: str, /) -> Call[Deleted]:
        """Unlink and remove a profile with its messages and chats. This cannot be undone."""
        return self._call(Deleted, "DELETE", f"/profiles/{quoted(id_)}")

    def make_default_profile(self, id_: str, /) -> Call[Profile]:
        """Requests that name no profile use this one from now on."""
        return self._call(Profile, "POST", f"/profiles/{quoted(id_)}/default")

    def get_profile_status(self, id_: str, /) -> Call[ProfileStatus]:
        """Whether the profile is connected, and why not."""
        return self._call(ProfileStatus, "GET", f"/profiles/{quoted(id_)}/status")

    def connect_profile(self, id_: str, /, **given: Unpack[ConnectBody]) -> Call[Connecting]:
        """Bring the profile up. A phone that is not paired yet answers with status `pairing`: show its QR code,
        or with `phone` given the `pairingCode` to be typed on it. `login` is the step to show now."""
        return self._call(Connecting, "POST", f"/profiles/{quoted(id_)}/connect", given)

    def disconnect_profile(self, id_: str, /) -> Call[Profile]:
        """Take the profile down; it stays paired, and what is queued stays queued."""
        return self._call(Profile, "POST", f"/profiles/{quoted(id_)}/disconnect")

    def get_qr_code(self, id_: str, /) -> Call[QrCode]:
        """The QR code to scan: JSON with a data URL, or a PNG picture with `Accept: image/png`."""
        return self._call(QrCode, "GET", f"/profiles/{quoted(id_)}/qr")

    def get_account(self, id_: str, /) -> Call[ProviderAccount]:
        """The number as the provider describes it now: quality, messages per second, and how many people may be
        written to per 24 hours (-1: no limit). `raw` is the provider's own answer."""
        return self._call(ProviderAccount, "GET", f"/profiles/{quoted(id_)}/account")

    def get_business_profile(self, id_: str, /) -> Call[Business]:
        """What people see of the business behind the number."""
        return self._call(Business, "GET", f"/profiles/{quoted(id_)}/business")

    def update_business_profile(self, id_: str, /, **given: Unpack[BusinessBody]) -> Call[Business]:
        """Change what people see of the business. The provider's refusal is a 400 `PROVIDER_REFUSED`."""
        return self._call(Business, "PUT", f"/profiles/{quoted(id_)}/business", given)

    def register_number(self, id_: str, /, **given: Unpack[PinBody]) -> Call[Profile]:
        """Register a WhatsApp Cloud number with its two-step PIN, which cures error 133010, and connect the
        profile. What waited for it goes out."""
        return self._call(Profile, "POST", f"/profiles/{quoted(id_)}/register", given)

    def set_profile_webhook(self, id_: str, /, **given: Unpack[ProfileWebhookBody]) -> Call[Any]:
        """One webhook for this profile: made, changed, or taken away with an empty `url`."""
        return self._call(Any, "POST", f"/profiles/{quoted(id_)}/webhook", given)
