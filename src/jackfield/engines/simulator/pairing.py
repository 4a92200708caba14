"""Linking a device: a QR that rotates and runs out, or a pairing code; then a device until it is logged out."""

from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import blake2b

from jackfield.core.port import Disconnected, Done, LoginChanged, LoginStep, Report, ShowCode, ShowQr

from .clock import Clock

_CODE_LETTERS = "123456789ABCDEFGHJKLMNPQRSTVWXYZ"


EXPIRED = "Nobody scanned the code in time; start the connection again."


def is_stale(report: Report) -> bool:
    """Whether this concerns a login that a former session began: of no use to the next."""
    if isinstance(report, LoginChanged):
        return not isinstance(report.step, Done)
    return isinstance(report, Disconnected) and report.reason == EXPIRED


class Pairing:
    """The login of one account. `rotate_s` and `rotations` as WhatsApp does it: a new QR every 20 s, six in all."""

    def __init__(
        self,
        clock: Clock,
        tell: Callable[[Report], None],
        phone: str,
        name: str,
        *,
        rotate_s: float = 20.0,
        rotations: int = 6,
    ) -> None:
        self._clock = clock
        self._tell = tell
        self._phone = phone
        self._name = name
        self.rotate_s = rotate_s
        self.rotations = rotations
        self.paired = False
        self.devices = 0
        """How many devices were linked so far; the present one's number."""
        self.logged_out: str | None = None
        """Why the last device was logged out, until the next is linked."""
        self.step: LoginStep | None = None
        """What the person sees now."""
        self._login = 0
        self._shown = 0

    def _token(self, *of: object) -> bytes:
        return blake2b(":".join(map(str, (self._phone, *of))).encode(), digest_size=32).digest()

    def start(self, phone: str | None = None) -> None:
        """Show a QR (or, with `phone`, a pairing code). Already paired: done at once."""
        self._login += 1
        if self.paired:
            self._done()
            return
        self._shown = 0
        if phone is not None:
            letters = "".join(_CODE_LETTERS[b % len(_CODE_LETTERS)] for b in self._token("code", self._login)[:8])
            self._show(ShowCode(code=f"{letters[:4]}-{letters[4:]}", expires_at=self._clock.now_ms() + 160_000))
            self._clock.after(160_000, self._expire, self._login)
        else:
            self._rotate(self._login)

    def _rotate(self, login: int) -> None:
        if login != self._login or self.paired:
            return
        if self._shown >= self.rotations:
            self._expire(login)
            return
        self._shown += 1
        parts = [
            base64.b64encode(self._token(kind, login, self._shown if kind == "ref" else 0)).decode()
            for kind in ("ref", "noise", "identity", "adv")
        ]
        life = round(self.rotate_s * 1000)
        self._show(ShowQr(code=f"2@{','.join(parts)}", expires_at=self._clock.now_ms() + life))
        self._clock.after(life, self._rotate, login)

    def _expire(self, login: int) -> None:
        if login != self._login or self.paired:
            return
        self.step = None
        self._tell(Disconnected(reason=EXPIRED, permanent=True))

    def _show(self, step: LoginStep) -> None:
        self.step = step
        self._tell(LoginChanged(step=step))

    def scan(self) -> None:
        """The phone scans the QR, or the code is typed: the device is linked."""
        if not self.paired:
            self.paired = True
            self.devices += 1
            self.logged_out = None
            self._login += 1
        self._done()

    def restore(self) -> None:
        """A device is linked without a word: one that was linked before, or one that nobody needs to scan."""
        self._login += 1
        self.paired = True
        self.devices = max(self.devices, 1)
        self.logged_out = None

    def _done(self) -> None:
        self._show(Done(address=self._phone, name=self._name))

    def stop(self) -> None:
        """Show no more codes."""
        self._login += 1
        self.step = None

    def log_out(self, reason: str, *, tell: bool = True) -> None:
        """The device is unlinked for good; told to it unless it asked for it itself."""
        was = self.paired
        self.stop()
        self.paired = False
        self.logged_out = reason
        if was and tell:
            self._tell(Disconnected(reason=reason, permanent=True))
