"""The groups of calls that have no methods of their own.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Any

from .ai import AiCalls
from .archive import ArchiveCalls
from .assignment import AssignmentCalls
from .attributes import AttributesCalls
from .audit import AuditCalls
from .auth import AuthCalls
from .automations import AutomationsCalls
from .calls import CallsCalls
from .canned_replies import CannedRepliesCalls
from .catalogs import CatalogsCalls
from .departments import DepartmentsCalls
from .drafts import DraftsCalls
from .groups import GroupsCalls
from .knowledge import KnowledgeCalls
from .lists import ListsCalls
from .logs import LogsCalls
from .media import MediaCalls
from .newsletters import NewslettersCalls
from .reply_targets import ReplyTargetsCalls
from .saved_views import SavedViewsCalls
from .schedules import SchedulesCalls
from .search import SearchCalls
from .segments import SegmentsCalls
from .suppressions import SuppressionsCalls
from .survey import SurveyCalls
from .tags import TagsCalls
from .team import TeamCalls
from .templates import TemplatesCalls
from .tickets import TicketsCalls
from .usage import UsageCalls
from .working_hours import WorkingHoursCalls
from .workspaces import WorkspacesCalls


class Groups:
    """What a client has for each noun."""

    def __init__(self, client: Any) -> None:
        self.ai = AiCalls(client)
        self.archive = ArchiveCalls(client)
        self.assignment = AssignmentCalls(client)
        self.attributes = AttributesCalls(client)
        self.audit = AuditCalls(client)
        self.auth = AuthCalls(client)
        self.automations = AutomationsCalls(client)
        self.calls = CallsCalls(client)
        self.canned_replies = CannedRepliesCalls(client)
        self.catalogs = CatalogsCalls(client)
        self.departments = DepartmentsCalls(client)
        self.drafts = DraftsCalls(client)
        self.groups = GroupsCalls(client)
        self.knowledge = KnowledgeCalls(client)
        self.lists = ListsCalls(client)
        self.logs = LogsCalls(client)
        self.media = MediaCalls(client)
        self.newsletters = NewslettersCalls(client)
        self.reply_targets = ReplyTargetsCalls(client)
        self.saved_views = SavedViewsCalls(client)
        self.schedules = SchedulesCalls(client)
        self.search = SearchCalls(client)
        self.segments = SegmentsCalls(client)
        self.suppressions = SuppressionsCalls(client)
        self.survey = SurveyCalls(client)
        self.tags = TagsCalls(client)
        self.team = TeamCalls(client)
        self.templates = TemplatesCalls(client)
        self.tickets = TicketsCalls(client)
        self.usage = UsageCalls(client)
        self.working_hours = WorkingHoursCalls(client)
        self.workspaces = WorkspacesCalls(client)
