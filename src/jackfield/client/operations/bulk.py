"""Bulk: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_3 import Batch
from .inputs_2 import BulkBody


class ListBatchesQuery(Paging):
    """What list_batches may be told."""

    status: NotRequired[str | None]


class BulkCalls(Resource):
    """Bulk: all calls."""

    def send_bulk(self, *, key: str | None = None, **given: Unpack[BulkBody]) -> Call[Batch]:
        """Put all messages into the ledger; they are sent at the profile's pace. Follow the batch by its id."""
        return self._call(Batch, "POST", "/bulk/send", given, key=key)

    def list_batches(self, **given: Unpack[ListBatchesQuery]) -> Pages[Batch]:
        """Batches, newest first, with their counts."""
        return self._pages(Batch, "/bulk/batches", given)

    def get_batch(self, batch_id: str, /) -> Call[Batch]:
        """A batch with its counts per status."""
        return self._call(Batch, "GET", f"/bulk/batch/{quoted(batch_id)}")

    def cancel_batch(self, batch_id: str, /) -> Call[Batch]:
        """Stop what is not yet sent. A batch that is over answers with its counts, unchanged."""
        return self._call(Batch, "POST", f"/bulk/batch/{quoted(batch_id)}/cancel")
