"""Contacts: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Checked, Contact, ContactEvent, ContactNote, Deleted
from .answers_5 import Erased, ImportPreview, ImportResult, Lid
from .answers_6 import PersonalData, Picture
from .answers_7 import Tagged
from .inputs_3 import BulkTagBody, CheckBody, ContactBody, ContactChange, ContactNoteBody
from .inputs_4 import MergeBody
from .inputs_5 import TagsBody, UnmergeBody

_ListContactsQuery = TypedDict("_ListContactsQuery", {"list": "NotRequired[list[str] | None]"})


class ListContactsQuery(Paging, _ListContactsQuery):
    """What list_contacts may be told."""

    q: NotRequired[str | None]
    search: NotRequired[str | None]
    segment: NotRequired[str | None]
    sort: NotRequired[str]
    tag: NotRequired[list[str] | None]
    tags: NotRequired[list[str] | None]
    anyTag: NotRequired[list[str] | None]
    notTag: NotRequired[list[str] | None]
    optin: NotRequired[bool | None]
    blocked: NotRequired[bool | None]
    source: NotRequired[str | None]
    phone: NotRequired[str | None]
    email: NotRequired[str | None]
    name: NotRequired[str | None]
    seenSince: NotRequired[str | None]
    seenBefore: NotRequired[str | None]
    createdSince: NotRequired[str | None]
    createdBefore: NotRequired[str | None]
    filter: NotRequired[str | None]


_ImportContactsForm = TypedDict("_ImportContactsForm", {"list": "NotRequired[str | None]"})


class ImportContactsForm(_ImportContactsForm):
    """ImportContactsForm"""

    defaultCountry: NotRequired[str | None]
    onDuplicate: NotRequired[str]
    tags: NotRequired[str | None]
    mapping: NotRequired[str | None]
    encoding: NotRequired[str | None]
    sheet: NotRequired[str | None]


class PreviewImportForm(TypedDict):
    """PreviewImportForm"""

    defaultCountry: NotRequired[str | None]
    mapping: NotRequired[str | None]
    encoding: NotRequired[str | None]
    sheet: NotRequired[str | None]


_ExportContactsQuery = TypedDict("_ExportContactsQuery", {"list": "NotRequired[list[str] | None]"})


class ExportContactsQuery(_ExportContactsQuery):
    """What export_contacts may be told."""

    format: NotRequired[Literal["csv", "xlsx"]]
    tag: NotRequired[list[str] | None]
    tags: NotRequired[list[str] | None]
    anyTag: NotRequired[list[str] | None]
    notTag: NotRequired[list[str] | None]
    optin: NotRequired[bool | None]
    blocked: NotRequired[bool | None]
    source: NotRequired[str | None]
    phone: NotRequired[str | None]
    email: NotRequired[str | None]
    name: NotRequired[str | None]
    seenSince: NotRequired[str | None]
    seenBefore: NotRequired[str | None]
    createdSince: NotRequired[str | None]
    createdBefore: NotRequired[str | None]
    filter: NotRequired[str | None]


class ContactsCalls(Resource):
    """Contacts: all calls."""

    def list_contacts(self, **given: Unpack[ListContactsQuery]) -> Pages[Contact]:
        """Contacts, newest first; `sort` takes createdAt, name or lastSeenAt, with `-` for descending."""
        return self._pages(Contact, "/contacts", given)

    def create_contact(self, *, key: str | None = None, **given: Unpack[ContactBody]) -> Call[Contact]:
        """Make a contact. One with this number exists already: 409, unless `onDuplicate` says what to do."""
        return self._call(Contact, "POST", "/contacts", given, key=key)

    def import_contacts(
        self, file: str | Path | bytes, /, *, format: str | None = None, **given: Unpack[ImportContactsForm]
    ) -> Call[ImportResult]:
        """Contacts from a file as it left a phone or spreadsheet. Headers are guessed, `mapping` overrides them;
        numbers without country code are read as `defaultCountry`'s. Rows that are no contact are refused with
        the reason, also as a CSV file (`refusedCsv`, or `?format=csv`)."""
        return self._upload(ImportResult, "/contacts/import", file, given, format=format)

    def preview_import(self, file: str | Path | bytes, /, **given: Unpack[PreviewImportForm]) -> Call[ImportPreview]:
        """What an import of this file would do; nothing is written. Tells the encoding, the sheets, what each
        column is read as with its first values, contacts by country, and which rows would be refused and
        why."""
        return self._upload(ImportPreview, "/contacts/import/preview", file, given)

    def export_contacts(self, **given: Unpack[ExportContactsQuery]) -> Call[bytes]:
        """A file of all contacts of the filter with every attribute; no cell is taken for a formula by a
        spreadsheet."""
        return self._call(bytes, "GET", "/contacts/export", **given)

    def tag_contacts(self, **given: Unpack[BulkTagBody]) -> Call[Tagged]:
        """Put labels on all contacts of a filter, and take others off."""
        return self._call(Tagged, "POST", "/contacts/tags", given)

    def check_contacts(self, **given: Unpack[CheckBody]) -> Call[list[Checked]]:
        """Ask the network which numbers it knows; 422 UNSUPPORTED where the engine cannot tell. One answer for
        each that was asked, in their order; `phone` is null for what is no number."""
        return self._call(list[Checked], "POST", "/contacts/check", given)

    def get_contact(self, id_: str, /) -> Call[Contact]:
        """One contact with all that hangs on it."""
        return self._call(Contact, "GET", f"/contacts/{quoted(id_)}")

    def update_contact(self, id_: str, /, **given: Unpack[ContactChange]) -> Call[Contact]:
        """Change what is given. An attribute with an empty value is taken away."""
        return self._call(Contact, "PATCH", f"/contacts/{quoted(id_)}", given)

    def delete_contact(self, id_: str, /) -> Call[Deleted]:
        """Delete a contact; its messages and chats stay, without it."""
        return self._call(Deleted, "DELETE", f"/contacts/{quoted(id_)}")

    def add_contact_tags(self, id_: str, /, **given: Unpack[TagsBody]) -> Call[Contact]:
        """Put labels on a contact; missing ones are made."""
        return self._call(Contact, "POST", f"/contacts/{quoted(id_)}/tags", given)

    def remove_contact_tags(
        self, id_: str, /, *, tag: list[str] | None | None = None, **given: Unpack[TagsBody]
    ) -> Call[Contact]:
        """Take labels off a contact, named in the body or as `?tag=`."""
        return self._call(Contact, "DELETE", f"/contacts/{quoted(id_)}/tags", given, tag=tag)

    def unmerge_contacts(self, id_: str, /, **given: Unpack[UnmergeBody]) -> Call[list[Contact]]:
        """Make two contacts again of one, up to 30 days after a merge: chats, history, notes, tags and
        identities go back to the one that had them. A refusal of marketing stays with both. Gives both
        contacts."""
        return self._call(list[Contact], "POST", f"/contacts/{quoted(id_)}/unmerge", given)

    def merge_contacts(self, id_: str, /, **given: Unpack[MergeBody]) -> Call[Contact]:
        """The other contact becomes part of this one, which keeps its own fields."""
        return self._call(Contact, "POST", f"/contacts/{quoted(id_)}/merge", given)

    def list_contact_history(self, id_: str, /) -> Call[list[ContactEvent]]:
        """What became part of a contact, newest first."""
        return self._call(list[ContactEvent], "GET", f"/contacts/{quoted(id_)}/history")

    def export_personal_data(self, id_: str, /) -> Call[PersonalData]:
        """Everything known of a person, for a request of access: identities, attributes, consent, chats,
        messages, events, deliveries, campaigns, notes, tickets, calls, files, merges, and what the audit log
        has of them (with `audit:read`). It is as long as it is, and comes in pieces. Asks for the scopes to
        read messages, chats, tickets, calls, campaigns and media too; noted in the audit log."""
        return self._call(PersonalData, "GET", f"/contacts/{quoted(id_)}/personal-data")

    def erase_personal_data(self, id_: str, /) -> Call[Erased]:
        """Forget a person: contact, chats, messages, events, deliveries, files, tickets, notes and calls, and
        their addresses wherever else they stand. Campaigns keep their figures. The suppression list keeps
        hashes of the addresses, so that campaigns never write to them again. This cannot be undone. Asks for
        the scopes to write messages, chats, tickets and media too. 409 MESSAGE_IN_FLIGHT while a message to
        them is being sent; when it is cut off, ask again."""
        return self._call(Erased, "DELETE", f"/contacts/{quoted(id_)}/personal-data")

    def get_picture(self, id_: str, address: str, /) -> Call[Picture]:
        """Where the picture of a phone number or chat id is, as the network shows it to this profile; null where
        there is none, or none for us. 422 UNSUPPORTED where the engine cannot tell."""
        return self._call(Picture, "GET", f"/profiles/{quoted(id_)}/picture/{quoted(address)}")

    def get_phone_of_lid(self, id_: str, lid: str, /) -> Call[Lid]:
        """WhatsApp shows some people by a linked id (LID) only; `phone` is null where it has not told this
        profile their number. 422 UNSUPPORTED where the engine has no LIDs."""
        return self._call(Lid, "GET", f"/profiles/{quoted(id_)}/lid/{quoted(lid)}")

    def list_contact_notes(self, id_: str, /, **given: Unpack[Paging]) -> Pages[ContactNote]:
        """Newest first."""
        return self._pages(ContactNote, f"/contacts/{quoted(id_)}/notes", given)

    def create_contact_note(self, id_: str, /, **given: Unpack[ContactNoteBody]) -> Call[ContactNote]:
        """A note of staff; never sent."""
        return self._call(ContactNote, "POST", f"/contacts/{quoted(id_)}/notes", given)

    def update_contact_note(self, id_: str, note_id: str, /, **given: Unpack[ContactNoteBody]) -> Call[ContactNote]:
        """Another text or title."""
        return self._call(ContactNote, "PATCH", f"/contacts/{quoted(id_)}/notes/{quoted(note_id)}", given)

    def delete_contact_note(self, id_: str, note_id: str, /) -> Call[Deleted]:
        """Take a note away."""
        return self._call(Deleted, "DELETE", f"/contacts/{quoted(id_)}/notes/{quoted(note_id)}")
