"""Webhooks on templates, number and account as reports. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jackfield.core.port import AccountNotice, Disconnected, Report, TemplateChanged

STANDARD, HIGH, COEXISTENCE = 80, 1000, 20
"""Messages a second, in and out together, by throughput level (Meta's throughput page, 2026-05-21)."""


def messaging_limit(value: Any) -> int | None:
    """Unique recipients per rolling 24 h of a tier ("TIER_10K", 10000, -1); -1 without limit, None when not said."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value if value > 0 else -1
    text = str(value).upper().removeprefix("TIER_")
    if text == "UNLIMITED" or text == "-1":
        return -1
    scale = 1000 if text.endswith("K") else 1
    digits = text.removesuffix("K")
    return int(digits) * scale if digits.isdigit() else None


def throughput(node: Mapping[str, Any]) -> int | None:
    """Messages a second of a phone number node; a number that is also in the phone app is fixed at 20."""
    if node.get("is_on_biz_app") is True:
        return COEXISTENCE
    level = node.get("throughput")
    level = level.get("level") if isinstance(level, dict) else None
    return {"STANDARD": STANDARD, "HIGH": HIGH}.get(str(level))


def notice(field: str, value: Mapping[str, Any], entry: Mapping[str, Any]) -> list[Report]:
    """The reports of a webhook field that is not about messages; empty when the field is unknown."""
    if field in _TEMPLATE:
        return [_template(field, value)]
    if field == "account_update":
        return _account(value)
    if field == "business_capability_update":
        maximum = value.get("max_daily_conversations_per_business", value.get("max_daily_conversation_per_phone"))
        limit = messaging_limit(maximum)
        shown = "unlimited" if limit == -1 else f"{limit:,}" if limit else "unknown"
        words = f"The messaging limit is now {shown} unique recipients per 24 hours"
        return [AccountNotice(kind=field, message=words, messaging_limit=limit, raw=dict(value))]
    if field == "phone_number_quality_update":
        return [_quality(value)]
    if field in _GENERIC:
        return [AccountNotice(kind=field, message=_GENERIC[field].format_map(_Words(value)), raw=dict(value))]
    return []


_TEMPLATE = frozenset(
    {
        "message_template_status_update",
        "message_template_quality_update",
        "message_template_components_update",
        "template_category_update",
    }
)

_GENERIC = {
    "account_alerts": "Meta alerts: {alert_type} ({alert_severity}): {alert_description}",
    "account_review_update": "The account's review ended: {decision}",
    "account_settings_update": "The account's settings changed",
    "business_status_update": "The business's standing changed: {event}",
    "business_username_update": "The business username changed: {username} ({status})",
    "phone_number_name_update": "The display name {requested_verified_name}: {decision} {rejection_reason}",
    "payment_configuration_update": "The payment configuration {configuration_name} is {status}",
    "security": "Security of the number changed: {event}",
    "flows": "{message}",
    "partner_solutions": "Partner solution: {event}",
    "automatic_events": "An automatic event was found: {event_name}",
}
"""Fields whose content is told in one sentence; the webhook itself goes along raw."""


class _Words(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?" if key != "rejection_reason" else ""


def _template(field: str, value: Mapping[str, Any]) -> TemplateChanged:
    changed: dict[str, Any] = {}
    if field == "message_template_status_update":
        changed["status"] = str(value["event"]).upper()
        info = value.get("rejection_info") or value.get("other_info") or value.get("disable_info") or {}
        words = info.get("reason") or info.get("description") or info.get("title")
        reason = str(value.get("reason") or "")
        reason = "" if reason == "NONE" else reason
        changed["reason"] = ": ".join(str(part) for part in (reason, words) if part) or None
        if value.get("message_template_category"):
            changed["category"] = str(value["message_template_category"]).upper()
    elif field == "message_template_quality_update":
        changed["quality"] = str(value["new_quality_score"]).upper()
    elif field == "template_category_update":
        if value.get("correct_category"):
            # Announced a day ahead: the category is still new_category until then.
            changed["reason"] = f"the category changes to {value['correct_category']} within 24 hours"
        changed["category"] = str(value["new_category"]).upper()
    else:
        changed["reason"] = "the components were edited"
    return TemplateChanged(
        provider_id=str(value["message_template_id"]) if value.get("message_template_id") else None,
        name=str(value["message_template_name"]),
        language=str(value["message_template_language"]),
        **changed,
    )


def _account(value: Mapping[str, Any]) -> list[Report]:
    event = str(value.get("event") or "UNKNOWN")
    ban = value.get("ban_info") or {}
    violation = value.get("violation_info") or {}
    details = [
        str(part)
        for part in (
            ban.get("waba_ban_state"),
            violation.get("violation_type"),
            *(row.get("restriction_type") for row in value.get("restriction_info") or []),
        )
        if part
    ]
    words = event.replace("_", " ").capitalize() + (f": {', '.join(details)}" if details else "")
    reports: list[Report] = [AccountNotice(kind=f"account_update:{event}", message=words, raw=dict(value))]
    if event in ("ACCOUNT_DELETED", "PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED", "ACCOUNT_OFFBOARDED") or (
        ban.get("waba_ban_state") == "DISABLE"
    ):
        reports.append(Disconnected(reason=words, permanent=True))
    return reports


def _quality(value: Mapping[str, Any]) -> AccountNotice:
    event = str(value.get("event") or "").upper()
    rate = {"THROUGHPUT_UPGRADE": HIGH, "THROUGHPUT_DOWNGRADE": STANDARD}.get(event)
    limit = messaging_limit(value.get("max_daily_conversations_per_business"))
    if limit is None and rate is None:
        limit = messaging_limit(value.get("current_limit"))
    told = {
        "ONBOARDING": "The number has joined the platform",
        "UPGRADE": "The messaging limit was raised",
        "DOWNGRADE": "The messaging limit was lowered",
        "FLAGGED": "The number's quality is low: its limit will be lowered unless it improves",
        "UNFLAGGED": "The number's quality has recovered",
        "THROUGHPUT_UPGRADE": "The number may now send 1,000 messages a second",
    }
    return AccountNotice(
        kind="phone_number_quality_update",
        message=told.get(event, f"The number's quality changed: {event or 'unknown'}"),
        throughput=rate,
        messaging_limit=limit,
        raw=dict(value),
    )
