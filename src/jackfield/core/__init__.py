"""The product: nouns, rules and the ledger, behind one face.

What stands here is all that dialects, the command line and the ingress may import. No web framework, no vendor, no
network is known in here.
"""

from ..db.base import now_ms
from ..db.errors import StorageError, misses_reference, refuses_text
from ..db.groupcommit import Overloaded
from .accounts import ROLES, SCOPES, Bootstrap, Principal
from .accounts.views import ApiKeyView, AuditEntryView, InvitationView, MemberView, SessionView, WorkspaceView
from .campaigns import BulkMessage, CampaignChanges, CampaignView, Counts
from .channels import ChannelView
from .contacts import ContactInput, ContactView, ImportReport, LabelView, SegmentView, SuppressionView
from .contacts.consent import keywords
from .contacts.files import RefusedRow, refused_csv
from .contacts.find.filters import KEYS
from .core import Core
from .desk.chats import ChatView
from .desk.tickets import PRIORITIES, STATUSES
from .desk.views import ChatNoteView, ContactNoteView, DepartmentView, TicketReplyView, TicketView
from .errorbook import RetryClass, lookup
from .ground.errors import (
    Conflict,
    Forbidden,
    Invalid,
    JackfieldError,
    LimitReached,
    LoginRequired,
    NotFound,
    OutcomeUnknown,
    SendError,
    Throttled,
    Unauthenticated,
    Unavailable,
    Unsupported,
)
from .ground.events import BY_TYPE
from .ground.failures import database_failure
from .ground.fingerprint import fingerprint
from .ground.paging import Page
from .ground.store import Options
from .ground.unit import Stored
from .ledger import states
from .ledger.record import Settled
from .ledger.service import Filter, explain
from .ledger.states import LANES, MOVES
from .ledger.submit import Accepted, Submission
from .ledger.views import MessageView
from .media.service import kind_for, sniff
from .media.views import MediaView
from .networks.calls import duration, settings_of
from .networks.views import CallView, CatalogView, GroupView
from .port import (
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
from .quotas.budgets import Standing
from .quotas.usage import Usage
from .templates import ButtonValue, CardValues, Values, required, variables
from .templates.params import MEDIA, TemplateLike, button_kind, buttons_of, cards_of, parts
from .templates.views import TemplateView
from .webhooks import SUBSCRIBABLE, BaseFormat, DeliveryView, Fact, Rendered, Target, hex_hmac
from .webhooks.live import LiveEvent, Subscription, TooSlow, types_of

__all__ = [
    "BY_TYPE",
    "KEYS",
    "LANES",
    "MEDIA",
    "MOVES",
    "PRIORITIES",
    "ROLES",
    "SCOPES",
    "STATUSES",
    "SUBSCRIBABLE",
    "Accepted",
    "ApiKeyView",
    "Audio",
    "AuditEntryView",
    "BaseFormat",
    "Bootstrap",
    "BulkMessage",
    "ButtonValue",
    "CallView",
    "CallbackRequest",
    "CampaignChanges",
    "CampaignView",
    "CanCheckContacts",
    "CanDownload",
    "CanResolve",
    "CanShowPicture",
    "CardValues",
    "CatalogView",
    "ChannelView",
    "ChatNoteView",
    "ChatView",
    "Conflict",
    "ContactCard",
    "ContactInput",
    "ContactNoteView",
    "ContactView",
    "Content",
    "Core",
    "Counts",
    "DeliveryView",
    "DepartmentView",
    "Document",
    "EngineConfig",
    "Fact",
    "Filter",
    "Forbidden",
    "GroupView",
    "HasCallbacks",
    "HasRequirements",
    "Image",
    "ImportReport",
    "Invalid",
    "InvitationView",
    "JackfieldError",
    "LabelView",
    "LimitReached",
    "LiveEvent",
    "Location",
    "LoginRequired",
    "MediaContent",
    "MediaView",
    "MemberView",
    "MessageView",
    "Network",
    "Networks",
    "NotFound",
    "Options",
    "OutcomeUnknown",
    "Overloaded",
    "Page",
    "Poll",
    "Principal",
    "ProductInfo",
    "Reaction",
    "RefusedRow",
    "Rendered",
    "RetryClass",
    "SegmentView",
    "SendError",
    "SessionView",
    "Settled",
    "Standing",
    "Sticker",
    "StorageError",
    "Stored",
    "Submission",
    "Subscription",
    "SuppressionView",
    "Target",
    "Template",
    "TemplateLike",
    "TemplateView",
    "Text",
    "Throttled",
    "TicketReplyView",
    "TicketView",
    "TooSlow",
    "Unauthenticated",
    "Unavailable",
    "Unsupported",
    "Usage",
    "Values",
    "Video",
    "WorkspaceView",
    "button_kind",
    "buttons_of",
    "cards_of",
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
    "lookup",
    "misses_reference",
    "now_ms",
    "parts",
    "refused_csv",
    "refuses_text",
    "required",
    "settings_of",
    "sniff",
    "states",
    "summary",
    "types_of",
    "variables",
]
