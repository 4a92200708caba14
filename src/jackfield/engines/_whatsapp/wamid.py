"""Message ids of the Cloud API.

A `wamid` is base64 of a few length-prefixed texts: whom the message is with (a number or a business-scoped user id), and
at its end the message's own token. The same message may be named with either form of the person; the token is the same.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

_PREFIX: Final = "wamid."
_TOKEN: Final = re.compile(rb"[0-9A-F]{16,64}\Z")
_TEXT: Final = 0x18
"""The byte before a text's length."""


def message_token(wamid: str) -> str | None:
    """The token that all forms of a message's id share; None for an id that has none."""
    if not wamid.startswith(_PREFIX):
        return None
    text = wamid[len(_PREFIX) :].rstrip("=")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=False)
    except (binascii.Error, ValueError):
        return None
    # From the end: a number or user id before it may hold any bytes.
    for at in range(len(data) - 2, -1, -1):
        if data[at] == _TEXT:
            token = data[at + 2 : at + 2 + data[at + 1]]
            if len(token) == data[at + 1] and _TOKEN.match(token):
                return token.decode()
    return None
