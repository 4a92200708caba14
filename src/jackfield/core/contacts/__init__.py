"""Contacts: people by many identities, their labels, lists and attributes, and the files they come from."""

from .given import ContactInput
from .importing import ImportReport
from .labels import Attributes, LabelView, Lists, Tags
from .resolve import Known, Person, merge, resolve
from .saving import Saved
from .searchspec import search_spec
from .segments import Preview, Segments, SegmentView
from .service import Contacts, MergeView
from .suppressions import SuppressionReport, Suppressions, SuppressionView
from .views import ContactView, IdentityView

__all__ = [
    "Attributes",
    "ContactInput",
    "ContactView",
    "Contacts",
    "IdentityView",
    "ImportReport",
    "Known",
    "LabelView",
    "Lists",
    "MergeView",
    "Person",
    "Preview",
    "Saved",
    "SegmentView",
    "Segments",
    "SuppressionReport",
    "SuppressionView",
    "Suppressions",
    "Tags",
    "merge",
    "resolve",
    "search_spec",
]
