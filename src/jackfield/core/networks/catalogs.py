"""`Catalogs`: the provider's catalogs and products, kept here as a cache."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import msgspec
from sqlalchemy import delete, func, or_, select, update

from ..channels.service import Channels
from ..channels.views import AnyChannel, ChannelView
from ..contacts.find.filters import like
from ..ground import fields
from ..ground.errors import NotFound, Unsupported
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.views import view_of
from ..models import Catalog, Channel, Product
from ..port import CanCatalog, CatalogInfo, ProductInfo, claims
from .views import CatalogView

CHUNK = 500
"""Products per statement and transaction: about 5 ms."""


class Catalogs:
    """The service. A product row is one variant: what the provider groups is unwound when it is read."""

    def __init__(self, store: Store, channels: Channels) -> None:
        self._store = store
        self._channels = channels
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    # -- reading -------------------------------------------------------------------------------------

    async def list(
        self,
        workspace_id: int,
        channel_id: int,
        *,
        search: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[CatalogView]:
        """Catalogs of a channel's account, in the provider's order. Raises Unsupported, Invalid."""
        await self._capable(workspace_id, channel_id)
        query = select(Catalog).where(Catalog.workspace_id == workspace_id, Catalog.channel_id == channel_id)
        if search:
            query = query.where(Catalog.name.ilike(like(search), escape="\\"))
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                Catalog.id,
                _view,
                limit=limit,
                cursor=cursor,
                page=page,
                newest_first=False,
                total=total,
            )

    async def selected(self, workspace_id: int, channel_id: int) -> CatalogView | None:
        """The catalog that the number shows, if any."""
        async with self._store.db.read() as session:
            query = select(Catalog).where(
                Catalog.workspace_id == workspace_id, Catalog.channel_id == channel_id, Catalog.selected.is_(True)
            )
            row = (await session.execute(query.order_by(Catalog.id).limit(1))).scalar_one_or_none()
            return None if row is None else _view(row)

    async def get(self, workspace_id: int, catalog_id: int) -> CatalogView:
        """A catalog by our id. Raises NotFound."""
        async with self._store.db.read() as session:
            row = await session.get(Catalog, catalog_id)
        if row is None or row.workspace_id != workspace_id:
            raise NotFound(f"There is no catalog {catalog_id}.", code="CATALOG_NOT_FOUND")
        return _view(row)

    async def find(self, workspace_id: int, channel_id: int, provider_id: str) -> CatalogView:
        """A catalog by the provider's id. Raises Unsupported, NotFound."""
        await self._capable(workspace_id, channel_id)
        async with self._store.db.read() as session:
            query = select(Catalog).where(
                Catalog.workspace_id == workspace_id,
                Catalog.channel_id == channel_id,
                Catalog.provider_id == provider_id,
            )
            row = (await session.execute(query)).scalar_one_or_none()
        if row is None:
            raise NotFound(f"There is no catalog {provider_id[:60]}.", code="CATALOG_NOT_FOUND")
        return _view(row)

    async def products(
        self,
        workspace_id: int,
        catalog_id: int,
        *,
        search: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[ProductInfo]:
        """Products of a catalog (our id), one per variant; `search` looks in name, retailer id and brand.

        Raises NotFound for a catalog of another workspace, Invalid for a bad limit, page or cursor.
        """
        async with self._store.db.read() as session:
            catalog = await session.get(Catalog, fields.row_id(catalog_id))
            if catalog is None or catalog.workspace_id != workspace_id:
                raise NotFound(f"There is no catalog {catalog_id}.", code="CATALOG_NOT_FOUND")
            query = select(Product).where(Product.catalog_id == catalog.id)
            if search:
                wanted = like(search)
                query = query.where(
                    or_(Product.name.ilike(wanted, escape="\\"), Product.retailer_id.ilike(wanted, escape="\\"))
                )
            return await page_by_id(
                session,
                query,
                Product.id,
                lambda row: msgspec.convert(row.data, type=ProductInfo),
                limit=limit,
                cursor=cursor,
                page=page,
                newest_first=False,
                total=total,
            )

    # -- the cache -----------------------------------------------------------------------------------

    async def sync_channel(self, channel_id: int) -> int:
        """Read a channel's catalogs with their products from the provider; gives how many catalogs there are.

        Raises NotFound, Unsupported, Conflict when the channel is not connected, SendError.
        """
        async with self._store.db.read() as session:
            channel = await session.get(Channel, fields.row_id(channel_id))
        if channel is None:
            raise NotFound(f"There is no profile {channel_id}.", code="PROFILE_NOT_FOUND")
        provider = self._channels.session(channel, CanCatalog)  # type: ignore[type-abstract]
        async with self._locks[channel_id]:
            infos = await provider.list_catalogs()
            ids = await self._keep(channel, infos)
            for info in infos:
                await self._read_products(channel, provider, ids[info.provider_id], info.provider_id)
        return len(infos)

    async def _keep(self, channel: AnyChannel, infos: Sequence[CatalogInfo]) -> dict[str, int]:
        async with self._store.unit() as unit:
            known = {
                row.provider_id: row
                for row in (
                    await unit.session.execute(select(Catalog).where(Catalog.channel_id == channel.id))
                ).scalars()
            }
            for info in infos:
                row = known.pop(info.provider_id, None)
                if row is None:
                    row = Catalog(
                        workspace_id=channel.workspace_id, channel_id=channel.id, provider_id=info.provider_id
                    )
                    unit.session.add(row)
                row.name, row.vertical, row.selected = info.name, info.vertical, info.selected
                row.product_count, row.updated_at = info.product_count, unit.now
            await unit.session.flush()
            for row in known.values():
                await unit.session.delete(row)
            await unit.session.flush()
            rows = await unit.conn.execute(
                select(Catalog.provider_id, Catalog.id).where(Catalog.channel_id == channel.id)
            )
            return {row.provider_id: row.id for row in rows}

    async def _read_products(
        self, channel: AnyChannel, provider: CanCatalog, catalog_id: int, provider_id: str
    ) -> None:
        seen: set[str] = set()
        waiting: list[ProductInfo] = []
        async for product in provider.list_products(provider_id):
            if product.provider_id in seen:
                continue
            seen.add(product.provider_id)
            waiting.append(product)
            if len(waiting) == CHUNK:
                await self._write(channel.workspace_id, catalog_id, waiting)
                waiting = []
        await self._write(channel.workspace_id, catalog_id, waiting)
        async with self._store.unit() as unit:
            gone = [
                row.id
                for row in await unit.conn.execute(
                    select(Product.id, Product.provider_id).where(Product.catalog_id == catalog_id)
                )
                if row.provider_id not in seen
            ]
            for start in range(0, len(gone), CHUNK):
                await unit.conn.execute(delete(Product).where(Product.id.in_(gone[start : start + CHUNK])))
            left = await unit.conn.scalar(
                select(func.count()).select_from(Product).where(Product.catalog_id == catalog_id)
            )
            # What the provider counts may include what it does not list; people compare it with the list.
            await unit.conn.execute(update(Catalog).where(Catalog.id == catalog_id).values(product_count=left))

    async def _write(self, workspace_id: int, catalog_id: int, products: Sequence[ProductInfo]) -> None:
        if not products:
            return
        rows = [
            {
                "workspace_id": workspace_id,
                "catalog_id": catalog_id,
                "provider_id": one.provider_id,
                "retailer_id": one.retailer_id,
                "name": one.name,
                "data": msgspec.to_builtins(one),
            }
            for one in products
        ]
        async with self._store.unit() as unit:
            statement = unit.upsert(Product)
            await unit.conn.execute(
                statement.on_conflict_do_update(
                    index_elements=["catalog_id", "provider_id"],
                    set_={key: getattr(statement.excluded, key) for key in ("retailer_id", "name", "data")},
                ),
                rows,
            )

    async def _capable(self, workspace_id: int, channel_id: int) -> ChannelView:
        channel = await self._channels.get(workspace_id, channel_id)
        engine = await self._channels.loaded(channel.engine)
        if "catalogs" not in claims(engine.session_type):
            raise Unsupported(
                f"The engine {channel.engine} cannot do this (it has no catalogs).", details={"capability": "catalogs"}
            )
        return channel


def _view(row: Catalog) -> CatalogView:
    return view_of(CatalogView, row)
