"""The codes of second factors: of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost.

A code of the app counts once: its time step is kept, and older ones are refused (RFC 6238, 5.2). Recovery codes have 120
random bits, so that a plain hash keeps them; each serves once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any, Final

import pyotp
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..ground.errors import Unauthenticated
from ..models import SecondFactor, Workspace

REQUIRED_SETTING: Final = "requireSecondFactor"
"""The workspace's setting by which members without a second factor may only set one up."""
RECOVERY_CODES: Final = 10
CODES: Final = (100, 3600)
"""Codes of one member's app that are looked at, from all addresses together: so many in so many seconds. Beyond it,
recovery codes still work."""
STEP_S: Final = 30
SKEW: Final = (-1, 0, 1)
"""Time steps around now whose codes are taken: a phone's clock may be half a minute off."""


async def find_factor(session: AsyncSession, member_id: int) -> SecondFactor | None:
    """What a member has set up, confirmed or not."""
    found: SecondFactor | None = await session.scalar(select(SecondFactor).where(SecondFactor.member_id == member_id))
    return found


async def is_required(session: AsyncSession, workspace_id: int) -> bool:
    """Whether the workspace's members must have a second factor."""
    settings: dict[str, Any] | None = await session.scalar(
        select(Workspace.settings).where(Workspace.id == workspace_id)
    )
    return bool((settings or {}).get(REQUIRED_SETTING))


def take(row: SecondFactor, code: str) -> str | None:
    """Use up a code of the app or a recovery code; hold the member's row. Gives which ("app", "recovery"), None: wrong."""
    if is_app_code(code):
        return "app" if take_app_code(row, code) else None
    hashed = hash_code(code)
    left = [one for one in row.recovery if not hmac.compare_digest(one, hashed)]
    if len(left) == len(row.recovery):
        return None
    row.recovery = left
    return "recovery"


def is_app_code(code: str) -> bool:
    """Whether this looks like a code of an app, which can be guessed, and not like a recovery code."""
    given = _plain(code)
    return given.isascii() and given.isdigit() and len(given) <= 8


def refused() -> Unauthenticated:
    """The error for a wrong code after the right password."""
    return Unauthenticated("The code is wrong or was used already.", code="INVALID_SECOND_FACTOR")


def needed() -> Unauthenticated:
    """The error for a right password without a code."""
    return Unauthenticated(
        "This account has a second factor: send the code of the authenticator app, or a recovery code, as `code`.",
        code="SECOND_FACTOR_REQUIRED",
    )


def take_app_code(row: SecondFactor, code: str) -> bool:
    """Use up a code of the app. Says whether it is one that counts."""
    given = _plain(code)
    totp = pyotp.TOTP(row.secret, interval=STEP_S)
    now = int(time.time()) // STEP_S
    for step in (now + skew for skew in SKEW):
        if step > row.last_step and hmac.compare_digest(totp.generate_otp(step).encode(), given.encode()):
            row.last_step = step
            return True
    return False


def new_codes() -> list[str]:
    """Recovery codes, in groups that can be typed."""
    return [_grouped(base64.b32encode(secrets.token_bytes(15)).decode()) for _ in range(RECOVERY_CODES)]


def _grouped(text: str) -> str:
    return "-".join(text[start : start + 6] for start in range(0, len(text), 6))


def _plain(code: str) -> str:
    return code.replace("-", "").replace(" ", "").upper()


def hash_code(code: str) -> str:
    """What is stored of a recovery code, however it is typed."""
    return hashlib.sha256(_plain(code).encode("utf-8", "surrogatepass")).hexdigest()
