"""Catalogs and products, and calls: what else the provider keeps for a number."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from pydantic import Field

from jackfield.core import CallView, CatalogView, Principal, ProductInfo, duration, settings_of

from ..._kit import Str, Wire, parse_id
from .. import answers
from ..context import Context, Pages, example
from ..envelope import Ok, Paged, iso, ok, paged
from .groups import OnProfileBody, ProfileId


class RejectBody(Wire):
    """What to tell the caller; nothing without it."""

    model_config = example(message="Please write to us.")

    message: Annotated[Str | None, Field(max_length=4096)] = None


class CallSettingsBody(OnProfileBody):
    """How calls are answered; fields that are left out stay."""

    model_config = example(profileId="1", autoReject=True, message="Please write to us.")

    auto_reject: Annotated[bool | None, Field(alias="autoReject")] = None
    message: Annotated[Str | None, Field(max_length=4096, description="Sent to the caller; empty: nothing.")] = None


def catalog(row: CatalogView) -> answers.Catalog:
    """A catalog as the API shows it."""
    return {
        "id": str(row.id),
        "providerId": row.provider_id,
        "profileId": str(row.channel_id),
        "name": row.name,
        "vertical": row.vertical,
        "productCount": row.product_count,
        "selected": row.selected,
        "updatedAt": iso(row.updated_at),
    }


def product(one: ProductInfo) -> answers.Product:
    """A product variant."""
    return {
        "id": one.provider_id,
        "retailerId": one.retailer_id,
        "name": one.name,
        "description": one.description,
        "price": one.price,
        "salePrice": one.sale_price,
        "currency": one.currency,
        "availability": one.availability,
        "imageUrl": one.image_url,
        "url": one.url,
        "brand": one.brand,
        "condition": one.condition,
        "groupId": one.group_id,
    }


def call(row: CallView) -> answers.Call:
    """A call as the log shows it."""
    return {
        "id": str(row.id),
        "profileId": str(row.channel_id),
        "from": row.caller,
        "contactId": str(row.contact_id) if row.contact_id else None,
        "isVideo": row.is_video,
        "status": row.status,
        "startedAt": iso(row.started_at),
        "endedAt": iso(row.ended_at),
        "durationSeconds": duration(row),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    _catalogs(app, context)
    _calls(app, context)


def _catalogs(app: FastAPI, context: Context) -> None:
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("catalogs:read"))]
    Writer = Annotated[Principal, Depends(context.allow("catalogs:write"))]
    tags: list[Any] = ["Catalogs"]

    async def find(caller: Principal, given: str) -> CatalogView:
        number = parse_id(given, "catalog", "CATALOG_NOT_FOUND")
        row = await core.catalogs.get(caller.workspace_id, number)
        caller.channel(row.channel_id)
        return row

    @app.get("/catalogs", tags=tags, summary="List catalogs")
    async def list_catalogs(
        caller: Reader,
        paging: Pages,
        profile_id: ProfileId = None,
        search: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Paged[answers.Catalog]:
        """Catalogs linked to a profile's account."""
        channel = await context.channel(caller, profile_id)
        page = await core.catalogs.list(
            caller.workspace_id,
            channel.id,
            search=search,
            limit=paging.limit,
            cursor=paging.cursor,
            page=paging.page,
            total=paging.total,
        )
        return paged(page, [catalog(row) for row in page.items])

    @app.post("/catalogs/sync", tags=tags, summary="Read the catalogs from the provider")
    async def sync_catalogs(caller: Writer, body: OnProfileBody | None = None) -> Ok[answers.CatalogsSynced]:
        """Read a profile's catalogs and products anew."""
        channel = await context.channel(caller, body.profile_id if body else None)
        return ok({"profileId": str(channel.id), "catalogs": await core.catalogs.sync_channel(channel.id)})

    @app.get("/catalogs/{id}", tags=tags, summary="Get a catalog")
    async def get_catalog(id: str, caller: Reader) -> Ok[answers.Catalog]:
        """One catalog."""
        return ok(catalog(await find(caller, id)))

    @app.get("/catalogs/{id}/products", tags=tags, summary="List products")
    async def list_products(
        id: str, caller: Reader, paging: Pages, search: Annotated[str | None, Query(max_length=200)] = None
    ) -> Paged[answers.Product]:
        """Products of a catalog, one per variant; `search` looks in name and retailer id."""
        row = await find(caller, id)
        page = await core.catalogs.products(
            caller.workspace_id,
            row.id,
            search=search,
            limit=paging.limit,
            cursor=paging.cursor,
            page=paging.page,
            total=paging.total,
        )
        return paged(page, [product(one) for one in page.items])


def _calls(app: FastAPI, context: Context) -> None:
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("calls:read"))]
    Writer = Annotated[Principal, Depends(context.allow("calls:write"))]
    tags: list[Any] = ["Calls"]

    @app.get("/calls", tags=tags, summary="Call log")
    async def list_calls(
        caller: Reader,
        paging: Pages,
        profile_id: Annotated[str | None, Query(alias="profileId")] = None,
        status: Annotated[str | None, Query(pattern="^(ringing|rejected|missed|ended)$")] = None,
        from_: Annotated[str | None, Query(alias="from", max_length=100, description="Who called.")] = None,
    ) -> Paged[answers.Call]:
        """Calls that came in, newest first."""
        channel_id = parse_id(profile_id, "profile", "PROFILE_NOT_FOUND") if profile_id else None
        page = await core.calls.list(
            caller.workspace_id,
            channel_id=caller.only(channel_id),
            status=status,
            caller=from_,
            limit=paging.limit,
            cursor=paging.cursor,
            page=paging.page,
            total=paging.total,
        )
        return paged(page, [call(row) for row in page.items])

    @app.get("/calls/settings", tags=tags, summary="How calls are answered")
    async def get_call_settings(caller: Reader, profile_id: ProfileId = None) -> Ok[answers.CallSettings]:
        """A profile's choice."""
        channel = await context.channel(caller, profile_id)
        chosen = settings_of(channel)
        return ok({"profileId": str(channel.id), "autoReject": chosen.auto_reject, "message": chosen.message})

    @app.put("/calls/settings", tags=tags, summary="Choose how calls are answered")
    async def update_call_settings(body: CallSettingsBody, caller: Writer) -> Ok[answers.CallSettings]:
        """Refuse every call at once, with words for the caller if wanted."""
        channel = await context.channel(caller, body.profile_id)
        channel = await core.calls.configure(
            caller.workspace_id, channel.id, auto_reject=body.auto_reject, message=body.message
        )
        chosen = settings_of(channel)
        return ok({"profileId": str(channel.id), "autoReject": chosen.auto_reject, "message": chosen.message})

    @app.get("/calls/{id}", tags=tags, summary="Get a call")
    async def get_call(id: str, caller: Reader) -> Ok[answers.Call]:
        """One call."""
        row = await core.calls.get(caller.workspace_id, parse_id(id, "call", "CALL_NOT_FOUND"))
        caller.channel(row.channel_id)
        return ok(call(row))

    @app.post("/calls/{id}/reject", tags=tags, summary="Refuse a call")
    async def reject_call(id: str, caller: Writer, body: RejectBody | None = None) -> Ok[answers.Call]:
        """Refuse a call that rings, and tell the caller something."""
        row = await core.calls.get(caller.workspace_id, parse_id(id, "call", "CALL_NOT_FOUND"))
        caller.channel(row.channel_id)
        row = await core.calls.reject(caller.workspace_id, row.id, message=body.message if body else None)
        return ok(call(row))
