"""Phone numbers and WhatsApp Business Accounts as Meta keeps them, on top of the network's accounts."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jackfield.core.port import TemplateInfo

from .. import seeddata
from ..account import Account
from ..world import World
from .errors import GraphProblem, bad_token, unknown_object
from .limits import (
    COEXISTENCE,
    HIGH,
    PAIR_BURST,
    PAIR_EVERY_S,
    STANDARD,
    UPLOADS,
    Audience,
    Bucket,
    FailedFetches,
    TemplateQuota,
    tier,
)


class Number:
    """One business phone number. The settings are those of `POST /control/graph/{phone_number_id}`."""

    def __init__(self, world: World, phone_number_id: str, *, strict: bool) -> None:
        self.id = phone_number_id
        self.account: Account = world.account(phone_number_id)
        # A number on the Cloud API is connected as soon as it exists; there is nothing to scan.
        self.account.pairing.paired = True
        self.account.sent_status = True
        self.account.enforce_window = strict
        self.waba_id = f"2{phone_number_id}"[:18]
        self.access_token: str | None = None
        self.app_secret: str | None = None
        self.verify_token: str | None = None
        self.callback_url: str | None = None
        self.token_is = "valid"  # noqa: S105
        self.last_token: str | None = None
        self.status = "CONNECTED"
        self.registered = True
        self.quality = "GREEN"
        self.messaging_limit = "TIER_UNLIMITED"
        self.coexistence = False
        self.catalog_visible = True
        self.allowed: frozenset[str] | None = None
        self.opted_out: set[str] = set()
        self.throughput = 0
        self.pair_rate = strict
        self.strict = strict
        self.most_people: int | None = None
        """How many people may be written to outside their window per 24 h; None for no limit."""
        self.failed_fetches = FailedFetches()
        self._uploads = Bucket(UPLOADS, UPLOADS)
        self._bucket: Bucket | None = None
        self._pairs: dict[str, Bucket] = {}
        self.set_throughput(STANDARD if strict else 0)

    @property
    def profile(self) -> dict[str, Any]:
        """What people see of the business."""
        return self.account.profile

    # -- limits --------------------------------------------------------------------------------------

    def set_throughput(self, rate: int) -> None:
        """Messages a second; 0 for no limit."""
        self.throughput = rate
        self._bucket = Bucket(rate, rate) if rate else None

    def set_messaging_limit(self, text: str) -> None:
        """The tier, such as "TIER_2K". Raises ValueError."""
        self.most_people = tier(text)
        self.messaging_limit = text

    def set_coexistence(self, on: bool) -> None:
        """Whether the number is in the phone app too, where it sends 20 messages a second and no more."""
        self.coexistence = on
        self.set_throughput(COEXISTENCE if on else STANDARD if self.strict else 0)

    def heard(self) -> None:
        """Count what came in: throughput is in and out together."""
        if self._bucket is not None:
            self._bucket.spend(time.monotonic())

    def admit_upload(self) -> None:
        """Count one upload. Raises GraphProblem 130429 when they come too fast."""
        if self.strict and not self._uploads.take(time.monotonic()):
            raise GraphProblem(130429, f"Too many media uploads: at most {UPLOADS} a second per phone number.")

    @property
    def level(self) -> str:
        """The throughput level as the number's node shows it."""
        return "HIGH" if self.throughput == 0 or self.throughput >= HIGH else "STANDARD"

    def admit(self, to: str) -> None:
        """Count one message. Raises GraphProblem 130429 or 131056 when it comes too fast."""
        if self._bucket is None and not self.pair_rate:
            return
        now = time.monotonic()
        if self.pair_rate:
            pair = self._pairs.get(to)
            if pair is None:
                pair = self._pairs[to] = Bucket(1 / PAIR_EVERY_S, PAIR_BURST)
            if not pair.take(now):
                raise GraphProblem(
                    131056,
                    "Message failed to send because there were too many messages sent from this phone number to the "
                    "same phone number in a short period of time.",
                )
        if self._bucket is not None and not self._bucket.take(now):
            raise GraphProblem(
                130429,
                "Message failed to send because there were too many messages sent from this phone number in a short "
                f"period of time (more than {self.throughput} a second).",
            )

    def fit_to_send(self) -> None:
        """Raises GraphProblem when the number's standing does not let it send."""
        if not self.registered:
            raise GraphProblem(133010, "The phone number is not registered on the Cloud API.")
        if self.status in ("BANNED", "RESTRICTED"):
            raise GraphProblem(131031, "The business account has been locked.", http=403)

    # -- token and secret ----------------------------------------------------------------------------

    def check_token(self, token: str) -> None:
        """Raises GraphProblem 190 unless the token opens this number."""
        if self.token_is == "expired":  # noqa: S105
            words = "Error validating access token: Session has expired on Thursday, 01-Jan-26 00:00:00 PST."
            raise GraphProblem(190, http=401, subcode=463, message=words)
        if self.token_is == "revoked":  # noqa: S105
            words = "Error validating access token: The session has been invalidated."
            raise GraphProblem(190, http=401, subcode=460, message=words)
        if self.access_token is not None and not hmac.compare_digest(token.encode(), self.access_token.encode()):
            raise bad_token()

    def check_proof(self, token: str, proof: str) -> None:
        """Raises GraphProblem unless `appsecret_proof` was made with this number's app secret."""
        if self.app_secret is None:
            return
        expected = hmac.new(self.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, proof):
            raise GraphProblem(100, http=400, message="Invalid appsecret_proof provided in the API argument")

    # -- as nodes ------------------------------------------------------------------------------------

    def node(self) -> dict[str, Any]:
        """The phone number node, every field that we know."""
        account = self.account
        webhook = {"phone_number": self.callback_url} if self.callback_url else {}
        return {
            "id": self.id,
            "display_phone_number": _display(account.phone),
            "verified_name": account.name,
            "quality_rating": self.quality,
            "quality_score": {"score": self.quality},
            "throughput": {"level": self.level},
            "whatsapp_business_manager_messaging_limit": self.messaging_limit,
            "status": self.status if self.registered else "PENDING",
            "name_status": "APPROVED",
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "account_mode": "LIVE",
            "is_on_biz_app": self.coexistence,
            "is_official_business_account": False,
            "is_pin_enabled": True,
            "webhook_configuration": webhook,
        }

    def settings(self) -> dict[str, Any]:
        """The settings as the control shows them, without the secrets."""
        return {
            "phoneNumberId": self.id,
            "phone": self.account.phone,
            "name": self.account.name,
            "wabaId": self.waba_id,
            "callbackUrl": self.callback_url,
            "tokenState": self.token_is,
            "status": self.status,
            "registered": self.registered,
            "quality": self.quality,
            "messagingLimit": self.messaging_limit,
            "throughput": self.throughput,
            "pairRate": self.pair_rate,
            "enforceWindow": self.account.enforce_window,
            "coexistence": self.coexistence,
            "allowedRecipients": None if self.allowed is None else sorted(self.allowed),
            "taken": len(self.account.outbox),
        }


def _display(phone: str) -> str:
    """Meta shows numbers with spaces: "+62 811 0000 0000"."""
    return f"+{phone[:2]} {phone[2:5]} {phone[5:9]} {phone[9:]}".strip()


class Registry:
    """Numbers by id, accounts by id, and what a token may see.

    A number is made the first time its id is used with any token, so that nothing need be set up; but a token that
    was set for some number sees only the numbers it was set for, as at Meta.
    """

    def __init__(self, world: World, *, strict: bool) -> None:
        self.world = world
        self.strict = strict
        self.numbers: dict[str, Number] = {}
        self._wabas: dict[str, str] = {}
        self._audiences: dict[str, Audience] = {}
        self._quotas: dict[str, TemplateQuota] = {}
        self.on_new: Callable[[Number], None] = lambda number: None

    def number(self, phone_number_id: str) -> Number:
        """The number, made if need be."""
        number = self.numbers.get(phone_number_id)
        if number is None:
            number = self.numbers[phone_number_id] = Number(self.world, phone_number_id, strict=self.strict)
            self._wabas.setdefault(number.waba_id, number.id)
            self.on_new(number)
        return number

    def opened(self, phone_number_id: str, token: str) -> Number:
        """The number, if this token opens it. Raises GraphProblem."""
        number = self.numbers.get(phone_number_id)
        if number is None:
            if not phone_number_id.isdigit() or not 3 <= len(phone_number_id) <= 20 or self.knows(token):
                raise unknown_object(phone_number_id, "POST")
            number = self.number(phone_number_id)
        number.check_token(token)
        number.last_token = token
        return number

    @property
    def accounts(self) -> Mapping[str, str]:
        """WhatsApp Business Accounts by id, with the number that holds what is theirs."""
        return self._wabas

    def knows(self, token: str) -> bool:
        """Whether this token was set for some number."""
        return any(number.access_token == token for number in self.numbers.values())

    def move(self, number: Number, waba_id: str) -> None:
        """Put the number under this WhatsApp Business Account."""
        if self._wabas.get(number.waba_id) == number.id:
            del self._wabas[number.waba_id]
        number.waba_id = waba_id
        self._wabas.setdefault(waba_id, number.id)

    def waba(self, waba_id: str, token: str) -> list[Number]:
        """The numbers of an account, the one that holds its templates and catalogs first. Raises GraphProblem.

        An account that nobody knows is taken to be that of the token's number, or a new one.
        """
        if waba_id in self.numbers:
            raise unknown_object(waba_id)
        first = self._wabas.get(waba_id)
        if first is None:
            if self.knows(token) or not waba_id.isdigit():
                raise unknown_object(waba_id)
            self.move(self._unclaimed(waba_id, token), waba_id)
            first = self._wabas[waba_id]
        self.numbers[first].check_token(token)
        rest = [number for number in self.numbers.values() if number.waba_id == waba_id and number.id != first]
        return [self.numbers[first], *rest]

    def _unclaimed(self, waba_id: str, token: str) -> Number:
        """The number whose account this must be: the last one that this token opened and that has none yet."""
        free = [
            number
            for number in self.numbers.values()
            if number.last_token == token and number.waba_id == f"2{number.id}"[:18]
        ]
        return free[-1] if free else self.number(f"1{waba_id}"[:18])

    def admit_person(self, number: Number, person: str) -> None:
        """Count a person written to outside their window. Raises GraphProblem when there were too many.

        Meta documents no code of its own for it; 131048 is the one that speaks of restrictions on how many messages a
        number may send.
        """
        if number.most_people is None or number.account.window_open(person):
            return
        audience = self._audiences.setdefault(number.waba_id, Audience())
        if not audience.admit(person, number.most_people, time.monotonic()):
            raise GraphProblem(
                131048,
                f"The messaging limit is reached: {number.most_people} people were written to outside their customer "
                "service window within 24 hours.",
                http=400,
            )

    def quota(self, number: Number) -> TemplateQuota:
        """The template quota of the number's account."""
        return self._quotas.setdefault(number.waba_id, TemplateQuota())

    def holder(self, number: Number) -> Account:
        """The network account that holds the templates and catalogs of the number's business account."""
        return self.numbers[self._wabas.get(number.waba_id, number.id)].account

    def visible(self, token: str) -> Iterator[Number]:
        """The numbers that this token may see, its own first."""
        own = [number for number in self.numbers.values() if number.access_token == token]
        yield from own or [number for number in self.numbers.values() if number.access_token is None]

    def template(self, provider_id: str, token: str) -> tuple[Account, TemplateInfo] | None:
        """The template of this id, with the account that holds it."""
        for number in self.visible(token):
            account = self.holder(number)
            found = account.templates.by_id(provider_id)
            if found is not None:
                return account, found
        return None

    def media(self, media_id: str, token: str) -> tuple[Number, tuple[bytes, str, str | None]] | None:
        """The file of this id, with its number."""
        for number in self.visible(token):
            found = number.account.media.get(media_id)
            if found is not None and found[1]:
                return number, found
        return None


PORTFOLIO = str(seeddata.raw()["portfolio_id"])
"""The business portfolio that every account belongs to."""


def pick(node: Mapping[str, Any], fields: str | None, always: tuple[str, ...] = ("id",)) -> dict[str, Any]:
    """Those fields of a node that were asked for (`fields=a,b{c}`), as Graph answers them."""
    if not fields:
        return dict(node)
    wanted = {*always}
    depth, name = 0, ""
    for char in fields + ",":
        if char in "{(":
            depth += 1
        elif char in "})":
            depth -= 1
        elif char == "," and depth == 0:
            wanted.add(name.strip().partition(".")[0])
            name = ""
        elif depth == 0:
            name += char
    return {key: value for key, value in node.items() if key in wanted}
