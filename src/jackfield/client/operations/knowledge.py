"""Knowledge: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from pathlib import Path
from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Deleted
from .answers_5 import Knowledge, KnowledgePassage, KnowledgeText
from .inputs_3 import KnowledgeBody, KnowledgeChange


class SearchKnowledgeQuery(TypedDict):
    """What search_knowledge may be told."""

    q: NotRequired[str]


class KnowledgeCalls(Resource):
    """Knowledge: all calls."""

    def list_knowledge(self, **given: Unpack[Paging]) -> Pages[Knowledge]:
        """Pages and files that AI answers are made of, newest first, without their texts."""
        return self._pages(Knowledge, "/knowledge", given)

    def add_knowledge(self, **given: Unpack[KnowledgeBody]) -> Call[KnowledgeText]:
        """Keep a page, cut into passages. At most 300 pages and files of 8,000,000 characters in all."""
        return self._call(KnowledgeText, "POST", "/knowledge", given)

    def upload_knowledge(self, file: str | Path | bytes, /) -> Call[KnowledgeText]:
        """Keep a file under its name."""
        return self._upload(KnowledgeText, "/knowledge/files", file, {})

    def search_knowledge(self, **given: Unpack[SearchKnowledgeQuery]) -> Call[list[KnowledgePassage]]:
        """The passages that a model would be given for a question, the best first."""
        return self._call(list[KnowledgePassage], "GET", "/knowledge/search", **given)

    def get_knowledge(self, id_: str, /) -> Call[KnowledgeText]:
        """With its text."""
        return self._call(KnowledgeText, "GET", f"/knowledge/{quoted(id_)}")

    def change_knowledge(self, id_: str, /, **given: Unpack[KnowledgeChange]) -> Call[KnowledgeText]:
        """Another name, or another text: its passages are made anew."""
        return self._call(KnowledgeText, "PATCH", f"/knowledge/{quoted(id_)}", given)

    def delete_knowledge(self, id_: str, /) -> Call[Deleted]:
        """Delete it with its passages. Rules that name it go on without it."""
        return self._call(Deleted, "DELETE", f"/knowledge/{quoted(id_)}")

    def replace_knowledge(self, id_: str, file: str | Path | bytes, /) -> Call[KnowledgeText]:
        """The text of the file takes the place of what was there; the name stays."""
        return self._upload(KnowledgeText, f"/knowledge/{quoted(id_)}/file", file, {})
