"""A member's second factor: set up, switch on and off. The codes themselves are in `codes`."""

from __future__ import annotations

from typing import Final

import msgspec
import pyotp

from ..ground import fields
from ..ground.errors import Conflict, Forbidden, NotFound
from ..ground.unit import Unit
from ..models import SecondFactor
from .base import find_login, find_member
from .codes import CODES, find_factor, hash_code, is_required, new_codes, take_app_code
from .logins import drop_sessions
from .members import Members
from .principal import Principal, check_role

ISSUER: Final = "Jackfield"


class Enrolment(msgspec.Struct, frozen=True):
    """What an authenticator app is told: the secret in Base32, and the same as an otpauth URL to show as a QR code."""

    secret: str
    url: str

    def __repr__(self) -> str:
        return "Enrolment()"


class SecondFactorState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a member logs in with a code too. `confirmed_at` in Unix ms; `required` by the workspace's setting."""

    enabled: bool
    required: bool
    confirmed_at: int | None
    recovery_codes_left: int


class SecondFactors(Members):
    """Set up, confirm and end a member's second factor."""

    async def second_factor(self, caller: Principal) -> SecondFactorState:
        """The caller's own. Raises Forbidden (a key)."""
        async with self._store.db.read() as session:
            row = await find_factor(session, _person(caller))
            required = await is_required(session, caller.workspace_id)
        confirmed = row is not None and row.confirmed_at is not None
        return SecondFactorState(
            enabled=confirmed,
            required=required,
            confirmed_at=row.confirmed_at if row is not None else None,
            recovery_codes_left=len(row.recovery) if row is not None else 0,
        )

    async def enrol_second_factor(self, caller: Principal, password: str, *, ip: str | None = None) -> Enrolment:
        """A new secret for the caller's app; it asks for no codes until it is confirmed. Takes the present password.

        Raises Invalid (password), Conflict (there is one already), Forbidden (a key), LimitReached.
        """
        member_id = _person(caller)
        await self._confirm(caller, password)
        secret = pyotp.random_base32()
        async with self._store.unit() as unit:
            await find_member(unit.session, caller.workspace_id, member_id, lock=True)
            row = await find_factor(unit.session, member_id)
            if row is not None and row.confirmed_at is not None:
                raise Conflict("You have a second factor; switch it off first.", code="SECOND_FACTOR_EXISTS")
            if row is None:
                row = SecondFactor(
                    workspace_id=caller.workspace_id, member_id=member_id, last_step=0, created_at=unit.now, recovery=[]
                )
                unit.session.add(row)
            row.secret = secret
            await unit.session.flush()
            await self._tell(unit, caller, "second_factor.begun", ip)
        return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=caller.name, issuer_name=ISSUER))

    async def confirm_second_factor(self, caller: Principal, code: str, *, ip: str | None = None) -> list[str]:
        """Switch the second factor on by a first code of the app. Gives the recovery codes, this once; the caller's other
        sessions, which were opened without it, end.

        Raises Invalid (wrong code), NotFound (nothing was set up), Conflict (it is on), LimitReached, Forbidden (a key).
        """
        member_id = _person(caller)
        await self.limits.hit("code", str(member_id), *CODES)
        codes = new_codes()
        async with self._store.unit() as unit:
            await find_member(unit.session, caller.workspace_id, member_id, lock=True)
            row = await find_factor(unit.session, member_id)
            if row is None:
                raise NotFound("No second factor was set up.", code="SECOND_FACTOR_NOT_FOUND")
            if row.confirmed_at is not None:
                raise Conflict("Your second factor is on already.", code="SECOND_FACTOR_EXISTS")
            if not take_app_code(row, code):
                raise fields.refuse("code", "This is not the present code of your app. Is your phone's clock right?")
            row.confirmed_at, row.recovery = unit.now, [hash_code(one) for one in codes]
            await self._end_others(unit, caller)
            await self._tell(unit, caller, "second_factor.enabled", ip)
            unit.notify("members")
        await self.limits.clear("code", str(member_id), *CODES)
        return codes

    async def renew_recovery_codes(self, caller: Principal, password: str, *, ip: str | None = None) -> list[str]:
        """New recovery codes in place of the old ones, given out this once. Takes the present password.

        Raises Invalid (password), NotFound (no second factor), Forbidden (a key), LimitReached.
        """
        member_id = _person(caller)
        await self._confirm(caller, password)
        codes = new_codes()
        async with self._store.unit() as unit:
            await find_member(unit.session, caller.workspace_id, member_id, lock=True)
            row = await find_factor(unit.session, member_id)
            if row is None or row.confirmed_at is None:
                raise NotFound("Your second factor is off.", code="SECOND_FACTOR_NOT_FOUND")
            row.recovery = [hash_code(one) for one in codes]
            await self._tell(unit, caller, "second_factor.recovery_codes_renewed", ip)
        return codes

    async def disable_second_factor(self, caller: Principal, password: str, *, ip: str | None = None) -> None:
        """Switch the caller's own second factor off; off already, nothing happens. Takes the present password.

        Raises Invalid (password), Forbidden (a key), LimitReached.
        """
        member_id = _person(caller)
        await self._confirm(caller, password)
        async with self._store.unit() as unit:
            if await _drop(unit, caller.workspace_id, member_id):
                await self._tell(unit, caller, "second_factor.disabled", ip)

    async def remove_second_factor(
        self, workspace_id: int, member_id: int, *, by: Principal | None = None, ip: str | None = None
    ) -> None:
        """Take the second factor of somebody who has lost phone and codes; it was off already: nothing happens.

        Raises NotFound, Forbidden (a member whose role may do more than `by`; one's own, which takes the password).
        """
        async with self._store.unit() as unit:
            member = await find_member(unit.session, workspace_id, member_id)
            check_role(by, member.role)
            if by is not None and by.member_id == member_id:
                raise Forbidden("Your own second factor is switched off with your password.")
            if await _drop(unit, workspace_id, member_id):
                await self._note(unit, workspace_id, by, "second_factor.removed", f"member:{member_id}", ip)

    async def remove_lost_second_factor(self, email: str) -> bool:
        """For the operator, at the server itself: as `remove_second_factor`, for whoever logs in with this address, an owner
        too, and their sessions end. False when there was none. Raises Invalid (no address), NotFound."""
        async with self._store.unit() as unit:
            member = await find_login(unit.session, email)
            if not await _drop(unit, member.workspace_id, member.id):
                return False
            await drop_sessions(unit, member.id)
            target = f"member:{member.id}"
            await self._note(unit, member.workspace_id, None, "second_factor.removed", target, via="command line")
            return True

    async def _confirm(self, caller: Principal, password: str) -> None:
        if not await self.confirm_password(caller.workspace_id, _person(caller), password):
            raise fields.refuse("password", "This is not your current password.")

    async def _end_others(self, unit: Unit, caller: Principal) -> None:
        await drop_sessions(unit, _person(caller), but=caller.session_id)

    async def _tell(self, unit: Unit, caller: Principal, action: str, ip: str | None) -> None:
        await self._note(unit, caller.workspace_id, caller, action, f"member:{caller.member_id}", ip)


async def _drop(unit: Unit, workspace_id: int, member_id: int) -> bool:
    await find_member(unit.session, workspace_id, member_id, lock=True)
    row = await find_factor(unit.session, member_id)
    if row is None:
        return False
    await unit.session.delete(row)
    unit.notify("members")
    return True


def _person(caller: Principal) -> int:
    if caller.member_id is None:
        raise Forbidden("An API key has no second factor.")
    return caller.member_id
