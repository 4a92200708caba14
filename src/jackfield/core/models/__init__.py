"""The tables, one file per noun. Importing this package registers them all."""

from typing import Final

from jackfield.db.base import Base

from .account import ApiKey, AuditEntry, IdempotencyKey, Invitation, Member, SecondFactor, Session, Workspace
from .ai import AiChatUse, AiSetting, AiUse, KnowledgePassage, KnowledgeSource
from .apiuse import ApiUse
from .automation import (
    Automation,
    AutomationMatch,
    AutomationPosition,
    AutomationRest,
    AutomationRun,
    AutomationStep,
    AutomationVersion,
)
from .call import Call
from .campaign import Campaign
from .catalog import Catalog, Product
from .channel import Channel
from .chat import Chat, ChatNote
from .contact import (
    Attribute,
    Contact,
    ContactAttribute,
    ContactList,
    ContactListMember,
    ContactMerge,
    ContactNote,
    ContactTag,
    Identity,
    Segment,
    Suppression,
    Tag,
    ledger_address,
)
from .desk import CannedReply, ChatDraft, SavedView
from .event import Event
from .group import Group, GroupMember
from .inbound import InboundProblem, RawPayload
from .instance import InstanceSecret, SchemaFact
from .link import CampaignLink, ShortLink
from .media import Media
from .message import LEDGER, AnyMessage, ArchivedMessage, Message, of_campaign, unsettled
from .owner_request import OwnerRequest
from .rate import BudgetUse, RateWindow
from .relay import Relay
from .search import MessageText, NameChange, NameText, SearchPosition
from .service import AssignmentRule, ChatAssignment, ChatTarget, ReplyTarget
from .survey import ChatSurvey, Survey
from .template import Template
from .ticket import Department, Ticket, TicketReply
from .webhook import Delivery, Endpoint

UNTOLD: Final = {"deliveries", "idempotency_keys", "identities", "second_factors", "sessions"}
"""Tables whose ids nobody keeps. In all others an id is never given to a second row, so that a caller's note of it never
comes to mean something else; SQLite does that only where it is asked to (AUTOINCREMENT), PostgreSQL always."""

for _table in Base.metadata.tables.values():
    # An archived message has the id that it was given in the ledger.
    if "id" in _table.columns and _table.name not in {*UNTOLD, ArchivedMessage.__tablename__}:
        _table.dialect_options["sqlite"]["autoincrement"] = True

__all__ = [
    "LEDGER",
    "AiChatUse",
    "AiSetting",
    "AiUse",
    "AnyMessage",
    "ApiKey",
    "ApiUse",
    "ArchivedMessage",
    "AssignmentRule",
    "Attribute",
    "AuditEntry",
    "Automation",
    "AutomationMatch",
    "AutomationPosition",
    "AutomationRest",
    "AutomationRun",
    "AutomationStep",
    "AutomationVersion",
    "BudgetUse",
    "Call",
    "Campaign",
    "CampaignLink",
    "CannedReply",
    "Catalog",
    "Channel",
    "Chat",
    "ChatAssignment",
    "ChatDraft",
    "ChatNote",
    "ChatSurvey",
    "ChatTarget",
    "Contact",
    "ContactAttribute",
    "ContactList",
    "ContactListMember",
    "ContactMerge",
    "ContactNote",
    "ContactTag",
    "Delivery",
    "Department",
    "Endpoint",
    "Event",
    "Group",
    "GroupMember",
    "IdempotencyKey",
    "Identity",
    "InboundProblem",
    "InstanceSecret",
    "Invitation",
    "KnowledgePassage",
    "KnowledgeSource",
    "Media",
    "Member",
    "Message",
    "MessageText",
    "NameChange",
    "NameText",
    "OwnerRequest",
    "Product",
    "RateWindow",
    "RawPayload",
    "Relay",
    "ReplyTarget",
    "SavedView",
    "SchemaFact",
    "SearchPosition",
    "SecondFactor",
    "Segment",
    "Session",
    "ShortLink",
    "Suppression",
    "Survey",
    "Tag",
    "Template",
    "Ticket",
    "TicketReply",
    "Workspace",
    "ledger_address",
    "of_campaign",
    "unsettled",
]
