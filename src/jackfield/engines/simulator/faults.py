"""What can go wrong on the network: the providers' error codes, and rules that make them happen.

Texts and codes are those of Meta's page
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes; `463` is what a
linked device gets from WhatsApp's own server when it may not open new chats.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

Refused = Literal["rejected", "throttled", "unavailable", "login"]
Manner = Literal["reject", "async"]


class Fault(msgspec.Struct, frozen=True):
    """One error code: the provider's words, how it usually arrives, what kind of refusal it is, its HTTP status.

    `manner`: "reject" in the answer to the send, or "async" as a failed status after the message was taken.
    """

    code: str
    message: str
    manner: Manner = "reject"
    refused: Refused = "rejected"
    http: int = 400


def _table(rows: Iterable[Fault]) -> dict[str, Fault]:
    return {row.code: row for row in rows}


TABLE: dict[str, Fault] = _table(
    [
        Fault("0", "We were unable to authenticate the app user.", "reject", "login", 401),
        Fault("1", "Invalid request or possible server error.", "reject", "unavailable", 500),
        Fault("2", "Temporary due to downtime or due to being overloaded.", "reject", "unavailable", 503),
        Fault("3", "Capability or permissions issue.", "reject", "login", 403),
        Fault("4", "The app has reached its API call rate limit.", "reject", "throttled", 429),
        Fault("10", "Permission is either not granted or has been removed.", "reject", "login", 403),
        Fault("33", "The business phone number has been deleted.", "reject", "rejected", 400),
        Fault("100", "The request included one or more unsupported or misspelled parameters.", "reject"),
        Fault("190", "Access token has expired", "reject", "login", 401),
        Fault("200", "Permission is either not granted or has been removed.", "reject", "login", 403),
        Fault("299", "Permission is either not granted or has been removed.", "reject", "login", 403),
        Fault(
            "368",
            "The WhatsApp Business Account associated with the app has been restricted or disabled for "
            "violating a platform policy.",
            "reject",
            "login",
            403,
        ),
        Fault("463", "Reach-out time lock: this account may not start new chats for now", "reject"),
        Fault("500", "Internal server error", "reject", "unavailable", 500),
        Fault("503", "Service unavailable", "reject", "unavailable", 503),
        Fault("80007", "The WhatsApp Business Account has reached its rate limit.", "reject", "throttled", 429),
        Fault("130429", "Rate limit hit", "reject", "throttled", 429),
        Fault("130472", "User's number is part of an experiment", "async"),
        Fault(
            "130497",
            "Business account is restricted from messaging users in this country.",
            "async",
            "rejected",
            403,
        ),
        Fault("131000", "Something went wrong", "reject", "unavailable", 500),
        Fault("131005", "Access denied", "reject", "login", 403),
        Fault("131008", "Required parameter is missing", "reject"),
        Fault("131009", "Parameter value is not valid", "reject"),
        Fault("131016", "Service unavailable", "reject", "unavailable", 500),
        Fault("131020", "Bad group: it has no other member.", "reject"),
        Fault("131021", "Recipient cannot be sender", "reject"),
        Fault("131026", "Message undeliverable", "async"),
        Fault("131030", "Recipient phone number not in allowed list", "reject"),
        Fault("131031", "Account has been locked", "reject", "login", 403),
        Fault("131037", "WhatsApp provided number needs display name approval before message can be sent.", "reject"),
        Fault("131041", "Group unknown", "reject"),
        Fault("131042", "Business eligibility payment issue", "async"),
        Fault("131044", "Business eligibility payment issue", "reject"),
        Fault("131045", "Message failed to send due to a phone number registration error.", "reject", "login", 500),
        Fault("131047", "Re-engagement message", "async"),
        Fault("131048", "Spam rate limit hit", "async", "throttled"),
        Fault("131049", "This message was not delivered to maintain healthy ecosystem engagement.", "async"),
        Fault("131050", "This recipient has chosen to stop receiving marketing messages from your business", "async"),
        Fault("131051", "Unsupported message type", "reject"),
        Fault("131052", "Media download error", "async"),
        Fault("131053", "Media upload error", "async"),
        Fault("131056", "(Business Account, Consumer Account) pair rate limit hit", "reject", "throttled", 429),
        Fault("131057", "Account in maintenance mode", "reject", "unavailable", 500),
        Fault("131062", "Business-scoped user ID (BSUID) recipients are not supported for this message.", "reject"),
        Fault("131063", "The account may not send this kind of message.", "reject"),
        Fault("131064", "The account's messaging is limited until its review is complete.", "reject"),
        Fault("132000", "Number of parameters does not match the expected number of params", "reject"),
        Fault("132001", "Template name does not exist in the translation", "reject", "rejected", 404),
        Fault("132005", "Translated text too long", "reject"),
        Fault("132007", "Template format character policy violated", "reject"),
        Fault("132008", "Template parameter format mismatch", "reject"),
        Fault("132012", "Parameter format does not match format in the created template", "reject"),
        Fault("132015", "Template is paused", "reject"),
        Fault("132016", "Template is disabled", "reject"),
        Fault("132018", "There is an issue with the parameters in your template", "reject"),
        Fault("132068", "Flow is blocked", "reject"),
        Fault("132069", "Flow is throttled", "reject"),
        Fault("133000", "Incomplete deregistration", "reject", "login", 500),
        Fault("133004", "Server temporarily unavailable", "reject", "unavailable", 503),
        Fault("133005", "Two step verification PIN mismatch", "reject", "login", 400),
        Fault("133006", "Phone number needs to be verified before registering.", "reject", "login", 400),
        Fault("133008", "Too many two step verification PIN guesses", "reject", "login", 400),
        Fault("133009", "Two step verification PIN guessed too fast", "reject", "login", 400),
        Fault("133010", "Phone number not registered on the WhatsApp Business platform.", "reject", "login", 400),
        Fault("133015", "Please wait a few minutes before attempting to register this number.", "reject", "throttled"),
        Fault("133016", "Account register or deregister attempts exceeded the limit.", "reject", "login", 400),
        Fault("134011", "The WhatsApp Payments terms of service have not been accepted.", "reject"),
        Fault("135000", "Generic user error", "reject", "unavailable", 400),
        Fault("137000", "Recipient identity key hash mismatch", "reject"),
    ]
)
"""Every code that the network knows."""


def fault(code: str | int) -> Fault:
    """The table's row of a code; a code of another network ("telegram:403") gets a row of its own.

    Raises ValueError for a code that is neither in the table nor named with its network.
    """
    text = str(code)
    row = TABLE.get(text)
    if row is not None:
        return row
    if 200 <= _number(text) <= 299:
        return Fault(text, TABLE["200"].message, "reject", "login", 403)
    if ":" in text:
        network, _, number = text.partition(":")
        refused: Refused = "throttled" if number == "429" else "unavailable" if number.startswith("5") else "rejected"
        return Fault(text, f"Simulated {network} error {number}", "reject", refused, _number(number) or 400)
    raise ValueError(f"unknown error code {text!r}; known are {', '.join(sorted(TABLE, key=_number))}")


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


class Rule(msgspec.Struct, kw_only=True):
    """Make sends fail with `code`.

    `rate` is the share of messages hit (0 to 1), `count` how many at most (None: no end), `to` limits it to one
    recipient, or to those whose address begins with it. `kind` overrides how the failure arrives ("reject" in
    the answer, "async" as a failed status later); `retry_after` is in seconds, for throttling.
    """

    code: str
    rate: float = 1.0
    count: int | None = None
    to: str | None = None
    kind: Manner | None = None
    retry_after: float | None = None


class Faults(msgspec.Struct, kw_only=True):
    """All that is wrong with the network as one account sees it. Rates are shares from 0 to 1.

    - `rules`: error codes, first match wins
    - `latency_ms`: how long the network takes to answer a send, least and most
    - `drop`: messages that are taken but whose answer is lost
    - `refuse`: sends refused before anything was taken
    - `duplicate_statuses`, `disorder`: statuses told twice, and statuses told late, after their successor
    - `webhook_delay_ms`, `duplicate_webhooks` (Graph API): how late every webhook comes, least and most, which also
      disorders them; and the share that comes twice, whatever it tells
    - `silence`: connected, sends work, but nothing comes in; `silence_until_reconnect` is healed by a new connection
    - `offline`: the network cannot be reached
    - `paused_templates`: names of templates that fail with 132015
    - `held_templates` (Graph API): names of templates whose messages are answered `held_for_quality_assessment`
    """

    rules: list[Rule] = []
    latency_ms: tuple[float, float] = (0.0, 0.0)
    drop: float = 0.0
    refuse: float = 0.0
    duplicate_statuses: float = 0.0
    disorder: float = 0.0
    webhook_delay_ms: tuple[float, float] = (0.0, 0.0)
    duplicate_webhooks: float = 0.0
    silence: bool = False
    silence_until_reconnect: bool = False
    offline: bool = False
    paused_templates: list[str] = []
    held_templates: list[str] = []

    @property
    def touches_sends(self) -> bool:
        """Whether a send can go wrong at all."""
        return bool(self.rules or self.drop or self.refuse or self.offline or self.paused_templates)

    @classmethod
    def from_json(cls, body: Mapping[str, Any], before: Faults | None = None) -> Faults:
        """Faults from a caller's JSON, changing only what it names of `before` unless it says `"reset": true`.

        `{"errors": [131026, {"code": 130429, "rate": 0.1, "count": 5, "to": "62"}], "latency": [50, 200],
        "drop": 0.1, "silence": true}`; `{"code": 131047, "rate": 1}` is short for one error. An empty body
        resets too. Raises ValueError that names the field at fault.
        """
        return _from_json(cls, body, before)


_SHARES = {
    "drop": "drop",
    "lost": "drop",
    "refuse": "refuse",
    "duplicate": "duplicate_statuses",
    "duplicates": "duplicate_statuses",
    "duplicateStatuses": "duplicate_statuses",
    "duplicate_statuses": "duplicate_statuses",
    "disorder": "disorder",
    "duplicateWebhooks": "duplicate_webhooks",
    "duplicate_webhooks": "duplicate_webhooks",
}
_RULE_FIELDS = {"code", "rate", "count", "to", "kind", "retryAfter", "retry_after"}
_LISTS = {"errors", "codes", "rules"}
_LATENCY = {"latency", "latencyMs", "latency_ms"}
_DELAY = {"webhookDelay", "webhookDelayMs", "webhook_delay_ms"}
_TEMPLATES = {
    "paused": "paused_templates",
    "pausedTemplates": "paused_templates",
    "paused_templates": "paused_templates",
    "heldTemplates": "held_templates",
    "held_templates": "held_templates",
}


def _from_json(cls: type[Faults], body: Mapping[str, Any], before: Faults | None) -> Faults:
    if not isinstance(body, Mapping):
        raise ValueError("faults must be a JSON object")
    fresh = before is None or not body or bool(body.get("reset", False))
    faults = cls() if fresh or before is None else msgspec.structs.replace(before)
    rules: list[Rule] | None = None
    single = {key: value for key, value in body.items() if key in _RULE_FIELDS}
    for key, value in body.items():
        if key in _RULE_FIELDS or key == "reset":
            continue
        if key in _LISTS:
            if not isinstance(value, list):
                raise ValueError(f"{key} must be a list of codes or rules")
            rules = (rules or []) + [_rule(item, key) for item in value]
        elif key in _LATENCY:
            faults.latency_ms = _latency(value, key)
        elif key in _DELAY:
            faults.webhook_delay_ms = _latency(value, key)
        elif key in _SHARES:
            setattr(faults, _SHARES[key], _share(value, key))
        elif key == "silence":
            if value not in (True, False, None, "session"):
                raise ValueError('silence must be true, false or "session" (healed by a reconnect)')
            faults.silence = value is True
            faults.silence_until_reconnect = value == "session"
        elif key == "offline":
            if not isinstance(value, bool):
                raise ValueError("offline must be true or false")
            faults.offline = value
        elif key in _TEMPLATES:
            if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
                raise ValueError(f"{key} must be a list of template names")
            setattr(faults, _TEMPLATES[key], list(value))
        else:
            raise ValueError(
                f"unknown fault {key!r}; known are errors, code, rate, count, to, kind, retryAfter, latency, drop, "
                "refuse, duplicateStatuses, disorder, webhookDelay, duplicateWebhooks, silence, offline, pausedTemplates, "
                "heldTemplates, reset"
            )
    if single:
        if "code" not in single:
            raise ValueError(f"{', '.join(single)} needs a code")
        rules = [*(rules or []), _rule(single, "code")]
    if rules is not None:
        faults.rules = rules
    return faults


def _rule(item: Any, where: str) -> Rule:
    if isinstance(item, bool) or not isinstance(item, int | str | Mapping):
        raise ValueError(f"{where}: each entry must be a code or an object with a code")
    if not isinstance(item, Mapping):
        return Rule(code=fault(item).code)
    unknown = set(item) - _RULE_FIELDS
    if unknown:
        raise ValueError(f"{where}: unknown field {', '.join(sorted(unknown))}")
    code = item.get("code")
    if code is None or isinstance(code, bool) or not isinstance(code, int | str):
        raise ValueError(f"{where}: code must be a number or text")
    count = item.get("count")
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
        raise ValueError(f"{where}: count must be a whole number of messages")
    kind = item.get("kind")
    if kind not in (None, "reject", "async"):
        raise ValueError(f'{where}: kind must be "reject" or "async"')
    to = item.get("to")
    retry = item.get("retryAfter", item.get("retry_after"))
    if retry is not None and (isinstance(retry, bool) or not isinstance(retry, int | float) or retry < 0):
        raise ValueError(f"{where}: retryAfter must be a number of seconds")
    return Rule(
        code=fault(code).code,
        rate=_share(item.get("rate", 1.0), f"{where}: rate"),
        count=count,
        to=None if to is None else str(to).lstrip("+"),
        kind=kind,
        retry_after=retry,
    )


def _share(value: Any, where: str) -> float:
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{where} must be a share between 0 and 1")
    return float(value)


def _latency(value: Any, where: str) -> tuple[float, float]:
    pair = value if isinstance(value, list | tuple) else [value, value]
    if len(pair) != 2 or any(isinstance(n, bool) or not isinstance(n, int | float) or n < 0 for n in pair):
        raise ValueError(f"{where} must be milliseconds, or [least, most]")
    return float(min(pair)), float(max(pair))
