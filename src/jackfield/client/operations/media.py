"""Media: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from pathlib import Path

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_3 import File
from .answers_4 import Deleted


class MediaCalls(Resource):
    """Media: all calls."""

    def list_media(self, **given: Unpack[Paging]) -> Pages[File]:
        """Files that were uploaded or came in, newest first."""
        return self._pages(File, "/media", given)

    def upload_media(self, file: str | Path | bytes, /) -> Call[File]:
        """Keep a file to be sent as `mediaId` (or as `url` `media:ID`); its link works for an hour."""
        return self._upload(File, "/media", file, {})

    def get_media(self, id_: str, /) -> Call[File]:
        """Type, size, name, and a link that works for an hour."""
        return self._call(File, "GET", f"/media/{quoted(id_)}")

    def delete_media(self, id_: str, /) -> Call[Deleted]:
        """Messages that wait to send it will fail."""
        return self._call(Deleted, "DELETE", f"/media/{quoted(id_)}")

    def download_media(self, id_: str, /) -> Call[bytes]:
        """The file itself."""
        return self._call(bytes, "GET", f"/media/{quoted(id_)}/download")
