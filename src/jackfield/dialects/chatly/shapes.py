"""The core's objects as Chatly shows them: pure functions. Ids are integers, times stand in the workspace's zone."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from jackfield.core import (
    CampaignView,
    ChannelView,
    ChatView,
    ContactNoteView,
    ContactView,
    Counts,
    DepartmentView,
    GroupView,
    LabelView,
    MediaContent,
    MemberView,
    MessageView,
    Page,
    SegmentView,
    TemplateView,
    TicketReplyView,
    TicketView,
    WorkspaceView,
    states,
)
from jackfield.core import content as contents

from . import countries
from .wire import local

STATUS: Final = {
    states.SCHEDULED: "scheduled",
    states.QUEUED: "queued",
    states.SENDING: "sending",
    states.UNCERTAIN: "sending",
    states.RECEIVED: "received",
}
"""States to Chatly's words; the others are the same."""

ROLES: Final = {"owner": "client", "admin": "admin", "agent": "staff"}


def pages(page: Page[Any], number: int, size: int) -> dict[str, Any]:
    """Where a page of a list stands. `total` and `last_page` where they were counted."""
    total = page.total
    return {
        "current_page": number,
        "per_page": size,
        "has_more": page.cursor is not None,
        "total": total,
        "last_page": None if total is None else max(1, -(-total // size)),
    }


def member(row: MemberView, zone: ZoneInfo) -> dict[str, Any]:
    """A person who logs in."""
    return {
        "id": row.id,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "name": f"{row.first_name} {row.last_name}".strip() or row.email,
        "email": row.email,
        "role": ROLES.get(row.role, row.role),
        "status": 0 if row.disabled else 1,
        "created_at": local(row.created_at, zone),
        "last_login_at": local(row.last_login_at, zone),
    }


def client(row: WorkspaceView) -> dict[str, Any]:
    """The tenant."""
    return {
        "id": row.id,
        "company_name": row.name,
        "timezone": row.timezone,
        "country_id": countries.id_of(row.default_country),
    }


def contact(row: ContactView, zone: ZoneInfo, language: str = "en") -> dict[str, Any]:
    """A contact."""
    telegram = next((one.value for one in row.identities if one.kind == "telegram"), None)
    return {
        "id": row.id,
        "name": row.name,
        "phone": row.phone,
        "email": row.email,
        "country_id": countries.id_of(row.country),
        "country": countries.name(row.country, language) if row.country else None,
        "telegram_id": telegram,
        "type": "telegram" if telegram is not None and row.phone is None else "whatsapp",
        "status": 0 if row.blocked else 1,
        "is_opted_in": row.optin,
        "tags": [{"id": id_, "name": name} for id_, name in zip(row.tag_ids, row.tags, strict=False)],
        "contact_lists": [{"id": id_, "name": name} for id_, name in zip(row.list_ids, row.lists, strict=False)],
        "attributes": row.attributes,
        "source": row.source,
        "created_at": local(row.created_at, zone),
        "updated_at": local(row.updated_at, zone),
        "last_conversation_at": local(row.last_seen_at, zone),
    }


def label(row: LabelView, zone: ZoneInfo) -> dict[str, Any]:
    """A contact list or a tag."""
    shown: dict[str, Any] = {"id": row.id, "name": row.name, "created_at": local(row.created_at, zone)}
    if row.contacts is not None:
        shown["total_contacts"] = row.contacts
    if row.color is not None:
        shown["color"] = row.color
    return shown


def segment(row: SegmentView, zone: ZoneInfo) -> dict[str, Any]:
    """A saved filter."""
    return {"id": row.id, "name": row.name, "filter": row.filter, "created_at": local(row.created_at, zone)}


def template(row: TemplateView, number: ChannelView | None, zone: ZoneInfo) -> dict[str, Any]:
    """A template as the provider knows it, and the number from which it is sent."""
    return {
        "id": row.id,
        "name": row.name,
        "template_id": row.provider_id,
        "channel_id": row.channel_id,
        "phone_number": number.address if number is not None else None,
        "language": row.language,
        "category": row.category,
        "status": row.status,
        "components": row.components,
        "updated_at": local(row.updated_at, zone),
    }


def group(row: GroupView, zone: ZoneInfo) -> dict[str, Any]:
    """A Telegram group or channel."""
    return {
        "id": row.id,
        "group_id": row.address,
        "name": row.name,
        "type": "channel" if row.kind == "newsletter" else "group",
        "description": row.description,
        # Telegram tells nobody's number with its updates: 0 would be a guess.
        "total_members": row.participants or None,
        "is_read_only": row.read_only,
        "channel_id": row.channel_id,
        "status": 1,
        "created_at": local(row.created_at, zone),
    }


def message(row: MessageView, zone: ZoneInfo, chat_id: int | None = None) -> dict[str, Any]:
    """A message of a conversation."""
    content = contents.decode(row.content) if row.content else None
    media = content if isinstance(content, MediaContent) else None
    deleted = "deleted_at" in (row.extra or {})
    return {
        "id": row.id,
        "message_id": row.provider_id,
        "chat_room_id": chat_id,
        "contact_id": row.contact_id,
        "channel_id": row.channel_id,
        "message": "" if deleted or content is None else contents.summary(content),
        "message_type": "deleted" if deleted else row.kind,
        "is_contact_msg": 1 if row.direction == "in" else 0,
        "status": STATUS.get(row.state, row.state),
        "file": media.url if media is not None and (media.url or "").startswith("http") else None,
        "file_name": media.filename if media is not None else None,
        "file_type": media.mime if media is not None else None,
        "has_file": media is not None and not deleted,
        "error": row.error,
        "error_code": row.error_code,
        "created_at": local(row.sent_at if row.direction == "in" else row.created_at, zone),
        "sent_at": local(row.sent_at, zone),
        "delivered_at": local(row.delivered_at, zone),
        "read_at": local(row.read_at, zone),
    }


def chat_room(view: ChatView, type_: str, zone: ZoneInfo) -> dict[str, Any]:
    """A conversation with its last message; `type_` is whatsapp or telegram."""
    row, person = view.chat, view.contact
    last = view.last if view.last is not None and view.last.id > row.cleared_before else None
    hidden = last is not None and bool((last.extra or {}).get("hidden"))
    name = (person.name or person.phone) if person is not None else None
    return {
        "id": row.id,
        "contact_id": row.contact_id,
        "name": name or row.name or row.peer,
        "phone": person.phone if person is not None else None,
        "peer": row.peer,
        "type": type_,
        "is_group": row.kind != "private",
        "channel_id": row.channel_id,
        "unread_count": row.unread,
        "assignee_id": row.assignee_id,
        "last_message": message(last, zone, row.id) if last is not None and not hidden else None,
        "last_conversation_at": local(row.last_at or None, zone),
        "window_until": local(row.window_until or None, zone),
        "is_archived": row.archived,
    }


def campaign(row: CampaignView, counts: Counts | None, type_: str, zone: ZoneInfo) -> dict[str, Any]:
    """A campaign with its figures, each stage containing the later ones; `type_` is whatsapp or telegram."""
    kept: dict[str, Any] = row.options.get("chatly") or {}
    shown: dict[str, Any] = {
        "id": row.id,
        "campaign_name": row.name,
        "campaign_type": type_,
        "template_id": kept.get("template_id"),
        "template": row.template,
        "contact_list_id": kept.get("contact_list_id"),
        "segment_id": kept.get("segment_id"),
        "channel_id": row.channel_id,
        "status": row.state,
        "send_scheduled": 1 if row.scheduled_at is not None else 0,
        "schedule_time": local(row.scheduled_at, zone),
        "pause_reason": row.pause_reason,
        "created_at": local(row.created_at, zone),
        "started_at": local(row.started_at, zone),
        "finished_at": local(row.finished_at, zone),
    }
    if counts is not None:
        by = counts.by_state
        read = by[states.READ]
        delivered = by[states.DELIVERED] + read
        shown |= {
            "total_contact": counts.total,
            "total_sent": by[states.SENT] + delivered,
            "total_delivered": delivered,
            "total_read": read,
            "total_failed": by[states.FAILED],
            "total_skipped": by[states.SKIPPED] + by[states.CANCELLED],
            "total_pending": sum(by[one] for one in states.OPEN),
        }
    return shown


def department(row: DepartmentView) -> dict[str, Any]:
    """Who answers a kind of ticket."""
    return {"id": row.id, "name": row.name}


def ticket(row: TicketView, zone: ZoneInfo) -> dict[str, Any]:
    """A support ticket."""
    return {
        "id": row.id,
        "ticket_id": row.id,
        "department_id": row.department_id,
        "contact_id": row.contact_id,
        "assignee_id": row.assignee_id,
        "subject": row.subject,
        "body": row.body,
        "priority": row.priority,
        "status": row.status,
        "created_at": local(row.created_at, zone),
        "updated_at": local(row.updated_at, zone),
    }


def ticket_reply(row: TicketReplyView, zone: ZoneInfo) -> dict[str, Any]:
    """An answer on a ticket."""
    return {
        "id": row.id,
        "ticket_id": row.ticket_id,
        "staff_id": row.member_id,
        "reply": row.text,
        "created_at": local(row.created_at, zone),
    }


def note(row: ContactNoteView, zone: ZoneInfo) -> dict[str, Any]:
    """A note about a contact."""
    return {
        "id": row.id,
        "contact_id": row.contact_id,
        "staff_id": row.member_id,
        "title": row.title,
        "note": row.text,
        "created_at": local(row.created_at, zone),
    }
