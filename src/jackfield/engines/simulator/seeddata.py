"""What every account starts with: templates, catalogs, groups and an address book, from `account.json`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from jackfield.core.port import CatalogInfo, ProductInfo, TemplateInfo


@cache
def raw() -> dict[str, Any]:
    """The data file."""
    data: dict[str, Any] = msgspec.json.decode(files(__package__).joinpath("account.json").read_bytes())
    return data


def templates() -> list[TemplateInfo]:
    """The templates, each with its own copies of the components."""
    return [
        msgspec.convert({k: v for k, v in row.items() if k != "type"}, type=TemplateInfo)
        for row in msgspec.json.decode(msgspec.json.encode(raw()["templates"]))
    ]


def catalogs() -> list[tuple[CatalogInfo, list[ProductInfo]]]:
    """The catalogs with their products."""
    result = []
    for row in raw()["catalogs"]:
        products = [msgspec.convert(product, type=ProductInfo) for product in row["products"]]
        info = CatalogInfo(
            provider_id=row["provider_id"],
            name=row["name"],
            product_count=len(products),
            selected=row["selected"],
        )
        result.append((info, products))
    return result
