"""Keys: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_5 import Key
from .answers_6 import NewKey, RevokedKey, Scope
from .inputs_3 import KeyBody, KeyChange


class ListKeysQuery(Paging):
    """What list_keys may be told."""

    profileId: NotRequired[str | None]
    revoked: NotRequired[bool]


class KeysCalls(Resource):
    """Keys: all calls."""

    def list_keys(self, **given: Unpack[ListKeysQuery]) -> Pages[Key]:
        """Without their secrets, newest first."""
        return self._pages(Key, "/keys", given)

    def create_key(self, **given: Unpack[KeyBody]) -> Call[NewKey]:
        """The secret (`key`) is shown this once."""
        return self._call(NewKey, "POST", "/keys", given)

    def list_scopes(self) -> Call[list[Scope]]:
        """Everything that a key can be allowed."""
        return self._call(list[Scope], "GET", "/keys/scopes")

    def get_key(self, id_: str, /) -> Call[Key]:
        """One key, without its secret."""
        return self._call(Key, "GET", f"/keys/{quoted(id_)}")

    def update_key(self, id_: str, /, **given: Unpack[KeyChange]) -> Call[Key]:
        """Name, scopes, expiry."""
        return self._call(Key, "PATCH", f"/keys/{quoted(id_)}", given)

    def revoke_key(self, id_: str, /) -> Call[RevokedKey]:
        """End it for good."""
        return self._call(RevokedKey, "DELETE", f"/keys/{quoted(id_)}")

    def rotate_key(self, id_: str, /) -> Call[NewKey]:
        """A new secret, shown this once; the old one stops at once."""
        return self._call(NewKey, "POST", f"/keys/{quoted(id_)}/rotate")
