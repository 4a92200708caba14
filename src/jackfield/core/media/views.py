"""What a stored file looks like outside the core."""

from __future__ import annotations

import msgspec


class MediaView(msgspec.Struct, frozen=True, kw_only=True):
    """A stored file: its bytes are found by `sha256` (hex); `size` in bytes, `created_at` in Unix ms.

    `channel_id` and `provider_media_id` (the provider's own id) are set where it came in.
    """

    id: int
    workspace_id: int
    channel_id: int | None
    sha256: str
    mime: str
    size: int
    filename: str | None
    provider_media_id: str | None
    created_at: int
