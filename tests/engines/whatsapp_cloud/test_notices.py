"""What Meta's webhooks tell beside messages: preferences, calls, templates, limits, bans."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core.port import (
    AccountNotice,
    Disconnected,
    IncomingCall,
    MarketingPreference,
    Report,
    TemplateChanged,
)
from jackfield.engines.whatsapp_cloud.incoming import parse
from jackfield.engines.whatsapp_cloud.notices import messaging_limit

from .webhooks import CONTACT, METADATA, NUMBER, one, webhook


@pytest.mark.parametrize(("verb", "opted_in"), [("stop", False), ("resume", True)])
def test_marketing_preferences(verb: str, opted_in: bool) -> None:
    preference = {
        "wa_id": "16505551234",
        "user_id": "US.1",
        "detail": "User requested it",
        "category": "marketing_messages",
        "value": verb,
        "timestamp": 1731705721,
    }
    report = one("user_preferences", {"metadata": METADATA, "contacts": [CONTACT], "user_preferences": [preference]})
    assert report == MarketingPreference(
        identities={"phone": "16505551234", "bsuid": "US.1"}, opted_in=opted_in, timestamp=1731705721000
    )


def test_calls() -> None:
    call = {
        "id": "wacid.A",
        "from": "16505551234",
        "to": "15550783881",
        "event": "connect",
        "timestamp": "100",
        "direction": "USER_INITIATED",
    }
    ringing = one("calls", {"metadata": METADATA, "contacts": [CONTACT], "calls": [call]})
    assert isinstance(ringing, IncomingCall)
    assert (ringing.status, ringing.ended_at, ringing.caller) == ("ringing", None, "16505551234")
    over = {
        **call,
        "event": "terminate",
        "timestamp": "160",
        "status": "COMPLETED",
        "start_time": "110",
        "end_time": "150",
        "duration": 40,
    }
    ended = one("calls", {"metadata": METADATA, "contacts": [CONTACT], "calls": [over]})
    assert isinstance(ended, IncomingCall)
    assert (ended.status, ended.started_at, ended.ended_at) == ("ended", 110_000, 150_000)
    missed = one("calls", {"metadata": METADATA, "calls": [{**call, "event": "terminate", "status": "FAILED"}]})
    assert isinstance(missed, IncomingCall)
    assert missed.status == "missed"


TEMPLATE = {
    "message_template_id": 1689556908129832,
    "message_template_name": "order",
    "message_template_language": "en_US",
}

NOTICES: list[tuple[str, dict[str, Any], Report]] = [
    (
        "message_template_status_update",
        {**TEMPLATE, "event": "REJECTED", "reason": "INVALID_FORMAT", "rejection_info": {"reason": "too few words"}},
        TemplateChanged(
            provider_id="1689556908129832",
            name="order",
            language="en_US",
            status="REJECTED",
            reason="INVALID_FORMAT: too few words",
        ),
    ),
    (
        "message_template_status_update",
        {**TEMPLATE, "event": "APPROVED", "reason": "NONE", "message_template_category": "UTILITY"},
        TemplateChanged(
            provider_id="1689556908129832", name="order", language="en_US", status="APPROVED", category="UTILITY"
        ),
    ),
    (
        "message_template_quality_update",
        {**TEMPLATE, "previous_quality_score": "GREEN", "new_quality_score": "YELLOW"},
        TemplateChanged(provider_id="1689556908129832", name="order", language="en_US", quality="YELLOW"),
    ),
    (
        "template_category_update",
        {**TEMPLATE, "previous_category": "UTILITY", "new_category": "MARKETING"},
        TemplateChanged(provider_id="1689556908129832", name="order", language="en_US", category="MARKETING"),
    ),
    (
        "message_template_components_update",
        {**TEMPLATE, "message_template_element": "Hi"},
        TemplateChanged(
            provider_id="1689556908129832", name="order", language="en_US", reason="the components were edited"
        ),
    ),
]


@pytest.mark.parametrize(
    ("field", "value", "expected"), NOTICES, ids=[f"{n}-{row[0]}" for n, row in enumerate(NOTICES)]
)
def test_templates(field: str, value: dict[str, Any], expected: Report) -> None:
    assert one(field, value) == expected


def test_limits_and_throughput() -> None:
    limit = one("business_capability_update", {"max_daily_conversations_per_business": 10000})
    assert isinstance(limit, AccountNotice)
    assert limit.messaging_limit == 10_000
    free = one("business_capability_update", {"max_daily_conversations_per_business": -1})
    assert isinstance(free, AccountNotice)
    assert free.messaging_limit == -1
    fast = one(
        "phone_number_quality_update",
        {"display_phone_number": "1", "event": "THROUGHPUT_UPGRADE", "current_limit": "TIER_UNLIMITED"},
    )
    assert isinstance(fast, AccountNotice)
    assert (fast.throughput, fast.messaging_limit) == (1000, None)
    raised = one(
        "phone_number_quality_update", {"event": "UPGRADE", "current_limit": "TIER_10K", "old_limit": "TIER_2K"}
    )
    assert isinstance(raised, AccountNotice)
    assert raised.messaging_limit == 10_000
    assert [messaging_limit(v) for v in ("TIER_250", "TIER_100K", "TIER_UNLIMITED", "TIER_NOT_SET", None, True, 0)] == [
        250,
        100_000,
        -1,
        None,
        None,
        None,
        -1,
    ]


def test_a_ban_takes_the_channel_down() -> None:
    banned = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "July 3, 2026"}}
    notice, down = parse(webhook("account_update", banned), NUMBER)
    assert isinstance(notice, AccountNotice)
    assert isinstance(down, Disconnected)
    assert down.permanent
    restricted = {
        "event": "ACCOUNT_RESTRICTION",
        "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING"}],
    }
    only = one("account_update", restricted)
    assert isinstance(only, AccountNotice)
    assert "RESTRICTED_BIZ_INITIATED_MESSAGING" in only.message
