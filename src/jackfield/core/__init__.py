"""The product: nouns, rules and the ledger, behind one face.

What stands here is all that dialects, the command line and the ingress may import. No web framework, no vendor, no
network is known in here.
"""

from typing import TYPE_CHECKING

from ..lazily import face

if TYPE_CHECKING:
    from ..db.base import now_ms
    from ..db.errors import (
        CommitUnknown,
        StorageError,
        StorageUnavailable,
        database_failure,
        misses_reference,
        passes,
        refuses_text,
        storage_problem,
    )
    from ..db.groupcommit import Overloaded
    from ..db.postgres import Limits as DatabaseLimits
    from ..db.secrets import SecretKeyFile
    from ..migrations import Schema
    from .accounts import ROLES, SCOPES, Bootstrap, Principal
    from .accounts.views import ApiKeyView, AuditEntryView, InvitationView, MemberView, SessionView, WorkspaceView
    from .ai.views import AiSettingsView, AiTest, AiUseRow, FoundPassage, KnowledgeView
    from .automations import schema as automation_schema
    from .automations.dry_run import Tested, TestedMessage, TestedStep
    from .automations.recipes import RECIPES
    from .automations.views import AutomationView, Begun, RunView, Statistics
    from .backlog import BacklogView, Waiting
    from .backups import (
        BackupError,
        Holding,
        Manifest,
        check_place,
        make_backup,
        move_database,
        read_manifest,
        restore_backup,
        settle_file,
    )
    from .campaigns import BulkMessage, CampaignChanges, CampaignView, Counts
    from .campaigns.links import Click
    from .campaigns.running import RunningCampaigns
    from .channels import ChannelView
    from .channels.lease import ChannelSetup, ChannelStanding, Lease, Leases
    from .channels.pending import Pending
    from .channels.remote import carry_out
    from .channels.requests import FETCH, Taken
    from .contacts import ContactInput, ContactView, FilePreview, ImportReport, LabelView, SegmentView, SuppressionView
    from .contacts.consent import keywords
    from .contacts.files import MEDIA_TYPES, RefusedRow, TableFormat, refused_csv, table, whole_table
    from .contacts.find.filters import KEYS
    from .core import Core
    from .desk.canned import CannedReplyView
    from .desk.chats import ChatChanges, ChatView
    from .desk.drafts import DraftView
    from .desk.saved_views import SavedViewView
    from .desk.selection import ChatCounts, ChatFilter
    from .desk.tickets import PRIORITIES, STATUSES
    from .desk.views import ChatNoteView, ContactNoteView, DepartmentView, TicketReplyView, TicketView
    from .desk.working_hours import WorkingHoursView
    from .egress import AllowList, EgressError, SafeClient
    from .errorbook import RetryClass, explain, known, lookup
    from .ground.addresses import AddressRanges, one_client
    from .ground.audited import PendingEntry, audited
    from .ground.bus import EVENTS_ELSEWHERE, SETTLED_ELSEWHERE, Bus, BusState, SettledElsewhere, Wake
    from .ground.errors import (
        Conflict,
        Forbidden,
        Invalid,
        JackfieldError,
        LimitReached,
        LoginRequired,
        NotFound,
        OutcomeUnknown,
        Rejected,
        SendError,
        Throttled,
        Unauthenticated,
        Unavailable,
        UnknownPlaceholders,
        Unsupported,
    )
    from .ground.events import BY_TYPE
    from .ground.fingerprint import fingerprint
    from .ground.meters import Count, Meters, Times
    from .ground.nats_bus import CONNECTED, NatsBus, ask_nats
    from .ground.numbers import StrictNumbers
    from .ground.paging import Page
    from .ground.sealing import KEY_UNKNOWN, WrongSecretKey
    from .ground.store import Options
    from .ground.times import must_lie_ahead, unix_ms
    from .ground.tracing import Span, Tracer
    from .ground.tracing import Value as TraceValue
    from .ground.unit import Stored
    from .ledger import states
    from .ledger.claim import Claim, Claimed, ClaimRequest
    from .ledger.queue import Queue
    from .ledger.record import Outcome, Settled
    from .ledger.service import Filter
    from .ledger.settle import UncertainMessage, Verdict
    from .ledger.states import LANES, MOVES
    from .ledger.submit import Accepted, Submission
    from .ledger.views import MessageView
    from .media.service import kind_for, sniff
    from .media.views import MediaView
    from .models.channel import NEEDS_A_PERSON
    from .networks.calls import duration, settings_of
    from .networks.inbound.directory import Entry as CallbackEntry
    from .networks.inbound.reasons import REASONS as PROBLEM_REASONS
    from .networks.inbound.views import ProblemView, Replayed
    from .networks.views import CallView, CatalogView, GroupView
    from .port import (
        CallbackPart,
        CallbackRequest,
        CanCheckContacts,
        CanDownload,
        CanResolve,
        CanShowPicture,
        EngineConfig,
        HasCallbacks,
        HasRequirements,
        Network,
        Networks,
        ProductInfo,
        SharesCallbacks,
        claims,
        content,
    )
    from .port.content import (
        Audio,
        ContactCard,
        Content,
        Document,
        Image,
        Location,
        MediaContent,
        Poll,
        Reaction,
        Sticker,
        Template,
        Text,
        Video,
        decode,
        kind_of,
        summary,
    )
    from .privacy.archive import ArchiveFilter, ArchiveStatus
    from .quotas.budgets import Budget, Budgets, Standing, budget_for
    from .quotas.pacing import Pacing, minutes, parse_pacing
    from .quotas.response_times import ResponseRow, Responses, ResponseTimes, Waits
    from .quotas.usage import Usage, UsageRow
    from .search.service import KINDS as SEARCHED
    from .search.service import FoundContact, FoundMessage
    from .service.rules import Candidate, ChatAssignmentView, NextView, RuleInput, RuleView
    from .service.survey_report import SurveyFigures, SurveyRow, SurveySums
    from .service.surveys import SurveyAnswerView, SurveyView
    from .service.target_report import TargetFigures, TargetRow, TargetSums
    from .service.targets import TargetView
    from .templates import ButtonValue, CardValues, Parameter, Values, required, variables
    from .templates.params import MEDIA, TemplateLike, button_kind, buttons_of, cards_of, parts
    from .templates.views import TemplateView
    from .webhooks import (
        SUBSCRIBABLE,
        URGENT,
        BaseFormat,
        DeliveryView,
        EndpointView,
        Fact,
        Rendered,
        Target,
        WebhookFormat,
        hex_hmac,
        standard_headers,
    )
    from .webhooks.live import LiveEvent, Subscription, TooSlow, types_of
    from .webhooks.names import TEST_EVENT
    from .webhooks.outbox import (
        ClaimedDeliveries,
        DeliveryRelease,
        DeliveryRequest,
        DeliveryResult,
        EndpointMark,
        Outbox,
        OwedDelivery,
    )
    from .webhooks.relay import RelayLease

__getattr__ = face(__name__, __file__)

__all__ = [
    "BY_TYPE",
    "CONNECTED",
    "EVENTS_ELSEWHERE",
    "FETCH",
    "KEYS",
    "KEY_UNKNOWN",
    "LANES",
    "MEDIA",
    "MEDIA_TYPES",
    "MOVES",
    "NEEDS_A_PERSON",
    "PRIORITIES",
    "PROBLEM_REASONS",
    "RECIPES",
    "ROLES",
    "SCOPES",
    "SEARCHED",
    "SETTLED_ELSEWHERE",
    "STATUSES",
    "SUBSCRIBABLE",
    "TEST_EVENT",
    "URGENT",
    "Accepted",
    "AddressRanges",
    "AiSettingsView",
    "AiTest",
    "AiUseRow",
    "AllowList",
    "ApiKeyView",
    "ArchiveFilter",
    "ArchiveStatus",
    "Audio",
    "AuditEntryView",
    "AutomationView",
    "BacklogView",
    "BackupError",
    "BaseFormat",
    "Begun",
    "Bootstrap",
    "Budget",
    "Budgets",
    "BulkMessage",
    "Bus",
    "BusState",
    "ButtonValue",
    "CallView",
    "CallbackEntry",
    "CallbackPart",
    "CallbackRequest",
    "CampaignChanges",
    "CampaignView",
    "CanCheckContacts",
    "CanDownload",
    "CanResolve",
    "CanShowPicture",
    "Candidate",
    "CannedReplyView",
    "CardValues",
    "CatalogView",
    "ChannelSetup",
    "ChannelStanding",
    "ChannelView",
    "ChatAssignmentView",
    "ChatChanges",
    "ChatCounts",
    "ChatFilter",
    "ChatNoteView",
    "ChatView",
    "Claim",
    "ClaimRequest",
    "Claimed",
    "ClaimedDeliveries",
    "Click",
    "CommitUnknown",
    "Conflict",
    "ContactCard",
    "ContactInput",
    "ContactNoteView",
    "ContactView",
    "Content",
    "Core",
    "Count",
    "Counts",
    "DatabaseLimits",
    "DeliveryRelease",
    "DeliveryRequest",
    "DeliveryResult",
    "DeliveryView",
    "DepartmentView",
    "Document",
    "DraftView",
    "EgressError",
    "EndpointMark",
    "EndpointView",
    "EngineConfig",
    "Fact",
    "FilePreview",
    "Filter",
    "Forbidden",
    "FoundContact",
    "FoundMessage",
    "FoundPassage",
    "GroupView",
    "HasCallbacks",
    "HasRequirements",
    "Holding",
    "Image",
    "ImportReport",
    "Invalid",
    "InvitationView",
    "JackfieldError",
    "KnowledgeView",
    "LabelView",
    "Lease",
    "Leases",
    "LimitReached",
    "LiveEvent",
    "Location",
    "LoginRequired",
    "Manifest",
    "MediaContent",
    "MediaView",
    "MemberView",
    "MessageView",
    "Meters",
    "NatsBus",
    "Network",
    "Networks",
    "NextView",
    "NotFound",
    "Options",
    "Outbox",
    "Outcome",
    "OutcomeUnknown",
    "Overloaded",
    "OwedDelivery",
    "Pacing",
    "Page",
    "Parameter",
    "Pending",
    "PendingEntry",
    "Poll",
    "Principal",
    "ProblemView",
    "ProductInfo",
    "Queue",
    "Reaction",
    "RefusedRow",
    "Rejected",
    "RelayLease",
    "Rendered",
    "Replayed",
    "ResponseRow",
    "ResponseTimes",
    "Responses",
    "RetryClass",
    "RuleInput",
    "RuleView",
    "RunView",
    "RunningCampaigns",
    "SafeClient",
    "SavedViewView",
    "Schema",
    "SecretKeyFile",
    "SegmentView",
    "SendError",
    "SessionView",
    "Settled",
    "SettledElsewhere",
    "SharesCallbacks",
    "Span",
    "Standing",
    "Statistics",
    "Sticker",
    "StorageError",
    "StorageUnavailable",
    "Stored",
    "StrictNumbers",
    "Submission",
    "Subscription",
    "SuppressionView",
    "SurveyAnswerView",
    "SurveyFigures",
    "SurveyRow",
    "SurveySums",
    "SurveyView",
    "TableFormat",
    "Taken",
    "Target",
    "TargetFigures",
    "TargetRow",
    "TargetSums",
    "TargetView",
    "Template",
    "TemplateLike",
    "TemplateView",
    "Tested",
    "TestedMessage",
    "TestedStep",
    "Text",
    "Throttled",
    "TicketReplyView",
    "TicketView",
    "Times",
    "TooSlow",
    "TraceValue",
    "Tracer",
    "Unauthenticated",
    "Unavailable",
    "UncertainMessage",
    "UnknownPlaceholders",
    "Unsupported",
    "Usage",
    "UsageRow",
    "Values",
    "Verdict",
    "Video",
    "Waiting",
    "Waits",
    "Wake",
    "WebhookFormat",
    "WorkingHoursView",
    "WorkspaceView",
    "WrongSecretKey",
    "ask_nats",
    "audited",
    "automation_schema",
    "budget_for",
    "button_kind",
    "buttons_of",
    "cards_of",
    "carry_out",
    "check_place",
    "claims",
    "content",
    "database_failure",
    "decode",
    "duration",
    "explain",
    "fingerprint",
    "hex_hmac",
    "keywords",
    "kind_for",
    "kind_of",
    "known",
    "lookup",
    "make_backup",
    "minutes",
    "misses_reference",
    "move_database",
    "must_lie_ahead",
    "now_ms",
    "one_client",
    "parse_pacing",
    "parts",
    "passes",
    "read_manifest",
    "refused_csv",
    "refuses_text",
    "required",
    "restore_backup",
    "settings_of",
    "settle_file",
    "sniff",
    "standard_headers",
    "states",
    "storage_problem",
    "summary",
    "table",
    "types_of",
    "unix_ms",
    "variables",
    "whole_table",
]
