"""Archive: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource

from .answers_1 import Archive, ArchiveRun
from .answers_4 import Message
from .inputs_1 import ArchivePolicyBody

_FindArchivedMessagesQuery = TypedDict("_FindArchivedMessagesQuery", {"from": "NotRequired[str | None]"})


class FindArchivedMessagesQuery(Paging, _FindArchivedMessagesQuery):
    """What find_archived_messages may be told."""

    id: NotRequired[str | None]
    contactId: NotRequired[str | None]
    campaignId: NotRequired[str | None]
    profileId: NotRequired[str | None]
    until: NotRequired[str | None]


class ArchiveCalls(Resource):
    """Archive: all calls."""

    def get_archive(self) -> Call[Archive]:
        """After how many days settled messages are archived (0: never), how many are, and how many could be
        now."""
        return self._call(Archive, "GET", "/archive")

    def set_archive(self, **given: Unpack[ArchivePolicyBody]) -> Call[Archive]:
        """For this workspace, in place of JACKFIELD_ARCHIVE_AFTER_DAYS. What is archived stays so."""
        return self._call(Archive, "PUT", "/archive", given)

    def run_archive(self) -> Call[ArchiveRun]:
        """Up to 20,000 messages; `left` says whether to ask again. Without it what is due is archived once an
        hour."""
        return self._call(ArchiveRun, "POST", "/archive/run")

    def find_archived_messages(self, **given: Unpack[FindArchivedMessagesQuery]) -> Pages[Message]:
        """By id, person, campaign, profile and time, newest first. `GET /messages` does not list them, but for
        those of a campaign; a chat's history and `GET /messages/{id}` go on into the archive by
        themselves."""
        return self._pages(Message, "/archive/messages", given)
