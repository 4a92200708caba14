"""Contacts: people by many identities, their labels, lists and attributes, and the files they come from."""

from .consent.suppressions import SuppressionReport, Suppressions, SuppressionView
from .files.importing import ImportReport
from .files.preview import FilePreview
from .find.segments import Preview, Segments, SegmentView
from .groups.labels import Attributes, LabelView, Lists, Tags
from .people.merging import merge
from .people.resolve import Known, Person, resolve
from .people.saving import Saved
from .people.validate import ContactInput
from .people.views import ContactView, IdentityView
from .service import Contacts, MergeView

__all__ = [
    "Attributes",
    "ContactInput",
    "ContactView",
    "Contacts",
    "FilePreview",
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
]
