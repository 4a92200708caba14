"""Events of what providers and this server say of their own accord: templates, groups, accounts, problems, tests."""

from __future__ import annotations

from typing import Any, ClassVar

from .event_base import EventData


class TemplateChanged(EventData, kw_only=True, omit_defaults=True):
    """A template's status, quality or category changed."""

    type: ClassVar[str] = "template.changed"
    name: str
    language: str
    status: str | None = None
    quality: str | None = None
    category: str | None = None
    reason: str | None = None


class GroupChanged(EventData, kw_only=True, omit_defaults=True):
    """A group or newsletter is new, changed, or was left."""

    type: ClassVar[str] = "group.changed"
    address: str
    name: str
    left: bool = False


class AccountNotice(EventData, kw_only=True, omit_defaults=True):
    """The provider says something of the account (tier, quality, violation)."""

    type: ClassVar[str] = "account.notice"
    kind: str
    message: str


class WebhookTest(EventData, kw_only=True, omit_defaults=True):
    """A test delivery, on a person's request."""

    type: ClassVar[str] = "webhook.test"
    message: str = "This is a test delivery from Jackfield."


class ProviderReport(EventData, kw_only=True, omit_defaults=True):
    """Something the provider sent that we have no name for, raw."""

    type: ClassVar[str] = "provider.report"
    kind: str
    raw: dict[str, Any] = {}


class InboundProblem(EventData, kw_only=True, omit_defaults=True):
    """Something that the provider sent could not be applied and is kept: `reason` is one of a few words, `kind` the
    provider's for what it is. `message_id` is the message concerned, where there is one."""

    type: ClassVar[str] = "inbound.problem"
    id: int
    reason: str
    kind: str = ""
    detail: str | None = None
    message_id: int | None = None
