"""Catalogs: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_3 import Catalog, CatalogsSynced
from .answers_6 import Product
from .inputs_4 import OnProfileBody


class ListCatalogsQuery(Paging):
    """What list_catalogs may be told."""

    profileId: NotRequired[str | None]
    search: NotRequired[str | None]


class ListProductsQuery(Paging):
    """What list_products may be told."""

    search: NotRequired[str | None]


class CatalogsCalls(Resource):
    """Catalogs: all calls."""

    def list_catalogs(self, **given: Unpack[ListCatalogsQuery]) -> Pages[Catalog]:
        """Catalogs linked to a profile's account."""
        return self._pages(Catalog, "/catalogs", given)

    def sync_catalogs(self, **given: Unpack[OnProfileBody]) -> Call[CatalogsSynced]:
        """Read a profile's catalogs and products anew."""
        return self._call(CatalogsSynced, "POST", "/catalogs/sync", given)

    def get_catalog(self, id_: str, /) -> Call[Catalog]:
        """One catalog."""
        return self._call(Catalog, "GET", f"/catalogs/{quoted(id_)}")

    def list_products(self, id_: str, /, **given: Unpack[ListProductsQuery]) -> Pages[Product]:
        """Products of a catalog, one per variant; `search` looks in name and retailer id."""
        return self._pages(Product, f"/catalogs/{quoted(id_)}/products", given)
